from __future__ import annotations

import datetime as dt

import pytest

from accounts.enums import RoleName
from accounts.models import User
from projects.enums import SnapshotSource
from projects.models import ProjectState
from projects.services import state
from reporting.query import TableQuery
from reporting.selectors import dashboard, table
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


def _data(user: User) -> dashboard.Dashboard:
    return dashboard.dashboard_for(user, table.portfolios_for(user), TableQuery())


def test_money_is_summed_per_currency_with_its_coverage() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    portfolio = factories.make_portfolio()
    factories.make_project(portfolio=portfolio, forecast_cost=1_000_000, currency="EUR", refresh=True)
    factories.make_project(portfolio=portfolio, forecast_cost=None, currency="EUR", refresh=True)
    factories.make_project(portfolio=portfolio, forecast_cost=2_000_000, currency="GBP", refresh=True)
    state.refresh_rollups()
    page = portfolios.signed_in(user).get("/dashboard/").content.decode()
    assert "€1m" in page
    assert "over 1 of 2" in page
    assert "£2m" in page
    assert "3m" not in page


@pytest.mark.parametrize("role", [RoleName.EXECUTIVE, RoleName.PMO_MANAGER])
def test_confidential_projects_count_only_for_who_may_see_them(role: RoleName) -> None:
    user = factories.make_person(role)
    portfolio = factories.make_portfolio()
    factories.make_project(portfolio=portfolio, refresh=True)
    factories.make_project(portfolio=portfolio, is_confidential=True, refresh=True)
    state.refresh_rollups()
    assert _data(user).sums.now["projects"] == (2 if role == RoleName.PMO_MANAGER else 1)


def test_project_that_is_seen_alone_counts_as_well() -> None:
    user = factories.make_person(RoleName.EXECUTIVE)
    portfolio = factories.make_portfolio()
    factories.make_project(portfolio=portfolio, refresh=True)
    factories.make_project(portfolio=portfolio, is_confidential=True, sponsor=user, refresh=True)
    state.refresh_rollups()
    assert _data(user).sums.now["projects"] == 2


def test_team_member_without_any_role_sees_their_own_projects_only() -> None:
    user = factories.make_user()
    mine = factories.make_project("Mine", refresh=True)
    factories.make_project("Theirs", portfolio=mine.portfolio, refresh=True)
    factories.join_team(mine, user)
    state.refresh_rollups()
    data = _data(user)
    assert data.sums.now["projects"] == 1
    assert [row[1] for row in data.lists.page.rows] == ["Mine"]


def test_what_got_worse_is_a_sentence_with_its_reason() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    last_week = portfolios.TODAY - dt.timedelta(days=7)
    project = factories.make_healthy_project("Turned", as_of=last_week, refresh=True)
    state.take_snapshots(project.portfolio, as_of=last_week, source=SnapshotSource.WEEKLY)
    factories.make_milestone(project, "Missed", forecast_on=portfolios.TODAY - dt.timedelta(days=60))
    state.refresh([project.pk])
    state.refresh_rollups()
    assert ProjectState.objects.get(project=project).previous_computed == "green"
    page = portfolios.signed_in(user).get("/dashboard/").content.decode()
    assert "went from On track to" in page
    assert "overdue" in page


def test_past_is_read_from_the_snapshots_of_that_date() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    project = factories.make_project("Then", refresh=True)
    then = portfolios.TODAY - dt.timedelta(days=30)
    state.take_snapshots(project.portfolio, as_of=then, source=SnapshotSource.WEEKLY)
    factories.make_project("Later", portfolio=project.portfolio, refresh=True)
    state.refresh_rollups()
    client = portfolios.signed_in(user)
    page = client.get(f"/dashboard/?as_of={portfolios.TODAY - dt.timedelta(days=10)}").content.decode()
    assert "Then" in page
    assert "Later" not in page
    assert "Health of 1 project" in page
    assert client.get("/dashboard/?as_of=2001-01-01").status_code == 200


def test_portfolio_that_one_may_not_know_of_does_not_exist() -> None:
    hidden = factories.make_project("Hidden", refresh=True).portfolio
    client = portfolios.signed_in(factories.make_user())
    assert client.get(f"/dashboard/?portfolio={hidden.slug}").status_code == 404
    assert client.get("/dashboard/?portfolio=nowhere").status_code == 404
    assert "No projects to show" in client.get("/dashboard/").content.decode()

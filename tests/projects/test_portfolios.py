"""Portfolios and programmes."""

import uuid
from typing import Any

import pytest

from accounts.enums import RoleName
from projects.models import Portfolio
from projects.services import portfolios
from projects.services.portfolios import PortfolioError
from tests import factories
from tests.projects.record import get, post, queries, words

pytestmark = pytest.mark.django_db


def _settings(**fields: Any) -> dict[str, Any]:
    return {
        "name": "Roads",
        "office": factories.make_office().pk,
        "currency": "EUR",
        "colour_scale": 3,
        "update_cadence_days": 7,
        "cost_tolerance_percent": 10,
        "schedule_tolerance_days": 14,
        **fields,
    }


def test_pmo_adds_a_portfolio_and_a_programme_below_it_once() -> None:
    pmo = factories.make_person()
    data = _settings(token=str(uuid.uuid4()))
    assert post(pmo, "portfolio-create", **data).headers["Location"] == "/portfolios/roads/"
    assert post(pmo, "portfolio-create", **data).headers["Location"] == "/portfolios/roads/"
    roads = Portfolio.objects.get()
    post(pmo, "portfolio-create", **_settings(name="Bridges", parent=roads.pk))
    bridges = Portfolio.objects.get(slug="bridges")
    assert bridges.is_programme
    page = words(get(pmo, "portfolio", "roads"))
    assert "Bridges" in page


def test_person_of_one_portfolio_adds_only_below_it() -> None:
    own = factories.make_portfolio()
    pmo = factories.make_person(RoleName.PMO_MANAGER, own)
    assert post(pmo, "portfolio-create", **_settings()).status_code == 422
    assert post(pmo, "portfolio-create", **_settings(parent=own.pk)).status_code == 302


def test_portfolio_is_seen_by_whoever_sees_a_project_in_it_and_edited_by_the_pmo() -> None:
    portfolio = factories.make_portfolio()
    reader, stranger, pmo = factories.make_user(), factories.make_user(), factories.make_person()
    factories.join_team(factories.make_project("Mine", portfolio=portfolio, refresh=True), reader)
    factories.make_project("Not mine", portfolio=portfolio, refresh=True)
    page = words(get(reader, "portfolio", portfolio.slug))
    assert "Mine" in page
    assert "Not mine" not in page
    assert get(stranger, "portfolio", portfolio.slug).status_code == 404
    assert get(reader, "portfolio-edit", portfolio.slug).status_code == 403
    assert get(stranger, "portfolio-edit", portfolio.slug).status_code == 404
    assert get(pmo, "portfolio-edit", portfolio.slug).status_code == 200
    assert portfolio.name in words(get(reader, "portfolio-list"))
    assert portfolio.name not in words(get(stranger, "portfolio-list"))


def test_confidential_projects_are_not_counted_for_who_may_not_see_them() -> None:
    portfolio = factories.make_portfolio()
    factories.make_project(portfolio=portfolio, is_confidential=True)
    executive = factories.make_person(RoleName.EXECUTIVE)
    rows = get(executive, "portfolio-list").context["table"]
    assert '<td class="ta-end" data-label="Live projects">0</td>' in rows


def test_tolerance_changes_the_health_of_its_projects() -> None:
    pmo, portfolio = factories.make_person(), factories.make_portfolio()
    project = factories.make_healthy_project(portfolio=portfolio, forecast_cost=1150, refresh=True)
    assert project.state.cost == "amber"
    portfolios.edit_portfolio(actor=pmo, portfolio_id=portfolio.pk, version=1, changes={"cost_tolerance_percent": 20})
    project.state.refresh_from_db()
    assert project.state.cost == "green"


def test_scale_with_updates_on_it_is_never_converted() -> None:
    pmo, portfolio = factories.make_person(), factories.make_portfolio()
    factories.make_healthy_project(portfolio=portfolio)
    with pytest.raises(PortfolioError, match="never converted"):
        portfolios.edit_portfolio(actor=pmo, portfolio_id=portfolio.pk, version=1, changes={"colour_scale": 5})


def test_lost_update_of_a_portfolio_keeps_what_was_typed() -> None:
    pmo, portfolio = factories.make_person(), factories.make_portfolio("Roads")
    portfolios.edit_portfolio(actor=pmo, portfolio_id=portfolio.pk, version=1, changes={"name": "Big roads"})
    answer = post(
        pmo, "portfolio-edit", portfolio.slug, **_settings(name="Small roads", office=portfolio.office.pk, version=1)
    )
    assert answer.status_code == 409
    assert "Big roads" in words(answer)
    assert 'value="Small roads"' in words(answer)


def test_pages_cost_the_same_for_many_projects_and_programmes() -> None:
    pmo, portfolio = factories.make_person(), factories.make_portfolio()
    for _ in range(2):
        factories.make_project(portfolio=factories.make_portfolio(parent=portfolio), refresh=True)
    few = [queries(pmo, "portfolio", portfolio.slug), queries(pmo, "portfolio-list")]
    for _ in range(10):
        factories.make_project(portfolio=factories.make_portfolio(parent=portfolio), refresh=True)
    assert [queries(pmo, "portfolio", portfolio.slug), queries(pmo, "portfolio-list")] == few
    assert max(few) <= 12

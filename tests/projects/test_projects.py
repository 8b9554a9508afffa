"""The project's own pages: who may open them, what they say, and changing the project."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import RoleGrant
from projects.enums import ProjectStatus
from projects.models import Project
from projects.services import projects, state
from projects.services.baselines import BaselineStays
from projects.services.projects import ProjectError
from tests import factories
from tests.projects.record import at, cast, get, post, queries, words

pytestmark = pytest.mark.django_db

TABS = ["project", "project-plan", "project-raid", "project-money", "project-team"]
EDITS = ["project-edit", "project-status", "milestone-create", "phase-create", "risk-create", "issue-create",
         "decision-create", "project-money-edit", "team-member-add", "document-add"]  # fmt: skip


@pytest.mark.parametrize("name", TABS)
def test_each_tab_opens_for_readers_and_is_unknown_to_strangers(name: str) -> None:
    people = cast()
    for user in (people.lead, people.sponsor, people.pmo, people.executive):
        assert get(user, name, people.project.key).status_code == 200
    assert get(people.stranger, name, people.project.key).status_code == 404


@pytest.mark.parametrize("name", EDITS)
def test_editing_is_for_lead_and_pmo_others_may_only_read(name: str) -> None:
    people = cast()
    assert get(people.lead, name, people.project.key).status_code == 200
    assert get(people.pmo, name, people.project.key).status_code == 200
    assert get(people.executive, name, people.project.key).status_code == 403
    assert get(people.sponsor, name, people.project.key).status_code == 403
    assert get(people.stranger, name, people.project.key).status_code == 404


def test_confidential_project_does_not_exist_for_an_executive() -> None:
    people = cast(is_confidential=True)
    assert get(people.executive, "project", people.project.key).status_code == 404
    assert get(people.executive, "project-edit", people.project.key).status_code == 404
    assert "Confidential" in words(get(people.lead, "project", people.project.key))


def test_demoted_person_loses_the_page_on_the_next_request() -> None:
    people = cast()
    client = at(people.pmo)
    address = f"/projects/{people.project.key}/edit/"
    assert client.get(address).status_code == 200
    RoleGrant.objects.filter(user=people.pmo).update(role=RoleName.EXECUTIVE)
    assert client.get(address).status_code == 403
    RoleGrant.objects.filter(user=people.pmo).delete()
    assert client.get(address).status_code == 404


def test_overview_says_what_is_not_set_and_where_to_set_it() -> None:
    lead = factories.make_user()
    project = factories.make_project("Bare", lead=lead, refresh=True)
    page = words(get(lead, "project", project.key))
    assert "Not set" in page
    assert f"/projects/{project.key}/edit/#id_goal" in page
    assert "There has never been a status update." in page
    reader = words(get(factories.make_person(RoleName.EXECUTIVE), "project", project.key))
    assert "#id_goal" not in reader


def test_overview_shows_declared_beside_computed_with_the_gap() -> None:
    people = cast()
    factories.make_risk(people.project, "Falls over", probability=5, impact=5)
    state.refresh([people.project.pk])
    page = words(get(people.executive, "project", people.project.key))
    assert "but the facts say “Off track”" in page
    assert "The worst open risk scores 25 of 25: Falls over." in page


def test_page_of_a_full_project_costs_what_a_small_one_costs() -> None:
    people = cast()
    _fill(people.project, 2)
    few = [queries(people.lead, name, people.project.key) for name in TABS]
    _fill(people.project, 10)
    many = [queries(people.lead, name, people.project.key) for name in TABS]
    assert few == many
    assert max(many) <= 12


def test_page_of_a_very_full_project_stays_small() -> None:
    people = cast()
    _fill(people.project, 60)
    for name in TABS:
        assert len(get(people.lead, name, people.project.key).content) < 150_000


def _fill(project: Project, number: int) -> None:
    day = timezone.localdate()
    for index in range(number):
        factories.make_milestone(project, baseline_on=day, forecast_on=day + timedelta(days=index), is_gate=True)
        factories.make_risk(project)
        factories.make_issue(project, is_blocker=True)
        factories.make_decision(project, holder=project.sponsor)
        factories.make_ask(project)
        factories.make_phase(project)
        project.documents.create(title="D", url="https://example.org/d")
        factories.join_team(project, factories.make_user())
    state.refresh([project.pk])


def _new(portfolio: Any, **fields: Any) -> dict[str, Any]:
    return {"portfolio": portfolio.pk, "name": "Brand new", "token": str(uuid.uuid4()), **fields}


def test_pmo_adds_a_project_and_a_double_press_makes_one() -> None:
    pmo, portfolio = factories.make_person(), factories.make_portfolio()
    data = _new(portfolio)
    first, second = post(pmo, "project-create", **data), post(pmo, "project-create", **data)
    project = Project.objects.get(name="Brand new")
    assert first.status_code == second.status_code == 302
    assert first.headers["Location"] == second.headers["Location"] == f"/projects/{project.key}/"
    assert project.state.computed == "grey"


def test_pmo_of_one_portfolio_cannot_add_to_another() -> None:
    own, other = factories.make_portfolio(), factories.make_portfolio()
    pmo = factories.make_person(RoleName.PMO_MANAGER, own)
    assert post(pmo, "project-create", **_new(other)).status_code == 422
    assert post(pmo, "project-create", **_new(own)).status_code == 302
    assert Project.objects.get().portfolio == own


def test_lead_cannot_appoint_the_sponsor_nor_unveil_the_project() -> None:
    people = cast()
    data = {
        "name": "Renamed",
        "version": people.project.version,
        "lead": people.lead.pk,
        "sponsor": people.lead.pk,
        "is_confidential": "on",
    }
    post(people.lead, "project-edit", people.project.key, **data)
    people.project.refresh_from_db()
    assert people.project.name == "Renamed"
    assert people.project.sponsor == people.sponsor
    assert not people.project.is_confidential


def test_lead_cannot_move_a_baseline_but_the_pmo_can() -> None:
    people = cast()
    changes = {"baseline_finish_on": timezone.localdate()}
    with pytest.raises(BaselineStays):
        projects.edit_project(actor=people.lead, project_id=people.project.pk, version=None, changes=changes)
    projects.edit_project(actor=people.pmo, project_id=people.project.pk, version=None, changes=changes)


def test_external_id_is_once_in_a_portfolio() -> None:
    portfolio = factories.make_portfolio()
    factories.make_project(portfolio=portfolio, external_id="A-1")
    second = factories.make_project(portfolio=portfolio)
    with pytest.raises(ProjectError, match="A-1"):
        projects.edit_project(
            actor=factories.make_person(), project_id=second.pk, version=None, changes={"external_id": "A-1"}
        )


def test_service_refuses_fields_that_are_not_its_own() -> None:
    project = factories.make_project()
    with pytest.raises(ValueError, match="status"):
        projects.edit_project(
            actor=factories.make_person(), project_id=project.pk, version=None, changes={"status": "left"}
        )


def test_status_follows_the_table_of_steps() -> None:
    people = cast()
    project = people.project
    done = post(people.lead, "project-status", project.key, version=project.version, status=ProjectStatus.COMPLETED)
    project.refresh_from_db()
    assert done.status_code == 302
    assert (project.status, project.actual_finish_on) == (ProjectStatus.COMPLETED, timezone.localdate())
    with pytest.raises(ProjectError, match="cannot become"):
        projects.change_status(actor=people.lead, project_id=project.pk, version=None, status=ProjectStatus.ON_HOLD)
    projects.change_status(actor=people.lead, project_id=project.pk, version=None, status=ProjectStatus.ACTIVE)
    project.refresh_from_db()
    assert project.actual_finish_on is None


def test_project_that_left_remembers_when_and_forgets_it_when_it_returns() -> None:
    people = cast()
    for status, day in ((ProjectStatus.LEFT, timezone.localdate()), (ProjectStatus.ACTIVE, None)):
        projects.change_status(actor=people.pmo, project_id=people.project.pk, version=None, status=status)
        people.project.refresh_from_db()
        assert people.project.left_on == day

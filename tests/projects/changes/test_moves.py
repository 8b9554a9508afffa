"""The slip ledger and the moves worth a look, from the history that the database itself writes."""

from __future__ import annotations

from decimal import Decimal

import pghistory
import pytest
from django.utils import timezone

from governance.models import Finding
from projects.facts import project_facts
from projects.models import Milestone, Project
from projects.selectors.moves import moves_of
from projects.services import baselines, changes, imports, money, plan, projects, rules
from tests import factories as make
from tests.projects.changes.world import DAYS, World, make_world
from tests.projects.imports.conftest import csv_bytes
from tests.projects.record import get, post, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def sentences(project: Project) -> list[str]:
    return [one.sentence for one in moves_of(project, None)[1]]


def test_each_move_has_old_new_who_and_why(world: World) -> None:
    with pghistory.context(user=world.lead.pk):
        plan.edit_milestone(
            actor=world.lead, project=world.project, milestone_id=world.milestone.pk, version=None,
            changes={"forecast_on": world.today + 57 * DAYS}, reason="The supplier is late",
        )  # fmt: skip
    (move,) = moves_of(world.project, None)[0].object_list
    assert (move.what, move.days, move.who, move.reason) == ("Go live", 7, "Lena Lead", "The supplier is late")
    assert sentences(world.project) == []


def test_the_reason_is_asked_for_where_a_date_moves(world: World) -> None:
    data = {
        "version": 1, "name": "Go live", "forecast_on": world.today + 57 * DAYS, "baseline_on": "",
        "move_reason": "The supplier is late",
    }  # fmt: skip
    assert post(world.lead, "milestone-edit", world.project.key, world.milestone.pk, **data).status_code == 302
    page = words(get(world.lead, "project-moves", world.project.key))
    assert "The supplier is late" in page
    assert "Why the date moves" not in words(get(world.lead, "milestone-create", world.project.key))


def test_a_date_moved_after_it_had_passed_is_worth_a_look(world: World) -> None:
    late = make.make_milestone(world.project, "Tested", forecast_on=world.today - 3 * DAYS)
    plan.edit_milestone(
        actor=world.lead, project=world.project, milestone_id=late.pk, version=None,
        changes={"forecast_on": world.today + 30 * DAYS},
    )  # fmt: skip
    (sentence,) = sentences(world.project)
    assert "when that day had passed" in sentence
    page = words(get(world.lead, "project-moves", world.project.key))
    assert "event " in page


def test_reaching_it_late_is_not(world: World) -> None:
    late = make.make_milestone(world.project, "Tested", forecast_on=world.today - 3 * DAYS)
    plan.reach_milestone(actor=world.lead, project=world.project, milestone_id=late.pk)
    assert sentences(world.project) == []


@pytest.mark.parametrize(("again", "found"), [("Acceptance by the users", True), ("Roof is closed", False)])
def test_a_milestone_that_came_back_under_a_similar_name(world: World, again: str, found: bool) -> None:
    gone = plan.add_milestone(
        actor=world.lead, project=world.project, values={"name": "Acceptance by users", "forecast_on": world.today}
    )
    plan.delete_milestone(actor=world.lead, project=world.project, milestone_id=gone.pk)
    plan.add_milestone(
        actor=world.lead, project=world.project, values={"name": again, "forecast_on": world.today + 99 * DAYS}
    )
    assert [("Acceptance by users" in one and again in one) for one in sentences(world.project)] == [True] * found


@pytest.mark.django_db(transaction=True)
def test_baselines_that_moved_without_a_request_are_told_and_those_with_one_are_not() -> None:
    world = make_world()
    world.accepted(finish_to=world.finish + 5 * DAYS)
    assert sentences(world.project) == []
    project = make.make_project(baseline_finish_on=timezone.localdate())
    pmo = world.pmo
    projects.edit_project(
        actor=pmo, project_id=project.pk, version=None, changes={"baseline_finish_on": world.today + DAYS}
    )
    baselines.agree_baseline(actor=pmo, project_id=project.pk)
    money.set_money(actor=pmo, project_id=project.pk, version=None, changes={"baseline_cost": Decimal(9)})
    filled, changed = sentences(project)
    assert "was filled in as" in filled
    assert "was changed from" in changed


@pytest.mark.django_db(transaction=True)  # history tells two imports apart by the moment of their transaction
def test_a_file_that_moves_what_was_agreed_is_worth_a_look(world: World) -> None:
    portfolio = world.project.portfolio

    def bring(cost: int) -> Project:
        rows = [["Project ID", "Project name", "Baseline cost"], ["A1", "Bridge", str(cost)]]
        run = imports.upload_import(
            actor=world.pmo, portfolio=portfolio, file_name="plan.csv", content=csv_bytes(rows), as_of=world.today,
            is_complete=False,
        )  # fmt: skip
        imports.run_import(run_id=run.pk, actor=world.pmo)
        return Project.objects.get(external_id="A1")

    assert sentences(bring(1000)) == [], "what a file brings first is what was agreed"
    (sentence,) = sentences(bring(800))
    assert "by an import, without a ballot" in sentence
    assert sentences(bring(800)) == [sentence]


def test_who_may_not_read_history_does_not_see_the_ledger(world: World) -> None:
    assert get(world.helper, "project-moves", world.project.key).status_code == 403
    assert "Slip ledger" not in words(get(world.helper, "project-changes", world.project.key))


# --- drift ---------------------------------------------------------------------------------------------------------


def drift(world: World) -> bool | None:
    (facts,) = project_facts.read_by_id(Project, [world.project.pk], world.today)
    return facts["drift_without_change"]  # type: ignore[no-any-return]  # a fact is Any


def forecast(world: World, **values: object) -> None:
    Project.objects.filter(pk=world.project.pk).update(**values)


def test_drift_is_covered_by_a_request_that_asks_far_enough(world: World) -> None:
    assert drift(world) is False
    forecast(world, forecast_finish_on=world.finish + 14 * DAYS)
    assert drift(world) is False
    forecast(world, forecast_finish_on=world.finish + 60 * DAYS)
    assert drift(world) is True
    world.draft(finish_to=world.finish + 60 * DAYS)
    assert drift(world) is True
    small = world.submitted(finish_to=world.finish + 20 * DAYS)
    assert drift(world) is True
    large = world.submitted(finish_to=world.finish + 50 * DAYS)
    assert drift(world) is False
    for one in (small, large):
        changes.withdraw_change(actor=world.lead, project=world.project, change_id=one.pk)
    assert drift(world) is True
    world.accepted(finish_to=world.finish + 50 * DAYS)
    assert drift(world) is False


def test_cost_drifts_alike_and_what_is_not_known_is_not_told(world: World) -> None:
    forecast(world, forecast_cost=Decimal(1100))
    assert drift(world) is False
    forecast(world, forecast_cost=Decimal(1101))
    assert drift(world) is True
    world.submitted(kinds=["cost"])
    assert drift(world) is False
    forecast(world, forecast_cost=None)
    assert drift(world) is None
    forecast(world, forecast_finish_on=world.finish + 60 * DAYS)
    assert drift(world) is True


def test_the_rule_finds_the_drift_and_ends_with_the_request(world: World) -> None:
    rules.install_start_set()
    forecast(world, forecast_finish_on=world.finish + 60 * DAYS)
    rules.scan([world.project.pk])
    found = Finding.objects.filter(rule__code="drift-without-change", closed_at__isnull=True)
    assert found.count() == 1
    world.submitted(finish_to=world.finish + 60 * DAYS)
    rules.scan([world.project.pk])
    assert found.count() == 0


def test_milestones_keep_their_baseline_through_history(world: World) -> None:
    world.accepted(milestones=[{"id": world.milestone.pk, "to": world.today + 55 * DAYS}])
    moved = [one for one in moves_of(world.project, None)[0].object_list if one.what == "Go live"]
    assert [(one.days, one.event > 0) for one in moved] == [(5, True)]
    assert Milestone.objects.get(pk=world.milestone.pk).baseline_on == world.today + 55 * DAYS

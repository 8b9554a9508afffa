"""What somebody proposes for the plan, and what the PMO takes over."""

from __future__ import annotations

import pytest

from common.errors import NotAllowed
from projects.models import Baseline, ChangeRequest
from projects.services import changes, plan
from projects.services.changes import ChangeError, PlanEdit, StaleChange
from tests import factories as make
from tests.projects.changes.world import DAYS, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def propose(world: World, **more: object) -> ChangeRequest:
    edits = [
        PlanEdit("forecast_finish_on", world.finish + 9 * DAYS),
        PlanEdit("forecast_on", world.today + 59 * DAYS, milestone_id=world.milestone.pk),
    ]
    given = {"actor": world.lead, "title": "Nine days later", "reason": "Frost", "edits": edits, **more}
    return changes.propose_change(project=world.project, **given)  # type: ignore[arg-type]


def test_nothing_changes_until_the_pmo_accepts_and_then_all_of_it(world: World) -> None:
    proposal = propose(world)
    world.project.refresh_from_db()
    assert world.project.forecast_finish_on == world.finish
    for _press in range(2):
        changes.accept_proposal(actor=world.pmo, project=world.project, change_id=proposal.pk)
    world.project.refresh_from_db()
    world.milestone.refresh_from_db()
    assert world.project.forecast_finish_on == world.finish + 9 * DAYS
    assert world.milestone.forecast_on == world.today + 59 * DAYS
    world.project.state.refresh_from_db()
    assert world.project.state.forecast_finish_on == world.finish + 9 * DAYS
    assert Baseline.objects.count() == 1
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, world.milestone.version) == ("accepted", world.pmo, 2)


def test_who_proposed_it_does_not_accept_it_nor_does_the_lead(world: World) -> None:
    for proposal, actor in ((propose(world), world.lead), (propose(world, actor=world.pmo), world.pmo)):
        with pytest.raises(NotAllowed):
            changes.accept_proposal(actor=actor, project=world.project, change_id=proposal.pk)


def test_a_plan_that_moved_meanwhile_is_not_overwritten(world: World) -> None:
    proposal = propose(world)
    plan.edit_milestone(
        actor=world.pmo, project=world.project, milestone_id=world.milestone.pk, version=None,
        changes={"forecast_on": world.today + 3 * DAYS},
    )  # fmt: skip
    with pytest.raises(StaleChange, match="Go live"):
        changes.accept_proposal(actor=world.pmo, project=world.project, change_id=proposal.pk)
    world.project.refresh_from_db()
    assert world.project.forecast_finish_on == world.finish


def test_a_rejection_says_why_and_leaves_the_plan(world: World) -> None:
    proposal = propose(world)
    with pytest.raises(ChangeError):
        changes.reject_proposal(actor=world.pmo, project=world.project, change_id=proposal.pk, reason=" ")
    changes.reject_proposal(actor=world.pmo, project=world.project, change_id=proposal.pk, reason="Work on Saturdays")
    proposal.refresh_from_db()
    assert proposal.state == "rejected"
    with pytest.raises(ChangeError):
        changes.accept_proposal(actor=world.pmo, project=world.project, change_id=proposal.pk)


def test_only_forecasts_and_milestones_can_be_proposed(world: World) -> None:
    with pytest.raises(ValueError, match="baseline_finish_on"):
        propose(world, edits=[PlanEdit("baseline_finish_on", world.today)])
    with pytest.raises(ChangeError, match="already"):
        propose(world, edits=[PlanEdit("forecast_finish_on", world.finish)])
    foreign = make.make_milestone(make.make_project())
    with pytest.raises(ChangeError):
        propose(world, edits=[PlanEdit("forecast_on", world.today, milestone_id=foreign.pk)])

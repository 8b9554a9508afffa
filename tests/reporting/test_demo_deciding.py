"""The demo decides as an organisation does: by its own procedure, through who stands in, more strictly than before."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from governance.models import Ballot, ControlChange, Delegation, Procedure, ProcedureStep, Vote
from governance.services import ballots
from projects.models import Portfolio
from reporting.demo.deciding import STEPS, at_the_table, go_on_leave, raise_control, set_up_procedure
from reporting.demo.remove import remove_demo
from strategy.enums import ControlLevel
from strategy.models import Office
from tests import factories as make
from tests.projects.changes.world import World, ballot_of, make_world

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()
MONDAY = TODAY - dt.timedelta(days=TODAY.weekday())


@pytest.fixture
def world() -> World:
    found = make_world()
    office = found.project.portfolio.office
    Office.objects.filter(pk=office.pk).update(is_demo=True, control=ControlLevel.SUPPORTIVE)
    Portfolio.objects.filter(pk=found.project.portfolio_id).update(is_demo=True)
    User.objects.update(is_demo=True)
    return found


def _vote(ballot: Ballot, *people: User) -> Ballot:
    for person in people:
        ballot = ballots.cast_vote(
            actor=at_the_table(person), ballot_id=ballot.pk, choice="approve", reason=f"For {person}."
        )
    return ballot


def test_a_small_change_goes_past_two_desks_and_a_large_one_does_not(world: World) -> None:
    set_up_procedure(world.project.portfolio.office, world.pmo)
    small, large = (ballot_of(world.submitted(cost_delta=amount)) for amount in (200_000, 300_000))
    assert [step.title for step in small.steps.order_by("position")] == [step.title for step in STEPS]
    assert {step.title for step in large.steps.all()}.isdisjoint(step.title for step in STEPS)
    assert _vote(small, world.pmo, world.sponsor).is_yes


def test_who_is_away_is_spoken_for_by_who_stands_in(world: World) -> None:
    other = make.make_user("Olga Other", is_demo=True)
    go_on_leave(world.sponsor, other, MONDAY)
    set_up_procedure(world.project.portfolio.office, world.pmo)
    ballot = _vote(ballot_of(world.submitted(cost_delta=1)), world.pmo, world.sponsor)
    assert ballot.decided_by == other
    assert Vote.objects.get(cast_by=other).seat.person == world.sponsor
    assert at_the_table(other) == other, "their own leave comes later"


def test_the_raised_level_is_recorded_with_its_reason(world: World) -> None:
    office = raise_control(world.project.portfolio.office, world.pmo)
    kept = ControlChange.objects.get(office=office)
    assert (kept.old, kept.new, kept.changed_by) == (ControlLevel.SUPPORTIVE, ControlLevel.CONTROLLING, world.pmo)
    assert kept.reason


def test_all_of_it_goes_with_the_demo(world: World) -> None:
    kept = ballots.save_procedure(
        actor=make.make_person(RoleName.PMO_MANAGER),
        data=ballots.NewProcedure("request", "Ours", (ballots.NewStep("PMO", RoleName.PMO_MANAGER),)),
    )
    set_up_procedure(world.project.portfolio.office, world.pmo)
    go_on_leave(world.sponsor, world.payer, MONDAY)
    raise_control(world.project.portfolio.office, world.pmo)
    _vote(ballot_of(world.submitted(cost_delta=1)), world.pmo, world.sponsor)
    remove_demo()
    assert list(Procedure.objects.all()) == [kept]
    assert ProcedureStep.objects.count() == 1
    for model in (Ballot, ControlChange, Delegation):
        assert not model._default_manager.exists(), model

"""Asking to change what was agreed: who asks, who decides, and what an accepted request moves."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.enums import RoleName
from common.errors import Conflict, NotAllowed
from governance.enums import Checkpoint
from governance.models import Ballot, Vote
from governance.services import RulesNotKept, ballots
from projects.enums import CHANGE_TRANSITIONS, ChangeState
from projects.models import Baseline, ChangeRequest
from projects.services import baselines, changes
from projects.services.changes import ChangeError, NoBaseline, StaleChange
from strategy.enums import ControlLevel
from tests import factories as make
from tests.governance.test_checks import put_in_force
from tests.projects.changes.world import DAYS, World, ballot_of, make_world, vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def seats(change: ChangeRequest) -> list[str]:
    return sorted(seat.person.name for seat in ballot_of(change).seats.select_related("person"))


# --- who decides ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effect", "who"),
    [
        ({"scope_to": "A dry street and a park"}, ["Pia Pmo"]),
        ({"kinds": ["benefits"], "benefits_delta": Decimal(500)}, ["Pia Pmo"]),
        ({"days": 14}, ["Sam Sponsor"]),
        ({"days": -14}, ["Sam Sponsor"]),
        ({"days": 15}, ["Bo Budget", "Sam Sponsor"]),
        ({"cost_delta": Decimal(100)}, ["Sam Sponsor"]),
        ({"cost_delta": Decimal(-100)}, ["Sam Sponsor"]),
        ({"cost_delta": Decimal(101)}, ["Bo Budget", "Sam Sponsor"]),
        ({"kinds": ["cost"]}, ["Bo Budget", "Sam Sponsor"]),
        ({"kinds": ["schedule"]}, ["Bo Budget", "Sam Sponsor"]),
        ({"milestone": 5}, ["Sam Sponsor"]),
        ({"milestone": 40}, ["Bo Budget", "Sam Sponsor"]),
        ({"milestone": None}, ["Bo Budget", "Sam Sponsor"]),
    ],
)
def test_a_change_is_decided_by_its_size(world: World, effect: dict[str, Any], who: list[str]) -> None:
    values = dict(effect)
    if "days" in values:
        values["finish_to"] = world.finish + values.pop("days") * DAYS
    if "milestone" in values:
        days = values.pop("milestone")
        to = None if days is None else world.today + (50 + days) * DAYS
        values["milestones"] = [{"id": world.milestone.pk, "to": to}]
    assert seats(world.submitted(**values)) == who


def test_the_office_can_decide_otherwise_up_to_an_amount(world: World) -> None:
    ballots.save_procedure(
        actor=world.pmo,
        data=ballots.NewProcedure(
            "change_request", "Small sums", [ballots.NewStep("PMO", RoleName.PMO_MANAGER)], up_to=Decimal(150),
            currency="EUR",
        ),
    )  # fmt: skip
    assert seats(world.submitted(cost_delta=Decimal(120))) == ["Pia Pmo"]
    assert seats(world.submitted(cost_delta=Decimal(151))) == ["Bo Budget", "Sam Sponsor"]
    assert seats(world.submitted(kinds=["cost"])) == ["Bo Budget", "Sam Sponsor"]
    assert seats(world.submitted(finish_to=world.finish + 60 * DAYS)) == ["Bo Budget", "Sam Sponsor"]


def test_who_asks_or_wrote_on_it_never_votes(world: World) -> None:
    change = world.submitted(world.lead, scope_to="A park")
    with pytest.raises(NotAllowed):
        vote(world.lead, change)
    other = make.make_person(RoleName.PMO_MANAGER, name="Otto Pmo")
    changes.edit_change(
        actor=world.pmo, project=world.project, change_id=change.pk, version=None, changes={"title": "A large park"}
    )
    assert seats(change) == ["Otto Pmo"]
    with pytest.raises(NotAllowed):
        vote(world.pmo, change)
    vote(other, change)
    change.refresh_from_db()
    assert (change.state, change.decided_by) == ("accepted", other)


def test_the_sponsor_who_asks_does_not_decide(world: World) -> None:
    make.join_team(world.project, world.sponsor)
    make.join_team(world.project, make.make_user("Second Sponsor"), role=RoleName.SPONSOR)
    change = world.submitted(world.sponsor, finish_to=world.finish + 5 * DAYS)
    assert seats(change) == ["Second Sponsor"]


def test_without_anybody_who_may_decide_it_waits_and_can_be_put_to_the_vote_later() -> None:
    world = make_world()
    world.project.sponsor = None
    world.project.save(update_fields=["sponsor"])
    change = world.submitted(finish_to=world.finish + 5 * DAYS)
    assert change.state == "submitted"
    assert not Ballot.objects.exists()
    world.project.sponsor = world.sponsor
    world.project.save(update_fields=["sponsor"])
    change = changes.submit_change(actor=world.lead, project=world.project, change_id=change.pk, version=None)
    assert change.state == "in_ballot"


@pytest.mark.parametrize("name", ["stranger", "adviser", "executive"])
def test_who_does_not_work_on_the_project_does_not_ask(world: World, name: str) -> None:
    person = make.make_user()
    if name == "adviser":
        make.join_team(world.project, person, role=RoleName.EXTERNAL_ADVISER, ends_on=world.today + 30 * DAYS)
    if name == "executive":
        make.grant(person, RoleName.EXECUTIVE)
    with pytest.raises(NotAllowed):
        world.draft(person, cost_delta=Decimal(1))
    assert world.draft(world.helper, cost_delta=Decimal(1)).requested_by == world.helper


# --- what an accepted one moves ------------------------------------------------------------------------------------


def test_an_accepted_change_is_the_next_baseline_and_moves_all_columns(world: World) -> None:
    to = world.finish + 30 * DAYS
    change = world.accepted(
        finish_to=to, cost_delta=Decimal(250), benefits_delta=Decimal(-400), scope_to="A dry street and a park",
        milestones=[{"id": world.milestone.pk, "to": world.today + 70 * DAYS}],
    )  # fmt: skip
    found = baselines.newest(world.project.pk)
    assert found
    assert (found.number, found.change_request, found.finish_on, found.cost) == (2, change, to, 1250)
    assert (found.benefits, found.scope) == (4600, "A dry street and a park")
    project = world.project
    project.refresh_from_db()
    world.milestone.refresh_from_db()
    assert (project.baseline_finish_on, project.baseline_cost, project.benefits) == (to, 1250, 4600)
    assert (project.description, project.forecast_finish_on) == ("A dry street and a park", world.finish)
    assert world.milestone.baseline_on == world.today + 70 * DAYS
    project.state.refresh_from_db()
    assert (project.state.baseline_cost, project.state.changes_open) == (1250, 0)
    assert change.decided_by is not None
    assert change.decision_reason == "So it shall be."


def test_a_rejected_change_moves_nothing(world: World) -> None:
    change = world.submitted(finish_to=world.finish + 5 * DAYS)
    vote(world.sponsor, change, "reject")
    change.refresh_from_db()
    assert change.state == "rejected"
    assert Baseline.objects.count() == 1


def test_an_unknown_cost_stays_unknown_whatever_is_added(world: World) -> None:
    project = make.make_project(lead=world.lead, sponsor=world.sponsor, budget_owner=world.payer)
    make.make_milestone(project, baseline_on=world.today)
    baselines.agree_baseline(actor=world.pmo, project_id=project.pk)
    drafted = changes.draft_change(
        actor=world.lead, project=project, values={"title": "More", "reason": "Rain", "cost_delta": Decimal(10)}
    )
    change = changes.submit_change(actor=world.lead, project=project, change_id=drafted.pk, version=None)
    for voter in (world.sponsor, world.payer):
        vote(voter, change)
    project.refresh_from_db()
    assert project.baseline_cost is None
    assert Baseline.objects.filter(project=project).count() == 2


def test_the_second_of_two_that_start_from_the_same_finish_must_be_submitted_again(world: World) -> None:
    first = world.submitted(finish_to=world.finish + 10 * DAYS)
    second = world.submitted(finish_to=world.finish + 12 * DAYS)
    other = world.submitted(cost_delta=Decimal(50))
    vote(world.sponsor, first)
    with pytest.raises(StaleChange, match=r"Baseline 2 was agreed after CR-2 .* Lena Lead"):
        vote(world.sponsor, second)
    second.refresh_from_db()
    assert second.state == "in_ballot"
    assert not Vote.objects.counting().filter(ballot=ballot_of(second)).exists()
    vote(world.sponsor, other)
    changes.edit_change(actor=world.lead, project=world.project, change_id=second.pk, version=None, changes={})
    second.refresh_from_db()
    assert second.finish_from == world.finish + 10 * DAYS
    vote(world.sponsor, second)
    found = baselines.newest(world.project.pk)
    assert found
    assert (found.number, found.finish_on, found.cost) == (4, world.finish + 12 * DAYS, 1050)


# --- edits, versions, states ---------------------------------------------------------------------------------------


def test_an_edit_while_the_ballot_is_open_voids_the_votes(world: World) -> None:
    change = world.submitted(finish_to=world.finish + 30 * DAYS)
    vote(world.sponsor, change)
    same = ballot_of(change)
    changes.edit_change(
        actor=world.lead, project=world.project, change_id=change.pk, version=None, changes={"reason": "Much wetter"}
    )
    assert ballot_of(change) == same
    assert not Vote.objects.counting().filter(ballot=same).exists()


def test_an_edit_that_makes_it_larger_asks_those_who_decide_on_the_larger(world: World) -> None:
    change = world.submitted(cost_delta=Decimal(10))
    assert seats(change) == ["Sam Sponsor"]
    first = ballot_of(change)
    changes.edit_change(
        actor=world.lead, project=world.project, change_id=change.pk, version=None, changes={"cost_delta": Decimal(900)}
    )
    first.refresh_from_db()
    assert first.state == "withdrawn"
    assert seats(change) == ["Bo Budget", "Sam Sponsor"]
    assert ballot_of(change).amount == 900


def test_the_second_of_two_tabs_is_a_conflict(world: World) -> None:
    change = world.draft(cost_delta=Decimal(10))
    edit = {"actor": world.lead, "project": world.project, "change_id": change.pk, "version": change.version}
    changes.edit_change(**edit, changes={"title": "One"})  # type: ignore[arg-type]  # keywords of a test
    with pytest.raises(Conflict):
        changes.edit_change(**edit, changes={"title": "Two"})  # type: ignore[arg-type]  # keywords of a test


def test_saving_what_is_already_so_voids_no_vote(world: World) -> None:
    change = world.submitted(finish_to=world.finish + 30 * DAYS)
    vote(world.sponsor, change)
    changes.edit_change(
        actor=world.lead, project=world.project, change_id=change.pk, version=None, changes={"title": change.title}
    )
    assert Vote.objects.counting().filter(ballot=ballot_of(change)).count() == 1


@pytest.mark.parametrize("state", ["accepted", "rejected", "withdrawn"])
def test_a_closed_request_takes_no_step_and_never_changes(world: World, state: str) -> None:
    change = world.submitted(finish_to=world.finish + 5 * DAYS)
    if state == "withdrawn":
        changes.withdraw_change(actor=world.lead, project=world.project, change_id=change.pk)
        assert ballot_of(change).state == "withdrawn"
    else:
        vote(world.sponsor, change, {"accepted": "approve", "rejected": "reject"}[state])
    assert not CHANGE_TRANSITIONS[ChangeState(state)]
    with pytest.raises(ChangeError):
        changes.submit_change(actor=world.lead, project=world.project, change_id=change.pk, version=None)
    with pytest.raises(ChangeError):
        changes.edit_change(actor=world.lead, project=world.project, change_id=change.pk, version=None, changes={})
    if state != "withdrawn":
        with pytest.raises(ChangeError):
            changes.withdraw_change(actor=world.lead, project=world.project, change_id=change.pk)
    with pytest.raises(InternalError), transaction.atomic():
        ChangeRequest.objects.filter(pk=change.pk).update(title="Never")


def test_a_person_of_an_external_office_asks_for_nothing_and_edits_nothing(world: World) -> None:
    """Also with a place in the team, and also what they asked for before they left."""
    change = world.draft(world.helper, cost_delta=Decimal(5))
    world.helper.external_until = world.today
    world.helper.save()
    with pytest.raises(NotAllowed):
        world.draft(world.helper)
    with pytest.raises(NotAllowed):
        changes.submit_change(actor=world.helper, project=world.project, change_id=change.pk, version=None)


def test_only_its_author_and_the_lead_edit_and_withdraw(world: World) -> None:
    change = world.draft(world.helper, cost_delta=Decimal(5))
    other = make.make_user()
    make.join_team(world.project, other)
    with pytest.raises(NotAllowed):
        changes.edit_change(
            actor=other, project=world.project, change_id=change.pk, version=None, changes={"title": "X"}
        )
    with pytest.raises(NotAllowed):
        changes.submit_change(actor=other, project=world.project, change_id=change.pk, version=None)
    with pytest.raises(NotAllowed):
        changes.withdraw_change(actor=other, project=world.project, change_id=change.pk)
    changes.withdraw_change(actor=world.helper, project=world.project, change_id=change.pk)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"reason": ""}, "why"),
        ({"cost_delta": None}, "what it touches"),
        ({"kinds": ["scope"], "cost_delta": None}, "scope statement"),
    ],
)
def test_a_request_that_says_too_little_stays_a_draft(world: World, values: dict[str, Any], words: str) -> None:
    change = world.draft(**{"cost_delta": Decimal(5), **values})
    with pytest.raises(ChangeError, match=words):
        changes.submit_change(actor=world.lead, project=world.project, change_id=change.pk, version=None)
    change.refresh_from_db()
    assert change.state == "draft"


def test_without_a_baseline_there_is_nothing_to_change() -> None:
    project = make.make_project(lead=make.make_user())
    assert project.lead
    with pytest.raises(NoBaseline):
        changes.draft_change(actor=project.lead, project=project, values={"title": "X"})


def test_requests_count_within_their_project(world: World) -> None:
    other = make_world()
    assert [world.draft().key, world.draft().key, other.draft().key] == ["CR-1", "CR-2", "CR-1"]


def test_the_database_itself_refuses_the_requester_as_decider(world: World) -> None:
    change = world.submitted(cost_delta=Decimal(5))
    with pytest.raises(IntegrityError), transaction.atomic():
        ChangeRequest.objects.filter(pk=change.pk).update(
            state="accepted", decided_by=world.lead, decided_at=world.baseline.agreed_at, closed_on=world.today
        )
    with pytest.raises(InternalError), transaction.atomic():
        ChangeRequest.objects.filter(pk=change.pk).update(requested_by=world.helper)


def test_a_request_without_an_open_ballot_gets_one_by_submitting(world: World) -> None:
    change = world.submitted(cost_delta=Decimal(5))
    first = ballot_of(change)
    ballots.withdraw_question(kind="change_request", subject_id=change.pk)
    for _press in range(2):
        changes.submit_change(actor=world.lead, project=world.project, change_id=change.pk, version=None)
    assert ballot_of(change) != first
    assert Ballot.objects.open().about("change_request", change.pk).count() == 1
    vote(world.sponsor, change)
    change.refresh_from_db()
    assert change.state == "accepted"


def test_rules_at_the_checkpoint_stop_the_request(world: World) -> None:
    world.project.portfolio.office.control = ControlLevel.DIRECTIVE
    world.project.portfolio.office.save(update_fields=["control"])
    put_in_force(at=(Checkpoint.CHANGE_BASELINE.value,))
    with pytest.raises(RulesNotKept):
        world.submitted(cost_delta=Decimal(5))
    assert not Ballot.objects.exists()

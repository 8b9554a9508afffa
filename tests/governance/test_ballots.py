"""Ballots: who may vote, what the votes come to, and what neither the service nor the database lets through."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from common.errors import Conflict, NotAllowed
from common.models import OutgoingMail
from common.versions import apply
from governance.enums import BallotState, Choice, StepState
from governance.matters import StepPlan
from governance.models import Ballot, BallotSeat, BallotStep, DecisionCondition, Delegation, Procedure, Vote
from governance.policies import what_a_step_says
from governance.services import ballots as services
from governance.services.ballots import BodyTooSmall, CannotVote, NewCondition, NewDelegation, NewProcedure, NewStep
from governance.services.ballots.opening import procedure_for
from strategy.models import Goal
from tests.factories import make_goal, make_office, make_person, make_user
from tests.governance.matter import KIND, Boards, decided_by

pytestmark = pytest.mark.django_db


@pytest.fixture
def boards() -> Iterator[Boards]:
    found = Boards()
    with decided_by(found):
        yield found


@pytest.fixture
def goal() -> Goal:
    return make_goal()


def ask(goal: Goal, asker: User | None = None, **more: Any) -> Ballot:
    return services.open_ballot(
        actor=asker or make_user("Anna Asker"), kind=KIND, subject_id=goal.pk, question="Shall we?", **more
    )


def vote(ballot: Ballot, who: User, choice: str = "approve", **more: Any) -> Ballot:
    return services.cast_vote(actor=who, ballot_id=ballot.pk, choice=choice, reason=f"Says {who}.", **more)


def condition(owner: User) -> NewCondition:
    return NewCondition("Name a deputy", owner, timezone.localdate() + timedelta(days=7))


def test_first_yes_of_a_board_of_one_decides(boards: Boards, goal: Goal) -> None:
    member = make_user("Mia Member")
    boards.seat("executive", member)
    ballot = vote(ask(goal), member)
    assert (ballot.state, ballot.outcome, ballot.decided_by) == (BallotState.DECIDED, "approve", member)
    assert boards.decided == [(goal.pk, "approve")]
    goal.refresh_from_db()
    assert goal.description == "Decided: approve"


def test_two_of_three_decide_and_the_third_is_told(boards: Boards, goal: Goal) -> None:
    people = [make_user() for _ in range(3)]
    boards.seat("executive", *people)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot = ask(goal)
    assert vote(ballot, people[0]).is_open
    assert vote(ballot, people[1]).outcome == "approve"
    with pytest.raises(CannotVote, match="decided or withdrawn"):
        vote(ballot, people[2], "reject")


def test_a_no_decides_once_so_many_can_no_longer_say_yes(boards: Boards, goal: Goal) -> None:
    people = [make_user() for _ in range(3)]
    boards.seat("executive", *people)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot = ask(goal)
    assert vote(ballot, people[0], "reject").is_open
    assert vote(ballot, people[1], "hold").outcome == "hold"


def test_one_who_may_decide_alone_also_says_no_alone(boards: Boards, goal: Goal) -> None:
    people = [make_user() for _ in range(3)]
    boards.seat("executive", *people)
    assert vote(ask(goal), people[0], "reject").outcome == "reject"


@given(
    st.integers(1, 6).flatmap(
        lambda seats: st.tuples(
            st.just(seats), st.integers(1, seats), st.lists(st.sampled_from(Choice.values), max_size=seats)
        )
    )
)
def test_what_a_step_says_is_never_both_and_never_left_open_when_all_have_voted(
    case: tuple[int, int, list[str]],
) -> None:
    seats, quorum, votes = case
    said = what_a_step_says(quorum, seats, votes)
    yes = sum(each in {"approve", "conditional"} for each in votes)
    assert (said.state == StepState.SAID_YES) == (yes >= quorum)
    if len(votes) == seats:
        assert said.state != StepState.OPEN
    if said.state == StepState.OPEN:
        assert yes + (seats - len(votes)) >= quorum > len(votes) - yes
    if said.choice is Choice.APPROVE:
        assert "conditional" not in votes


def test_steps_come_one_after_the_other_and_those_side_by_side_all_must_say_yes(boards: Boards, goal: Goal) -> None:
    finance, legal, chair = (make_user(name) for name in ("Fin", "Leg", "Chair"))
    boards.seat("budget_owner", finance)
    boards.seat("sponsor", legal)
    boards.seat("executive", chair)
    boards.plan = (
        StepPlan("Money", ("budget_owner",)), StepPlan("Law", ("sponsor",)), StepPlan("Chair", ("executive",), 2),
    )  # fmt: skip
    ballot = ask(goal)
    with pytest.raises(CannotVote, match="no seat"):
        vote(ballot, chair)
    assert vote(ballot, finance).is_open
    with pytest.raises(CannotVote, match="no seat"):
        vote(ballot, chair)
    assert vote(ballot, legal, "conditional", conditions=[condition(finance)]).is_open
    assert vote(ballot, chair).outcome == "conditional"


def test_who_asks_never_votes_even_with_a_seat_or_for_somebody_else(boards: Boards, goal: Goal) -> None:
    asker, member, other = (make_user() for _ in range(3))
    boards.seat("executive", asker, member, other)
    ballot = ask(goal, asker)
    assert not BallotSeat.objects.filter(person=asker).exists()
    today = timezone.localdate()
    services.delegate(actor=member, data=NewDelegation(asker, today, today))
    with pytest.raises(CannotVote, match="asked this question yourself"):
        vote(ballot, asker)


def test_a_conflict_of_interest_bars_and_stands_in_the_minutes(boards: Boards, goal: Goal) -> None:
    member, other = make_user(), make_user()
    boards.seat("executive", member, other)
    ballot = services.declare_conflict(actor=member, ballot_id=ask(goal).pk, reason="My brother sells it")
    with pytest.raises(CannotVote, match="My brother sells it"):
        vote(ballot, member)
    assert vote(ballot, other).outcome == "approve"
    ballot.refresh_from_db()
    assert ballot.barred[str(member.pk)] == "My brother sells it"


def test_whoever_has_a_conflict_sends_nobody_in_their_place(boards: Boards, goal: Goal) -> None:
    member, other, stand_in = make_user(), make_user(), make_user()
    boards.seat("executive", member, other)
    ballot, today = ask(goal), timezone.localdate()
    services.delegate(actor=member, data=NewDelegation(stand_in, today, today))
    assert BallotSeat.objects.waiting_for(stand_in).count() == 1
    services.declare_conflict(actor=member, ballot_id=ballot.pk, reason="My brother sells it")
    with pytest.raises(CannotVote, match="no seat"):
        vote(ballot, stand_in)
    assert not BallotSeat.objects.waiting_for(stand_in).exists()
    assert vote(ballot, other).outcome == "approve"


def test_a_conflict_makes_void_what_a_stand_in_said(boards: Boards, goal: Goal) -> None:
    member, stand_in, other, third = (make_user() for _ in range(4))
    boards.seat("executive", member, other, third)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot, today = ask(goal), timezone.localdate()
    services.delegate(actor=member, data=NewDelegation(stand_in, today, today))
    vote(ballot, stand_in)
    services.declare_conflict(actor=member, ballot_id=ballot.pk, reason="My brother sells it")
    assert not Vote.objects.counting().exists()
    assert vote(ballot, other).is_open
    assert vote(ballot, third).outcome == "approve"


def test_whoever_is_barred_since_it_opened_votes_no_more_and_their_vote_is_void(boards: Boards, goal: Goal) -> None:
    first, second, third = (make_user() for _ in range(3))
    boards.seat("executive", first, second, third)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot = vote(ask(goal), first)
    boards.barred[first.pk] = "you lead it now"
    with pytest.raises(services.SubjectChanged):
        vote(ballot, second)
    assert not Vote.objects.counting().exists()
    with pytest.raises(CannotVote, match="you lead it now"):
        vote(ballot, first)
    assert vote(ballot, second).is_open
    assert vote(ballot, third).outcome == "approve"


def test_where_too_few_are_left_since_it_opened_nothing_is_decided_by_the_rest(boards: Boards, goal: Goal) -> None:
    """One of two is barred by now: the yes of the other is no “no”, and it is no decision either."""
    first, second = make_user(), make_user()
    boards.seat("executive", first, second)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot = ask(goal)
    boards.barred[first.pk] = "you lead it now"
    with pytest.raises(BodyTooSmall, match="wider body"):
        vote(ballot, second)
    ballot.refresh_from_db()
    assert ballot.is_open


def test_who_lost_their_own_role_still_stands_in_for_a_colleague(boards: Boards, goal: Goal) -> None:
    member, away = make_user(), make_user()
    boards.seat("executive", member, away)
    ballot, today = ask(goal), timezone.localdate()
    services.delegate(actor=away, data=NewDelegation(member, today, today))
    boards.members["executive"].remove(member.pk)
    assert vote(ballot, member).outcome == "approve"
    assert Vote.objects.get().seat.person == away


def test_a_conflict_that_leaves_too_few_calls_those_who_take_over(boards: Boards, goal: Goal) -> None:
    member, above = make_user(), make_user()
    boards.seat("executive", member)
    boards.seat("sponsor", above)
    boards.plan = (StepPlan("Board", ("executive",), days=3, escalates_to="sponsor"),)
    ballot = services.declare_conflict(actor=member, ballot_id=ask(goal).pk, reason="Mine")
    assert vote(ballot, above).outcome == "approve"


def test_a_conflict_without_anybody_left_is_refused_with_the_way_out(boards: Boards, goal: Goal) -> None:
    member = make_user()
    boards.seat("executive", member)
    with pytest.raises(BodyTooSmall, match="withdraw it and to ask a wider body"):
        services.declare_conflict(actor=member, ballot_id=ask(goal).pk, reason="Mine")


def test_quorum_larger_than_the_body_is_refused_and_names_the_step(boards: Boards, goal: Goal) -> None:
    boards.seat("executive", make_user())
    boards.plan = (StepPlan("Investment board", ("executive",), quorum=2),)
    with pytest.raises(BodyTooSmall, match="“Investment board” needs 2 votes, and only 1 people"):
        ask(goal)


def test_a_stand_in_votes_while_somebody_is_away_and_only_then(boards: Boards, goal: Goal) -> None:
    member, stand_in = make_user(), make_user()
    boards.seat("executive", member)
    today = timezone.localdate()
    services.delegate(actor=member, data=NewDelegation(stand_in, today + timedelta(days=1), today + timedelta(days=2)))
    ballot = ask(goal)
    with pytest.raises(CannotVote, match="no seat"):
        vote(ballot, stand_in)
    Delegation.objects.update(starts_on=today)
    decided = vote(ballot, stand_in)
    assert decided.outcome == "approve"
    cast = Vote.objects.get()
    assert (cast.seat.person, cast.cast_by) == (member, stand_in)


def test_delegations_that_cannot_be_are_refused_with_a_sentence() -> None:
    one, two, three = make_user("One"), make_user("Two"), make_user("Three")
    today = timezone.localdate()
    services.delegate(actor=one, data=NewDelegation(two, today, today + timedelta(days=3)))
    for actor, data, sentence in (
        (two, NewDelegation(one, today, today), "is away then too"),
        (two, NewDelegation(three, today, today), "cannot be passed on"),
        (one, NewDelegation(three, today, today), "already"),
        (three, NewDelegation(three, today, today), "yourself"),
        (three, NewDelegation(two, today, today - timedelta(days=1)), "before the first"),
        (three, NewDelegation(two, today - timedelta(days=3), today - timedelta(days=1)), "have passed"),
    ):
        with pytest.raises(services.DelegationError, match=sentence):
            services.delegate(actor=actor, data=data)
    same = services.delegate(actor=one, data=NewDelegation(two, today, today + timedelta(days=3)))
    assert Delegation.objects.get() == same
    services.end_delegation(actor=one, delegation_id=same.pk)
    assert services.delegate(actor=two, data=NewDelegation(one, today, today)).pk != same.pk


def test_an_edit_of_the_subject_makes_the_votes_void(boards: Boards, goal: Goal) -> None:
    people = [make_user(), make_user()]
    boards.seat("executive", *people)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot = vote(ask(goal), people[0])
    apply(goal, {"description": "Something else"})
    with pytest.raises(services.SubjectChanged):
        vote(ballot, people[1])
    assert not Vote.objects.counting().exists()
    assert vote(ballot, people[1]).is_open
    assert vote(ballot, people[0]).outcome == "approve"
    assert OutgoingMail.objects.filter(to_user=people[0], subject__startswith="Please vote again").count() == 1


def test_an_edit_that_tells_the_ballot_voids_at_once(boards: Boards, goal: Goal) -> None:
    people = [make_user(), make_user()]
    boards.seat("executive", *people)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    vote(ask(goal), people[0])
    assert services.void_votes(kind=KIND, subject_id=goal.pk) == 0
    apply(goal, {"description": "Something else"})
    assert services.void_votes(kind=KIND, subject_id=goal.pk) == 1
    assert services.void_votes(kind=KIND, subject_id=goal.pk) == 0


def test_who_read_an_older_version_is_told(boards: Boards, goal: Goal) -> None:
    member = make_user()
    boards.seat("executive", member)
    with pytest.raises(Conflict, match="changed after you opened it"):
        vote(ask(goal), member, version=99)


def test_the_same_vote_twice_is_one(boards: Boards, goal: Goal) -> None:
    people = [make_user(), make_user()]
    boards.seat("executive", *people)
    boards.plan = (StepPlan("Board", ("executive",), quorum=2),)
    ballot = ask(goal)
    vote(ballot, people[0])
    vote(ballot, people[0])
    assert Vote.objects.count() == 1
    with pytest.raises(CannotVote):
        vote(ballot, people[0], "reject")


def test_asking_twice_gives_the_same_ballot(boards: Boards, goal: Goal) -> None:
    boards.seat("executive", make_user())
    assert ask(goal).pk == ask(goal).pk


def test_a_vote_needs_a_reason_and_a_conditional_one_its_conditions(boards: Boards, goal: Goal) -> None:
    member = make_user()
    boards.seat("executive", member)
    ballot = ask(goal)
    with pytest.raises(services.VoteError, match="Write why"):
        services.cast_vote(actor=member, ballot_id=ballot.pk, choice="approve", reason=" ")
    with pytest.raises(services.ConditionWanted, match="at least one condition"):
        vote(ballot, member, "conditional")
    with pytest.raises(services.ConditionWanted, match="at least one condition"):
        vote(ballot, member, "approve", conditions=[condition(member)])
    with pytest.raises(services.ConditionWanted, match="still comes"):
        vote(ballot, member, "conditional", conditions=[NewCondition("x", member, timezone.localdate())])
    assert not Vote.objects.exists()


def test_whoever_lost_the_role_since_votes_no_more(boards: Boards, goal: Goal) -> None:
    member, other = make_user(), make_user()
    boards.seat("executive", member, other)
    ballot = ask(goal)
    boards.members["executive"].remove(member.pk)
    with pytest.raises(CannotVote):
        vote(ballot, member)
    User.objects.filter(pk=other.pk).update(is_active=False)
    other.refresh_from_db()
    with pytest.raises(CannotVote, match="closed"):
        vote(ballot, other)


def test_a_condition_is_confirmed_by_somebody_else_than_its_owner(boards: Boards, goal: Goal) -> None:
    member, owner, stranger = make_user(), make_user(), make_user()
    boards.seat("executive", member)
    vote(ask(goal), member, "conditional", conditions=[condition(owner)])
    found = DecisionCondition.objects.get()
    for who in (owner, stranger):
        with pytest.raises(NotAllowed):
            services.meet_condition(actor=who, condition_id=found.pk, evidence="Done")
    met = services.meet_condition(actor=member, condition_id=found.pk, evidence="Jo is the deputy")
    assert met.met_by == member
    assert services.meet_condition(actor=member, condition_id=found.pk, evidence="Again").evidence == "Jo is the deputy"
    with pytest.raises(IntegrityError), transaction.atomic():
        DecisionCondition.objects.update(met_by=owner)


def test_a_step_whose_time_is_up_goes_to_those_above_once(boards: Boards, goal: Goal) -> None:
    member, above = make_user(), make_user()
    boards.seat("executive", member)
    boards.seat("sponsor", above)
    boards.plan = (StepPlan("Board", ("executive",), days=2, escalates_to="sponsor"),)
    ballot = ask(goal)
    assert services.escalate_overdue() == 0
    BallotStep.objects.update(due_at=timezone.now() - timedelta(minutes=1))
    assert services.escalate_overdue() == 1
    assert services.escalate_overdue() == 0
    assert OutgoingMail.objects.filter(subject__startswith="Still waiting").count() == 2
    assert vote(ballot, above).outcome == "approve"


def test_whoever_asked_takes_it_back_and_nobody_else(boards: Boards, goal: Goal) -> None:
    asker, member = make_user(), make_user()
    boards.seat("executive", member)
    ballot = ask(goal, asker)
    with pytest.raises(NotAllowed):
        services.withdraw_ballot(actor=member, ballot_id=ballot.pk)
    services.withdraw_ballot(actor=asker, ballot_id=ballot.pk)
    services.withdraw_ballot(actor=asker, ballot_id=ballot.pk)
    with pytest.raises(CannotVote):
        vote(ballot, member)
    assert ask(goal, asker).pk != ballot.pk


def test_the_procedure_of_the_office_and_the_amount_is_taken(boards: Boards, goal: Goal) -> None:
    office = make_office()
    small = NewStep("Sponsor alone", "sponsor")
    large = NewStep("Board", "sponsor", quorum=1)

    def procedure(name: str, step: NewStep, **more: Any) -> Procedure:
        return services.save_procedure(actor=make_person(), data=NewProcedure(KIND, name, [step], **more))

    procedure("all", large)
    procedure("all, small", small, up_to=Decimal(1000), currency="EUR")
    procedure("ours", large, office=office)
    find = procedure_for
    assert find(KIND, None, Decimal(500), "EUR").name == "all, small"
    assert find(KIND, None, Decimal(-500), "EUR").name == "all, small"
    assert find(KIND, None, Decimal(500), "USD").name == "all"
    assert find(KIND, None, Decimal(5000), "EUR").name == "all"
    assert find(KIND, None, None, "EUR").name == "all"
    assert find(KIND, office.pk, Decimal(500), "EUR").name == "ours"
    with pytest.raises(services.ProcedureError, match="already"):
        procedure("again", small)


def test_a_procedure_by_which_nothing_could_be_decided_is_refused(boards: Boards) -> None:
    make_person("executive")
    for step, sentence in (
        (NewStep("Board", "executive", quorum=2), "needs 2 votes, and only 1 people"),
        (NewStep("Board", "executive", escalates_to="sponsor"), "after how many days"),
    ):
        with pytest.raises(services.ProcedureError, match=sentence):
            services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "x", [step]))
    with pytest.raises(services.ProcedureError, match="at least one step"):
        services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "x", []))


@pytest.mark.parametrize("role", ["administrator", "executive"])
def test_only_the_pmo_says_how_things_are_decided(boards: Boards, role: str) -> None:
    """Whoever hands out access, or decides, does not choose who decides."""
    kept = services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "x", [NewStep("A", "sponsor")]))
    with pytest.raises(NotAllowed):
        services.save_procedure(actor=make_person(role), data=NewProcedure(KIND, "y", [NewStep("A", "sponsor")]))
    with pytest.raises(NotAllowed):
        services.retire_procedure(actor=make_person(role), pk=kept.pk)
    assert not Procedure.objects.get().is_retired


def test_open_ballots_keep_the_steps_that_they_opened_with(boards: Boards, goal: Goal) -> None:
    member = make_user()
    boards.seat("sponsor", member)
    kept = services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "one", [NewStep("Sponsor", "sponsor")]))
    ballot = ask(goal)
    services.save_procedure(
        actor=make_person(), pk=kept.pk, version=kept.version,
        data=NewProcedure(KIND, "two", [NewStep("First", "sponsor"), NewStep("Second", "sponsor", position=2)]),
    )  # fmt: skip
    assert vote(ballot, member).outcome == "approve"


def test_each_with_a_seat_gets_one_mail_in_their_language(boards: Boards, goal: Goal) -> None:
    member, away, stand_in = make_user(language="nl"), make_user(), make_user()
    boards.seat("executive", member, away)
    today = timezone.localdate()
    services.delegate(actor=away, data=NewDelegation(stand_in, today, today))
    ask(goal)
    assert not mail.outbox
    subjects = dict(OutgoingMail.objects.values_list("to_user", "subject"))
    assert set(subjects) == {member.pk, away.pk, stand_in.pk}
    assert subjects[away.pk] == "Your vote: Shall we?"
    assert subjects[member.pk] == "Uw stem: Shall we?"

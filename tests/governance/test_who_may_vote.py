"""Who must not vote on a ballot: who asked, who is barred, whoever has an interest of their own or lost the role."""

from __future__ import annotations

import pytest
from django.utils import timezone

from accounts.models import User
from governance.matters import StepPlan
from governance.models import BallotSeat, Vote
from governance.services import ballots as services
from governance.services.ballots import BodyTooSmall, CannotVote, NewDelegation
from strategy.models import Goal
from tests.factories import make_user
from tests.governance.matter import TWO_OF_THE_BOARD, Boards, ask, vote

pytestmark = pytest.mark.django_db


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
    boards.plan = TWO_OF_THE_BOARD
    ballot, today = ask(goal), timezone.localdate()
    services.delegate(actor=member, data=NewDelegation(stand_in, today, today))
    vote(ballot, stand_in)
    services.declare_conflict(actor=member, ballot_id=ballot.pk, reason="My brother sells it")
    assert not Vote.objects.counting().exists()
    assert vote(ballot, other).is_open
    assert vote(ballot, third).outcome == "approve"


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


def test_whoever_is_barred_since_it_opened_votes_no_more_and_their_vote_is_void(boards: Boards, goal: Goal) -> None:
    first, second, third = (make_user() for _ in range(3))
    boards.seat("executive", first, second, third)
    boards.plan = TWO_OF_THE_BOARD
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
    boards.plan = TWO_OF_THE_BOARD
    ballot = ask(goal)
    boards.barred[first.pk] = "you lead it now"
    with pytest.raises(BodyTooSmall, match="wider body"):
        vote(ballot, second)
    ballot.refresh_from_db()
    assert ballot.is_open


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

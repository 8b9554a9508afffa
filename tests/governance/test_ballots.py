"""Ballots: what the votes come to, what makes them void, and what neither the service nor the database lets through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from common.errors import Conflict, NotAllowed
from common.models import OutgoingMail
from common.versions import apply
from governance.enums import BallotState, Choice, StepState
from governance.matters import StepPlan
from governance.models import BallotStep, DecisionCondition, Vote
from governance.policies import what_a_step_says
from governance.services import ballots as services
from governance.services.ballots import BodyTooSmall, CannotVote, NewCondition, NewDelegation
from strategy.models import Goal
from tests.factories import make_user
from tests.governance.matter import KIND, TWO_OF_THE_BOARD, Boards, ask, condition, vote

pytestmark = pytest.mark.django_db


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
    boards.plan = TWO_OF_THE_BOARD
    ballot = ask(goal)
    assert vote(ballot, people[0]).is_open
    assert vote(ballot, people[1]).outcome == "approve"
    with pytest.raises(CannotVote, match="decided or withdrawn"):
        vote(ballot, people[2], "reject")


def test_a_no_decides_once_so_many_can_no_longer_say_yes(boards: Boards, goal: Goal) -> None:
    people = [make_user() for _ in range(3)]
    boards.seat("executive", *people)
    boards.plan = TWO_OF_THE_BOARD
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


def test_quorum_larger_than_the_body_is_refused_and_names_the_step(boards: Boards, goal: Goal) -> None:
    boards.seat("executive", make_user())
    boards.plan = (StepPlan("Investment board", ("executive",), quorum=2),)
    with pytest.raises(BodyTooSmall, match="“Investment board” needs 2 votes, and only 1 people"):
        ask(goal)


def test_an_edit_of_the_subject_makes_the_votes_void(boards: Boards, goal: Goal) -> None:
    people = [make_user(), make_user()]
    boards.seat("executive", *people)
    boards.plan = TWO_OF_THE_BOARD
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
    boards.plan = TWO_OF_THE_BOARD
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
    boards.plan = TWO_OF_THE_BOARD
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

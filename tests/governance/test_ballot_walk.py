"""Thousands of random steps around ballots, against the rules written down once more in plain Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from common.errors import PortalError
from common.versions import apply
from governance.enums import BallotState, Choice
from governance.matters import StepPlan
from governance.models import Ballot, BallotSeat, Delegation, Vote
from governance.services import ballots as services
from governance.services.ballots import NewCondition, NewDelegation, NewProcedure, NewStep
from strategy.models import Goal
from tests.factories import make_goal, make_person, make_user
from tests.governance.matter import KIND, Boards, decided_by

PEOPLE = ("ann", "ben", "cas", "dot", "eva", "fin")
BOARD = ("ann", "ben", "cas", "dot")
person = st.sampled_from(PEOPLE)
QUORUM = 2


@dataclass
class Model:
    """What the oracle knows of one question: who asked, who voted what from whose seat."""

    asker: str
    seats: list[str]
    barred: set[str]
    votes: dict[str, tuple[str, str]] = field(default_factory=dict)
    outcome: str = ""
    withdrawn: bool = False
    stale: bool = False

    @property
    def is_open(self) -> bool:
        return not self.outcome and not self.withdrawn

    def seat_for(self, who: str, away: dict[str, str]) -> str | None:
        """The seat that somebody votes from: their own before that of whoever is away."""
        if not self.is_open or who in self.barred or who in {by for by, _choice in self.votes.values()}:
            return None
        free = [seat for seat in self.seats if seat not in self.votes]
        if who in free:
            return who
        return next((seat for seat in free if away.get(seat) == who), None)

    def cast(self, seat: str, who: str, choice: str) -> None:
        self.votes[seat] = (who, choice)
        said = [choice for _by, choice in self.votes.values()]
        yes = sum(one in {"approve", "conditional"} for one in said)
        voters = len([seat for seat in self.seats if seat not in self.barred])
        if yes >= QUORUM:
            self.outcome = "conditional" if "conditional" in said else "approve"
        elif len(said) - yes >= QUORUM or voters - len(said) + yes < QUORUM:
            self.outcome = "hold" if "hold" in said else "reject"


class Walk(RuleBasedStateMachine):
    """Six people, four of them a board of which two must agree."""

    questions = Bundle("questions")

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.boards = Boards(plan=(StepPlan("Board", ("executive",), quorum=QUORUM),))
        self.matter = decided_by(self.boards)
        self.matter.__enter__()
        self.people = {name: make_user(name) for name in PEOPLE}
        self.boards.seat("executive", *(self.people[name] for name in BOARD))
        self.pmo = make_person()
        self.models: dict[int, Model] = {}
        self.away: dict[str, str] = {}

    def teardown(self) -> None:
        self.matter.__exit__(None, None, None)
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def attempt(self, act: Any) -> bool:
        try:
            with transaction.atomic():
                act()
        except services.SubjectChanged:
            raise
        except PortalError:
            return False
        return True

    @rule(target=questions, who=person)
    def ask(self, who: str) -> int:
        ballot = services.open_ballot(
            actor=self.people[who], kind=KIND, subject_id=make_goal().pk, question="Shall we?"
        )
        seats = [name for name in BOARD if name != who]
        self.models[ballot.pk] = Model(who, seats, {who})
        return ballot.pk

    @rule(ballot=questions, who=person, choice=st.sampled_from(Choice.values))
    def vote(self, ballot: int, who: str, choice: str) -> None:
        model = self.models[ballot]
        seat = model.seat_for(who, self.away)
        heard = model.votes.items() if not model.withdrawn else []
        repeated = any(vote == (who, choice) for _seat, vote in heard)
        due = timezone.localdate() + timedelta(days=3)
        conditions = [NewCondition("x", self.people["fin"], due)] if choice == "conditional" else []
        was_stale, model.stale = model.stale, False if model.is_open else model.stale
        try:
            done = self.attempt(
                lambda: services.cast_vote(
                    actor=self.people[who], ballot_id=ballot, choice=choice, reason=f"{who} says {choice}",
                    conditions=conditions,
                )
            )  # fmt: skip
        except services.SubjectChanged:
            assert was_stale
            assert model.is_open
            self.settle_stale(ballot)
            return
        if repeated:
            assert done
            model.stale = was_stale
            return
        assert not (was_stale and model.is_open)
        assert done == (seat is not None), (who, choice, model)
        if seat is not None:
            model.cast(seat, who, choice)

    def settle_stale(self, ballot: int) -> None:
        """The refusal above was rolled back with its block here; a page commits the voiding, and so does this."""
        model = self.models[ballot]
        goal = Ballot.objects.values_list("subject_id", flat=True).get(pk=ballot)
        services.void_votes(kind=KIND, subject_id=goal)
        model.votes.clear()

    @rule(ballot=questions, tells=st.booleans())
    def edit_the_subject(self, ballot: int, tells: bool) -> None:
        model = self.models[ballot]
        goal = Goal.objects.get(pk=Ballot.objects.values_list("subject_id", flat=True).get(pk=ballot))
        apply(goal, {"description": f"{goal.version} times"})
        if tells:
            services.void_votes(kind=KIND, subject_id=goal.pk)
        if model.is_open:
            model.stale = not tells
            if tells:
                model.votes.clear()

    @rule(ballot=questions, who=person)
    def withdraw(self, ballot: int, who: str) -> None:
        model = self.models[ballot]
        allowed = who == model.asker and (model.is_open or model.withdrawn)
        assert self.attempt(lambda: services.withdraw_ballot(actor=self.people[who], ballot_id=ballot)) == allowed
        if allowed:
            model.withdrawn = True

    @rule(ballot=questions, who=person)
    def declare_an_interest(self, ballot: int, who: str) -> None:
        model = self.models[ballot]
        voted = who in {by for by, _choice in model.votes.values()}
        left = len([seat for seat in model.seats if seat not in model.barred and seat != who])
        again = who in model.barred and who != model.asker
        allowed = again or (
            model.is_open and who in model.seats and who not in model.barred and not voted and left >= QUORUM
        )
        done = self.attempt(
            lambda: services.declare_conflict(actor=self.people[who], ballot_id=ballot, reason="My brother sells it")
        )
        assert done == allowed, (who, model)
        if done:
            model.barred.add(who)

    @rule(who=person, to=person)
    def go_away(self, who: str, to: str) -> None:
        today = timezone.localdate()
        free = who != to and who not in self.away and to not in self.away and who not in self.away.values()
        same = self.away.get(who) == to
        done = self.attempt(
            lambda: services.delegate(actor=self.people[who], data=NewDelegation(self.people[to], today, today))
        )
        assert done == (free or same), (who, to, self.away)
        if done:
            self.away[who] = to

    @rule(who=person)
    def come_back(self, who: str) -> None:
        for one in Delegation.objects.in_force().filter(from_user=self.people[who]):
            services.end_delegation(actor=self.people[who], delegation_id=one.pk)
        self.away.pop(who, None)

    @rule(quorum=st.integers(1, 3))
    def change_the_procedure(self, quorum: int) -> None:
        """Open ballots keep the steps that they opened with; those to come are asked by the matter's own again."""
        made = services.save_procedure(
            actor=self.pmo, data=NewProcedure(KIND, "New", [NewStep("Sponsor", "sponsor", quorum=quorum)])
        )
        services.retire_procedure(actor=self.pmo, pk=made.pk)

    @invariant()
    def the_portal_and_the_oracle_agree(self) -> None:
        for ballot in Ballot.objects.filter(pk__in=self.models):
            model = self.models[ballot.pk]
            assert ballot.outcome == model.outcome
            assert (ballot.state == BallotState.WITHDRAWN) == model.withdrawn

    @invariant()
    def nobody_decides_what_they_asked(self) -> None:
        barred = {ballot.pk: set(ballot.barred_ids) for ballot in Ballot.objects.filter(pk__in=self.models)}
        for vote in Vote.objects.filter(ballot__in=self.models):
            model = self.models[vote.ballot_id]
            assert vote.cast_by_id != self.people[model.asker].pk
            assert vote.voided_at or vote.cast_by_id not in barred[vote.ballot_id]
        assert not Ballot.objects.filter(pk__in=self.models, decided_by=F("asked_by")).exists()
        assert not BallotSeat.objects.filter(ballot__in=self.models, person=F("ballot__asked_by")).exists()


def walk(steps: int, number: int) -> None:
    machine = seed(number)(Walk)
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=max(1, steps // 50), stateful_step_count=50, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


@pytest.mark.django_db
def test_no_walk_lets_anybody_decide_what_they_asked() -> None:
    walk(300, 1)


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2, 3])
def test_no_long_walk_lets_anybody_decide_what_they_asked(number: int) -> None:
    walk(2000, number)

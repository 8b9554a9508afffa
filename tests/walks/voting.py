"""Steps around a ballot: votes, interests, days that run out, stand-ins, taking back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Final

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from governance.models import BallotStep, Delegation, Vote
from governance.services import ballots, waivers
from governance.services.ballots import NewDelegation
from intake import services as intake
from projects.models import ChangeRequest
from projects.services import changes
from tests.walks.administering import Administering
from tests.walks.doors import Door, Said, at_the_service, on_the_page
from tests.walks.walker import BALLOTS, person

DAYS: Final = {"now": (0, 3), "later": (10, 12), "over": (-9, -5)}
"""When somebody is away, in days from today."""
CHOICES: Final = st.sampled_from(("approve", "approve", "reject", "conditional", "hold"))
DOORS: Final = st.sampled_from((at_the_service, on_the_page))


class Voting(Administering):
    """Everybody tries to vote on everything, also whoever must not, and in the place of others."""

    @rule(ballot=BALLOTS, who=person, choice=CHOICES, door=DOORS)
    def vote(self, ballot: int, who: str, choice: str, door: Door = at_the_service) -> None:
        self._vote(ballot, who, choice, door)

    @rule(ballot=BALLOTS, choice=st.sampled_from(("approve", "conditional", "reject")), door=DOORS)
    def those_who_must_not_vote_try(self, ballot: int, choice: str, door: Door = at_the_service) -> None:
        """Who asked, wrote, leads or owns; and whoever stands in for one of them."""
        question = self.oracle.questions[ballot]
        barred = self.oracle.barred(question.subject) | question.barred | {question.asker}
        for who in sorted(barred):
            self._vote(ballot, who, choice, door)

    @rule(ballot=BALLOTS, door=DOORS)
    def those_who_may_vote_agree(self, ballot: int, door: Door = at_the_service) -> None:
        """Otherwise hardly anything would ever be decided."""
        question = self.oracle.questions[ballot]
        for who in sorted({seat for step in question.steps for seat in step.seats}):
            if self.oracle.questions[ballot].state == "open":
                self._vote(ballot, who, "approve", door)

    @rule(door=DOORS, reopen=st.booleans())
    def a_decider_stops_the_project_at_its_gate(self, door: Door, *, reopen: bool) -> None:
        """Whoever may decide says stop; then the lead tries to go on, and perhaps somebody who may."""
        gate = self.oracle.open_about("gate_review")
        if gate is None:
            return
        question = self.oracle.questions[gate]
        for who in sorted({seat for step in question.steps for seat in step.seats}):
            if self.oracle.questions[gate].state == "open":
                self._vote(gate, who, "reject", door)
        self.turn(self.oracle.posts["project_lead"], "active", in_the_table=reopen)
        for who in ("paul", "pia") if reopen else ():
            self.turn(who, "active", in_the_table=False)

    @rule()
    def the_board_meets(self) -> None:
        """All who may vote agree on all that is open."""
        for ballot in [key for key, question in self.oracle.questions.items() if question.state == "open"]:
            self.those_who_may_vote_agree(ballot)

    def _vote(self, ballot: int, who: str, choice: str, door: Door = at_the_service) -> None:
        portal, oracle = self.portal, self.oracle
        kind = oracle.questions[ballot].subject.kind
        what = f"vote on a {kind}{' on its page' if door is on_the_page else ''}"
        self.steps[what] += 1
        found = door(Said(portal.user(who), ballot, choice, f"{who} says {choice}", portal.people["stan"]))
        if found.why:
            self.refusals[f"{what}: {found.why}"] += 1
        if found.done == "turned away":
            assert not oracle.has_a_vote(ballot, who), (
                f"{who} has a vote on {oracle.questions[ballot]} and finds no page"
            )
            return
        if door is on_the_page and not oracle.is_offered(kind, choice):
            assert found.done == "refused", f"{choice} is no answer to a {kind}"
            return
        at = self._place(ballot) if found.done == "counted" else None
        said = oracle.vote(ballot, who, choice, at)
        assert found.done == said, (
            f"{who} votes {choice} on {oracle.questions[ballot]}: {found.done}, and should be {said}"
        )
        question = oracle.questions[ballot]
        if found.done == "counted" and question.state == "decided":
            self.decisions[f"{kind}: {question.outcome}"] += 1

    def _place(self, ballot: int) -> tuple[int, str]:
        """Where the newest vote was counted."""
        vote = Vote.objects.filter(ballot=ballot).select_related("seat").latest("pk")
        steps = list(BallotStep.objects.filter(ballot=ballot).order_by("pk").values_list("pk", flat=True))
        return steps.index(vote.step_id), self.portal.name(vote.seat.person_id)

    @rule(ballot=BALLOTS, who=person)
    def declare_an_interest(self, ballot: int, who: str) -> None:
        self.attempt(
            "declare an interest",
            lambda: ballots.declare_conflict(actor=self.portal.user(who), ballot_id=ballot, reason="My brother sells"),
            allowed=self.oracle.declares(ballot, who),
        )

    @rule(ballot=BALLOTS)
    def time_is_up(self, ballot: int) -> None:
        self.steps["escalate"] += 1
        overdue = BallotStep.objects.filter(ballot=ballot, ballot__state="open", due_at__isnull=False)
        overdue.update(due_at=timezone.now() - timedelta(minutes=1))
        self.oracle.overdue(ballot)
        ballots.escalate_overdue()

    @rule(who=person, to=person, when=st.sampled_from(("now", "now", "later", "over")))
    def delegate(self, who: str, to: str, when: str) -> None:
        if who in self.oracle.shut:
            return
        first, last = DAYS[when]
        today = timezone.localdate()
        data = NewDelegation(self.portal.people[to], today + timedelta(days=first), today + timedelta(days=last))
        data.to_user.refresh_from_db()
        self.attempt(
            f"delegate {when}", lambda: ballots.delegate(actor=self.portal.user(who), data=data),
            allowed=self.oracle.delegates(who, to, first, last),
        )  # fmt: skip

    @rule(ballot=BALLOTS)
    def whoever_has_a_seat_sends_the_asker(self, ballot: int) -> None:
        """The way round: the one who asked stands in for one who may vote."""
        question = self.oracle.questions[ballot]
        for who in sorted({seat for step in question.steps for seat in step.seats})[:1]:
            self.delegate(who, question.asker, "now")
            self._vote(ballot, question.asker, "approve")

    @rule(who=person)
    def come_back(self, who: str) -> None:
        self.steps["come back"] += 1
        for one in Delegation.objects.filter(from_user=self.portal.people[who], revoked_at=None):
            ballots.end_delegation(actor=self.portal.user(who), delegation_id=one.pk)
        self.oracle.returns(who)

    @rule(ballot=BALLOTS, who=person)
    def withdraw(self, ballot: int, who: str) -> None:
        oracle, question = self.oracle, self.oracle.questions[ballot]
        if who in oracle.shut:
            return
        alone = question.subject.kind in {"gate_review", "rule_version"}
        again = question.state == "withdrawn"
        may = who == question.asker and who not in oracle.external and (again or (alone and question.state == "open"))
        self.attempt(
            "take a ballot back",
            lambda: ballots.withdraw_ballot(actor=self.portal.user(who), ballot_id=ballot), allowed=may,
        )  # fmt: skip
        if may:
            question.state = "withdrawn"

    @rule(ballot=BALLOTS, who=person)
    def withdraw_the_subject(self, ballot: int, who: str) -> None:
        portal, oracle, subject = self.portal, self.oracle, self.oracle.questions[ballot].subject
        actor = portal.user(who)
        if who in oracle.shut or subject.kind in {"gate_review", "rule_version"}:
            return
        first = (
            subject.kind != "change_request" or ChangeRequest.objects.get(pk=subject.key).requested_by_id == actor.pk
        )
        own = who in subject.writers and first
        gone = subject.is_taken_back
        do: dict[str, Callable[[], Any]] = {
            "request": lambda: intake.withdraw_request(actor=actor, pk=subject.key),
            "waiver": lambda: waivers.withdraw_waiver(actor=actor, waiver_id=subject.key),
            "change_request": lambda: changes.withdraw_change(
                actor=actor, project=portal.project, change_id=subject.key
            ),
        }
        may = own and (not subject.is_over or gone)
        if subject.kind == "change_request":
            may = gone or (not subject.is_over and (own or oracle.edits(who)))
        if subject.kind == "request" and gone:
            may = own
        self.attempt(f"take a {subject.kind} back", do[subject.kind], allowed=may)
        open_one = oracle.open_about(subject.kind, subject.key)
        if may and open_one is not None:
            oracle.questions[open_one].state = "withdrawn"
        if may:
            subject.is_over = subject.is_taken_back = True

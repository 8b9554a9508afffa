"""Casting a vote, and what follows from it in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Conflict, NotAllowed, PortalError
from governance import matters, policies
from governance.enums import BallotState, Choice, StepState
from governance.models import Ballot, BallotSeat, BallotStep, DecisionCondition, Delegation, Vote
from governance.services.ballots import letters
from governance.services.ballots.seats import bar, bar_anew
from governance.services.ballots.steps import open_steps
from governance.services.ballots.voiding import void

if TYPE_CHECKING:
    from governance.matters import Case, Matter


class VoteError(PortalError):
    """A vote that says too little, or what cannot be said here."""


class CannotVote(NotAllowed):
    """The person has no vote here, or none any more."""


class SubjectChanged(Conflict):
    """What is decided on was edited: the votes cast so far are void, and everybody votes anew."""


class ConditionWanted(VoteError):
    """A conditional yes says what must be done, by whom and by when."""


@dataclass(frozen=True, slots=True)
class NewCondition:
    """What a conditional yes asks for."""

    text: str
    owner: User
    due_on: dt.date


def cast_vote(
    *,
    actor: User,
    ballot_id: int,
    choice: str,
    reason: str,
    version: int | None = None,
    conditions: Sequence[NewCondition] = (),
) -> Ballot:
    """Vote from one's own seat, else from that of a person one stands in for. The vote that settles the last step
    decides the ballot, and what follows from it happens in the same transaction.

    `version` is the version of the subject that the person read. The same vote sent again changes nothing.
    Raises: CannotVote, VoteError, ConditionWanted, SubjectChanged (after making the votes void), Conflict.
    """
    _check_words(choice, reason, conditions)
    ballot = _cast(actor, ballot_id, Choice(choice), reason.strip(), version, conditions)
    if ballot is None:
        raise SubjectChanged(
            _("This was changed after the ballot opened. All votes are void: read it again and vote anew."),
            current_version=0,
        )
    return ballot


def _check_words(choice: str, reason: str, conditions: Sequence[NewCondition]) -> None:
    if choice not in Choice.values:
        raise VoteError(_("Choose how you vote."))
    if not reason.strip():
        raise VoteError(_("Write why, so that others understand your vote later."))
    if (choice == Choice.CONDITIONAL) != bool(conditions):
        raise ConditionWanted(_("Write at least one condition with an owner and a day, or vote without conditions."))
    if any(condition.due_on <= timezone.localdate() for condition in conditions):
        raise ConditionWanted(_("A condition is to be met on a day that still comes."))


@transaction.atomic
def _cast(
    actor: User,
    ballot_id: int,
    choice: Choice,
    reason: str,
    version: int | None,
    conditions: Sequence[NewCondition],
) -> Ballot | None:
    """The ballot with the vote, or None when the subject had changed and the votes became void."""
    ballot, matter, current = lock_with_subject(ballot_id)
    table = _Table.of(ballot)
    if table.heard(actor, choice, reason):
        return ballot
    case = matter.case(ballot.subject_id)
    if ballot.is_open:
        barred = bar_anew(ballot, case)
        if table.spoke(barred) or current != ballot.subject_version:
            void(ballot, current)
            return None
        table = _Table.of(ballot) if barred else table  # others may have taken over
    if ballot.is_open and version is not None and version != ballot.subject_version:
        raise Conflict(_("This changed after you opened it. Read it again and then vote."), current_version=current)
    if choice not in matter.choices:
        raise VoteError(_("This cannot be voted here."))
    seat = _seat_of(actor, ballot, case, table)
    vote = Vote.objects.create(
        ballot=ballot, step=seat.step, seat=seat, cast_by=actor, choice=choice, reason=reason, subject_version=current
    )
    if conditions:
        DecisionCondition.objects.bulk_create(
            DecisionCondition(ballot=ballot, vote=vote, text=one.text.strip(), owner=one.owner, due_on=one.due_on)
            for one in conditions
        )
    table.votes.append(vote)
    _conclude(actor, ballot, matter, table, seat.step)
    return ballot


@dataclass(slots=True)
class _Table:
    """Seats with their steps, and the votes that count: all that a vote must know, read once under the lock."""

    seats: list[BallotSeat]
    votes: list[Vote]

    @classmethod
    def of(cls, ballot: Ballot) -> _Table:
        seats = BallotSeat.objects.filter(ballot=ballot).select_related("step").order_by("step__position", "pk")
        return cls(list(seats), list(Vote.objects.counting().filter(ballot=ballot).order_by("pk")))

    def heard(self, actor: User, choice: str, reason: str) -> bool:
        return any((vote.cast_by_id, vote.choice, vote.reason) == (actor.pk, choice, reason) for vote in self.votes)

    def spoke(self, people: Collection[int]) -> bool:
        """Whether one of them voted, or somebody from their seats."""
        theirs = {seat.pk for seat in self.seats if seat.person_id in people}
        return any(vote.cast_by_id in people or vote.seat_id in theirs for vote in self.votes)

    def free_seats(self, actor: User) -> list[BallotSeat]:
        """The seats that nobody voted from, in open steps in which the person did not vote yet."""
        taken = {vote.seat_id for vote in self.votes}
        spoke = {vote.step_id for vote in self.votes if vote.cast_by_id == actor.pk}
        return [
            seat for seat in self.seats
            if seat.step.state == StepState.OPEN and seat.pk not in taken and seat.step_id not in spoke
        ]  # fmt: skip

    def votes_in(self, step: BallotStep) -> list[str]:
        return [vote.choice for vote in self.votes if vote.step_id == step.pk]


def lock_with_subject(ballot_id: int) -> tuple[Ballot, Matter, int]:
    """The ballot, locked after its subject (in the order of every edit), its matter, and the subject's version.

    Raises: the DoesNotExist of either.
    """
    kind, subject_id = Ballot.objects.values_list("subject_kind", "subject_id").get(pk=ballot_id)
    matter = matters.matter(kind)
    current = matter.lock(subject_id)
    return Ballot.objects.select_for_update(of=("self",)).get(pk=ballot_id), matter, current


def _seat_of(actor: User, ballot: Ballot, case: Case, table: _Table) -> BallotSeat:
    """The seat that the person votes from now: their own before that of somebody who is away. Whoever must not vote
    sends nobody in their place either.
    """
    free = table.free_seats(actor) if ballot.is_open and actor.pk not in ballot.barred_ids else []
    free = [seat for seat in free if seat.person_id not in ballot.barred_ids]
    own = (seat for seat in free if seat.person_id == actor.pk)
    seat = next((seat for seat in chain(own, _of_the_away(actor, free)) if _still_holds(seat, case)), None)
    verdict = policies.can_vote(actor, ballot, has_seat=seat is not None)
    if not verdict or seat is None:
        raise CannotVote(verdict.reason)
    return seat


def _of_the_away(actor: User, free: list[BallotSeat]) -> Iterator[BallotSeat]:
    """The seats of people for whom somebody stands in today. One query, when the first is asked for."""
    away = Delegation.objects.to(actor).filter(from_user__in=[seat.person_id for seat in free])
    people = set(away.values_list("from_user", flat=True)) if free else set()
    yield from (seat for seat in free if seat.person_id in people)


def _still_holds(seat: BallotSeat, case: Case) -> bool:
    return seat.person_id in case.electors([seat.role])[seat.role]


def _conclude(actor: User, ballot: Ballot, matter: Matter, table: _Table, step: BallotStep) -> None:
    seats = [seat for seat in table.seats if seat.step_id == step.pk and seat.person_id not in ballot.barred_ids]
    said = policies.what_a_step_says(step.quorum, len(seats), table.votes_in(step))
    if said.choice is None:
        return
    step.state = said.state
    step.save(update_fields=["state"])
    if said.state == StepState.SAID_NO:
        _decide(actor, ballot, matter, table, said.choice)
        return
    steps = {seat.step_id: seat.step for seat in table.seats if seat.step_id != step.pk}
    if any(each.state == StepState.OPEN for each in steps.values()):
        return
    if any(each.state == StepState.WAITING for each in steps.values()):
        open_steps(ballot)
        letters.ask_for_votes(ballot)
        return
    conditional = any(vote.choice == Choice.CONDITIONAL for vote in table.votes)
    _decide(actor, ballot, matter, table, Choice.CONDITIONAL if conditional else Choice.APPROVE)


def _decide(actor: User, ballot: Ballot, matter: Matter, table: _Table, outcome: Choice) -> None:
    ballot.state, ballot.outcome = BallotState.DECIDED, outcome
    ballot.decided_at, ballot.decided_by = timezone.now(), actor
    ballot.version += 1
    ballot.save(update_fields=["state", "outcome", "decided_at", "decided_by", "version", "updated_at"])
    matter.decided(ballot, table.votes[-1].reason)
    letters.decided(ballot)


@transaction.atomic
def declare_conflict(*, actor: User, ballot_id: int, reason: str) -> Ballot:
    """Somebody with a seat has an interest of their own: they do not vote, and the minutes say why.

    Those who take over in an escalation get their seats at once when too few remain. When somebody who stood in for
    them has voted, all votes are void. Declared twice: once.
    Raises: CannotVote (no seat, voted already, ballot over), VoteError (no reason), BodyTooSmall.
    """
    if not reason.strip():
        raise VoteError(_("Write what your interest is."))
    ballot, matter, current = lock_with_subject(ballot_id)
    if str(actor.pk) in ballot.barred and ballot.asked_by_id != actor.pk:
        return ballot
    seats = BallotSeat.objects.filter(ballot=ballot, person=actor)
    verdict = policies.can_vote(actor, ballot, has_seat=seats.exists())
    if not verdict:
        raise CannotVote(verdict.reason)
    if Vote.objects.counting().filter(ballot=ballot, cast_by=actor).exists():
        raise CannotVote(_("You have voted already."))
    bar(ballot, matter.case(ballot.subject_id), {actor.pk: reason.strip()[:300]})
    if Vote.objects.counting().filter(ballot=ballot, seat__in=seats).exists():
        void(ballot, current)
    return ballot

"""Casting a vote, and what follows from it in the same transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import Conflict, NotAllowed, PortalError
from governance import matters, policies
from governance.enums import BallotState, Choice, StepState
from governance.models import Ballot, BallotSeat, BallotStep, DecisionCondition, Vote
from governance.services.ballots import letters
from governance.services.ballots.opening import BodyTooSmall
from governance.services.ballots.steps import open_steps
from governance.services.ballots.voiding import void

if TYPE_CHECKING:
    from governance.matters import Matter


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
    if _said_already(actor, ballot, choice, reason):
        return ballot
    if ballot.is_open and current != ballot.subject_version:
        void(ballot, current)
        return None
    if ballot.is_open and version is not None and version != ballot.subject_version:
        raise Conflict(_("This changed after you opened it. Read it again and then vote."), current_version=current)
    if choice not in matter.choices:
        raise VoteError(_("This cannot be voted here."))
    seat = _seat_of(actor, ballot, matter)
    step = seat.step
    try:
        with transaction.atomic():
            vote = Vote.objects.create(
                ballot=ballot, step=step, seat=seat, cast_by=actor, choice=choice, reason=reason,
                subject_version=current,
            )  # fmt: skip
    except IntegrityError as error:
        raise CannotVote(_("You have no seat that can vote on this now.")) from error
    DecisionCondition.objects.bulk_create(
        DecisionCondition(ballot=ballot, vote=vote, text=one.text.strip(), owner=one.owner, due_on=one.due_on)
        for one in conditions
    )
    _conclude(actor, ballot, matter, step)
    return ballot


def lock_with_subject(ballot_id: int) -> tuple[Ballot, Matter, int]:
    """The ballot, locked after its subject (in the order of every edit), its matter, and the subject's version.

    Raises: the DoesNotExist of either.
    """
    kind, subject_id = Ballot.objects.values_list("subject_kind", "subject_id").get(pk=ballot_id)
    matter = matters.matter(kind)
    current = matter.lock(subject_id)
    return Ballot.objects.select_for_update(of=("self",)).get(pk=ballot_id), matter, current


def _said_already(actor: User, ballot: Ballot, choice: Choice, reason: str) -> bool:
    return Vote.objects.counting().filter(ballot=ballot, cast_by=actor, choice=choice, reason=reason).exists()


def _seat_of(actor: User, ballot: Ballot, matter: Matter) -> BallotSeat:
    """The seat that the person votes from now: their own before that of somebody who is away."""
    seats = BallotSeat.objects.filter(ballot=ballot).waiting_for(actor).select_related("step", "person")
    held = [seat for seat in seats if seat.person_id in matter.electors(ballot.subject_id, seat.role)]
    held.sort(key=lambda seat: (seat.person_id != actor.pk, seat.step.position, seat.pk))
    verdict = policies.can_vote(actor, ballot, has_seat=bool(held))
    if not verdict:
        raise CannotVote(verdict.reason)
    return held[0]


def _conclude(actor: User, ballot: Ballot, matter: Matter, step: BallotStep) -> None:
    votes = list(Vote.objects.counting().filter(step=step).values_list("choice", flat=True))
    seats = BallotSeat.objects.filter(step=step).exclude(person__in=ballot.barred_ids).count()
    said = policies.what_a_step_says(step.quorum, seats, votes)
    if said.choice is None:
        return
    step.state = said.state
    step.save(update_fields=["state"])
    if said.state == StepState.SAID_NO:
        _decide(actor, ballot, matter, said.choice)
        return
    if BallotStep.objects.filter(ballot=ballot, position=step.position, state=StepState.OPEN).exists():
        return
    if open_steps(ballot):
        letters.ask_for_votes(ballot)
        return
    every = Vote.objects.counting().filter(ballot=ballot).values_list("choice", flat=True)
    _decide(actor, ballot, matter, Choice.CONDITIONAL if Choice.CONDITIONAL in every else Choice.APPROVE)


def _decide(actor: User, ballot: Ballot, matter: Matter, outcome: Choice) -> None:
    ballot.state, ballot.outcome = BallotState.DECIDED, outcome
    ballot.decided_at, ballot.decided_by = timezone.now(), actor
    ballot.version += 1
    ballot.save(update_fields=["state", "outcome", "decided_at", "decided_by", "version", "updated_at"])
    matter.decided(ballot)
    letters.decided(ballot)


@transaction.atomic
def declare_conflict(*, actor: User, ballot_id: int, reason: str) -> Ballot:
    """Somebody with a seat has an interest of their own: they do not vote, and the minutes say why.

    Those who take over in an escalation get their seats at once when too few remain. Declared twice: once.
    Raises: CannotVote (no seat, voted already, ballot over), VoteError (no reason), BodyTooSmall.
    """
    if not reason.strip():
        raise VoteError(_("Write what your interest is."))
    ballot, matter, _current = lock_with_subject(ballot_id)
    if str(actor.pk) in ballot.barred and ballot.asked_by_id != actor.pk:
        return ballot
    seats = list(BallotSeat.objects.filter(ballot=ballot, person=actor).select_related("step"))
    verdict = policies.can_vote(actor, ballot, has_seat=bool(seats))
    if not verdict:
        raise CannotVote(verdict.reason)
    if Vote.objects.counting().filter(ballot=ballot, cast_by=actor).exists():
        raise CannotVote(_("You have voted already."))
    ballot.barred_ids = sorted({*ballot.barred_ids, actor.pk})
    ballot.barred = {**ballot.barred, str(actor.pk): reason.strip()[:300]}
    ballot.version += 1
    ballot.save(update_fields=["barred_ids", "barred", "version", "updated_at"])
    for seat in seats:
        fill_up(ballot, matter, seat.step)
    return ballot


def fill_up(ballot: Ballot, matter: Matter, step: BallotStep) -> None:
    """Seat those who take over in an escalation when too few are left to reach the quorum. Raises: BodyTooSmall."""
    left = set(BallotSeat.objects.filter(step=step).values_list("person", flat=True)) - set(ballot.barred_ids)
    if len(left) >= step.quorum:
        return
    added = seat_holders(ballot, matter, step, step.escalates_to) if step.escalates_to else []
    if len(left) + len(added) < step.quorum:
        raise BodyTooSmall(
            _("Without you too few are left for “%(step)s”. Ask the PMO to withdraw it and to ask a wider body.")
            % {"step": step.title}
        )
    letters.ask_for_votes(ballot, only=added)


def seat_holders(ballot: Ballot, matter: Matter, step: BallotStep, role: str) -> Collection[int]:
    """Give those who hold a role a seat in a step, who have none yet and are not barred; their ids."""
    there = set(BallotSeat.objects.filter(step=step).values_list("person", flat=True))
    new = [pk for pk in matter.electors(ballot.subject_id, role) if pk not in there and pk not in ballot.barred_ids]
    BallotSeat.objects.bulk_create(BallotSeat(ballot=ballot, step=step, person_id=pk, role=role) for pk in new)
    return new

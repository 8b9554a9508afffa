"""Putting a question to those who decide on it, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from accounts.models import User
from common.errors import NotAllowed, PortalError
from common.versions import claim
from governance import matters, policies
from governance.enums import BallotState, StepState
from governance.models import Ballot, BallotSeat, BallotStep, Procedure, RuleVersion
from governance.services.ballots import letters
from governance.services.ballots.steps import open_steps

if TYPE_CHECKING:
    from collections.abc import Mapping

    from governance.facts import Text
    from governance.matters import Matter, StepPlan


class BodyTooSmall(PortalError):
    """A step asks for more votes than there are people who may vote in it."""


@dataclass(frozen=True, slots=True)
class _Body:
    """The people of one step, each with the role that gives the seat."""

    plan: StepPlan
    seats: Mapping[int, str]


@transaction.atomic
def open_ballot(
    *, actor: User, kind: str, subject_id: int, question: str, amount: Decimal | None = None, currency: str = ""
) -> Ballot:
    """Put a question about a subject to those who decide on it. Asked again while it is open: the same ballot.

    The procedure is the narrowest that fits the office and the amount, else the matter's own steps. Whoever asks
    never votes, nor whom the matter bars. Each person with a seat in the first step gets a mail.
    Raises: BodyTooSmall, the DoesNotExist of the subject.
    """
    matter = matters.matter(kind)
    version = matter.lock(subject_id)
    there = Ballot.objects.open().about(kind, subject_id).first()
    if there is not None:
        return there
    barred = _barred(matter, subject_id, actor)
    bodies = [_body(matter, subject_id, plan, barred) for plan in _plans(matter, kind, subject_id, amount, currency)]
    ballot = Ballot.objects.create(
        subject_kind=kind, subject_id=subject_id, subject_version=version, question=question.strip()[:300],
        amount=amount, currency=currency if amount is not None else "", asked_by=actor, barred_ids=sorted(barred),
        barred={str(pk): str(reason) for pk, reason in barred.items()},
        rule_versions=list(RuleVersion.objects.active().order_by("pk").values_list("pk", flat=True)),
    )  # fmt: skip
    _seat(ballot, bodies)
    open_steps(ballot)
    letters.ask_for_votes(ballot)
    return ballot


def _barred(matter: Matter, subject_id: int, actor: User) -> dict[int, Text]:
    return {**matter.barred(subject_id), actor.pk: _("you asked this question")}


def _plans(matter: Matter, kind: str, subject_id: int, amount: Decimal | None, currency: str) -> tuple[StepPlan, ...]:
    procedure = procedure_for(kind, matter.office_of(subject_id), amount, currency)
    if procedure is None:
        return matter.steps(subject_id)
    return tuple(step.plan() for step in procedure.steps.order_by("position", "pk"))


def procedure_for(kind: str, office_id: int | None, amount: Decimal | None, currency: str) -> Procedure | None:
    """The narrowest procedure in use: of the office before one for all, and the lowest limit that holds the amount.

    An amount that is not known, or in another currency than the limit's, fits no limit. One query.
    """
    fits = Q(up_to__isnull=True)
    if amount is not None:
        fits |= Q(up_to__gte=abs(amount), currency=currency)
    found: Any = Procedure.objects.filter(fits, matter=kind, is_retired=False)
    found = found.filter(Q(office=office_id) | Q(office__isnull=True))
    return found.order_by(F("office").asc(nulls_last=True), F("up_to").asc(nulls_last=True)).first()  # type: ignore[no-any-return]


def _body(matter: Matter, subject_id: int, plan: StepPlan, barred: Mapping[int, Text]) -> _Body:
    seats: dict[int, str] = {}
    for role in plan.roles:
        for person in matter.electors(subject_id, role):
            if person not in barred:
                seats.setdefault(person, role)
    if len(seats) < max(plan.quorum, 1):
        raise BodyTooSmall(
            _(
                "“%(step)s” needs %(quorum)s votes, and only %(number)s people may vote in it. "
                "Give somebody the role, or change the procedure."
            )
            % {"step": plan.title, "quorum": plan.quorum, "number": len(seats)}
        )
    return _Body(plan, seats)


def _seat(ballot: Ballot, bodies: list[_Body]) -> None:
    steps = BallotStep.objects.bulk_create(
        BallotStep(
            ballot=ballot, position=body.plan.position, title=str(body.plan.title)[:120], quorum=body.plan.quorum,
            days=body.plan.days, escalates_to=body.plan.escalates_to, state=StepState.WAITING,
        )
        for body in bodies
    )  # fmt: skip
    BallotSeat.objects.bulk_create(
        BallotSeat(ballot=ballot, step=step, person_id=person, role=role)
        for step, body in zip(steps, bodies, strict=True)
        for person, role in body.seats.items()
    )


@transaction.atomic
def withdraw_ballot(*, actor: User, ballot_id: int) -> Ballot:
    """Take a question back that is not decided yet; the votes stay readable. Taken back already: nothing happens.

    Raises: NotAllowed.
    """
    ballot = claim(Ballot.objects.all(), pk=ballot_id, version=None)
    if ballot.state == BallotState.WITHDRAWN and ballot.asked_by_id == actor.pk:
        return ballot
    verdict = policies.can_withdraw(actor, ballot)
    if not verdict:
        raise NotAllowed(verdict.reason)
    _close(ballot)
    return ballot


@transaction.atomic
def withdraw_question(*, kind: str, subject_id: int) -> None:
    """The subject has moved on, so its open ballot is over. Call it in the transaction of the step that the subject
    takes, with the subject locked. Nothing happens without an open ballot.
    """
    ballot = Ballot.objects.open().select_for_update(of=("self",)).about(kind, subject_id).first()
    if ballot is not None:
        _close(ballot)


def _close(ballot: Ballot) -> None:
    ballot.state = BallotState.WITHDRAWN
    ballot.version += 1
    ballot.save(update_fields=["state", "version", "updated_at"])
    BallotStep.objects.filter(ballot=ballot, state=StepState.OPEN).update(state=StepState.WAITING, due_at=None)
    letters.withdrawn(ballot)

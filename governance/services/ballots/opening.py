"""Putting a question to those who decide on it, and taking it back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common.errors import NotAllowed, PortalError
from common.languages import words_of
from common.versions import claim
from governance import matters, policies
from governance.enums import BallotState, StepState
from governance.models import Ballot, BallotSeat, BallotStep, Procedure, RuleVersion
from governance.services.ballots import letters
from governance.services.ballots.steps import mark_open

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from common.languages import Words
    from governance.facts import Text
    from governance.matters import Case, StepPlan


class BodyTooSmall(PortalError):
    """A step asks for more votes than there are people who may vote in it."""


@dataclass(frozen=True, slots=True)
class _Body:
    """The people of one step, each with the role that gives the seat."""

    plan: StepPlan
    seats: Mapping[int, str]


@dataclass(frozen=True, slots=True)
class Question:
    """What is put to those who decide: who asks, about which subject in which version, and the money it is about.

    A question in the portal's words is made by `in_each_language`.
    """

    actor: User
    kind: str
    subject_id: int
    version: int
    words: Words
    amount: Decimal | None = None
    currency: str = ""


@transaction.atomic
def open_ballot(
    *, actor: User, kind: str, subject_id: int, question: Words, amount: Decimal | None = None, currency: str = ""
) -> Ballot:
    """Put a question about a subject to those who decide on it. Asked again while it is open: the same ballot.

    The procedure is the narrowest that fits the office and the amount, else the matter's own steps. Whoever asks
    never votes, nor whom the matter bars. Each person with a seat in the first step gets a mail.
    Raises: BodyTooSmall, the DoesNotExist of the subject.
    """
    version = matters.matter(kind).lock(subject_id)
    return open_on_locked(Question(actor, kind, subject_id, version, question, amount, currency))


def open_on_locked(asked: Question) -> Ballot:
    """`open_ballot` in the transaction of a caller who holds the subject locked. Raises: BodyTooSmall."""
    kind, subject_id = asked.kind, asked.subject_id
    there = Ballot.objects.open().about(kind, subject_id).first()
    if there is not None:
        return there
    case = matters.matter(kind).case(subject_id)
    barred = _barred(case, asked.actor)
    bodies = _bodies(case, _plans(case, asked), barred)
    ballot = Ballot.objects.create(
        subject_kind=kind, subject_id=subject_id, subject_version=asked.version, **_as_columns(asked.words),
        amount=asked.amount, currency=asked.currency if asked.amount is not None else "", asked_by=asked.actor,
        barred_ids=sorted(barred),
        barred={str(pk): words_of(reason) for pk, reason in barred.items()},
        rule_versions=list(RuleVersion.objects.active().order_by("pk").values_list("pk", flat=True)),
    )  # fmt: skip
    _seat(ballot, bodies)
    letters.ask_for_votes(ballot)
    return ballot


def _as_columns(words: Words) -> dict[str, Any]:
    return {"question": words.strip()[:300]} if isinstance(words, str) else {"wording": words}


def _barred(case: Case, actor: User) -> dict[int, Text]:
    return {**case.barred(), actor.pk: gettext_lazy("you asked this question")}


def _plans(case: Case, asked: Question) -> tuple[StepPlan, ...]:
    procedure = procedure_for(asked.kind, case.office_id, asked.amount, asked.currency)
    if procedure is None:
        return case.steps()
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
    return found.order_by(F("office").asc(nulls_last=True), F("up_to").asc(nulls_last=True)).first()  # type: ignore[no-any-return]  # of the queryset typed Any


def _bodies(case: Case, plans: Sequence[StepPlan], barred: Mapping[int, Text]) -> list[_Body]:
    electors = case.electors(sorted({role for plan in plans for role in plan.roles}))
    return [_body(plan, electors, barred) for plan in plans]


def _body(plan: StepPlan, electors: Mapping[str, Collection[int]], barred: Mapping[int, Text]) -> _Body:
    seats: dict[int, str] = {}
    for role in plan.roles:
        for person in electors[role]:
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


def _in_the_source(title: Text) -> str:
    """A title of the portal as the source has it, which `BallotStep.name` says to each reader; a typed one as it is."""
    with translation.override(None):
        return str(title)


def _seat(ballot: Ballot, bodies: list[_Body]) -> None:
    """The steps with their seats; those of the first position are open at once."""
    steps = [
        BallotStep(
            ballot=ballot, position=body.plan.position, title=_in_the_source(body.plan.title)[:120],
            quorum=body.plan.quorum, days=body.plan.days, escalates_to=body.plan.escalates_to, state=StepState.WAITING,
        )
        for body in bodies
    ]  # fmt: skip
    mark_open(steps)
    BallotStep.objects.bulk_create(steps)
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

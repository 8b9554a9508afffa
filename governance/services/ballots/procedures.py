"""How an office decides: its procedures and their steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission, RoleName
from accounts.models import RoleGrant
from common.errors import NotAllowed, PortalError
from common.versions import claim
from governance import matters
from governance.models import Procedure, ProcedureStep

if TYPE_CHECKING:
    from accounts.models import User
    from strategy.models import Office

GRANTED_BY_SCOPE: Final = frozenset({RoleName.EXECUTIVE, RoleName.PMO_MANAGER})
"""Roles whose holders are known before there is a project."""


class ProcedureError(PortalError):
    """A procedure by which nothing could ever be decided, or a second one for the same case."""


@dataclass(frozen=True, slots=True)
class NewStep:
    """One step as it is written down; see `governance.matters.StepPlan`."""

    title: str
    role: str
    position: int = 1
    quorum: int = 1
    days: int = 0
    escalates_to: str = ""


@dataclass(frozen=True, slots=True)
class NewProcedure:
    """How an office (all offices when there is none) decides on a matter, up to an amount in a currency."""

    matter: str
    name: str
    steps: Sequence[NewStep]
    office: Office | None = None
    up_to: Decimal | None = None
    currency: str = ""


@transaction.atomic
def save_procedure(*, actor: User, data: NewProcedure, pk: int | None = None, version: int | None = None) -> Procedure:
    """Write a procedure down, or change the one of this `pk`. Open ballots keep the steps that they opened with.

    Raises: NotAllowed, ProcedureError, Conflict.
    """
    _demand(actor)
    _check(data)
    procedure = Procedure() if pk is None else claim(Procedure.objects.all(), pk=pk, version=version)
    procedure.matter, procedure.name, procedure.office = data.matter, data.name.strip(), data.office
    procedure.up_to, procedure.currency = data.up_to, data.currency if data.up_to is not None else ""
    procedure.version += pk is not None
    try:
        with transaction.atomic():
            procedure.save()
    except IntegrityError as error:
        raise ProcedureError(_("There is a procedure for this matter, office and amount already.")) from error
    procedure.steps.all().delete()
    ProcedureStep.objects.bulk_create(
        ProcedureStep(
            procedure=procedure, position=step.position, title=step.title.strip(), role=step.role, quorum=step.quorum,
            days=step.days, escalates_to=step.escalates_to,
        )
        for step in data.steps
    )  # fmt: skip
    return procedure


def _demand(actor: User) -> None:
    """Who decides is not for those who hand out access."""
    if not actor.can(Permission.RULE_EDIT):
        raise NotAllowed(_("Only PMO managers of the whole organisation say how things are decided."))


def _check(data: NewProcedure) -> None:
    if data.matter not in matters.registered():
        raise ProcedureError(_("Choose what is decided."))
    if not data.steps:
        raise ProcedureError(_("A procedure needs at least one step."))
    if data.up_to is not None and not data.currency:
        raise ProcedureError(_("An amount needs its currency."))
    for step in data.steps:
        if step.escalates_to and not step.days:
            raise ProcedureError(
                _("“%(step)s” is to be taken over by others, but not after how many days.") % {"step": step.title}
            )
        body = _body_of(step.role)
        if body is not None and step.quorum > body:
            raise ProcedureError(
                _("“%(step)s” needs %(quorum)s votes, and only %(number)s people hold that role.")
                % {"step": step.title, "quorum": step.quorum, "number": body}
            )


def _body_of(role: str) -> int | None:
    """How many people could have a seat at most; None when that differs by project."""
    if role not in GRANTED_BY_SCOPE:
        return None
    holders = RoleGrant.objects.in_force().filter(role=role, user__is_active=True)
    return holders.values("user").distinct().count()


@transaction.atomic
def retire_procedure(*, actor: User, pk: int) -> Procedure:
    """Take a procedure out of use; open ballots go on. Retired already: nothing happens. Raises: NotAllowed."""
    _demand(actor)
    procedure = claim(Procedure.objects.all(), pk=pk, version=None)
    if not procedure.is_retired:
        procedure.is_retired = True
        procedure.version += 1
        procedure.save(update_fields=["is_retired", "version", "updated_at"])
    return procedure

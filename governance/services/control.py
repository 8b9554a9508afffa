"""Changing how far the rules of an office bind."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from governance.models import ControlChange
from governance.selectors.control import rehearse
from strategy.enums import ControlLevel
from strategy.models import Office

if TYPE_CHECKING:
    from accounts.models import User


class ReasonMissing(PortalError):
    """A control level does not change without a reason."""


@transaction.atomic
def change_control(*, actor: User, office_id: int, control: str, reason: str, version: int | None) -> Office:
    """Give an office another control level, with the reason and what it does to the checks of today. The same level:
    nothing happens.

    Raises: NotAllowed, Conflict, ReasonMissing.
    """
    if not actor.can(Permission.RULE_EDIT):
        raise NotAllowed(_("Only PMO managers of the whole organisation say how far rules bind."))
    level = ControlLevel(control)
    office = versions.claim(Office.objects.all(), pk=office_id, version=version)
    if office.control == level:
        return office
    if not reason.strip():
        raise ReasonMissing(_("Write why the control level changes."))
    seen = rehearse(actor, office, level)
    with pghistory.context(user=actor.pk):
        ControlChange.objects.create(
            office=office, old=office.control, new=level, reason=reason.strip(), changed_by=actor,
            stopped=len(seen.starts), released=len(seen.ceases),
        )  # fmt: skip
        versions.apply(office, {"control": level})
    return office

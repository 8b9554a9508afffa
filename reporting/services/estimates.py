"""The estimates of minutes that turn counts of forms into hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from reporting.enums import EFFORT_FORMS
from reporting.models import MOST_MINUTES, EffortEstimate

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User


class EstimateError(PortalError):
    """A number of minutes that nobody can have meant."""


@transaction.atomic
def save_estimates(*, actor: User, minutes: Mapping[str, int], version: int | None) -> EffortEstimate:
    """Set the minutes of the forms named. The same again: nothing is written.

    Raises: NotAllowed, EstimateError, Conflict when somebody else changed them in the meantime.
    """
    if not actor.can(Permission.RULE_EDIT):
        raise NotAllowed(_("Only PMO managers of the whole organisation change the estimates."))
    known = {name: value for name, value in minutes.items() if name in EFFORT_FORMS}
    if not all(0 <= value <= MOST_MINUTES for value in known.values()):
        raise EstimateError(_("Estimate between 0 and %(most)d minutes.") % {"most": MOST_MINUTES})
    EffortEstimate.objects.get_or_create(pk=1)
    row = versions.claim(EffortEstimate.objects.all(), pk=1, version=version)
    versions.apply(row, known)
    return row

"""Changing what a project costs and brings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common import versions
from common.errors import PortalError
from projects.enums import MoneyMeasure
from projects.models import Project
from projects.services import state
from projects.services.baselines import keep_baseline
from projects.services.projects import allowed_changes

if TYPE_CHECKING:
    from accounts.models import User

MONEY_FIELDS: Final = frozenset(
    {"currency", "cost_period", *MoneyMeasure.values, *(f"{measure}_withheld" for measure in MoneyMeasure.values)}
)
_BASELINE: Final = (MoneyMeasure.BASELINE_COST.value, f"{MoneyMeasure.BASELINE_COST}_withheld")


class MoneyError(PortalError):
    """An amount that cannot be."""


@transaction.atomic
def set_money(*, actor: User, project_id: int, version: int | None, changes: Mapping[str, Any]) -> Project:
    """Set amounts (None is unknown), reasons for withholding, the period they cover and the currency.

    Raises: Conflict, MoneyError (an amount and a reason at once), BaselineStays.
    """
    project = versions.claim(Project.objects.all(), pk=project_id, version=version)
    changes = allowed_changes(changes, MONEY_FIELDS)
    for measure in MoneyMeasure:
        amount = changes.get(measure, getattr(project, measure))
        reason = changes.get(f"{measure}_withheld", getattr(project, f"{measure}_withheld"))
        if amount is not None and reason:
            raise MoneyError(_("%(measure)s is either known or withheld, not both.") % {"measure": measure.label})
    agreed = _BASELINE if project.baseline_cost is None else (*_BASELINE, "currency")
    keep_baseline(actor=actor, project=project, record=project, changes=changes, names=agreed)
    if versions.apply(project, changes):
        state.refresh([project.pk])
    return project

"""Delegations: who stands in for whom while they are away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User


class DateRange(Func):
    function = "DATERANGE"
    output_field = DateRangeField()


class DelegationQuerySet(models.QuerySet["Delegation"]):
    def in_force(self, on: dt.date | None = None) -> DelegationQuerySet:
        day = on or timezone.localdate()
        return self.filter(revoked_at__isnull=True, starts_on__lte=day, ends_on__gte=day)

    def to(self, user: User) -> DelegationQuerySet:
        """Those by which the person stands in for somebody today."""
        return self.in_force().filter(to_user=user, from_user__is_active=True)


@history.track()
class Delegation(Record):
    """Out of office: from the first day to the last, somebody else votes from this person's seats."""

    from_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="delegations", verbose_name=_("away")
    )
    to_user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="stand_ins", verbose_name=_("stands in")
    )
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    revoked_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = DelegationQuerySet.as_manager()

    class Meta:
        verbose_name = _("delegation")
        verbose_name_plural = _("delegations")
        constraints = [
            models.CheckConstraint(condition=~Q(from_user=F("to_user")), name="delegation_to_somebody_else"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="delegation_ends_after_it_starts"),
            ExclusionConstraint(
                name="delegation_one_at_a_time",
                expressions=[
                    ("from_user", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary(inclusive_upper=True)), RangeOperators.OVERLAPS),
                ],
                condition=Q(revoked_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.from_user_id} › {self.to_user_id}"

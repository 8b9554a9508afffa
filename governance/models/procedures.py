"""Procedures: how an office decides, from which ballots copy their steps."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common import history
from common.models import Record
from governance import matters


@history.track()
class Procedure(Record):
    """How an office decides on a matter up to an amount: its steps are copied into each ballot that opens.

    Without an office it holds for all; without an amount it has no limit. The narrowest one that fits is taken.
    """

    name = models.CharField(_("name"), max_length=120)
    matter = models.CharField(_("decides on"), max_length=30)
    office = models.ForeignKey(
        "strategy.Office",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="procedures",
        verbose_name=_("office"),
    )
    up_to = models.DecimalField(_("up to the amount"), max_digits=20, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True)
    is_retired = models.BooleanField(_("retired"), default=False)

    class Meta:
        verbose_name = _("procedure")
        verbose_name_plural = _("procedures")
        constraints = [
            models.UniqueConstraint(
                fields=["matter", "office", "currency", "up_to"],
                condition=Q(is_retired=False),
                nulls_distinct=False,
                name="procedure_one_per_limit",
            ),
            models.CheckConstraint(
                condition=Q(up_to__isnull=True, currency="") | (Q(up_to__gt=0) & ~Q(currency="")),
                name="procedure_limit_has_currency",
            ),
        ]

    def __str__(self) -> str:
        return self.name


@history.track()
class ProcedureStep(models.Model):
    """One step of a procedure; see `governance.matters.StepPlan`."""

    procedure = models.ForeignKey(
        Procedure, on_delete=models.CASCADE, related_name="steps", verbose_name=_("procedure")
    )
    position = models.PositiveSmallIntegerField(_("order"), default=1)
    title = models.CharField(_("who decides"), max_length=120)
    role = models.CharField(_("role"), max_length=30, choices=RoleName)
    quorum = models.PositiveSmallIntegerField(_("votes needed"), default=1)
    days = models.PositiveSmallIntegerField(_("days to decide"), default=0)
    escalates_to = models.CharField(_("then also"), max_length=30, choices=RoleName, blank=True)

    class Meta:
        verbose_name = _("step of a procedure")
        verbose_name_plural = _("steps of a procedure")
        constraints = [
            models.CheckConstraint(condition=Q(quorum__gte=1), name="procedurestep_needs_a_vote"),
            models.CheckConstraint(
                condition=Q(escalates_to="") | Q(days__gte=1), name="procedurestep_escalates_after_days"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def plan(self) -> matters.StepPlan:
        return matters.StepPlan(self.title, (self.role,), self.position, self.quorum, self.days, self.escalates_to)

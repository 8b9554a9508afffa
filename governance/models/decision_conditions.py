"""Conditions of a decision: what a conditional yes asks for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from governance.models.ballots import Ballot
from governance.models.votes import Vote


@history.track()
class DecisionCondition(Record):
    """What a conditional yes asks for, with an owner and a day. Unmet after its day, it holds up what comes next."""

    ballot = models.ForeignKey(Ballot, on_delete=models.CASCADE, related_name="conditions", verbose_name=_("ballot"))
    vote = models.ForeignKey(Vote, on_delete=models.CASCADE, related_name="conditions", verbose_name=_("vote"))
    text = models.CharField(_("condition"), max_length=300)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="conditions", verbose_name=_("owner")
    )
    due_on = models.DateField(_("due"))
    evidence = models.TextField(_("how it was met"), blank=True)
    met_at = models.DateTimeField(_("met at"), null=True, blank=True)
    met_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("confirmed by"),
    )

    class Meta:
        verbose_name = _("condition of a decision")
        verbose_name_plural = _("conditions of a decision")
        constraints = [
            models.CheckConstraint(
                condition=Q(met_at__isnull=True, met_by__isnull=True)
                | Q(met_at__isnull=False, met_by__isnull=False) & ~Q(evidence=""),
                name="decisioncondition_met_at_by",
            ),
            models.CheckConstraint(
                condition=Q(met_by__isnull=True) | ~Q(met_by=F("owner")), name="decisioncondition_confirmed_by_another"
            ),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def is_overdue(self) -> bool:
        return self.met_at is None and self.due_on < timezone.localdate()

"""Changes of the control level of an office, each with its reason."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from common import history
from strategy.enums import ControlLevel


@history.track()
class ControlChange(models.Model):
    """From this moment an office's rules bind otherwise. `stopped` and `released`: how many checks began and ceased to
    stop, as the person who changed it saw them. Never changes itself.
    """

    office = models.ForeignKey(
        "strategy.Office", on_delete=models.CASCADE, related_name="control_changes", verbose_name=_("office")
    )
    old = models.CharField(_("from"), max_length=12, choices=ControlLevel)
    new = models.CharField(_("to"), max_length=12, choices=ControlLevel)
    reason = models.TextField(_("reason"))
    stopped = models.PositiveIntegerField(_("checks that began to stop"), default=0)
    released = models.PositiveIntegerField(_("checks that ceased to stop"), default=0)
    changed_at = models.DateTimeField(_("changed at"), db_default=Now(), editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed by")
    )

    class Meta:
        verbose_name = _("change of control level")
        verbose_name_plural = _("changes of control level")
        constraints = [
            models.CheckConstraint(condition=~Q(old=F("new")) & ~Q(reason=""), name="controlchange_says_why"),
        ]
        triggers = [pgtrigger.Protect(name="stays", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return f"{self.old} › {self.new}"

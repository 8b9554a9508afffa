"""What a lead proposes where the PMO itself changes plan dates and risks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from projects.enums import ProposalState, ProposalTarget
from projects.models.project import Project

if TYPE_CHECKING:
    from accounts.models import User


class ProposalQuerySet(models.QuerySet["Proposal"]):
    def visible_to(self, user: User) -> ProposalQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> ProposalQuerySet:
        return self.filter(state=ProposalState.OPEN)


@history.track()
class Proposal(Record):
    """A change to a project that its PMO accepts or refuses. `changes`: {field: {"from", "to"}} as plain JSON.

    `target_id` is the record that changes, at `target_version`; a new one when it is null. Accepting applies it through
    the order that the PMO itself would give, and fails when the record moved on.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="proposals", verbose_name=_("project"))
    target = models.CharField(_("about"), max_length=10, choices=ProposalTarget)
    target_id = models.BigIntegerField(null=True, blank=True)
    target_version = models.PositiveIntegerField(null=True, blank=True)
    title = models.CharField(_("what"), max_length=300)
    changes: models.JSONField[Any, Any] = models.JSONField(_("changes"))
    why = models.TextField(_("why"))
    state = models.CharField(_("state"), max_length=10, choices=ProposalState, default=ProposalState.OPEN)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="proposals", verbose_name=_("proposed by")
    )
    answer = models.TextField(_("answer"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )

    objects = ProposalQuerySet.as_manager()

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["accepted", "refused"], decided_at__isnull=False, decided_by__isnull=False)
                | Q(state__in=["open", "withdrawn"], decided_at__isnull=True, decided_by__isnull=True),
                name="proposal_decided_at_by",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("proposed_by")),
                name="proposal_decided_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(target_id__isnull=True, target_version__isnull=True)
                | Q(target_id__isnull=False, target_version__isnull=False),
                name="proposal_names_a_version",
            ),
            models.CheckConstraint(condition=~Q(why=""), name="proposal_says_why"),
        ]
        triggers = [
            pgtrigger.Protect(
                name="decided_stays", operation=pgtrigger.Update, condition=pgtrigger.Q(old__state__df="open")
            ),
            pgtrigger.Protect(
                name="text_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange("project", "target", "target_id", "changes", "why", "proposed_by"),
            ),
        ]
        indexes = [models.Index(fields=["project"], name="proposal_open", condition=Q(state="open"))]

    def __str__(self) -> str:
        return self.title

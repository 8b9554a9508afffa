"""The criteria of a gate: what must be so before its phase is closed."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common import history
from playbooks.enums import CriterionKind
from playbooks.models.playbooks import PlaybookMilestone, stays_once_published

K = CriterionKind


class Criterion(models.Model):
    """What a gate asks for, in a playbook and in a project alike.

    `texts`: {language: title}. Automatic: a `condition` over the facts of a project, as `governance.conditions`
    stores it, or the code of a `rule` of the rulebook that must be kept. Document: one of `document_kind` must be
    there and accepted. Judgement: somebody who holds `role` towards the project says whether it is met.
    """

    position = models.PositiveSmallIntegerField(_("order"), default=1)
    kind = models.CharField(_("kind"), max_length=10, choices=CriterionKind)
    texts: models.JSONField[Any, Any] = models.JSONField(_("asks for"))
    condition: models.JSONField[Any, Any] = models.JSONField(_("condition"), null=True, blank=True)
    rule = models.CharField(_("rule"), max_length=60, blank=True)
    document_kind = models.CharField(_("kind of document"), max_length=60, blank=True)
    role = models.CharField(_("who judges"), max_length=30, choices=RoleName, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=K.AUTOMATIC, condition__isnull=False, rule="", document_kind="", role="")
                | Q(kind=K.AUTOMATIC, condition__isnull=True, document_kind="", role="") & ~Q(rule="")
                | Q(kind=K.DOCUMENT, condition__isnull=True, rule="", role="") & ~Q(document_kind="")
                | Q(kind=K.JUDGEMENT, condition__isnull=True, rule="", document_kind="") & ~Q(role=""),
                name="%(class)s_is_of_its_kind",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """What it asks for, in the language of the reader; in English, or any other, when that lacks."""
        language = (get_language() or "en").partition("-")[0]
        return str(self.texts.get(language) or self.texts.get("en") or next(iter(self.texts.values()), ""))


@history.track()
class PlaybookCriterion(Criterion):
    """A criterion of a gate of the template; provisioning copies it into the project."""

    milestone = models.ForeignKey(
        PlaybookMilestone, on_delete=models.CASCADE, related_name="criteria", verbose_name=_("gate")
    )

    class Meta(Criterion.Meta):
        verbose_name = _("criterion of a playbook")
        verbose_name_plural = _("criteria of a playbook")
        triggers = [
            stays_once_published(
                "published_stays",
                "SELECT p.playbook_version_id FROM playbooks_playbookphase p "
                "JOIN playbooks_playbookmilestone m ON m.phase_id = p.id WHERE m.id = holder.milestone_id",
            )
        ]

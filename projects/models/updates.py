from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from projects.enums import Colour, ColourScale, UpdateState
from projects.models.project import Project

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User


class UpdateQuerySet(models.QuerySet["Update"]):
    def visible_to(self, user: User) -> UpdateQuerySet:
        """Published updates of visible projects, and one's own drafts."""
        seen = Project.objects.visible_to(user)
        return self.filter(project__in=seen).filter(~Q(state=UpdateState.DRAFT) | Q(author=user))

    def in_force(self) -> UpdateQuerySet:
        return self.filter(state=UpdateState.PUBLISHED)


def _colour(label: StrOrPromise) -> models.CharField[str, str]:
    return models.CharField(label, max_length=12, choices=Colour, blank=True)


_CONTENT = (
    "declared",
    "schedule",
    "cost",
    "scope",
    "risk",
    "scale",
    "accomplished",
    "next_steps",
    "asks_text",
    "rationale",
    "as_of",
    "project_id",
    "author_id",
    "published_at",
)


@history.track()
class Update(Record):
    """The lead's status of one week: declared colours and three answers. Published text never changes;
    a correction is a new update that supersedes it. `computed` is what the portal said at that moment.
    """

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="updates", verbose_name=_("project"))
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="updates",
        verbose_name=_("written by"),
    )
    as_of = models.DateField(_("as of"))
    state = models.CharField(_("state"), max_length=10, choices=UpdateState, default=UpdateState.DRAFT)
    scale = models.PositiveSmallIntegerField(
        _("points of the colour scale"), choices=ColourScale, default=ColourScale.THREE
    )
    declared = _colour(_("overall"))
    schedule = _colour(_("schedule"))
    cost = _colour(_("cost"))
    scope = _colour(_("scope"))
    risk = _colour(_("risk"))
    computed = _colour(_("computed"))
    rationale = models.TextField(_("why it is better than computed"), blank=True)
    accomplished = models.TextField(_("what happened"), blank=True)
    next_steps = models.TextField(_("what will happen"), blank=True)
    asks_text = models.TextField(_("what is needed"), blank=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    supersedes = models.OneToOneField(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="superseded_by",
        verbose_name=_("replaces"),
    )
    is_imported = models.BooleanField(default=False, editable=False)

    objects = UpdateQuerySet.as_manager()

    class Meta:
        verbose_name = _("status update")
        verbose_name_plural = _("status updates")
        constraints = [
            models.UniqueConstraint(
                fields=["project", "author"], condition=Q(state=UpdateState.DRAFT), name="update_one_draft"
            ),
            models.UniqueConstraint(
                fields=["project", "as_of"],
                condition=Q(is_imported=True, state=UpdateState.PUBLISHED),
                name="update_imported_once",
            ),
            models.CheckConstraint(
                condition=Q(state=UpdateState.DRAFT, published_at__isnull=True)
                | (~Q(state=UpdateState.DRAFT) & Q(published_at__isnull=False) & ~Q(declared="")),
                name="update_published_is_complete",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-as_of", "-id"], name="update_latest", condition=Q(state="published")),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_text_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.state <> 'draft' AND ("
                    + " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in _CONTENT)
                    + " OR NEW.state = 'draft')"
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} · {self.as_of}"


class AskQuerySet(models.QuerySet["Ask"]):
    def visible_to(self, user: User) -> AskQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> AskQuerySet:
        return self.filter(answered_at__isnull=True)


@history.track()
class Ask(Record):
    """Something a project needs from a person, asked in an update and open until answered."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="asks", verbose_name=_("project"))
    update_asked_in = models.ForeignKey(
        Update, on_delete=models.CASCADE, null=True, blank=True, related_name="asks", verbose_name=_("status update")
    )
    text = models.CharField(_("what is needed"), max_length=300)
    asked_of = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="asks",
        verbose_name=_("from whom"),
    )
    needed_by = models.DateField(_("needed by"), null=True, blank=True)
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    objects = AskQuerySet.as_manager()

    class Meta:
        verbose_name = _("ask")
        verbose_name_plural = _("asks")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False),
                name="ask_answered_at_by",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_of", "needed_by"], name="ask_open", condition=Q(answered_at__isnull=True)),
            models.Index(fields=["project"], name="ask_open_project", condition=Q(answered_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text

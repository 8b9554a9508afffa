from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from strategy.enums import ACCOUNTABLE, Letter, Post


def stays_once_published(name: str, version_of_old_or_new: str) -> pgtrigger.Trigger:
    """A trigger that refuses any change of what a published version holds."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("holder", "RECORD")],
        func=f"""
            IF TG_OP = 'DELETE' THEN holder := OLD; ELSE holder := NEW; END IF;
            IF EXISTS (
                SELECT 1 FROM playbooks_playbookversion v
                WHERE v.published_at IS NOT NULL AND v.id = ({version_of_old_or_new})
            ) THEN
                RAISE EXCEPTION 'a published playbook version does not change';
            END IF;
            RETURN holder;
        """,  # noqa: S608  the only text that goes in is ours
    )


@history.track()
class Playbook(Record):
    """A project template. What it holds is in its versions, so that a project can name what it came from."""

    name = models.CharField(_("name"), max_length=120)
    slug = models.SlugField(_("short name"), max_length=60, unique=True)
    summary = models.CharField(_("when to use it"), max_length=300, blank=True)
    office = models.ForeignKey(
        "strategy.Office", on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("office")
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("owner")
    )
    is_retired = models.BooleanField(_("retired"), default=False)
    is_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")

    def __str__(self) -> str:
        return self.name


@history.track()
class PlaybookVersion(Record):
    """A numbered version; published ones never change, a change is a new version."""

    playbook = models.ForeignKey(
        Playbook, on_delete=models.CASCADE, related_name="versions", verbose_name=_("playbook")
    )
    number = models.PositiveIntegerField(_("version"))
    published_at = models.DateTimeField(_("published at"), null=True, blank=True)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    note = models.CharField(_("what changed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("playbook version")
        verbose_name_plural = _("playbook versions")
        constraints = [
            models.UniqueConstraint(fields=["playbook", "number"], name="playbookversion_once"),
            models.UniqueConstraint(
                fields=["playbook"], condition=Q(published_at__isnull=True), name="playbookversion_one_draft"
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True, published_by__isnull=True)
                | Q(published_at__isnull=False, published_by__isnull=False),
                name="playbookversion_published_at_by",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="published_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__published_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.playbook} v{self.number}"


@history.track()
class PlaybookPhase(models.Model):
    """A phase of the template: `days` is its usual length in calendar days."""

    playbook_version = models.ForeignKey(
        PlaybookVersion, on_delete=models.CASCADE, related_name="phases", verbose_name=_("playbook version")
    )
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("name"), max_length=80)
    days = models.PositiveSmallIntegerField(_("length in days"))

    class Meta:
        verbose_name = _("phase of a playbook")
        verbose_name_plural = _("phases of a playbook")
        constraints = [
            models.UniqueConstraint(
                fields=["playbook_version", "position"],
                name="playbookphase_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(condition=Q(days__gte=1), name="playbookphase_has_length"),
        ]
        triggers = [stays_once_published("published_stays", "holder.playbook_version_id")]

    def __str__(self) -> str:
        return self.name


@history.track()
class PlaybookMilestone(models.Model):
    """A milestone of the template, `day` calendar days after the start of its phase."""

    phase = models.ForeignKey(
        PlaybookPhase, on_delete=models.CASCADE, related_name="milestones", verbose_name=_("phase")
    )
    name = models.CharField(_("name"), max_length=160)
    day = models.PositiveSmallIntegerField(_("days after the phase starts"))
    is_gate = models.BooleanField(_("closes the phase with a decision"), default=False)

    class Meta:
        verbose_name = _("milestone of a playbook")
        verbose_name_plural = _("milestones of a playbook")
        triggers = [
            stays_once_published(
                "published_stays",
                "SELECT p.playbook_version_id FROM playbooks_playbookphase p WHERE p.id = holder.phase_id",
            )
        ]

    def __str__(self) -> str:
        return self.name


def _any(conditions: Iterable[Q]) -> Q:
    found = Q()
    for one in conditions:
        found |= one
    return found


def _letter(post: Post) -> models.CharField[str, str]:
    return models.CharField(post.label, max_length=2, choices=Letter, blank=True)


@history.track()
class PlaybookDeliverable(models.Model):
    """A deliverable of the template, due `day` calendar days after the start of its phase, with its RACI by role:
    a column for each post that a project has.
    """

    phase = models.ForeignKey(
        PlaybookPhase, on_delete=models.CASCADE, related_name="deliverables", verbose_name=_("phase")
    )
    name = models.CharField(_("name"), max_length=200)
    acceptance = models.TextField(_("accepted when"), blank=True)
    day = models.PositiveSmallIntegerField(_("days after the phase starts"))
    lead = _letter(Post.LEAD)
    sponsor = _letter(Post.SPONSOR)
    budget_owner = _letter(Post.BUDGET_OWNER)
    pmo = _letter(Post.PMO)

    class Meta:
        verbose_name = _("deliverable of a playbook")
        verbose_name_plural = _("deliverables of a playbook")
        constraints = [
            models.CheckConstraint(
                condition=~_any(
                    Q(**{f"{one}__in": list(ACCOUNTABLE), f"{other}__in": list(ACCOUNTABLE)})
                    for one, other in combinations(Post.values, 2)
                ),
                name="playbookdeliverable_one_accountable",
            )
        ]
        triggers = [
            stays_once_published(
                "published_stays",
                "SELECT p.playbook_version_id FROM playbooks_playbookphase p WHERE p.id = holder.phase_id",
            )
        ]

    def __str__(self) -> str:
        return self.name

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission
from common import history
from common.models import Record
from strategy import records
from strategy.enums import ABOUT_KINDS, Priority, RecommendationState, RecordKind
from strategy.models.advisers import OfficeMember
from strategy.models.assessments import Assessment
from strategy.models.offices import Office

if TYPE_CHECKING:
    from accounts.models import User

_S = RecommendationState
_ANSWERED = (_S.ACCEPTED, _S.REJECTED, _S.PLANNED, _S.DONE, _S.EVALUATED)
_WITH_OWNER = (_S.PLANNED, _S.DONE, _S.EVALUATED)
_NEWLY_NAMED = " OR ".join(
    f"(m.user_id = NEW.{name}_id AND (TG_OP = 'INSERT' OR NEW.{name}_id IS DISTINCT FROM OLD.{name}_id))"
    for name in ("answered_by", "owner", "done_by", "effect_by")
)


class RecommendationQuerySet(models.QuerySet["Recommendation"]):
    def visible_to(self, user: User) -> RecommendationQuerySet:
        """For people of an external office what they filed, and what colleagues filed on what is open to them too;
        for others what they own, and what is in reach of the permission to read advice.
        """
        if not user.is_active or user.has_left:
            return self.none()
        readable = self._within(user, Permission.ADVICE_VIEW)
        if user.is_external:
            office = OfficeMember.objects.in_force().filter(user=user).values("office_id")
            return self.filter(Q(office__in=office) & (readable | Q(about_kind="") | Q(filed_by=user)))
        return self.filter(readable | Q(owner=user))

    def within(self, user: User, permission: str) -> RecommendationQuerySet:
        """Those on which the person's grants allow this; never for people of external offices."""
        if not user.is_active or user.is_external:
            return self.none()
        return self.filter(self._within(user, permission))

    @staticmethod
    def _within(user: User, permission: str) -> Q:
        q = records.about(user, permission, ABOUT_KINDS, "about")
        return q | Q(about_kind="") if user.access.reach(permission).everywhere else q

    def overdue(self) -> RecommendationQuerySet:
        """Planned, and the day has passed."""
        return self.filter(state=_S.PLANNED, due_on__lt=timezone.localdate())


@history.track(exclude=["form_token"])
class Recommendation(Record):
    """What an external office recommends, and what came of it. Its text stays as it was filed; the organisation
    answers, by somebody who is not of an external office; a plan has an owner and a day.

    `about_kind` and `about_id` name whom it is for; without them it is for the whole organisation.
    """

    office = models.ForeignKey(
        Office, on_delete=models.PROTECT, related_name="recommendations", verbose_name=_("office")
    )
    filed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="filed_recommendations",
        verbose_name=_("filed by"),
    )
    filed_at = models.DateTimeField(_("filed at"), default=timezone.now, editable=False)
    form_token = models.UUIDField(unique=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    finding = models.TextField(_("finding"))
    evidence = models.TextField(_("evidence"))
    proposal = models.TextField(_("proposal"))
    expected_effect = models.TextField(_("expected effect"))
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority, default=Priority.MEDIUM)
    assessment = models.ForeignKey(
        Assessment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="recommendations",
        verbose_name=_("assessment"),
    )
    about_kind = models.CharField(
        _("for"), max_length=12, blank=True, choices=[(kind.value, kind.label) for kind in ABOUT_KINDS]
    )
    about_id = models.BigIntegerField(null=True, blank=True)

    state = models.CharField(
        _("state"), max_length=10, choices=RecommendationState, default=RecommendationState.FILED, editable=False
    )
    answer = models.TextField(_("answer"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="owned_recommendations",
        verbose_name=_("owner"),
    )
    due_on = models.DateField(_("to be done by"), null=True, blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    effect = models.TextField(_("effect seen"), blank=True)
    effect_at = models.DateTimeField(_("effect written at"), null=True, blank=True, editable=False)
    effect_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("effect written by"),
    )
    is_demo = models.BooleanField(default=False, editable=False)

    objects = RecommendationQuerySet.as_manager()

    class Meta:
        verbose_name = _("recommendation")
        verbose_name_plural = _("recommendations")
        constraints = [
            models.CheckConstraint(
                condition=Q(about_kind="", about_id__isnull=True) | (~Q(about_kind="") & Q(about_id__isnull=False)),
                name="recommendation_about_names_its_record",
            ),
            models.CheckConstraint(
                condition=Q(state=_S.FILED, answered_at__isnull=True, answered_by__isnull=True)
                | Q(state__in=_ANSWERED, answered_at__isnull=False, answered_by__isnull=False),
                name="recommendation_answered_at_by_when_answered",
            ),
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | ~Q(answered_by=F("filed_by")),
                name="recommendation_answered_by_somebody_else",
            ),
            models.CheckConstraint(
                condition=~Q(state=_S.REJECTED) | ~Q(answer=""), name="recommendation_rejected_with_reason"
            ),
            models.CheckConstraint(
                condition=Q(state__in=_WITH_OWNER, owner__isnull=False, due_on__isnull=False)
                | (~Q(state__in=_WITH_OWNER) & Q(owner__isnull=True, due_on__isnull=True)),
                name="recommendation_plan_has_owner_and_day",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[_S.DONE, _S.EVALUATED], done_at__isnull=False, done_by__isnull=False)
                | (~Q(state__in=[_S.DONE, _S.EVALUATED]) & Q(done_at__isnull=True, done_by__isnull=True)),
                name="recommendation_done_at_by_when_done",
            ),
            models.CheckConstraint(
                condition=(Q(state=_S.EVALUATED, effect_at__isnull=False, effect_by__isnull=False) & ~Q(effect=""))
                | (~Q(state=_S.EVALUATED) & Q(effect_at__isnull=True, effect_by__isnull=True, effect="")),
                name="recommendation_effect_at_by_when_seen",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "priority", "-filed_at"], name="recommendation_waiting"),
            # the reminders look for plans whose day has passed
            models.Index(fields=["due_on"], name="recommendation_planned", condition=Q(state="planned")),
        ]
        triggers = [
            pgtrigger.Protect(
                name="filed_text_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.AnyChange(
                    "office", "filed_by", "filed_at", "title", "finding", "evidence", "proposal", "expected_effect",
                    "priority", "assessment", "about_kind", "about_id",
                ),
            ),
            pgtrigger.Protect(name="recommendation_is_never_deleted", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="answer_stays",
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.answered_by_id IS NOT NULL AND (NEW.answered_by_id IS DISTINCT FROM OLD.answered_by_id"
                    " OR NEW.answered_at IS DISTINCT FROM OLD.answered_at"
                    " OR (OLD.state IN ('rejected', 'evaluated') AND NEW.state <> OLD.state))"
                ),
            ),
            pgtrigger.Trigger(
                name="organisation_answers",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=f"""
                    IF EXISTS (SELECT 1 FROM strategy_officemember m WHERE {_NEWLY_NAMED}) THEN
                        RAISE EXCEPTION 'an external office does not answer what it recommends';
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608  the only text that goes in is ours
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.title

    @property
    def is_overdue(self) -> bool:
        return self.state == _S.PLANNED and self.due_on is not None and self.due_on < timezone.localdate()


@history.track()
class EvidenceLink(models.Model):
    """A record that a recommendation rests on, by kind and id. Shown to whoever may know that record."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.CASCADE, related_name="links", verbose_name=_("recommendation")
    )
    kind = models.CharField(_("kind"), max_length=12, choices=RecordKind)
    object_id = models.BigIntegerField()

    class Meta:
        verbose_name = _("link of a recommendation")
        verbose_name_plural = _("links of recommendations")
        constraints = [
            models.UniqueConstraint(fields=["recommendation", "kind", "object_id"], name="evidencelink_once")
        ]
        triggers = [pgtrigger.Protect(name="link_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.object_id}"


@history.track()
class RecommendationNote(models.Model):
    """How a planned recommendation goes; written once."""

    recommendation = models.ForeignKey(
        Recommendation, on_delete=models.CASCADE, related_name="notes", verbose_name=_("recommendation")
    )
    text = models.TextField(_("note"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("written by")
    )
    written_at = models.DateTimeField(_("written at"), db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("progress note")
        verbose_name_plural = _("progress notes")
        triggers = [pgtrigger.Protect(name="note_stays", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text[:60]

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import Permission
from common import history
from common.models import Record
from strategy import records
from strategy.enums import SUBJECT_KINDS, AssessmentState, RecordKind, Score
from strategy.models.advisers import OfficeMember
from strategy.models.offices import Goal, Office

if TYPE_CHECKING:
    from accounts.models import User


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, user: User) -> AssessmentQuerySet:
        """One's own; and submitted ones of which one may know the subject: those of the own office for its
        people, all for who reads advice in the organisation.
        """
        if not user.can(Permission.ADVICE_VIEW):
            return self.none()
        submitted = Q(state=AssessmentState.SUBMITTED)
        submitted &= records.about(user, Permission.ADVICE_VIEW, SUBJECT_KINDS, "subject")
        if user.is_external:
            office = OfficeMember.objects.in_force().filter(user=user).values("office_id")
            submitted &= Q(office__in=office)
        return self.filter(submitted | Q(assessor=user))

    def submitted(self) -> AssessmentQuerySet:
        return self.filter(state=AssessmentState.SUBMITTED)


@history.track(exclude=["form_token"])
class Assessment(Record):
    """An external adviser's judgement of how well workflows of a subject serve goals. Once submitted nothing of
    it changes; a later look is another assessment.
    """

    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("office"))
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assessments", verbose_name=_("assessor")
    )
    form_token = models.UUIDField(unique=True, editable=False)
    title = models.CharField(_("title"), max_length=160)
    subject_kind = models.CharField(
        _("what is assessed"), max_length=12, choices=[(kind.value, kind.label) for kind in SUBJECT_KINDS]
    )
    subject_id = models.BigIntegerField()
    conclusion = models.TextField(_("conclusion"), blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=AssessmentState, default=AssessmentState.DRAFT, editable=False
    )
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    is_demo = models.BooleanField(default=False, editable=False)

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=AssessmentState.DRAFT, submitted_at__isnull=True)
                | Q(state=AssessmentState.SUBMITTED, submitted_at__isnull=False),
                name="assessment_submitted_at_when_submitted",
            ),
        ]
        indexes = [models.Index(fields=["-created_at"], name="assessment_newest")]
        triggers = [
            pgtrigger.Protect(
                name="submitted_assessment_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__state=AssessmentState.SUBMITTED),
            ),
            pgtrigger.Protect(
                name="assessor_stays", operation=pgtrigger.Update, condition=pgtrigger.AnyChange("assessor", "office")
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_submitted(self) -> bool:
        return self.state == AssessmentState.SUBMITTED

    @property
    def subject_label(self) -> str:
        return str(RecordKind(self.subject_kind).label)


@history.track()
class Rating(models.Model):
    """One cell: how well a workflow serves a goal, with what was seen. Without a score it is not rated yet."""

    assessment = models.ForeignKey(
        Assessment, on_delete=models.CASCADE, related_name="ratings", verbose_name=_("assessment")
    )
    position = models.PositiveSmallIntegerField(_("place of the workflow"))
    workflow = models.CharField(_("workflow"), max_length=80)
    goal = models.ForeignKey(Goal, on_delete=models.PROTECT, related_name="ratings", verbose_name=_("goal"))
    score = models.PositiveSmallIntegerField(_("score"), choices=Score, null=True, blank=True)
    evidence = models.TextField(_("evidence"), blank=True)

    class Meta:
        verbose_name = _("rating")
        verbose_name_plural = _("ratings")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "workflow", "goal"], name="rating_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__range=(1, 5)), name="rating_score_from_1_to_5"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="submitted_rating_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("holder", "RECORD")],
                func="""
                    IF TG_OP = 'DELETE' THEN holder := OLD; ELSE holder := NEW; END IF;
                    IF EXISTS (
                        SELECT 1 FROM strategy_assessment a
                        WHERE a.id = holder.assessment_id AND a.state = 'submitted'
                    ) THEN
                        RAISE EXCEPTION 'a submitted assessment does not change';
                    END IF;
                    RETURN holder;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.workflow} · {self.goal_id}"

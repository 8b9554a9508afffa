from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from common import history
from common.models import Record
from projects.enums import DecisionState, IssueStatus, RiskResponse, RiskStatus, Severity
from projects.models.project import Project

if TYPE_CHECKING:
    from accounts.models import User

_ONE_TO_FIVE = [MinValueValidator(1), MaxValueValidator(5)]


class RiskQuerySet(models.QuerySet["Risk"]):
    def visible_to(self, user: User) -> RiskQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> RiskQuerySet:
        return self.filter(status=RiskStatus.OPEN)


@history.track(exclude=["score"])
class Risk(Record):
    """What may go wrong: probability and impact from 1 to 5, their product is the score."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="risks", verbose_name=_("project"))
    title = models.CharField(_("risk"), max_length=200)
    description = models.TextField(_("cause and effect"), blank=True)
    probability = models.PositiveSmallIntegerField(_("probability (1–5)"), validators=_ONE_TO_FIVE)
    impact = models.PositiveSmallIntegerField(_("impact (1–5)"), validators=_ONE_TO_FIVE)
    score = models.GeneratedField(
        expression=F("probability") * F("impact"), output_field=models.SmallIntegerField(), db_persist=True
    )
    response = models.CharField(_("response"), max_length=10, choices=RiskResponse, blank=True)
    response_plan = models.TextField(_("what we do about it"), blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="risks",
        verbose_name=_("owner"),
    )
    review_on = models.DateField(_("next review"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=RiskStatus, default=RiskStatus.OPEN)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)

    objects = RiskQuerySet.as_manager()

    class Meta:
        verbose_name = _("risk")
        verbose_name_plural = _("risks")
        constraints = [
            models.CheckConstraint(
                condition=Q(probability__range=(1, 5), impact__range=(1, 5)), name="risk_on_the_matrix"
            ),
            models.CheckConstraint(
                condition=Q(status=RiskStatus.OPEN, closed_on__isnull=True)
                | (~Q(status=RiskStatus.OPEN) & Q(closed_on__isnull=False)),
                name="risk_closed_on_when_closed",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-score"], name="risk_open_worst", condition=Q(status="open")),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="risk_title_trigram"),
        ]

    def __str__(self) -> str:
        return self.title


class IssueQuerySet(models.QuerySet["Issue"]):
    def visible_to(self, user: User) -> IssueQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def open(self) -> IssueQuerySet:
        return self.filter(status=IssueStatus.OPEN)

    def blockers(self) -> IssueQuerySet:
        return self.open().filter(is_blocker=True)


@history.track()
class Issue(Record):
    """What has gone wrong. One that stops work is a blocker."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="issues", verbose_name=_("project"))
    title = models.CharField(_("issue"), max_length=200)
    description = models.TextField(_("description"), blank=True)
    severity = models.PositiveSmallIntegerField(_("severity"), choices=Severity, default=Severity.MEDIUM)
    is_blocker = models.BooleanField(_("blocker: work stands still"), default=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="issues",
        verbose_name=_("owner"),
    )
    opened_on = models.DateField(_("opened on"))
    due_on = models.DateField(_("to be solved by"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=10, choices=IssueStatus, default=IssueStatus.OPEN)
    resolved_on = models.DateField(_("resolved on"), null=True, blank=True)
    resolution = models.TextField(_("how it was solved"), blank=True)

    objects = IssueQuerySet.as_manager()

    class Meta:
        verbose_name = _("issue")
        verbose_name_plural = _("issues")
        constraints = [
            models.CheckConstraint(
                condition=Q(status=IssueStatus.OPEN, resolved_on__isnull=True)
                | Q(status=IssueStatus.RESOLVED, resolved_on__isnull=False),
                name="issue_resolved_on_when_resolved",
            ),
        ]
        indexes = [
            models.Index(
                fields=["project", "opened_on"],
                include=["is_blocker"],
                name="issue_open_oldest",
                condition=Q(status="open"),
            ),
            GinIndex(OpClass(Upper("title"), name="gin_trgm_ops"), name="issue_title_trigram"),
        ]

    def __str__(self) -> str:
        return self.title


class DecisionQuerySet(models.QuerySet["Decision"]):
    def visible_to(self, user: User) -> DecisionQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))

    def wanted(self) -> DecisionQuerySet:
        return self.filter(state=DecisionState.WANTED)


@history.track()
class Decision(Record):
    """A question with options that somebody holds; once taken it never changes."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="decisions", verbose_name=_("project"))
    question = models.CharField(_("question"), max_length=300)
    options = models.TextField(_("options"), blank=True)
    recommendation = models.TextField(_("recommendation"), blank=True)
    holder = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="held_decisions",
        verbose_name=_("who decides"),
    )
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="raised_decisions", verbose_name=_("raised by")
    )
    raised_on = models.DateField(_("raised on"))
    needed_by = models.DateField(_("needed by"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=DecisionState, default=DecisionState.WANTED)
    outcome = models.TextField(_("decision"), blank=True)
    rationale = models.TextField(_("why"), blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="taken_decisions",
        verbose_name=_("decided by"),
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DecisionState.TAKEN, decided_at__isnull=False, decided_by__isnull=False)
                | (~Q(state=DecisionState.TAKEN) & Q(decided_at__isnull=True, decided_by__isnull=True)),
                name="decision_decided_at_by_when_taken",
            ),
        ]
        indexes = [
            models.Index(fields=["needed_by"], name="decision_wanted", condition=Q(state="wanted")),
            models.Index(fields=["project"], name="decision_wanted_project", condition=Q(state="wanted")),
            GinIndex(OpClass(Upper("question"), name="gin_trgm_ops"), name="decision_question_trigram"),
        ]

    def __str__(self) -> str:
        return self.question

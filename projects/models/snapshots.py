from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from projects.enums import Colour, Dimension, MoneyMeasure, SnapshotSource
from projects.models.portfolio import Portfolio
from projects.models.project import Project

if TYPE_CHECKING:
    from accounts.models import User


def _colour() -> models.CharField[str, str]:
    return models.CharField(max_length=12, choices=Colour, default=Colour.GREY)


def _days() -> models.IntegerField[int | None, int | None]:
    return models.IntegerField(null=True, blank=True)


def _count() -> models.PositiveIntegerField[int, int]:
    return models.PositiveIntegerField(default=0)


def _money() -> models.DecimalField[Any, Any]:
    return models.DecimalField(max_digits=20, decimal_places=2, null=True, blank=True)


class FactRow(models.Model):
    """The facts and the health of a project at one moment. The columns are the fact catalogue
    (`projects.facts`) read out, so lists, filters, charts and reports need no look at the items behind.

    Null means not known. `withheld` names the money measures that are withheld. `signals` holds what
    fired or could not be judged: a list of {"code", "dimension", "colour", "params", "records"}.
    `rank` orders by need of attention: the worst of declared and computed colour, 0 (on track) to 5.
    """

    status = models.CharField(max_length=12)
    category = models.CharField(max_length=120, blank=True)
    phase_name = models.CharField(max_length=80, blank=True)
    declared = models.CharField(max_length=12, choices=Colour, default=Colour.NOT_ASSESSED)
    declared_scale = models.PositiveSmallIntegerField(default=3)
    declared_schedule = models.CharField(max_length=12, choices=Colour, blank=True)
    declared_cost = models.CharField(max_length=12, choices=Colour, blank=True)
    declared_scope = models.CharField(max_length=12, choices=Colour, blank=True)
    declared_risk = models.CharField(max_length=12, choices=Colour, blank=True)
    last_update_on = models.DateField(null=True, blank=True)
    update_age_days = _days()
    is_stale = models.BooleanField(default=True)
    computed = _colour()
    schedule = _colour()
    cost = _colour()
    scope = _colour()
    risk = _colour()
    freshness = _colour()
    rank = models.PositiveSmallIntegerField(default=0)
    signals: models.JSONField[Any, Any] = models.JSONField(default=list)

    start_on = models.DateField(null=True, blank=True)
    baseline_finish_on = models.DateField(null=True, blank=True)
    forecast_finish_on = models.DateField(null=True, blank=True)
    actual_finish_on = models.DateField(null=True, blank=True)
    slip_days = _days()
    moved_days = _days()
    currency = models.CharField(max_length=3)
    baseline_cost = _money()
    forecast_cost = _money()
    actual_cost = _money()
    whole_life_cost = _money()
    benefits = _money()
    withheld: ArrayField[Any, Any] = ArrayField(
        models.CharField(max_length=20, choices=MoneyMeasure), default=list, blank=True
    )
    cost_variance_percent = models.DecimalField(max_digits=12, decimal_places=1, null=True, blank=True)

    milestones_total = _count()
    milestones_reached = _count()
    milestones_overdue = _count()
    milestones_due_soon = _count()
    next_milestone_name = models.CharField(max_length=200, blank=True)
    next_milestone_on = models.DateField(null=True, blank=True)
    risks_open = _count()
    top_risk_score = models.PositiveSmallIntegerField(null=True, blank=True)
    issues_open = _count()
    blockers_open = _count()
    oldest_blocker_days = _days()
    decisions_wanted = _count()
    decisions_overdue = _count()
    asks_open = _count()
    changes_open = models.PositiveIntegerField(default=0, db_default=0)

    class Meta:
        abstract = True


class SnapshotSet(models.Model):
    """All snapshots of a portfolio at one date from one source. `is_complete` says that the set holds the
    whole portfolio, so that joiners and leavers can be told by comparing it with the one before.
    """

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="snapshot_sets")
    as_of = models.DateField(_("as of"))
    source = models.CharField(_("source"), max_length=8, choices=SnapshotSource)
    scale = models.PositiveSmallIntegerField(default=3)
    is_complete = models.BooleanField(default=True)
    made_at = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = _("set of snapshots")
        verbose_name_plural = _("sets of snapshots")
        constraints = [models.UniqueConstraint(fields=["portfolio", "as_of", "source"], name="snapshotset_once")]
        indexes = [models.Index(fields=["portfolio", "source", "-as_of"], name="snapshotset_newest")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} · {self.as_of}"


class SnapshotQuerySet(models.QuerySet["Snapshot"]):
    def visible_to(self, user: User) -> SnapshotQuerySet:
        return self.filter(project__in=Project.objects.visible_to(user))


class Snapshot(FactRow):
    """The facts and health of a project at the date of its set. Written once, never changed."""

    snapshot_set = models.ForeignKey(SnapshotSet, on_delete=models.CASCADE, related_name="snapshots")
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="snapshots")
    org_unit_name = models.CharField(max_length=200, blank=True)
    name = models.CharField(max_length=300)

    objects = SnapshotQuerySet.as_manager()

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        constraints = [models.UniqueConstraint(fields=["snapshot_set", "project"], name="snapshot_once")]
        indexes = [models.Index(fields=["project", "-snapshot_set"], name="snapshot_of_project")]

    def __str__(self) -> str:
        return f"{self.name} · {self.snapshot_set_id}"


class ProjectState(FactRow):
    """The facts and health of a project now: rewritten after each change of the project and by the sweep
    when a day passes. Lists, the dashboard and My work read this one row instead of all items.

    `worsened` compares with the newest weekly snapshot; `trend` is its last colours, oldest first, and now.
    """

    project = models.OneToOneField(Project, on_delete=models.CASCADE, primary_key=True, related_name="state")
    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="+")
    as_of = models.DateField()
    computed_at = models.DateTimeField()
    previous_computed = models.CharField(max_length=12, choices=Colour, blank=True)
    previous_declared = models.CharField(max_length=12, choices=Colour, blank=True)
    worsened = models.BooleanField(default=False)
    trend: ArrayField[Any, Any] = ArrayField(models.CharField(max_length=12), default=list, blank=True)

    class Meta:
        verbose_name = _("state of a project")
        verbose_name_plural = _("states of projects")
        indexes = [
            models.Index(fields=["-rank", "project"], name="projectstate_worst"),
            models.Index(fields=["portfolio", "-rank", "project"], name="projectstate_worst_in"),
            models.Index(fields=["portfolio", "computed_at"], name="projectstate_changed"),
            models.Index(fields=["portfolio", "-rank"], name="projectstate_worsened", condition=Q(worsened=True)),
            models.Index(
                models.F("last_update_on").asc(nulls_first=True),
                "project",
                name="projectstate_stalest",
                condition=Q(is_stale=True),
            ),
            models.Index(fields=["computed"], include=["project"], name="projectstate_by_colour"),
            # a filter that most projects pass is counted from an index alone, and not from rows thirty times as wide:
            # the usual filters from the first of these two, which is a third of the second
            models.Index(
                fields=["project"],
                include=["is_stale", "worsened", "computed", "declared"],
                name="projectstate_headlines",
            ),
            models.Index(
                fields=["project"],
                include=[
                    "is_stale",
                    "worsened",
                    "computed",
                    "declared",
                    *Dimension.values,
                    "milestones_overdue",
                    "milestones_due_soon",
                    "blockers_open",
                    "decisions_wanted",
                    "cost_variance_percent",
                    "forecast_finish_on",
                ],
                name="projectstate_filtered",
            ),
            models.Index(fields=["as_of"], name="projectstate_oldest"),
            models.Index(fields=["forecast_finish_on", "project"], name="projectstate_by_finish"),
            models.Index(fields=["forecast_cost", "project"], name="projectstate_by_cost"),
        ]

    def __str__(self) -> str:
        return f"{self.project_id} · {self.computed}"


class Rollup(models.Model):
    """The sums of one portfolio's own live projects: for a snapshot set, or now when there is none.

    Confidential projects are summed apart, so that a page adds up just what its reader may see. `data`:
    {"projects", "stale", "worsened", "improved", "late", "declared", "declared_shown", "computed": {colour: n},
    "scales": {points: n}, "dimensions": {dimension: {colour: n}}, "categories", "org_units", "phases": {name: n},
    "sums": {measure: {currency: {"amount": "123.00", "known": n, "withheld": n, "projects": n}}},
    "milestones": {"total", "reached", "overdue", "due_soon"}, "risks_open", "issues_open", "blockers_open",
    "decisions_wanted", "decisions_overdue", "asks_open"}, and for now "fingerprint": of the states summed up.
    """

    portfolio = models.ForeignKey(Portfolio, on_delete=models.CASCADE, related_name="rollups")
    snapshot_set = models.ForeignKey(
        SnapshotSet, on_delete=models.CASCADE, null=True, blank=True, related_name="rollups"
    )
    is_confidential = models.BooleanField(default=False)
    as_of = models.DateField()
    computed_at = models.DateTimeField()
    data: models.JSONField[Any, Any] = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("roll-up")
        verbose_name_plural = _("roll-ups")
        constraints = [
            models.UniqueConstraint(
                fields=["portfolio", "snapshot_set", "is_confidential"], name="rollup_once", nulls_distinct=False
            )
        ]
        indexes = [models.Index(fields=["portfolio", "-as_of"], name="rollup_newest")]

    def __str__(self) -> str:
        return f"{self.portfolio_id} · {self.as_of}"

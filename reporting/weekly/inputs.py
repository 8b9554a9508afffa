"""What a weekly report is made from, read once and then frozen as plain data with its slot.

Everything is judged as of the slot's last day: a milestone reached later was open then. Lists are cut to
`CAP` or `SHORT` rows with their full count beside them, so a report on 10,000 projects is as long as one on 100.
Confidential projects are left out of everything here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Window
from django.db.models.functions import Coalesce

from common import seals
from projects.enums import DecisionState, SnapshotSource
from projects.models import (
    Ask,
    Decision,
    Issue,
    Milestone,
    Portfolio,
    Project,
    Risk,
    Rollup,
    Snapshot,
    SnapshotSet,
    Update,
)
from reporting.models import ReportSlot

CAP: Final = 25
"""Longest list of what needs somebody to act; what does not fit is counted."""

SHORT: Final = 10
"""Longest list of what is good to know."""

LONGEST_TEXT: Final = 500
SOON = dt.timedelta(days=14)
TREND = dt.timedelta(weeks=12)

Rows = dict[str, Any]
"""{"total": how many there are, "rows": the first of them}"""


def covered(portfolio: Portfolio) -> list[Portfolio]:
    """The portfolio and the programmes below it that hold projects, in the order of the tree. One query."""
    holds = Project.objects.filter(portfolio=OuterRef("pk"))
    below = Portfolio.objects.filter(path__startswith=portfolio.path)
    return list(below.filter(Q(pk=portfolio.pk) | Exists(holds)))


def gather(slot: ReportSlot, sets: list[SnapshotSet], *, late_days: int) -> dict[str, Any]:
    """All inputs of the slot's report as plain data: `sets` are the snapshots just taken. About 12 queries."""
    return _Gathering(slot, sets).all() | {"late_days": late_days}


@dataclass
class _Gathering:
    slot: ReportSlot
    sets: list[SnapshotSet]

    def all(self) -> dict[str, Any]:
        return {
            "v": 1,
            "portfolio": self.portfolio(),
            "sets": [found.pk for found in self.sets],
            "previous_sets": [found.pk for found in self.previous],
            "previous_as_of": max((found.as_of.isoformat() for found in self.previous), default=None),
            "until": self.until(),
            "hidden": self.hidden,
            "trend": self.trend(),
            "milestones_due": self.milestones_due(),
            "milestones_missed": self.milestones_missed(),
            "risks": self.risks(),
            "blockers": self.blockers(),
            "asks": self.asks(),
            "decisions": self.decisions(),
            "updates": self.updates(),
            "history": self.history(),
        }

    def portfolio(self) -> dict[str, Any]:
        portfolio = self.slot.portfolio
        return {
            "id": portfolio.pk,
            "name": portfolio.name,
            "slug": portfolio.slug,
            "office": portfolio.office.name,
            "time_zone": self.slot.time_zone,
            "currency": portfolio.currency,
            "scale": portfolio.colour_scale,
            "programmes": len(self.sets) - 1,
        }

    @staticmethod
    def history() -> dict[str, Any] | None:
        """The head of the sealed history: printed and mailed, it lies where nobody can chain the log anew."""
        head = seals.head()
        return {"seal": head.number, "head": head.hash, "sealed_at": head.sealed_at.isoformat()} if head else None

    @cached_property
    def previous(self) -> list[SnapshotSet]:
        """The newest weekly set before this week of each portfolio."""
        portfolios = [found.portfolio_id for found in self.sets]
        earlier = SnapshotSet.objects.filter(
            portfolio__in=portfolios, source=SnapshotSource.WEEKLY, as_of__lt=self.slot.as_of
        )
        return list(earlier.order_by("portfolio_id", "-as_of").distinct("portfolio_id"))

    def until(self) -> int:
        """The newest snapshot there is; rows that are added to a set later are not part of this report."""
        taken = Snapshot.objects.filter(snapshot_set__in=[*self.sets, *self.previous])
        return taken.aggregate(newest=Max("pk"))["newest"] or 0

    @cached_property
    def hidden(self) -> list[int]:
        taken = Snapshot.objects.filter(snapshot_set__in=[*self.sets, *self.previous], project=OuterRef("pk"))
        confidential = Project.objects.filter(is_confidential=True).filter(Exists(taken))
        return list(confidential.order_by("pk").values_list("pk", flat=True))

    @cached_property
    def projects(self) -> QuerySet[Project]:
        """The projects that the report is on."""
        taken = Snapshot.objects.filter(snapshot_set__in=self.sets).values("project_id")
        return Project.objects.filter(pk__in=taken, is_confidential=False)

    def trend(self) -> list[dict[str, Any]]:
        """Counts per colour of the last weeks and this one, oldest first, from the roll-ups."""
        portfolios = [found.portfolio_id for found in self.sets]
        rollups = Rollup.objects.filter(
            portfolio__in=portfolios,
            is_confidential=False,
            snapshot_set__source=SnapshotSource.WEEKLY,
            as_of__range=(self.slot.as_of - TREND, self.slot.as_of),
        )
        weeks: dict[str, dict[str, int]] = {}
        for as_of, counts in rollups.order_by("as_of", "portfolio_id").values_list("as_of", "data__computed"):
            week = weeks.setdefault(as_of.isoformat(), {})
            for colour, count in sorted((counts or {}).items()):
                week[colour] = week.get(colour, 0) + count
        return [{"as_of": as_of, "computed": counts} for as_of, counts in weeks.items()]

    def _milestones(self) -> QuerySet[Any]:
        """Those open at the end of the week, with `due_on`: the forecast, else the baseline."""
        open_then = Q(actual_on__isnull=True) | Q(actual_on__gt=self.slot.as_of)
        due_on = Coalesce("forecast_on", "baseline_on")
        found: QuerySet[Any] = Milestone.objects.filter(open_then, project__in=self.projects).annotate(due_on=due_on)
        return found

    def milestones_due(self) -> Rows:
        after, until = self.slot.as_of, self.slot.as_of + SOON
        due = self._milestones().filter(due_on__gt=after, due_on__lte=until).order_by("due_on", "pk")
        return _rows(due, ["name", "due_on", "baseline_on", "is_gate"], cap=SHORT)

    def milestones_missed(self) -> Rows:
        """Due and not reached at the end of the week, those of this week first."""
        missed = self._milestones().filter(due_on__lte=self.slot.as_of).order_by("-due_on", "pk")
        monday = self.slot.as_of - dt.timedelta(days=6)
        return _rows(missed, ["name", "due_on", "baseline_on", "is_gate"], this_week=Q(due_on__gte=monday))

    def risks(self) -> Rows:
        open_then = Q(closed_on__isnull=True) | Q(closed_on__gt=self.slot.as_of)
        risks = Risk.objects.filter(open_then, project__in=self.projects).order_by("-score", "pk")
        return _rows(risks, ["title", "score", "probability", "impact", "response_plan", "owner__name"], cap=SHORT)

    def blockers(self) -> Rows:
        as_of = self.slot.as_of
        open_then = Q(resolved_on__isnull=True) | Q(resolved_on__gt=as_of)
        found = Issue.objects.filter(open_then, is_blocker=True, opened_on__lte=as_of, project__in=self.projects)
        return _rows(found.order_by("opened_on", "pk"), ["title", "opened_on", "due_on", "severity", "owner__name"])

    def asks(self) -> Rows:
        open_then = Q(answered_at__isnull=True) | Q(answered_at__gte=self.slot.ends_at)
        asked = Q(update_asked_in__isnull=True) | Q(update_asked_in__as_of__lte=self.slot.as_of)
        found = Ask.objects.filter(open_then, asked, project__in=self.projects)
        return _rows(found.order_by(F("needed_by").asc(nulls_last=True), "pk"), ["text", "needed_by", "asked_of__name"])

    def decisions(self) -> Rows:
        wanted_then = Q(state=DecisionState.WANTED) | Q(decided_at__gte=self.slot.ends_at)
        found = Decision.objects.filter(wanted_then, raised_on__lte=self.slot.as_of, project__in=self.projects)
        fields = ["question", "raised_on", "needed_by", "recommendation", "holder__name"]
        return _rows(found.order_by(F("needed_by").asc(nulls_last=True), "pk"), fields)

    def updates(self) -> Rows:
        """Updates on this week."""
        monday = self.slot.as_of - dt.timedelta(days=6)
        in_week = Q(as_of__range=(monday, self.slot.as_of))
        found = Update.objects.in_force().filter(in_week, project__in=self.projects, is_imported=False)
        return _rows(found.order_by("-as_of", "-pk"), ["as_of", "declared", "accomplished", "author__name"], cap=SHORT)


def _rows(queryset: QuerySet[Any], fields: list[str], *, cap: int = CAP, **counted: Q) -> Rows:
    """The first rows as plain values with their project, the full count, and how many fulfil each of
    `counted`. One query: the counts are windows over the whole result.
    """
    windows = {"n_all": Window(Count("pk"))} | {
        f"n_{name}": Window(Count("pk", filter=condition)) for name, condition in counted.items()
    }
    wanted = [*fields, "project_id", "project__name", *windows]
    found = list(queryset.annotate(**windows).values(*wanted)[:cap])
    first = found[0] if found else {}
    counts = {name: first.get(f"n_{name}", 0) for name in counted}
    return {"total": first.get("n_all", 0), **counts, "rows": [_plain(row, fields) for row in found]}


def _plain(row: dict[str, Any], fields: list[str]) -> dict[str, Any]:
    values = {name.replace("__name", ""): row[name] for name in fields}
    return {
        "project": row["project_id"],
        "project_name": row["project__name"],
        **{name: _value(value) for name, value in values.items()},
    }


def _value(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return value[:LONGEST_TEXT].rstrip() + "…"
    return value

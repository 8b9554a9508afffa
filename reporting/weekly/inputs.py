"""What a weekly report is made from, read once and then frozen as plain data with its slot.

Everything is judged as of the slot's last day: a milestone reached later was open then. Lists are cut to
`CAP` or `SHORT` rows with their full count beside them, so a report on 10,000 projects is as long as one on 100.
Confidential projects are left out of everything here.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BigIntegerField, Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery, Value, Window
from django.db.models.expressions import OrderBy
from django.db.models.functions import Coalesce, JSONObject, Now, RowNumber

from common.seals import chain
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
NEEDED_FIRST: Final = F("needed_by").asc(nulls_last=True)

Rows = dict[str, Any]
"""{"total": how many there are, "rows": the first of them}"""


def covered(portfolio: Portfolio) -> list[Portfolio]:
    """The portfolio and the programmes below it that hold projects, in the order of the tree. One query."""
    holds = Project.objects.filter(portfolio=OuterRef("pk"))
    below = Portfolio.objects.filter(path__startswith=portfolio.path)
    return list(below.filter(Q(pk=portfolio.pk) | Exists(holds)))


def gather(slot: ReportSlot, sets: list[SnapshotSet]) -> dict[str, Any]:
    """All inputs of the slot's report as plain data: `sets` are the snapshots just taken. Three queries."""
    return _Gathering(slot, sets).all()


@dataclass
class _Gathering:
    slot: ReportSlot
    sets: list[SnapshotSet]

    def all(self) -> dict[str, Any]:
        taken = {found.pk for found in self.sets}
        pks, days, newest, hidden, now = zip(*self._read_sets(), strict=True)
        previous = [(pk, day) for pk, day in zip(pks, days, strict=True) if pk not in taken]
        return {
            "v": 1,
            "late_days": max((now[0] - self.slot.due_at).days, 0),
            "portfolio": self.portfolio(),
            "sets": [found.pk for found in self.sets],
            "previous_sets": [pk for pk, _as_of in previous],
            "previous_as_of": max((as_of.isoformat() for _pk, as_of in previous), default=None),
            "until": max(pk or 0 for pk in newest),
            "hidden": sorted({pk for pks in hidden for pk in pks}),
            "trend": self.trend(),
            **_read({
                "milestones_due": self.milestones_due(),
                "milestones_missed": self.milestones_missed(),
                "risks": self.risks(),
                "blockers": self.blockers(),
                "asks": self.asks(),
                "decisions": self.decisions(),
                "updates": self.updates(),
            }),
            "history": self.history(),
        }  # fmt: skip

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
        head = chain.head()
        return {"seal": head.number, "head": head.hash, "sealed_at": head.sealed_at.isoformat()} if head else None

    def _read_sets(self) -> list[tuple[int, dt.date, int | None, list[int], dt.datetime]]:
        """The sets of this week and, for each portfolio, the newest weekly one before: id and day, the newest
        snapshot in it, its confidential projects, and the database's clock. One query.
        """
        earlier = SnapshotSet.objects.filter(
            portfolio__in=[found.portfolio_id for found in self.sets],
            source=SnapshotSource.WEEKLY,
            as_of__lt=self.slot.as_of,
        )
        previous = earlier.order_by("portfolio_id", "-as_of").distinct("portfolio_id").values("pk")
        sets = SnapshotSet.objects.filter(Q(pk__in=[found.pk for found in self.sets]) | Q(pk__in=previous))
        snapshots = Snapshot.objects.filter(snapshot_set=OuterRef("pk"))
        newest = Subquery(snapshots.values("snapshot_set").annotate(newest=Max("pk")).values("newest"))
        hidden = ArraySubquery(snapshots.filter(project__is_confidential=True).values("project"))
        return list(sets.order_by("portfolio_id").values_list("pk", "as_of", newest, hidden, Now()))

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

    def milestones_due(self) -> _List:
        after, until = self.slot.as_of, self.slot.as_of + SOON
        due = self._milestones().filter(due_on__gt=after, due_on__lte=until)
        return _List(due, ("due_on", "pk"), ("name", "due_on", "baseline_on", "is_gate"), SHORT)

    def milestones_missed(self) -> _List:
        """Due and not reached at the end of the week, those of this week first."""
        missed = self._milestones().filter(due_on__lte=self.slot.as_of)
        this_week = Q(due_on__gte=self.slot.as_of - dt.timedelta(days=6))
        return _List(missed, ("-due_on", "pk"), ("name", "due_on", "baseline_on", "is_gate"), this_week=this_week)

    def risks(self) -> _List:
        open_then = Q(closed_on__isnull=True) | Q(closed_on__gt=self.slot.as_of)
        risks = Risk.objects.filter(open_then, project__in=self.projects)
        told = ("title", "score", "probability", "impact", "response_plan", "owner__name")
        return _List(risks, ("-score", "pk"), told, SHORT)

    def blockers(self) -> _List:
        as_of = self.slot.as_of
        open_then = Q(resolved_on__isnull=True) | Q(resolved_on__gt=as_of)
        found = Issue.objects.filter(open_then, is_blocker=True, opened_on__lte=as_of, project__in=self.projects)
        return _List(found, ("opened_on", "pk"), ("title", "opened_on", "due_on", "severity", "owner__name"))

    def asks(self) -> _List:
        open_then = Q(answered_at__isnull=True) | Q(answered_at__gte=self.slot.ends_at)
        asked = Q(update_asked_in__isnull=True) | Q(update_asked_in__as_of__lte=self.slot.as_of)
        found = Ask.objects.filter(open_then, asked, project__in=self.projects)
        return _List(found, (NEEDED_FIRST, "pk"), ("text", "needed_by", "asked_of__name"))

    def decisions(self) -> _List:
        wanted_then = Q(state=DecisionState.WANTED) | Q(decided_at__gte=self.slot.ends_at)
        found = Decision.objects.filter(wanted_then, raised_on__lte=self.slot.as_of, project__in=self.projects)
        told = ("question", "raised_on", "needed_by", "recommendation", "holder__name")
        return _List(found, (NEEDED_FIRST, "pk"), told)

    def updates(self) -> _List:
        """Updates on this week."""
        monday = self.slot.as_of - dt.timedelta(days=6)
        in_week = Q(as_of__range=(monday, self.slot.as_of))
        found = Update.objects.in_force().filter(in_week, project__in=self.projects, is_imported=False)
        return _List(found, ("-as_of", "-pk"), ("as_of", "declared", "accomplished", "author__name"), SHORT)


@dataclass(frozen=True, slots=True)
class _List:
    """A list of the report: what is on it, in which order, what is told of each, and the longest it may be.

    With `this_week` it also counts how many fulfil that.
    """

    found: QuerySet[Any]
    order: tuple[str | OrderBy, ...]
    told: tuple[str, ...]
    cap: int = CAP
    this_week: Q | None = None

    def rows(self, name: str) -> QuerySet[Any, Any]:
        """(name, place, all there are, those of this week, what is told): counts are windows over the whole list."""
        told = {path.removesuffix("__name"): F(path) for path in self.told}
        counted = Window(Count("pk", filter=self.this_week)) if self.this_week else Value(0, BigIntegerField())
        numbered = self.found.order_by(*self.order).annotate(
            list=Value(name),
            place=Window(RowNumber(), order_by=list(self.order)),
            total=Window(Count("pk")),
            counted=counted,
            row=JSONObject(project=F("project_id"), project_name=F("project__name"), **told),
        )
        rows: QuerySet[Any, Any] = numbered.values_list("list", "place", "total", "counted", "row")[: self.cap]
        return rows


def _read(lists: dict[str, _List]) -> dict[str, Rows]:
    """The first rows of each list as plain values with their project, and the full count. One query for all."""
    first, *others = [one.rows(name) for name, one in lists.items()]
    read: dict[str, Rows] = {
        name: {"total": 0, **({"this_week": 0} if one.this_week else {}), "rows": []} for name, one in lists.items()
    }
    for name, _place, total, counted, row in sorted(first.union(*others, all=True), key=itemgetter(0, 1)):
        read[name]["total"] = total
        if lists[name].this_week:
            read[name]["this_week"] = counted
        read[name]["rows"].append({key: _short(value) for key, value in row.items()})
    return read


def _short(value: Any) -> Any:
    is_long = isinstance(value, str) and len(value) > LONGEST_TEXT
    return value[:LONGEST_TEXT].rstrip() + "…" if is_long else value

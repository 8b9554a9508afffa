"""Keeping the state of projects and the snapshots: facts are read, judged and written, set-based.

`refresh` is called at the end of every service that changes a project or its items, in the same
transaction. Costs three queries for one project as for a thousand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import transaction
from django.db.models import Exists, F, Func, JSONField, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from common.prepared import IsAnyOf, Prepared
from projects.enums import LIVE_STATUSES, SnapshotSource
from projects.facts import project_facts
from projects.health import Health, Thresholds, is_worse, judge, need_of_attention
from projects.models import Portfolio, Project, ProjectState, Snapshot, SnapshotSet
from projects.services import rollups
from projects.services.bulk import write_rows
from projects.services.rollups import refresh_rollups

__all__ = [
    "organisation_today",
    "put_off",
    "refresh",
    "refresh_outdated",
    "refresh_rollups",
    "take_sets",
    "take_snapshots",
]

CHUNK: Final = 1000
TREND_LENGTH: Final = 8
"""Colours in `ProjectState.trend`, the present one included."""


def organisation_today() -> date:
    """Today where the organisation is, wherever the reader of a page may be."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


_STORED: Final = tuple((fact.column, fact.word) for fact in project_facts.columns())


@dataclass(frozen=True, slots=True)
class Judged:
    """A project's facts, its health and its snapshots before this day, newest first."""

    facts: Mapping[str, Any]
    health: Health
    previous: list[dict[str, Any]]

    @property
    def project_id(self) -> int:
        return int(self.facts["pk"])

    def columns(self) -> dict[str, Any]:
        """The values of every column of `FactRow`."""
        stored = {column: self.facts[word] for column, word in _STORED}
        stored["next_milestone_name"] = stored["next_milestone_name"] or ""
        return {
            **stored,
            **self.health.dimensions,
            "computed": self.health.overall,
            "is_stale": self.health.is_stale,
            "moved_days": self.facts["moved_days"],
            "rank": need_of_attention(self.facts["declared"], self.health),
            "signals": self.health.signal_data(),
        }


_put_off: ContextVar[set[int] | None] = ContextVar("projects whose refresh is put off", default=None)


@contextmanager
def put_off() -> Iterator[None]:
    """Inside, `refresh` only notes the projects; they are refreshed together at the end.

    For many changes in one transaction: a refresh costs about as much for forty projects as for one.
    """
    noted: set[int] = set()
    token = _put_off.set(noted)
    try:
        yield
    finally:
        _put_off.reset(token)
    refresh(noted)


def refresh(project_ids: Iterable[int], *, as_of: date | None = None) -> None:
    """Recompute the state of these projects from their facts. Three queries per 1,000 projects.

    The projects stay locked until the transaction ends, so that of two changes at once the later
    one sees the earlier one's items and neither is missing in the state.
    """
    noted = _put_off.get()
    if noted is not None:
        noted.update(project_ids)
        return
    day = as_of or organisation_today()
    for ids in _chunks(sorted(set(project_ids))):
        with transaction.atomic(savepoint=False):
            write_rows(ProjectState, (_state(judged, day) for judged in _judged(ids, day, lock=True)), key="project_id")


def refresh_outdated(limit: int = 10_000) -> int:
    """Bring up to date what the day has overtaken, and what has no state yet. Returns how many.

    A duty of the sweep: ages, overdue milestones and passed dates change without anybody writing.
    """
    today = organisation_today()
    outdated = Q(state__isnull=True) | Q(state__as_of__lt=today, status__in=LIVE_STATUSES)
    ids = list(Project.objects.filter(outdated).order_by("pk").values_list("pk", flat=True)[:limit])
    for chunk in _chunks(ids):
        refresh(chunk, as_of=today)
    return len(ids)


def take_snapshots(portfolio: Portfolio, *, as_of: date, source: str) -> SnapshotSet:
    """Take the set of one portfolio, see `take_sets`."""
    return take_sets([portfolio], as_of=as_of, source=source)[0]


@transaction.atomic
def take_sets(portfolios: Iterable[Portfolio], *, as_of: date, source: str) -> list[SnapshotSet]:
    """Write down the facts and health of each portfolio's own live projects as of a day; the sets, in their order.

    There is one set per portfolio, day and source, and one snapshot per project in it: calling this
    again adds only what is missing, and two calls at once wait for each other. A programme below has
    a set of its own. Four queries, three per 1,000 projects, and those of the roll-ups.
    """
    asked = list(portfolios)
    wanted = [
        SnapshotSet(portfolio=one, as_of=as_of, source=SnapshotSource(source), scale=one.colour_scale)
        for one in sorted(asked, key=lambda one: one.pk)
    ]
    SnapshotSet.objects.bulk_create(wanted, ignore_conflicts=True)
    there = SnapshotSet.objects.filter(portfolio__in=asked, as_of=as_of, source=source)
    sets = {one.portfolio_id: one for one in there.order_by("portfolio_id").select_for_update()}
    taken = Exists(Snapshot.objects.filter(snapshot_set__in=list(sets.values()), project=OuterRef("pk")))
    missing = Project.objects.filter(portfolio__in=asked).live().exclude(taken)
    grown = set()
    for ids in _chunks(list(missing.order_by("pk").values_list("pk", flat=True))):
        rows = [_snapshot(judged, sets[judged.facts["portfolio_id"]]) for judged in _judged(ids, as_of)]
        write_rows(Snapshot, rows)
        grown |= {row["snapshot_set_id"] for row in rows}
    unsummed = SnapshotSet.objects.filter(pk__in=[one.pk for one in sets.values()], rollups=None)
    rollups.write_set_rollups(sorted(grown | set(unsummed.values_list("pk", flat=True))))
    return [sets[one.pk] for one in asked]


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _judged(ids: list[int], as_of: date, *, lock: bool = False) -> Iterator[Judged]:
    """Two queries: the earlier snapshots (locking the projects first, when asked), then all facts."""
    earlier = dict((_EARLIER_LOCKED if lock else _EARLIER).rows(ids, as_of))
    for facts in project_facts.read_by_id(Project, ids, as_of):
        previous = [
            one
            for one in earlier[facts["pk"]]
            if not (one["source"] == SnapshotSource.IMPORT and one["as_of"] == _iso(facts["imported_as_of"]))
        ][: TREND_LENGTH - 1]
        known = facts | _compared_with(previous[0] if previous else None, facts)
        yield Judged(known, judge(known, Thresholds.of(known)), previous)


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _compared_with(previous: dict[str, Any] | None, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The facts that only an earlier snapshot can tell: whether and how far the forecast finish moved."""
    before = date.fromisoformat(previous["finish"]) if previous and previous["finish"] else None
    now = facts["actual_finish_on"] or facts["forecast_finish_on"]
    moved = (now - before).days if before and now else None
    return {"has_previous": previous is not None, "previous_finish_on": before, "moved_days": moved}


def _with_earlier(projects: QuerySet[Project], as_of: date) -> QuerySet[Project, Any]:
    """Each project with its snapshots before the day, newest first.

    One more than the trend shows: an import's own set is no comparison for the record that came with it.
    """
    sets = SnapshotSet.objects.filter(portfolio=OuterRef(OuterRef("portfolio")), as_of__lt=as_of)
    recent = ArraySubquery(sets.order_by("-as_of", "-pk").values("pk")[:TREND_LENGTH])
    data = JSONObject(
        as_of=F("snapshot_set__as_of"),
        source=F("snapshot_set__source"),
        computed=F("computed"),
        declared=F("declared"),
        scale=F("declared_scale"),
        finish=F("forecast_finish_on"),
    )
    snapshots = Snapshot.objects.filter(IsAnyOf(F("snapshot_set"), recent), project=OuterRef("pk"))
    newest = ArraySubquery(snapshots.order_by("-snapshot_set__as_of", "-snapshot_set").values_list(data))
    earlier = Func(newest, function="TO_JSONB", output_field=JSONField())
    return projects.order_by("pk").annotate(earlier=earlier).values_list("pk", "earlier")


_EARLIER: Final = Prepared(Project, _with_earlier)
_EARLIER_LOCKED: Final = Prepared(
    Project, lambda projects, as_of: _with_earlier(projects.select_for_update(of=("self",), no_key=True), as_of)
)


def _state(judged: Judged, as_of: date) -> dict[str, Any]:
    previous = judged.previous[0] if judged.previous else {}
    facts, computed = judged.facts, judged.health.overall
    worsened = is_worse(computed, previous.get("computed", "")) or (
        previous.get("scale") == facts["declared_scale"]
        and is_worse(facts["declared"], previous.get("declared", ""), scale=facts["declared_scale"])
    )
    return {
        **judged.columns(),
        "project_id": judged.project_id,
        "portfolio_id": facts["portfolio_id"],
        "as_of": as_of,
        "computed_at": timezone.now(),
        "previous_computed": previous.get("computed", ""),
        # another scale is no comparison, in nothing that reads this row
        "previous_declared": previous.get("declared", "") if previous.get("scale") == facts["declared_scale"] else "",
        "worsened": worsened,
        "trend": [*(one["computed"] for one in reversed(judged.previous)), computed],
    }


def _snapshot(judged: Judged, snapshot_set: SnapshotSet) -> dict[str, Any]:
    facts = judged.facts
    return {
        **judged.columns(),
        "snapshot_set_id": snapshot_set.pk,
        "project_id": judged.project_id,
        "org_unit_name": facts["org_unit_name"],
        "name": facts["name"],
    }

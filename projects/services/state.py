"""Keeping the state of projects and the snapshots: facts are read, judged and written, set-based.

`refresh` is called at the end of every service that changes a project or its items, in the same
transaction. Costs three queries for one project as for a thousand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import Exists, F, Func, Model, OuterRef, Q, QuerySet, TextField
from django.db.models.functions import JSONObject
from django.utils import timezone

from common.prepared import IsAnyOf, Prepared
from projects.enums import LIVE_STATUSES, SnapshotSource
from projects.facts import project_facts
from projects.health import Health, Thresholds, is_worse, judge, need_of_attention
from projects.models import Portfolio, Project, ProjectState, Rollup, Snapshot, SnapshotSet
from projects.services import rollups
from projects.services.bulk import write_rows
from projects.services.rollups import refresh_rollups

__all__ = [
    "count_anew",
    "organisation_today",
    "put_off",
    "refresh",
    "refresh_outdated",
    "refresh_rollups",
    "take_sets",
    "take_snapshots",
]

CHUNK: Final = 2500
MANY: Final = 100
"""From so many projects on that one transaction has written, the planner has to count anew."""
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
    if len(noted) >= MANY:
        count_anew()
    refresh(noted)


def count_anew() -> None:
    """Let the planner count what the facts of projects are read from. One statement.

    It goes by what it counted last: where that was nothing, and a transaction then writes many projects, it would read
    whole tables for each of them, and one import would take minutes. What somebody else counts just now is left out.
    """
    tables = ", ".join(connection.ops.quote_name(model._meta.db_table) for model in _read_for_facts())
    with connection.cursor() as cursor:
        cursor.execute(f"ANALYZE (SKIP_LOCKED) {tables}")


def _read_for_facts() -> list[type[Model]]:
    """Projects and the records that belong to them, without history, which is far longer and not read."""
    related: set[Any] = {one.related_model for one in Project._meta.related_objects} - {Snapshot}
    own = [one for one in related if one._meta.app_label == "projects" and not hasattr(one, "pgh_tracked_model")]
    return [Project, *sorted(own, key=lambda one: str(one._meta.db_table))]


def refresh(project_ids: Iterable[int], *, as_of: date | None = None) -> None:
    """Recompute the state of these projects from their facts. Three queries per chunk of projects.

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


def refresh_new(project_id: int) -> None:
    """The first state of a project that this transaction made: nobody else sees it and nothing was before it.

    Two queries.
    """
    noted = _put_off.get()
    if noted is not None:
        noted.add(project_id)
        return
    day = organisation_today()
    (facts,) = project_facts.read_by_id(Project, [project_id], day)
    write_rows(ProjectState, [_state(_judge(facts, []), day)], key="project_id")


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


@transaction.atomic(savepoint=False)
def take_sets(portfolios: Iterable[Portfolio], *, as_of: date, source: str) -> list[SnapshotSet]:
    """Write down the facts and health of each portfolio's own live projects as of a day; the sets, in their order.

    There is one set per portfolio, day and source, and one snapshot per project in it: calling this
    again adds only what is missing, and two calls at once wait for each other. A programme below has
    a set of its own. Two queries, three per chunk of projects to be added, and those of the roll-ups.
    """
    asked = list(portfolios)
    wanted = [
        SnapshotSet(portfolio=one, as_of=as_of, source=SnapshotSource(source), scale=one.colour_scale)
        for one in sorted(asked, key=lambda one: one.pk)
    ]
    # the update changes nothing: it locks the sets that are there, in the order in which the others are made
    SnapshotSet.objects.bulk_create(
        wanted, update_conflicts=True, unique_fields=["portfolio", "as_of", "source"], update_fields=["as_of"]
    )
    held = _with_what_is_missing(SnapshotSet.objects.filter(portfolio__in=asked, as_of=as_of, source=source))
    sets, missing, unsummed = {}, [], set()
    for one, absent, is_summed in held:
        sets[one.portfolio_id] = one
        missing += absent
        if not is_summed:
            unsummed.add(one.pk)
    for ids in _chunks(sorted(missing)):
        write_rows(Snapshot, _snapshots(ids, as_of, sets, unsummed))
    rollups.sum_sets([one for one in sets.values() if one.pk in unsummed])
    return [sets[one.pk] for one in asked]


def _with_what_is_missing(sets: QuerySet[SnapshotSet]) -> Iterator[tuple[SnapshotSet, list[int], bool]]:
    """Each set with the live projects that none of them has, and whether it was summed up. One query."""
    taken = Snapshot.objects.filter(snapshot_set__in=sets.values("pk"), project=OuterRef("pk"))
    lacking = Project.objects.filter(portfolio=OuterRef("portfolio")).live().exclude(Exists(taken))
    summed = Rollup.objects.filter(snapshot_set=OuterRef("pk"))
    for one in sets.annotate(missing=ArraySubquery(lacking.values("pk")), is_summed=Exists(summed)):
        yield one, one.missing, one.is_summed


def _snapshots(
    ids: list[int], as_of: date, sets: Mapping[int, SnapshotSet], grown: set[int]
) -> Iterator[dict[str, Any]]:
    """The rows of these projects' snapshots; notes in `grown` which sets they go to."""
    for judged in _judged(ids, as_of):
        one = sets[judged.facts["portfolio_id"]]
        grown.add(one.pk)
        yield _snapshot(judged, one)


def _chunks(ids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _judged(ids: list[int], as_of: date, *, lock: bool = False) -> Iterator[Judged]:
    """Two queries: the earlier snapshots (locking the projects first, when asked), then all facts.

    The earlier snapshots are kept as the text that came and read one project at a time: a tenth of the memory.
    """
    earlier = dict((_EARLIER_LOCKED if lock else _EARLIER).rows(ids, as_of))
    for facts in project_facts.read_by_id(Project, ids, as_of):
        yield _judge(facts, json.loads(earlier.pop(facts["pk"])))


def _judge(facts: Mapping[str, Any], earlier: list[dict[str, Any]]) -> Judged:
    previous = [
        one
        for one in earlier
        if not (one["source"] == SnapshotSource.IMPORT and one["as_of"] == _iso(facts["imported_as_of"]))
    ][: TREND_LENGTH - 1]
    known = {**facts, **_compared_with(previous[0] if previous else None, facts)}
    return Judged(known, judge(known, Thresholds.of(known)), previous)


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
    earlier = Func(newest, template="TO_JSON(%(expressions)s)::text", output_field=TextField())
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

"""Sums over states or snapshots: the same numbers for a stored roll-up and for a live look.

Three grouped queries, however many projects and groups.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypeAlias

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    Count,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import JSONObject

from projects.enums import LIVE_STATUSES, Colour, ColourScale, Dimension, MoneyMeasure
from projects.health import is_worse, shown_declared
from projects.models import ProjectState, Snapshot, SnapshotSet

Data: TypeAlias = dict[str, Any]
Rows: TypeAlias = QuerySet[Any, Any]

COLOURED: Final = ("declared", "computed", *Dimension.values)
SUMMED: Final = (
    "risks_open",
    "issues_open",
    "blockers_open",
    "decisions_wanted",
    "decisions_overdue",
    "asks_open",
)
COUNTS: Final = ("projects", "stale", "worsened", "improved", "late", *SUMMED)
MILESTONES: Final = ("total", "reached", "overdue", "due_soon")


def live_states() -> Rows:
    """The states of projects that count today, ready to be summed up."""
    states = ProjectState.objects.filter(status__in=LIVE_STATUSES)
    previous = JSONObject(computed=F("previous_computed"), declared=F("previous_declared"), scale=F("declared_scale"))
    return states.annotate(previous=previous)


def snapshots_of(set_ids: Iterable[int]) -> Rows:
    """The snapshots of these sets, each compared with the set of the same source before it."""
    before = previous_sets(set_ids)
    links = [When(snapshot_set=pk, then=Value(previous)) for pk, previous in before.items() if previous]
    linked = Case(*links, default=None) if links else Value(None, output_field=BigIntegerField())
    earlier = Snapshot.objects.filter(snapshot_set=OuterRef("previous_set"), project=OuterRef("project"))
    colours = JSONObject(computed=F("computed"), declared=F("declared"), scale=F("declared_scale"))
    rows = Snapshot.objects.filter(snapshot_set__in=list(before)).annotate(previous_set=linked)
    return rows.annotate(previous=Subquery(earlier.annotate(colours=colours).values("colours")[:1]))


def previous_sets(set_ids: Iterable[int]) -> dict[int, int | None]:
    """The set before each of these sets: same portfolio, same source, the next earlier day."""
    earlier = SnapshotSet.objects.filter(
        portfolio=OuterRef("portfolio"), source=OuterRef("source"), as_of__lt=OuterRef("as_of")
    ).order_by("-as_of")
    sets = SnapshotSet.objects.filter(pk__in=set_ids)
    return dict(sets.annotate(before=Subquery(earlier.values("pk")[:1])).values_list("pk", "before"))


def empty() -> Data:
    """The sums over nothing."""
    return {
        **dict.fromkeys(COUNTS, 0),
        "declared": {},
        "declared_shown": {},
        "computed": {},
        "scales": {},
        "dimensions": {dimension: {} for dimension in Dimension.values},
        "milestones": dict.fromkeys(MILESTONES, 0),
        "sums": {},
    }


def sum_up(rows: Rows, by: Sequence[str] = ()) -> dict[tuple[Any, ...], Data]:
    """The data of a roll-up (see `Rollup`) per group of `by`; groups without rows are left out. Three queries."""
    groups: dict[tuple[Any, ...], Data] = {}
    _count(rows, by, groups)
    _count_moves(rows, by, groups)
    _sum_money(rows, by, groups)
    return groups


def _grouped(rows: Rows, by: Sequence[str], *aggregates: Aggregate) -> Rows:
    names = {f"sum_{place}": aggregate for place, aggregate in enumerate(aggregates)}
    grouped: Rows = rows.annotate(everything=Value(1)).order_by().values(*(by or ["everything"])).annotate(**names)
    return grouped.values_list(*by, *names)


def _count(rows: Rows, by: Sequence[str], groups: dict[tuple[Any, ...], Data]) -> None:
    wanted: list[tuple[tuple[str, ...], Any]] = [
        (("projects",), Count("pk")),
        (("stale",), Count("pk", filter=Q(is_stale=True))),
        (("late",), Count("pk", filter=Q(slip_days__gt=0))),
        *(((name,), Sum(name)) for name in SUMMED),
        *((("milestones", name), Sum(f"milestones_{name}")) for name in MILESTONES),
        *((("scales", str(scale.value)), Count("pk", filter=Q(declared_scale=scale))) for scale in ColourScale),
    ]
    for colour in Colour.values:
        wanted.append((("declared_fresh", colour), Count("pk", filter=Q(declared=colour, is_stale=False))))
        for column in COLOURED:
            parents = ("dimensions", column) if column in Dimension.values else (column,)
            wanted.append(((*parents, colour), Count("pk", filter=Q(**{column: colour}))))
    for row in _grouped(rows, by, *(aggregate for _path, aggregate in wanted)):
        data = groups[tuple(row[: len(by)])] = empty()
        for (path, _aggregate), number in zip(wanted, row[len(by) :], strict=True):
            _put(data, path, number or 0)
        _show_declared(data)


def _put(data: Data, path: tuple[str, ...], number: int) -> None:
    """Counts of colours are only kept when there are any; the plain numbers always."""
    *parents, last = path
    for parent in parents:
        data = data.setdefault(parent, {})
    if number or last in data:
        data[last] = number


def _show_declared(data: Data) -> None:
    """The declared colours as they may be shown: what is stale and hopeful is grey."""
    fresh = data.pop("declared_fresh", {})
    for colour, number in data["declared"].items():
        stale = number - fresh.get(colour, 0)
        for shown, how_many in ((colour, number - stale), (shown_declared(colour, is_stale=True), stale)):
            if how_many:
                data["declared_shown"][shown] = data["declared_shown"].get(shown, 0) + how_many


def _count_moves(rows: Rows, by: Sequence[str], groups: dict[tuple[Any, ...], Data]) -> None:
    """Which colours moved since the snapshot before; worse in one counts as worse, whatever got better."""
    colours = ["computed", "declared", "declared_scale", "previous"]
    for *key, computed, declared, scale, previous, number in _grouped(rows, [*by, *colours], Count("pk")):
        if not previous:
            continue
        pairs = [(computed, previous["computed"], ColourScale.THREE.value)]
        if scale == previous["scale"]:
            pairs.append((declared, previous["declared"], scale))
        if any(is_worse(now, before, scale=points) for now, before, points in pairs):
            groups[tuple(key)]["worsened"] += number
        elif any(is_worse(before, now, scale=points) for now, before, points in pairs):
            groups[tuple(key)]["improved"] += number


def _sum_money(rows: Rows, by: Sequence[str], groups: dict[tuple[Any, ...], Data]) -> None:
    aggregates: list[Any] = [Count("pk")]
    for measure in MoneyMeasure.values:
        aggregates += [Sum(measure), Count(measure), Count("pk", filter=Q(withheld__contains=[measure]))]
    for row in _grouped(rows, [*by, "currency"], *aggregates):
        key, (currency, projects, *numbers) = tuple(row[: len(by)]), row[len(by) :]
        for place, measure in enumerate(MoneyMeasure.values):
            amount, known, withheld = numbers[place * 3 : place * 3 + 3]
            groups[key]["sums"].setdefault(measure, {})[currency] = {
                "amount": str(amount or Decimal(0)),
                "known": known,
                "withheld": withheld,
                "projects": projects,
            }


def merge(parts: Iterable[Mapping[str, Any]]) -> Data:
    """Several sums as one. Counts add up; amounts add up within their currency."""
    total = empty()
    for part in parts:
        _add(total, {key: value for key, value in part.items() if key in total})
    return total


def _add(total: Data, part: Mapping[str, Any]) -> None:
    for key, value in part.items():
        if isinstance(value, Mapping):
            _add(total.setdefault(key, {}), value)
        elif isinstance(value, str):
            total[key] = str(Decimal(total.get(key, "0")) + Decimal(value))
        else:
            total[key] = total.get(key, 0) + value

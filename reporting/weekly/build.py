"""From frozen inputs and snapshots to the content of a report: plain data without a language.

The content depends on nothing but the slot, its frozen inputs and rows that never change, so every try
gives the same bytes. One pass over the snapshots counts and keeps the first `CAP` of each list; memory
does not grow with the portfolio.
"""

from __future__ import annotations

import hashlib
import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.db.models import Count, FilteredRelation, Q, QuerySet

from projects.enums import Colour, Dimension, MoneyMeasure
from projects.health.portfolio import portfolio_health
from projects.models import Snapshot
from reporting.models import ReportSlot
from reporting.weekly.inputs import CAP, SHORT

CONTENT_VERSION: Final = 1
CHUNK = 2_000

BADNESS: Final[dict[str, int]] = {
    Colour.GREEN: 1, Colour.AMBER_GREEN: 2, Colour.AMBER: 3, Colour.AMBER_RED: 4, Colour.RED: 5,
}  # fmt: skip
"""How bad a colour is; grey, exempt and not assessed are not on the scale."""

DIMENSIONS, MEASURES = tuple(Dimension.values), tuple(MoneyMeasure.values)
MOVES: Final = ("worse", "better", "unknown", "assessed")
"""How a project's colours moved: unknown is a colour that is no longer known, assessed one that now is."""

_BEFORE = (
    "before__computed", "before__declared", "before__declared_scale", "before__forecast_finish_on",
    "before__forecast_cost", "before__currency",
)  # fmt: skip
_NOW = (
    *("project_id", "name", "rank", "computed", "declared", "declared_scale", "currency", "withheld"),
    *("is_stale", "update_age_days", "forecast_finish_on", "slip_days"),
    *("milestones_overdue", "milestones_due_soon", "risks_open", "blockers_open", "decisions_wanted"),
    *MoneyMeasure.values,
    *Dimension.values,
)
_Row = Any
"""A named tuple of those columns."""

_FULL = (
    *("snapshot_set_id", "project_id", "name", "org_unit_name", "phase_name", "status"),
    *("declared", "computed", "signals", *Dimension.values),
    *("forecast_finish_on", "baseline_finish_on", "slip_days"),
    *("forecast_cost", "currency", "withheld", "cost_variance_percent"),
    *("last_update_on", "update_age_days", "is_stale"),
)


class Top:
    """The first entries by key, smallest first, and the count of all that were offered."""

    def __init__(self, size: int) -> None:
        self.total = 0
        self._size = size
        self._heap: list[tuple[Any, ...]] = []

    def offer(self, key: tuple[Any, ...], entry: dict[str, Any]) -> None:
        """Keys end with the project's id, so no two are equal."""
        self.total += 1
        item = (tuple(-part for part in key), entry)
        if len(self._heap) < self._size:
            heapq.heappush(self._heap, (*item,))
        elif item[0] > self._heap[0][0]:
            heapq.heapreplace(self._heap, (*item,))

    def rows(self) -> list[dict[str, Any]]:
        return [entry for _key, entry in sorted(self._heap, key=lambda item: item[0], reverse=True)]


_LISTS: Final = {
    "worse": CAP, "unknown": CAP, "projects": CAP,
    "better": SHORT, "assessed": SHORT, "joined": SHORT, "finish": SHORT, "money": SHORT, "stale": SHORT,
}  # fmt: skip


@dataclass
class _Tally:
    """What one pass over the snapshots adds up."""

    projects: int = 0
    off_track: int = 0
    stale: int = 0
    met_before: int = 0
    declared: Counter[str] = field(default_factory=Counter)
    computed: Counter[str] = field(default_factory=Counter)
    dimensions: dict[str, Counter[str]] = field(default_factory=lambda: {name: Counter() for name in Dimension.values})
    items: Counter[str] = field(default_factory=Counter)
    sums: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    tops: dict[str, Top] = field(default_factory=lambda: {name: Top(size) for name, size in _LISTS.items()})


def build(slot: ReportSlot) -> dict[str, Any]:
    """The content of the slot's report. Six queries, whatever the size of the portfolio."""
    frozen = slot.frozen
    tally = _add_up(_rows(frozen), had_previous=bool(frozen["previous_sets"]))
    details = _details(frozen, tally)
    before = _counts_before(frozen)
    changes = {name: _moves(tally.tops[name], details) for name in MOVES}
    changes |= {name: _plain(tally.tops[name]) for name in ("joined", "finish", "money")}
    changes["left"] = _left(frozen, before["projects"] - tally.met_before)
    return {
        "v": CONTENT_VERSION,
        "portfolio": frozen["portfolio"],
        "week": {"year": slot.iso_year, "week": slot.iso_week, "as_of": slot.as_of.isoformat()},
        "late_days": frozen["late_days"],
        "previous_as_of": frozen["previous_as_of"],
        "colour": portfolio_health(tally.computed).colour,
        "counts": _counts(tally) | {"before": before if frozen["previous_as_of"] else None},
        "trend": frozen["trend"],
        "changes": changes,
        "projects": _exceptions(tally, details),
        "stale": _plain(tally.tops["stale"]),
        "sums": tally.sums,
        **{
            name: frozen[name]
            for name in ("milestones_due", "milestones_missed", "risks", "blockers", "asks", "decisions", "updates")
        },
        **({"history": frozen["history"]} if "history" in frozen else {}),  # older inputs give what they gave then
    }  # fmt: skip


def canonical(content: Any) -> bytes:
    """The one spelling of a content: keys in order, no spaces, so that equal contents are equal bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def digest(content: Any) -> str:
    """The SHA-256 of the canonical spelling."""
    return hashlib.sha256(canonical(content)).hexdigest()


def _frozen_snapshots(frozen: dict[str, Any], sets: str) -> QuerySet[Snapshot]:
    """The snapshots that were there when the inputs were frozen: a set may get more rows later."""
    return Snapshot.objects.filter(snapshot_set__in=frozen[sets], pk__lte=frozen["until"])


def _open_to_readers(frozen: dict[str, Any], sets: str) -> QuerySet[Snapshot]:
    return _frozen_snapshots(frozen, sets).exclude(project__in=frozen["hidden"])


def _rows(frozen: dict[str, Any]) -> Iterator[_Row]:
    """Each project once, with what its previous snapshot said beside it."""
    matched = FilteredRelation(
        "project__snapshots",
        condition=Q(
            project__snapshots__snapshot_set__in=frozen["previous_sets"] or [0],
            project__snapshots__pk__lte=frozen["until"],
        ),
    )
    joined = _open_to_readers(frozen, "sets").annotate(before=matched)
    seen: set[int] = set()
    ordered = joined.order_by("project_id", "snapshot_set", "-before__snapshot_set")
    for row in ordered.values_list(*_NOW, *_BEFORE, named=True).iterator(CHUNK):
        if row.project_id not in seen:
            seen.add(row.project_id)
            yield row


def _add_up(rows: Iterable[_Row], *, had_previous: bool) -> _Tally:
    tally = _Tally()
    for row in rows:
        _count(tally, row)
        _money(tally, row)
        tally.tops["projects"].offer((-row.rank, -_badness(row.computed), row.project_id), {"project": row.project_id})
        if row.before__computed is not None:
            tally.met_before += 1
            _compare(tally, row)
        elif had_previous:
            tally.tops["joined"].offer((row.project_id,), _named(row, computed=row.computed, declared=row.declared))
    return tally


def _count(tally: _Tally, row: _Row) -> None:
    tally.projects += 1
    tally.off_track += Colour.RED in {row.declared, row.computed}
    tally.declared[row.declared] += 1
    tally.computed[row.computed] += 1
    for name in DIMENSIONS:
        tally.dimensions[name][getattr(row, name)] += 1
    for name in ("milestones_overdue", "milestones_due_soon", "risks_open", "blockers_open", "decisions_wanted"):
        tally.items[name] += getattr(row, name)
    if row.is_stale:
        tally.stale += 1
        age = row.update_age_days
        # never updated comes first, then the oldest
        tally.tops["stale"].offer((-(10**6 if age is None else age), row.project_id), _named(row, days=age))


def _money(tally: _Tally, row: _Row) -> None:
    """Sum per measure and currency; what is unknown or withheld is counted, never taken for zero."""
    for measure in MEASURES:
        entry = tally.sums.setdefault(measure, {}).setdefault(
            row.currency, {"amount": "0", "known": 0, "withheld": 0, "of": 0}
        )
        amount = getattr(row, measure)
        entry["of"] += 1
        if amount is not None:
            entry["amount"] = str(Decimal(entry["amount"]) + amount)
            entry["known"] += 1
        elif measure in row.withheld:
            entry["withheld"] += 1


def _compare(tally: _Tally, row: _Row) -> None:
    computed, declared = [row.before__computed, row.computed], [row.before__declared, row.declared]
    same_scale = row.before__declared_scale == row.declared_scale  # colours of two scales are never compared
    kind, size = _direction(computed, *([declared] if same_scale else []))
    if kind:
        entry = _named(row, computed=computed, declared=declared)
        tally.tops[kind].offer((-row.rank, -size, row.project_id), entry)
    old, new = row.before__forecast_finish_on, row.forecast_finish_on
    if old and new and old != new:
        days = (new - old).days
        tally.tops["finish"].offer(
            (-abs(days), row.project_id), _named(row, old=old.isoformat(), new=new.isoformat(), days=days)
        )
    _compare_money(tally, row)


def _compare_money(tally: _Tally, row: _Row) -> None:
    old, new = row.before__forecast_cost, row.forecast_cost
    if old is None or new is None or old == new or row.before__currency != row.currency:
        return
    share = float(abs(new - old) / abs(old)) if old else 1.0
    entry = _named(row, old=str(old), new=str(new), currency=row.currency)
    tally.tops["money"].offer((-round(share, 6), row.project_id), entry)


def _direction(*moves: list[str]) -> tuple[str, int]:
    """Which way the colours went, the worst move first, and how far. A colour that is no longer known is
    never an improvement.
    """
    found: list[tuple[int, int]] = []
    for old, new in moves:
        if old == new or (old not in BADNESS and new not in BADNESS):
            continue
        if old not in BADNESS:
            found.append((MOVES.index("assessed"), 0))
        elif new not in BADNESS:
            found.append((MOVES.index("unknown"), 0))
        else:
            step = BADNESS[new] - BADNESS[old]
            found.append((MOVES.index("worse" if step > 0 else "better"), -abs(step)))
    if not found:
        return "", 0
    order = {"worse": 0, "unknown": 1, "better": 2, "assessed": 3}
    kind, size = min(found, key=lambda item: (order[MOVES[item[0]]], item[1]))
    return MOVES[kind], -size


def _badness(colour: str) -> int:
    return BADNESS.get(colour, 0)


def _named(row: _Row, **more: Any) -> dict[str, Any]:
    return {"project": row.project_id, "project_name": row.name, **more}


def _plain(top: Top) -> dict[str, Any]:
    return {"total": top.total, "rows": top.rows()}


_Details = dict[tuple[str, int], dict[str, Any]]


def _details(frozen: dict[str, Any], tally: _Tally) -> _Details:
    """The whole snapshots, now and before, of the projects that are told about. One query."""
    chosen = {entry["project"] for name in (*MOVES, "projects") for entry in tally.tops[name].rows()}
    now = set(frozen["sets"])
    both = {**frozen, "both": [*frozen["sets"], *frozen["previous_sets"]]}
    found: _Details = {}
    for row in (
        _open_to_readers(both, "both").filter(project__in=chosen).order_by("project_id", "snapshot_set").values(*_FULL)
    ):
        set_id = row.pop("snapshot_set_id")
        found.setdefault(("sets" if set_id in now else "previous_sets", row["project_id"]), row)
    return found


def _moves(top: Top, details: _Details) -> dict[str, Any]:
    """Moves of colour, each with the signals that are new since last week and those that are gone."""
    rows = []
    for entry in top.rows():
        now = _signals(details, "sets", entry["project"])
        before = _signals(details, "previous_sets", entry["project"])
        rows.append(
            entry
            | {
                "causes": [signal for name, signal in now.items() if _is_new(signal, before.get(name))],
                "gone": [signal for name, signal in before.items() if name not in now],
            }
        )
    return {"total": top.total, "rows": rows}


def _signals(details: _Details, sets: str, project: int) -> dict[tuple[str, str], Any]:
    """The signals that colour something, by what they are about."""
    row = details.get((sets, project))
    signals = row["signals"] if row else []
    return {(signal["code"], signal["dimension"]): signal for signal in signals if signal["colour"]}


def _is_new(signal: dict[str, Any], before: dict[str, Any] | None) -> bool:
    return before is None or before.get("colour") != signal.get("colour")


def _exceptions(tally: _Tally, details: _Details) -> dict[str, Any]:
    rows = tally.tops["projects"].rows()
    return {"total": tally.projects, "rows": [_exception(entry, details) for entry in rows]}


def _exception(entry: dict[str, Any], details: _Details) -> dict[str, Any]:
    row = dict(details["sets", entry["project"]])
    return {
        "project": row.pop("project_id"),
        "project_name": row.pop("name"),
        **{name: _json(value) for name, value in row.items()},
    }


def _json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def _counts(tally: _Tally) -> dict[str, Any]:
    return {
        "projects": tally.projects,
        "off_track": tally.off_track,
        "stale": tally.stale,
        "declared": dict(sorted(tally.declared.items())),
        "computed": dict(sorted(tally.computed.items())),
        "dimensions": {name: dict(sorted(counts.items())) for name, counts in tally.dimensions.items()},
        "items": dict(sorted(tally.items.items())),
    }


def _counts_before(frozen: dict[str, Any]) -> dict[str, Any]:
    """The same counts of the week before. One query."""
    declared: Counter[str] = Counter()
    computed: Counter[str] = Counter()
    stale = off_track = 0
    groups = _open_to_readers(frozen, "previous_sets").values_list("declared", "computed", "is_stale")
    for was_declared, was_computed, was_stale, count in groups.annotate(n=Count("project", distinct=True)).order_by():
        declared[was_declared] += count
        computed[was_computed] += count
        stale += count if was_stale else 0
        off_track += count if Colour.RED in {was_declared, was_computed} else 0
    return {
        "projects": sum(computed.values()),
        "off_track": off_track,
        "stale": stale,
        "declared": dict(sorted(declared.items())),
        "computed": dict(sorted(computed.items())),
    }


def _left(frozen: dict[str, Any], total: int) -> dict[str, Any]:
    """Projects that were in the week before and are not now. No query when nobody left."""
    if total <= 0:
        return {"total": 0, "rows": []}
    present = _frozen_snapshots(frozen, "sets").values("project_id")
    gone = _open_to_readers(frozen, "previous_sets").exclude(project__in=present).order_by("project_id")
    rows = [
        {"project": pk, "project_name": name, "computed": computed, "declared": declared}
        for pk, name, computed, declared in gone.values_list("project_id", "name", "computed", "declared")[:SHORT]
    ]
    return {"total": total, "rows": rows}

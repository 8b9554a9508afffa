"""A portfolio at a date in numbers, and against the date before. Read from snapshot rows only."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from projects.enums import Colour, ImportState, SnapshotSource
from projects.imports.mapping import MONEY_FIELDS
from projects.imports.reconcile import plain_amount
from projects.models import ImportRun, Portfolio, Snapshot, SnapshotSet

COLUMNS: Final = ("project_id", "declared", "category", "org_unit_name", "currency", "withheld", *MONEY_FIELDS)


def snapshot_set(portfolio: Portfolio, as_of: dt.date | None) -> SnapshotSet | None:
    """The newest set of the portfolio (by the date, when one is given): of an import when there is any."""
    sets = SnapshotSet.objects.filter(portfolio=portfolio)
    if as_of is not None:
        return sets.filter(as_of__lte=as_of).order_by("-as_of", "source").first()
    imported = sets.filter(source=SnapshotSource.IMPORT).order_by("-as_of").first()
    return imported or sets.order_by("-as_of").first()


def portfolio_summary(chosen: SnapshotSet) -> dict[str, Any]:
    """Counts per colour, category and org unit, sums with their coverage, and what moved since the set before.

    Four queries. Amounts are in whole currency units, as decimal strings.
    """
    rows = list(Snapshot.objects.filter(snapshot_set=chosen).values(*COLUMNS))
    previous = (
        SnapshotSet.objects.filter(portfolio=chosen.portfolio_id, source=chosen.source, as_of__lt=chosen.as_of)
        .order_by("-as_of").first()
    )  # fmt: skip
    counted = Counter(row["declared"] for row in rows)
    return {
        "portfolio": chosen.portfolio.name,
        "as_of": chosen.as_of.isoformat(),
        "projects": len(rows),
        "colours": {colour: counted[colour] for colour in Colour.values if counted[colour]},
        "categories": _counts(rows, "category"),
        "org_units": _counts(rows, "org_unit_name"),
        "sums": _sums(rows),
        "since_previous": _since(previous, rows) if previous else None,
        "warnings": _warnings(chosen),
    }


def _counts(rows: list[dict[str, Any]], name: str) -> dict[str, int]:
    """How many of each, most first. Rows without a value are not in it: `projects` tells how many there are."""
    counted = Counter(row[name] for row in rows if row[name])
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _sums(rows: list[dict[str, Any]]) -> dict[str, Any]:
    found = {}
    for measure in MONEY_FIELDS:
        by_currency: dict[str, Decimal] = defaultdict(Decimal)
        known: Counter[str] = Counter()
        for row in rows:
            if row[measure] is not None:
                by_currency[row["currency"]] += row[measure]
                known[row["currency"]] += 1
        withheld = sum(1 for row in rows if measure in row["withheld"])
        if known or withheld:
            found[measure] = _sum(rows, by_currency, known, withheld)
    return found


def _sum(
    rows: list[dict[str, Any]], amounts: Mapping[str, Decimal], known: Counter[str], withheld: int
) -> dict[str, Any]:
    """One sum; with several currencies there is no single amount, and each is given apart."""
    coverage = {
        "known": known.total(), "withheld": withheld, "unknown": len(rows) - known.total() - withheld, "of": len(rows)
    }  # fmt: skip
    if len(amounts) == 1:
        currency, amount = next(iter(amounts.items()))
        return {"currency": currency, "amount": plain_amount(amount), **coverage}
    apart = {
        currency: {"amount": plain_amount(amount), "known": known[currency]}
        for currency, amount in sorted(amounts.items())
    }
    return {"currency": None, "amount": None, **coverage, "by_currency": apart}


def _since(previous: SnapshotSet, rows: list[dict[str, Any]]) -> dict[str, Any]:
    before = dict(Snapshot.objects.filter(snapshot_set=previous).values_list("project_id", "declared"))
    now = {row["project_id"]: row["declared"] for row in rows}
    stay = before.keys() & now.keys()
    moves = Counter(f"{before[pk]}>{now[pk]}" for pk in stay if before[pk] != now[pk])
    return {
        "previous": previous.as_of.isoformat(),
        "stay": len(stay),
        "joined": len(now.keys() - before.keys()),
        "left": len(before.keys() - now.keys()),
        "moves": dict(sorted(moves.items())),
    }


def _warnings(chosen: SnapshotSet) -> int:
    """The warnings of the import that made the set: values that could not be read, a change of colour scale."""
    if chosen.source != SnapshotSource.IMPORT:
        return 0
    runs = ImportRun.objects.filter(portfolio=chosen.portfolio_id, state=ImportState.DONE, as_of__gte=chosen.as_of)
    run = runs.order_by("as_of", "-finished_at").values_list("result", flat=True).first() or {}
    if chosen.as_of.isoformat() not in run.get("dates", []):
        return 0
    return int(run.get("warnings", 0))

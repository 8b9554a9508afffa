"""Control totals: what a file publishes as a sum against the sum of its single changes."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Final

from projects.imports import values
from projects.imports.cells import Cells
from projects.imports.mapping import Check, Mapping, find
from projects.imports.records import CheckResult
from projects.imports.tables import Table
from projects.imports.values import Known

SHOWN: Final = 20


def control_totals(table: Table, mapping: Mapping, cells: Cells) -> list[CheckResult]:
    """The result of each check whose columns are in the file. All rows count, also those not imported."""
    return [result for check in mapping.checks if (result := _total(table, check, cells)) is not None]


def _total(table: Table, check: Check, cells: Cells) -> CheckResult | None:
    changes, totals = find(table.columns, check.sum_of)[:1], find(table.columns, check.equals)[:1]
    if not changes or not totals:
        return None
    sums: dict[str, Decimal] = defaultdict(Decimal)
    published: dict[str, Decimal] = {}
    for row in table.rows:
        external_id = values.one_line(cells.first("external_id", row))
        change = values.parse_number(row.cells[changes[0]])
        total = values.parse_number(row.cells[totals[0]])
        sums[external_id] += change.value if isinstance(change, Known) else 0
        if isinstance(total, Known):
            published[external_id] = total.value
    gaps = {key: abs(sums[key] - total) for key, total in published.items()}
    tolerance = Decimal(check.tolerance)
    return CheckResult(
        label=check.label,
        of=len(gaps),
        equal=sum(1 for gap in gaps.values() if gap == 0),
        within=sum(1 for gap in gaps.values() if gap <= tolerance),
        tolerance=tolerance,
        largest=max(gaps.values(), default=Decimal(0)),
        off=tuple(sorted(key for key, gap in gaps.items() if gap > tolerance))[:SHOWN],
    )

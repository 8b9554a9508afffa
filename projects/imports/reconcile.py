"""What came of an import, as plain values for a page, a command and the run's row."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _

from projects.enums import Colour
from projects.imports import changes, present
from projects.imports.changes import ChangeSet
from projects.imports.mapping import MONEY_FIELDS
from projects.imports.records import NOTES, REFUSING, CheckResult, Plan, Planned, Problem
from projects.models import Portfolio

SAMPLE: Final = 12
ROWS_NAMED: Final = 12
MAX_PROBLEMS: Final = 20_000
MANY: Final = 10
"""So many leavers are remarked upon when they are more than half of the portfolio."""


def rehearse(portfolio: Portfolio | None, plan: Plan) -> dict[str, Any]:
    """What importing the plan would do, without writing anything. A fixed number of queries."""
    there = present.present_projects(portfolio) if portfolio else {}
    complete = present.complete_dates(portfolio) if portfolio else []
    found = changes.compare(plan, there, complete)
    known = set(there)
    units = {one.values["org_unit"] for one in there.values()}
    return {
        **reconciliation(plan, found),
        "sample": changes.shown(found.change, most=SAMPLE),
        "new_names": [[record.external_id, record.fields["name"]] for record in found.make[:SAMPLE]],
        "leaving": len(found.leave),
        "new_org_units": sorted({record.org_unit for record in plan.records if record.org_unit} - units)
        if known else sorted({record.org_unit for record in plan.records if record.org_unit}),
    }  # fmt: skip


def reconciliation(plan: Plan, found: ChangeSet, warnings: Sequence[str] = ()) -> dict[str, Any]:
    """Rows read = rows used + rows refused + rows not read; projects = made + changed + unchanged + earlier."""
    last = list(changes.newest(plan.records).values())
    return {
        "rows_read": plan.rows_read,
        "rows_used": len(plan.records),
        "rows_refused": len(plan.refused),
        "rows_not_read": plan.rows_read - len(plan.records) - len(plan.refused),
        "projects": len(last),
        "made": len(found.make),
        "changed": len(found.change),
        "unchanged": len(found.unchanged),
        "earlier": len(found.earlier),
        "refused": len(plan.refused),
        "left": len(found.leave) + len(found.left_on),
        "returned": len(found.returned),
        "dates": [date.isoformat() for date in plan.dates],
        "scale": plan.scale,
        "is_complete": plan.is_complete,
        "colours": colours(last),
        "sums": sums(last, plan.currency),
        "checks": [check_data(check) for check in plan.checks],
        "columns": plan.columns,
        "not_used": plan.not_used,
        "notes": [*plan.notes, *warnings, *_many_leave(found)],
        "warnings": len(plan.warnings) + len(warnings),
        "groups": groups(plan.problems),
        "problems": [problem_data(problem) for problem in plan.problems[:MAX_PROBLEMS]],
    }


def _many_leave(found: ChangeSet) -> Iterator[str]:
    """A remark when most of the portfolio is not in the file: it may be a part, or of another portfolio."""
    there = len(found.leave) + len(found.change) + len(found.unchanged) + len(found.earlier)
    if len(found.leave) >= MANY and len(found.leave) * 2 > there:
        yield _(
            "%(leave)s of the %(there)s projects of this portfolio are not in the file and leave it. Is this file "
            "complete, and of this portfolio?"
        ) % {"leave": len(found.leave), "there": there}


def problem_data(problem: Problem) -> list[Any]:
    return [problem.row, problem.external_id, problem.kind.value, problem.field, problem.column, problem.text]


def check_data(check: CheckResult) -> dict[str, Any]:
    return {
        "label": check.label, "of": check.of, "equal": check.equal, "within": check.within,
        "tolerance": str(check.tolerance), "largest": str(check.largest), "off": list(check.off),
    }  # fmt: skip


def groups(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    """Problems that are mended together: of one kind, in one field, with the same text. Refusals come first."""
    rows: dict[tuple[str, str, str, str], list[int]] = defaultdict(list)
    for problem in problems:
        text = "" if problem.kind in REFUSING else " ".join(problem.text.split())
        rows[problem.kind.value, problem.field, problem.column, text].append(problem.row)
    found = [
        {"kind": kind, "field": name, "column": column, "text": text, "count": len(numbers),
         "rows": numbers[:ROWS_NAMED],
         "weight": _weight(kind)}
        for (kind, name, column, text), numbers in rows.items()
    ]  # fmt: skip
    return sorted(found, key=lambda group: (group["weight"], -int(group["count"]), group["field"]))


def _weight(kind: str) -> int:
    return 0 if kind in REFUSING else 2 if kind in NOTES else 1


def colours(records: Iterable[Planned]) -> dict[str, int]:
    """How many projects have which declared colour, in the order of the scale."""
    counted = Counter(record.update.get("declared") or Colour.NOT_ASSESSED.value for record in records)
    return {colour: counted[colour] for colour in Colour.values if counted[colour]}


def sums(records: Sequence[Planned], currency: str) -> dict[str, dict[str, Any]]:
    """Sums over the newest row of each project, with how many amounts are known, withheld and unknown."""
    found = {}
    for measure in MONEY_FIELDS:
        known = [amount for record in records if (amount := record.fields.get(measure)) is not None]
        withheld = sum(1 for record in records if record.fields.get(f"{measure}_withheld"))
        if known or withheld:
            found[measure] = {
                "currency": currency, "amount": plain_amount(sum(known, Decimal(0))) if known else None,
                "known": len(known), "withheld": withheld,
                "unknown": len(records) - len(known) - withheld, "of": len(records),
            }  # fmt: skip
    return found


def plain_amount(amount: Decimal) -> str:
    """An amount as a decimal string, without cents when there are none."""
    whole = amount.to_integral_value()
    return format(whole if whole == amount else amount, "f")

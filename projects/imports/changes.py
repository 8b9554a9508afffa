"""What a plan does to a portfolio: compared with what is there. Pure: reads nothing, writes nothing.

Dates rule, not the order of importing. The record of a project follows the newest file that speaks of
it; an older file only adds to the history. A project has left on the first date whose complete set does
not hold it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from projects.enums import LIVE_STATUSES, ProjectStatus
from projects.imports.mapping import LABELS
from projects.imports.records import Plan, Planned

NEVER: Final = dt.date.min


@dataclass(frozen=True, slots=True)
class Present:
    """A project of the portfolio as an import sees it: its columns by name, org unit and phase by theirs."""

    pk: int
    values: Mapping[str, Any]

    @property
    def status(self) -> str:
        return str(self.values["status"])

    @property
    def as_of(self) -> dt.date:
        return self.values["imported_as_of"] or NEVER


@dataclass(slots=True)
class Change:
    """A project and what becomes different: column → (before, after). Empty: only its date moves on."""

    record: Planned
    project_id: int
    fields: dict[str, tuple[Any, Any]] = field(default_factory=dict)


@dataclass(slots=True)
class ChangeSet:
    """Every project of the file in exactly one of `make`, `change`, `unchanged`, `earlier`; and who leaves.

    `left_on` gives made projects that have left already; `leave` those that are there and leave now.
    """

    make: list[Planned] = field(default_factory=list)
    change: list[Change] = field(default_factory=list)
    unchanged: list[Change] = field(default_factory=list)
    earlier: list[Change] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    leave: dict[int, dt.date] = field(default_factory=dict)
    left_on: dict[str, dt.date] = field(default_factory=dict)


def folded_name(name: str | None) -> str:
    """A name for comparing: "MoJ" and "MOJ" are one."""
    return " ".join((name or "").casefold().split())


def compare(plan: Plan, present: Mapping[str, Present], complete_dates: Collection[dt.date]) -> ChangeSet:
    """What the plan makes, changes and leaves alone.

    `present` is by external id; `complete_dates` are those of the complete sets that the portfolio has from imports.
    """
    found = ChangeSet()
    own = set(plan.dates) if plan.is_complete else set()
    complete = sorted({*complete_dates, *own})
    for external_id, record in newest(plan.records).items():
        there = present.get(external_id)
        left_on = next((date for date in complete if date > record.as_of), None)
        if there is None:
            found.make.append(record)
            if left_on:
                found.left_on[external_id] = left_on
        elif there.as_of > record.as_of:
            found.earlier.append(Change(record, there.pk))
        else:
            _sort(found, there, record, left_on)
    _missing(found, plan, present, complete)
    return found


def newest(records: Iterable[Planned]) -> dict[str, Planned]:
    """The last record of each project."""
    last: dict[str, Planned] = {}
    for record in records:
        if record.external_id not in last or last[record.external_id].as_of < record.as_of:
            last[record.external_id] = record
    return last


def _sort(found: ChangeSet, there: Present, record: Planned, left_on: dt.date | None) -> None:
    change = Change(record, there.pk, differences(there, record))
    if left_on is None and there.status == ProjectStatus.LEFT:
        change.fields["status"] = (there.status, ProjectStatus.ACTIVE.value)
        found.returned.append(there.pk)
    elif left_on and there.status in LIVE_STATUSES:
        found.leave[there.pk] = left_on
    (found.change if change.fields else found.unchanged).append(change)


def _missing(found: ChangeSet, plan: Plan, present: Mapping[str, Present], complete: list[dt.date]) -> None:
    """Those that the portfolio holds as running and the file does not name."""
    if not plan.is_complete:
        return
    named = {record.external_id for record in plan.records}
    for external_id, there in present.items():
        if external_id in named or there.status not in LIVE_STATUSES:
            continue
        left_on = next((date for date in complete if date > there.as_of), None)
        if there.values["imported_as_of"] is None:  # made by hand: it leaves by the newest file only
            left_on = complete[-1] if complete[-1] in plan.dates else None
        if left_on:
            found.leave[there.pk] = left_on


def differences(there: Present, record: Planned) -> dict[str, tuple[Any, Any]]:
    """Columns that the record would change, with both values. What the file does not speak of stays."""
    changed = {
        name: (there.values[name], value) for name, value in record.fields.items() if there.values[name] != value
    }
    for name, value in (("org_unit", record.org_unit), ("phase", record.phase)):
        if value is not None and folded_name(there.values[name]) != folded_name(value):
            changed[name] = (there.values[name], value)
    texts = source_texts(there.values["source_texts"], record)
    if texts != there.values["source_texts"]:
        changed["source_texts"] = (there.values["source_texts"], texts)
    return changed


def source_texts(before: Mapping[str, str], record: Planned) -> dict[str, str]:
    """The texts kept with a project: those of the fields in the file anew, the others as they were."""
    spoken = {*record.fields, *record.update, "org_unit", "phase"}
    kept = {name: text for name, text in before.items() if name not in spoken}
    return {**kept, **record.texts}


def shown(changes: Iterable[Change], *, most: int) -> list[dict[str, Any]]:
    """A sample of differences as plain values, for a page: id, name and (field, before, after)."""
    sample: list[dict[str, Any]] = []
    for change in changes:
        rows = [
            [str(LABELS.get(name, name)), _text(before), _text(after)]
            for name, (before, after) in change.fields.items()
            if name != "source_texts"
        ]
        if rows and len(sample) < most:
            sample.append({"id": change.record.external_id, "name": change.record.fields["name"], "rows": rows})
    return sample


def _text(value: object) -> str:
    if value is None:
        return ""
    text = value.isoformat() if isinstance(value, dt.date) else str(value)
    return text if len(text) <= 200 else text[:199] + "…"  # noqa: PLR2004  what a line shows

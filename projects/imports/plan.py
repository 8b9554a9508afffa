"""A table and a mapping as planned records. Pure: reads nothing, writes nothing."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Final

from django.utils.translation import gettext as _

from projects.enums import Colour
from projects.imports import checks, values
from projects.imports.cells import Cells, Column
from projects.imports.errors import DateRefused, ImportRefused
from projects.imports.mapping import (
    COLOUR_FIELDS,
    DATE_FIELDS,
    LABELS,
    MONEY_FIELDS,
    NARRATIVE_FIELDS,
    REQUIRED,
    Mapping,
)
from projects.imports.records import Kind, Plan, Planned, Problem
from projects.imports.report import KINDS
from projects.imports.tables import Row, Table
from projects.imports.values import Known, Unreadable, Withheld

SHOWN: Final = 200
HEADER_SHOWN: Final = 40
ID_LENGTH: Final = 120
REASON_LENGTH: Final = 300
LENGTHS: Final = {"name": 300, "category": 120, "org_unit": 200, "phase": 80}
YEARLY: Final = frozenset({"baseline_cost", "forecast_cost", "actual_cost"})
"""The amounts that a period can be of."""
FIVE: Final = frozenset({Colour.AMBER_GREEN, Colour.AMBER_RED})
_SCALE_WORDS: Final = {3: re.compile(r"\b(three|3)[- ]point"), 5: re.compile(r"\b(five|5)[- ]point")}


def make_plan(table: Table, mapping: Mapping, *, as_of: dt.date | None) -> Plan:
    """What the file says of each project at its date, and every problem with its row.

    `as_of` dates the file; with a column of row dates it is the last date that is read.
    Raises: ImportRefused when a required column is missing, no date is known or no row is left.
    """
    planner = _Planner(table, mapping, as_of)
    records = list(planner.records())
    if not records:
        raise ImportRefused(planner.why_nothing())
    return Plan(
        records=records,
        problems=sorted(planner.problems, key=lambda problem: problem.row),
        rows_read=len(table.rows) + len(table.misfits),
        columns=planner.cells.headers(),
        not_used=planner.cells.not_used(),
        currency=mapping.currency,
        scale=planner.scale(records),
        has_colours="declared" in planner.cells.columns,
        is_complete=mapping.is_complete,
        checks=checks.control_totals(table, mapping, planner.cells),
        notes=planner.notes,
    )


class _Planner:
    """One pass over the rows, with what is remembered between them."""

    def __init__(self, table: Table, mapping: Mapping, as_of: dt.date | None) -> None:
        self.table = table
        self.mapping = mapping
        self.cells = Cells(table, mapping)
        self.problems = [Problem(Kind.MISFIT, misfit.number, text=misfit.text[:SHOWN]) for misfit in table.misfits]
        self.notes = list(table.notes)
        self._require_columns()
        self.as_of = self._file_date(as_of)
        self.withheld = [re.compile(pattern, re.IGNORECASE) for pattern in mapping.withheld]
        self.first_row: dict[tuple[str, dt.date], int] = {}
        self.later = 0

    def _require_columns(self) -> None:
        missing = [str(LABELS[name]) for name in REQUIRED if name not in self.cells.columns]
        if not missing:
            return
        sentence = _("No column of the file holds: %(fields)s.") % {"fields": ", ".join(missing)}
        if "external_id" not in self.cells.columns:
            sentence += " " + _("Projects are matched on the id of the source and never on their name.")
        shown = "; ".join(
            name if len(name) <= HEADER_SHOWN else name[:HEADER_SHOWN] + "…" for name in self.table.columns
        )
        sentence += " " + _("The columns are: %(columns)s.") % {"columns": shown}
        raise ImportRefused(" ".join([*self.table.notes, sentence]))

    def _file_date(self, as_of: dt.date | None) -> dt.date | None:
        stated = self.cells.file_date()
        if as_of and stated and as_of != stated:
            self.notes.append(
                _("The file says that it is of %(stated)s; it is imported as of %(as_of)s.")
                % {"stated": stated.isoformat(), "as_of": as_of.isoformat()}
            )
        date = as_of or stated
        if date is None and self.mapping.row_date is None:
            raise DateRefused(_("The file does not say of which date it is. Give the date."))
        return date

    def why_nothing(self) -> str:
        if self.later:
            return _("All rows are dated after %(as_of)s.") % {"as_of": self.as_of}
        kinds = Counter(problem.kind for problem in self.problems)
        found = ", ".join(f"{KINDS[kind]}: {count}" for kind, count in kinds.most_common())
        return _("No row of the file can be imported (%(found)s).") % {"found": found}

    def records(self) -> Iterator[Planned]:
        for row in self.table.rows:
            record = self._record(row)
            if record is not None:
                yield record
        if self.later:
            self.notes.append(
                _("%(count)s rows are dated after %(as_of)s and were not read.")
                % {"count": self.later, "as_of": self.as_of}
            )

    def _record(self, row: Row) -> Planned | None:
        external_id = values.one_line(self.cells.first("external_id", row))
        name = values.one_line(self.cells.first("name", row))
        as_of = self._row_date(row)
        if as_of and self.as_of and as_of > self.as_of:
            self.later += 1
            return None
        kind = self._refusal(external_id, name, as_of)
        if kind is None and as_of is not None:
            kind = self._repeated(external_id, as_of, row)
        if kind is not None or as_of is None:
            self.problems.append(Problem(kind or Kind.NO_DATE, row.number, external_id[:ID_LENGTH], text=name[:SHOWN]))
            return None
        return self._filled(Planned(row.number, external_id, as_of), row)

    def _refusal(self, external_id: str, name: str, as_of: dt.date | None) -> Kind | None:
        if values.is_nothing(external_id):
            return Kind.NO_ID
        if len(external_id) > ID_LENGTH:
            return Kind.LONG_ID
        if not name:
            return Kind.NO_NAME
        return Kind.NO_DATE if as_of is None else None

    def _repeated(self, external_id: str, as_of: dt.date, row: Row) -> Kind | None:
        first = self.first_row.setdefault((external_id, as_of), row.number)
        return Kind.DUPLICATE if first != row.number else None

    def _row_date(self, row: Row) -> dt.date | None:
        column = self.cells.row_date
        if column is None:
            return self.as_of
        value = values.parse_date(column.first(row), order=column.order)
        return value.value if isinstance(value, Known) else None

    def _filled(self, record: Planned, row: Row) -> Planned:
        for name, column in self.cells.columns.items():
            self._reader(name)(record, name, column, row)
        if self.mapping.financial_year_from and YEARLY & self.cells.columns.keys():
            record.fields["cost_period"] = financial_year(record.as_of, self.mapping.financial_year_from)
        if self.mapping.currency:
            record.fields["currency"] = self.mapping.currency
        return record

    def _reader(self, name: str) -> Callable[[Planned, str, Column, Row], None]:
        kinds = ((MONEY_FIELDS, self._money), (DATE_FIELDS, self._date), (COLOUR_FIELDS, self._colour))
        others = self._narrative if name in NARRATIVE_FIELDS else self._text
        return next((reader for names, reader in kinds if name in names), others)

    def _narrative(self, record: Planned, name: str, column: Column, row: Row) -> None:
        record.update[name] = column.text(row)

    def _say(self, kind: Kind, record: Planned, name: str, text: str) -> None:
        column = self.cells.columns[name].headers[0]
        self.problems.append(Problem(kind, record.row, record.external_id, name, column, text[:SHOWN]))

    def _text(self, record: Planned, name: str, column: Column, row: Row) -> None:
        if name == "external_id":
            return
        text = column.text(row)
        if name != "description":
            text = values.one_line(text)
        length = LENGTHS.get(name)
        if length and len(text) > length:
            record.texts[name] = text
            self._say(Kind.CUT, record, name, text)
            text = text[: length - 1] + "…"
        if name == "org_unit":
            record.org_unit = text
        elif name == "phase":
            record.phase = text
        else:
            record.fields[name] = text

    def _withheld(self, text: str) -> str:
        return values.withheld_reason(text, self.withheld)

    def _money(self, record: Planned, name: str, column: Column, row: Row) -> None:
        text = column.first(row)
        reason = self._withheld(text)
        value = (
            Withheld(reason)
            if reason
            else values.parse_money(text, scale=column.scale, currency=self.mapping.currency, decimal=column.decimal)
        )
        record.fields[name] = value.value if isinstance(value, Known) else None
        record.fields[f"{name}_withheld"] = ""
        if isinstance(value, Withheld):
            record.fields[f"{name}_withheld"] = value.reason[:REASON_LENGTH]
            self._say(Kind.WITHHELD, record, name, value.reason)
        elif isinstance(value, Unreadable):
            record.texts[name] = value.text
            self._say(Kind.MONEY, record, name, value.text)

    def _date(self, record: Planned, name: str, column: Column, row: Row) -> None:
        text = column.first(row)
        reason = self._withheld(text)
        value = Withheld(reason) if reason else column.date(row)
        record.fields[name] = value.value if isinstance(value, Known) else None
        if isinstance(value, Withheld):
            record.texts[name] = value.reason
            self._say(Kind.WITHHELD, record, name, value.reason)
        elif isinstance(value, Unreadable):
            record.texts[name] = value.text
            self._say(Kind.DATE, record, name, value.text)

    def _colour(self, record: Planned, name: str, column: Column, row: Row) -> None:
        text = column.first(row)
        value = values.parse_colour(text, self.mapping.colours)
        colour = value.value if isinstance(value, Known) else Colour.NOT_ASSESSED
        record.update[name] = colour.value if name == "declared" or isinstance(value, Known) else ""
        if isinstance(value, Unreadable):
            record.texts[name] = value.text
            self._say(Kind.COLOUR, record, name, value.text)
        elif colour in {Colour.EXEMPT, Colour.NOT_ASSESSED} and text.strip():
            record.texts[name] = values.clean(text)
            self._say(Kind.EXPLAINED, record, name, values.one_line(text))

    def scale(self, records: list[Planned]) -> int:
        """The points of the colour scale: as the mapping, the colours themselves or the header say."""
        if self.mapping.scale:
            return self.mapping.scale
        if any(record.update.get(name) in FIVE for record in records for name in COLOUR_FIELDS):
            return 5
        header = " ".join(self.cells.headers().get("declared", [])).lower()
        return next((points for points, words in _SCALE_WORDS.items() if words.search(header)), 3)


def financial_year(as_of: dt.date, first_month: int) -> str:
    """The financial year that a date lies in, as people write it: "Financial year 2021/22"."""
    start = as_of.year - (as_of.month < first_month)
    label = str(start) if first_month == 1 else f"{start}/{(start + 1) % 100:02d}"
    return f"Financial year {label}"

"""The columns of a table seen through a mapping: field by field, whatever the file calls them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from projects.imports import values
from projects.imports.mapping import DATE_FIELDS, MONEY_FIELDS, Mapping, Source, find, header_scale
from projects.imports.tables import Row, Table
from projects.imports.values import Known, Unreadable, Value

SAMPLE: Final = 500
MAX_DAYS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Column:
    """The columns that fill one field, and how their texts are to be read."""

    positions: tuple[int, ...]
    headers: tuple[str, ...]
    source: Source
    scale: Decimal = Decimal(1)
    order: str = "dmy"
    decimal: str = "."
    add: tuple[int, ...] = ()

    def first(self, row: Row) -> str:
        """The first cell that holds something."""
        for position in self.positions:
            if not values.is_nothing(row.cells[position]):
                return row.cells[position]
        return ""

    def text(self, row: Row) -> str:
        """Cleaned text; with `join` all columns, each but the first under its header."""
        if not self.source.join:
            return values.clean(self.first(row), unescape=self.source.unescape)
        parts: list[str] = []
        for position, header in zip(self.positions, self.headers, strict=True):
            text = values.clean(row.cells[position], unescape=self.source.unescape)
            if text:
                parts.append(f"{header}\n{text}" if parts else text)
        return "\n\n".join(parts)

    def date(self, row: Row) -> Value:
        """The date, with the days of the `add` columns on top; unknown when one of those is."""
        value = values.parse_date(self.first(row), order=self.order)
        for position in self.add:
            days = values.parse_number(row.cells[position])
            if not isinstance(value, Known) or not isinstance(days, Known):
                return value if not isinstance(value, Known) else days
            if abs(days.value) > MAX_DAYS:
                return Unreadable(row.cells[position])
            value = Known(value.value + dt.timedelta(days=int(days.value)))
        return value


class Cells:
    """The columns that a mapping finds in a table, by field."""

    def __init__(self, table: Table, mapping: Mapping) -> None:
        self.table = table
        self.mapping = mapping
        self.columns: dict[str, Column] = {}
        for name, source in mapping.columns.items():
            column = self.column(source, name)
            if column is not None:
                self.columns[name] = column
        self.row_date = self.column(mapping.row_date) if mapping.row_date else None

    def column(self, source: Source, name: str = "") -> Column | None:
        """The columns of a source, or None when the file has none of them (or lacks one to add)."""
        positions = tuple(find(self.table.columns, source.columns))
        add = tuple(position for label in source.add for position in find(self.table.columns, [label])[:1])
        if not positions or len(add) != len(source.add):
            return None
        headers = tuple(self.table.columns[position] for position in positions)
        texts = [row.cells[position] for position in positions for row in self.table.rows[:SAMPLE]]
        dated = name in DATE_FIELDS or not name
        stated = header_scale(headers[0]) if name in MONEY_FIELDS else None
        return Column(
            positions,
            headers,
            source,
            scale=stated or Decimal(source.scale or 1),
            order=source.order or (values.date_order(texts) if dated else "dmy"),
            decimal=source.decimal or (decimal_sign(texts) if name in MONEY_FIELDS else "."),
            add=add,
        )

    def first(self, name: str, row: Row) -> str:
        return self.columns[name].first(row)

    def headers(self) -> dict[str, list[str]]:
        """The headers that fill each field."""
        found = {name: list(column.headers) for name, column in self.columns.items()}
        return found | ({"row_date": list(self.row_date.headers)} if self.row_date else {})

    def not_used(self) -> list[str]:
        """The headers that no field takes; the result says them, so that nothing is left out unseen."""
        used = {position for column in self.columns.values() for position in (*column.positions, *column.add)}
        for names in self._other_names():
            used |= set(find(self.table.columns, names))
        return [header for position, header in enumerate(self.table.columns) if position not in used]

    def _other_names(self) -> list[tuple[str, ...]]:
        dates = [source.columns for source in (self.mapping.row_date, self.mapping.file_date) if source]
        return dates + [names for check in self.mapping.checks for names in (check.sum_of, check.equals)]

    def file_date(self) -> dt.date | None:
        """The date that the file itself bears in a column, when it is the same in every row."""
        column = self.column(self.mapping.file_date) if self.mapping.file_date else None
        if column is None:
            return None
        found = {values.parse_date(column.first(row), order=column.order) for row in self.table.rows}
        only = found.pop() if len(found) == 1 else None
        return only.value if isinstance(only, Known) else None


def decimal_sign(texts: list[str]) -> str:
    """The decimal sign that a column of amounts speaks for: a comma when only that can be one."""
    signs: Counter[str] = Counter()
    for text in texts:
        digits = "".join(letter for letter in text if letter.isdigit() or letter in ",.")
        comma, point = digits.rfind(","), digits.rfind(".")
        last = max(comma, point)
        if last >= 0 and (min(comma, point) >= 0 or len(digits) - last - 1 != 3):  # noqa: PLR2004  thousands
            signs[digits[last]] += 1
    return "," if signs[","] > signs["."] else "."

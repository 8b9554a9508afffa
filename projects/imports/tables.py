"""Any CSV or XLSX file as a header and rows of text. The rest of the import sees nothing else."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from projects.imports import archives, sheets, texts
from projects.imports.errors import ImportRefused

MAX_BYTES: Final = 20 * 1024 * 1024
MAX_ROWS: Final = 100_000
MAX_COLUMNS: Final = 500
HEADER_WITHIN: Final = 15
"""The header is looked for in this many rows; titles and notes may stand above it."""
HEADER_FILLED: Final = 0.6
_BLANKS: Final = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the number that a person sees in a spreadsheet, one text for each column of the header."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that has not the width of the header, so its cells cannot be told apart."""

    number: int
    width: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A file as text.

    `columns` are the header's texts, made unique ("rating", "rating (2)"); `notes`
    say what was remarkable in reading it; `repaired` that its text had been decoded wrongly before.
    """

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    misfits: tuple[Misfit, ...] = ()
    notes: tuple[str, ...] = ()
    repaired: bool = False
    sheet: str = ""


@dataclass(slots=True)
class Grid:
    """What a reader found: rows of text with their numbers, and remarks."""

    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    repaired: bool = False
    sheet: str = ""


def read_table(content: bytes, *, sheet: str = "") -> Table:
    """Read a file of either kind, told apart by its content and not by its name.

    Raises: ImportRefused with a sentence when it is empty, too large, damaged, not a table or a bomb.
    """
    if not content.strip():
        raise ImportRefused(_("The file is empty."))
    if len(content) > MAX_BYTES:
        raise ImportRefused(
            _("The file has %(size)s MB; the most is %(most)s MB.")
            % {"size": len(content) // (1024 * 1024), "most": MAX_BYTES // (1024 * 1024)}
        )
    return _as_table(_grid(content, sheet))


def _grid(content: bytes, sheet: str) -> Grid:
    if archives.is_archive(content):
        archives.check_workbook(content)
        rows, notes, name = sheets.read_sheet(content, sheet, most=MAX_ROWS)
        return Grid(rows, notes, sheet=name)
    rows, notes, repaired = texts.read_csv(content, most=MAX_ROWS)
    return Grid(rows, notes, repaired)


def _as_table(grid: Grid) -> Table:
    filled = [(number, cells) for number, cells in grid.rows if any(cell.strip() for cell in cells)]
    if not filled:
        raise ImportRefused(_("The file has no rows."))
    at = header_index([cells for _number, cells in filled])
    header = trimmed(filled[at][1])
    if len(header) < 2:  # noqa: PLR2004  one column is no table
        raise ImportRefused(_("The file has one column only. Its delimiter is not a comma, semicolon, tab or bar."))
    if len(header) > MAX_COLUMNS:
        raise ImportRefused(
            _("The file has %(columns)s columns; the most is %(most)s.") % {"columns": len(header), "most": MAX_COLUMNS}
        )
    body = filled[at + 1 :]
    if not body:
        raise ImportRefused(_("The file has a header but no rows below it."))
    widths = Counter(len(trimmed(cells)) for _number, cells in body)
    usual = widths.most_common(1)[0][0]
    header += [""] * (usual - len(header))  # columns that nobody named, but that most rows fill
    rows, misfits = _fitted(body, len(header))
    notes = [*grid.notes, *_cut_off(body)]
    if at:
        notes.append(
            _("The header was found in row %(row)s; what stands above it was not read.") % {"row": filled[at][0]}
        )
    return Table(unique_names(header), rows, misfits, tuple(notes), grid.repaired, grid.sheet)


def header_index(rows: Sequence[Sequence[str]]) -> int:
    """The first of the leading rows that is nearly as full as the fullest of them."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows[:HEADER_WITHIN]]
    enough = max(filled) * HEADER_FILLED
    return next(index for index, count in enumerate(filled) if count >= enough)


def trimmed(cells: Sequence[str]) -> list[str]:
    """The cells without the empty ones at the end."""
    last = max((index for index, cell in enumerate(cells) if cell.strip()), default=-1)
    return list(cells[: last + 1])


def _fitted(body: Iterable[tuple[int, list[str]]], width: int) -> tuple[tuple[Row, ...], tuple[Misfit, ...]]:
    rows, misfits = [], []
    for number, cells in body:
        if any(cell.strip() for cell in cells[width:]):
            misfits.append(Misfit(number, len(trimmed(cells)), " | ".join(cell for cell in cells if cell)[:200]))
        else:
            rows.append(Row(number, (*cells[:width], *[""] * (width - len(cells)))))
    return tuple(rows), tuple(misfits)


def _cut_off(body: Sequence[tuple[int, list[str]]]) -> Iterator[str]:
    """A remark when only the last row is short: a file that was cut off while it was copied ends like that."""
    *others, (_number, last) = body
    width = min((len(cells) for _number, cells in others), default=0)
    if len(others) > 1 and len(last) < width:
        yield _(
            "The last row has %(cells)s cells, every other at least %(width)s: the file may have been cut off. "
            "Compare its end with the original."
        ) % {"cells": len(last), "width": width}


def unique_names(header: Sequence[str]) -> tuple[str, ...]:
    """Header texts on one line each; a repeated one gets its count, an empty one its position."""
    seen: Counter[str] = Counter()
    names = []
    for position, cell in enumerate(header, 1):
        name = _BLANKS.sub(" ", cell).strip() or _("Column %(position)s") % {"position": position}
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)

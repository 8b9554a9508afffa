"""XLSX as rows of text. Call only after `archives.check_workbook`."""

from __future__ import annotations

import datetime as dt
import io
import warnings
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final

import openpyxl
from django.utils.translation import gettext as _

from projects.imports.errors import ImportRefused

CHUNK: Final = 1024 * 1024
Rows = list[tuple[int, list[str]]]


def read_sheet(content: bytes, name: str, *, most: int) -> tuple[Rows, list[str], str]:
    """Rows with their numbers, remarks, and the name of the sheet: the named one, else the first with a table.

    A formula counts by the value that Excel saved with it; without one it stays as its text.
    Raises: ImportRefused when the workbook is damaged or has no such sheet.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl remarks on styles that do not concern us
            return _read(content, name, most)
    except ImportRefused:
        raise
    except Exception as error:  # openpyxl raises nearly anything for a damaged workbook
        raise ImportRefused(_("The workbook is damaged and cannot be opened.")) from error


def _read(content: bytes, name: str, most: int) -> tuple[Rows, list[str], str]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    names = [sheet.title for sheet in book.worksheets]
    if name and name not in names:
        raise ImportRefused(
            _("The workbook has no sheet “%(name)s”; it has %(names)s.") % {"name": name, "names": ", ".join(names)}
        )
    for title in [name] if name else names:
        rows = _rows(book[title], most)
        if name or _is_table(rows):
            notes = _other_sheets(names, title)
            if _has_formulas(content):
                notes += _formulas(content, title, rows)
            return rows, notes, title
    raise ImportRefused(_("No sheet of the workbook holds a table with a header and rows."))


def _is_table(rows: Rows) -> bool:
    wide = sum(1 for _number, cells in rows if sum(1 for cell in cells if cell.strip()) > 1)
    return wide > 1


def _other_sheets(names: list[str], title: str) -> list[str]:
    others = [name for name in names if name != title]
    if not others:
        return []
    return [_("The sheet “%(name)s” was read; not read: %(others)s.") % {"name": title, "others": ", ".join(others)}]


def _rows(sheet: Any, most: int) -> Rows:
    sheet.reset_dimensions()
    rows: Rows = []
    for number, cells in enumerate(sheet.iter_rows(), 1):
        texts = [cell_text(cell.value, getattr(cell, "number_format", "")) for cell in cells]
        if any(texts):
            rows.append((number, texts))
        if len(rows) > most + 1:
            raise ImportRefused(_("The file has more than %(most)s rows. Split it.") % {"most": most})
    return rows


def cell_text(value: object, number_format: str = "") -> str:
    """A cell as the text that the CSV of the same sheet would hold: dates in ISO, percents with their sign."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, int | float):
        return _number_text(value, percent="%" in (number_format or ""))
    return str(value)


def _number_text(value: float, *, percent: bool) -> str:
    exact = Decimal(repr(value))
    if not exact.is_finite():
        return str(value)
    if percent:
        exact *= 100
    text = format(exact.normalize(), "f") if exact else "0"
    return f"{text}%" if percent else text


def _has_formulas(content: bytes) -> bool:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for entry in archive.namelist():
            if entry.startswith("xl/worksheets/") and any(b"<f" in part for part in _chunks(archive, entry)):
                return True
    return False


def _chunks(archive: zipfile.ZipFile, entry: str) -> Iterator[bytes]:
    """The bytes of a part, each piece with the end of the one before."""
    tail = b""
    with archive.open(entry) as part:
        while piece := part.read(CHUNK):
            yield tail + piece
            tail = piece[-2:]


def _formulas(content: bytes, title: str, rows: Rows) -> list[str]:
    """Put the text of a formula where Excel saved no value with it, so that nothing is dropped unseen."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
    sheet: Any = book[title]
    sheet.reset_dimensions()
    by_number = dict(rows)
    bare = 0
    for number, cells in enumerate(sheet.iter_rows(), 1):
        for index, cell in enumerate(cells):
            if cell.data_type != "f" or cell.value is None:
                continue
            texts = by_number.setdefault(number, [])
            texts += [""] * (index + 1 - len(texts))
            if not texts[index]:
                texts[index] = str(getattr(cell.value, "text", cell.value))
                bare += 1
    rows[:] = sorted(by_number.items())
    if not bare:
        return []
    return [_("%(count)s formulas have no saved value and are kept as text.") % {"count": bare}]

"""Tables as files, that of the portfolio among them: CSV (streamed) and XLSX (written row by row).

Nothing in a file is ever a formula: in CSV a text that a spreadsheet would calculate gets an apostrophe in front, in
XLSX texts are written as texts and marked as such.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
from decimal import Decimal
from typing import IO, TYPE_CHECKING, Any, Final

import xlsxwriter
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from common import formats
from reporting import columns
from reporting.selectors import table

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

    from accounts.models import User
    from reporting.columns import Column
    from reporting.query import TableQuery

CSV_TYPE: Final = "text/csv; charset=utf-8"
XLSX_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BOM: Final = "\ufeff"
_DANGEROUS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
_LONGEST_SHEET_NAME: Final = 31
_LONGEST_CELL: Final = 32_767


def file_name(kind: str, day: dt.date) -> str:
    return f"{_('projects')}-{day.isoformat()}.{kind}"


def safe_text(value: str) -> str:
    """A text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{value}" if value.startswith(_DANGEROUS) else value


def csv_lines(user: User, query: TableQuery, *, every_column: bool = False) -> Iterator[str]:
    """The whole filtered set as lines. Dutch spreadsheets want semicolons, decimal commas and a byte order mark."""
    shown = columns.exported(columns.chosen(query.cols, query.source), query.source, every=every_column)
    return table_csv([str(column.label) for column in shown], _plain(shown, table.all_rows(user, query, shown)))


def _plain(shown: Sequence[Column], rows: Iterator[tuple[tuple[Any, ...], ...]]) -> Iterator[list[object]]:
    for row in rows:
        yield [column.plain(*values) for column, values in zip(shown, row, strict=True)]


def table_csv(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Any table as lines of CSV, in the language of who asked, also when the lines are read later."""
    language = get_language() or "en"
    return _lines(heads, rows, language, dutch=formats.locale().language == "nl")


def _lines(heads: Sequence[str], rows: Iterable[Sequence[object]], language: str, *, dutch: bool) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if dutch else ",")

    def line(cells: Sequence[str]) -> str:
        writer.writerow(cells)
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield (BOM if dutch else "") + line([safe_text(head) for head in heads])
    with override(language):
        for row in rows:
            yield line([_csv_cell(value, dutch=dutch) for value in row])


def _csv_cell(value: object, *, dutch: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal | int | float):
        return str(value).replace(".", ",") if dutch else str(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return safe_text(str(value))


def xlsx_file(user: User, query: TableQuery, *, every_column: bool = False) -> IO[bytes]:
    """The whole filtered set as an open temporary workbook, read from its start. Memory does not grow with rows."""
    shown = columns.exported(columns.chosen(query.cols, query.source), query.source, every=every_column)
    rows = _plain(shown, table.all_rows(user, query, shown))
    return table_xlsx(_("Projects"), [str(column.label) for column in shown], rows)


def table_xlsx(name: str, heads: Sequence[str], rows: Iterable[Sequence[object]]) -> IO[bytes]:
    """Any table as an open temporary workbook of one sheet, read from its start."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False},
    )
    bold, day = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd"})
    as_text = book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet(name[:_LONGEST_SHEET_NAME])
    sheet.freeze_panes(1, 2)
    for place, head in enumerate(heads):
        sheet.write_string(0, place, head, bold)
    for number, row in enumerate(rows, 1):
        for place, value in enumerate(row):
            _write(sheet, (number, place), value, day, as_text)
    book.close()
    file.seek(0)
    return file


def _write(sheet: Worksheet, at: tuple[int, int], value: object, day: Format, as_text: Format) -> None:
    if value is None:
        return
    if isinstance(value, Decimal | int | float):
        sheet.write_number(*at, value)
    elif isinstance(value, dt.date):
        sheet.write_datetime(*at, dt.datetime.combine(value, dt.time()), day)
    else:
        words = str(value)[:_LONGEST_CELL]
        sheet.write_string(*at, words, as_text if words.startswith(_DANGEROUS) else None)

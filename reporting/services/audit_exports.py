"""The audit trail as a file: CSV, JSON lines (both streamed) and XLSX (row by row). Nothing in it is ever a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import tempfile
from typing import IO, TYPE_CHECKING, Final

import xlsxwriter
from django.db import transaction
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from common import audit, jobs
from common.seals import verifying
from reporting.selectors import audit as selectors
from reporting.services.exports import BOM, safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from accounts.models import User
    from common.models import JobRun
    from reporting.audit.query import TrailQuery
    from reporting.selectors.audit import Line

JSON_TYPE: Final = "application/jsonl; charset=utf-8"
MOST_SHEET_ROWS: Final = 1_000_000
_LONGEST_CELL: Final = 32_767


def record_take_out(query: TrailQuery, form: str) -> None:
    """The take-out is itself in the trail, with its number of rows, before the first byte leaves."""
    audit.record_export("audit", rows=selectors.count(query), form=form, filters=query.string())


@transaction.atomic
def ask_to_verify(*, actor: User, href: str) -> JobRun:
    """Have the whole chain walked now, by a run with progress; `href` is where its result is shown."""
    return jobs.ask_for(kind=verifying.VERIFY, label=_("Verify the history"), actor=actor, params={"href": href})


def _heads() -> list[str]:
    return [
        _("When (UTC)"), _("Who"), _("What happened"), _("Kind"), _("About"), _("Changes"), _("Details"),
        _("Network address"), _("Reference"), _("Row"),
    ]  # fmt: skip


def _cells(line: Line) -> list[str]:
    return [
        line.at.astimezone(dt.UTC).isoformat(),
        line.who,
        line.sentence,
        line.kind_label,
        line.subject,
        "; ".join(f"{one.label}: {one.before} → {one.after}" for one in line.changes),
        "; ".join(f"{label}: {value}" for label, value in line.facts),
        line.address,
        line.request_id,
        line.source,
    ]


def csv_lines(query: TrailQuery) -> Iterator[str]:
    """The trail as lines of CSV, in the language of who asked; Dutch spreadsheets want semicolons."""
    language = get_language() or "en"
    with override(language):
        heads = _heads()
    is_dutch = language.startswith("nl")
    return _csv(query, heads, language, ";" if is_dutch else ",", BOM if is_dutch else "")


def _csv(query: TrailQuery, heads: list[str], language: str, delimiter: str, mark: str) -> Iterator[str]:
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=delimiter)

    def line(cells: list[str]) -> str:
        writer.writerow([safe_text(cell) for cell in cells])
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    yield mark + line(heads)
    with override(language):
        for one in selectors.whole_trail(query):
            yield line(_cells(one))


def json_lines(query: TrailQuery) -> Iterator[str]:
    """The trail as one JSON object a line."""
    language = get_language() or "en"
    with override(language):
        for one in selectors.whole_trail(query):
            yield json.dumps(_as_json(one), ensure_ascii=False) + "\n"


def _as_json(line: Line) -> dict[str, object]:
    return {
        "at": line.at.astimezone(dt.UTC).isoformat(),
        "kind": line.kind,
        "who": line.who,
        "what": line.sentence,
        "about": line.subject,
        "changes": [{"field": one.label, "before": one.before, "after": one.after} for one in line.changes],
        "details": dict(line.facts),
        "address": line.address,
        "request": line.request_id,
        "row": line.source,
    }


def xlsx_file(query: TrailQuery) -> IO[bytes]:
    """The trail as an open temporary workbook, read from its start; at most a million rows fit on a sheet."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  the response closes it
    book = xlsxwriter.Workbook(
        file,
        {"constant_memory": True, "strings_to_formulas": False, "strings_to_numbers": False, "strings_to_urls": False},
    )
    bold, as_text = book.add_format({"bold": True}), book.add_format({"quote_prefix": True})
    sheet = book.add_worksheet(_("Audit trail")[:31])
    sheet.freeze_panes(1, 0)
    for place, head in enumerate(_heads()):
        sheet.write_string(0, place, head, bold)
    for number, line in enumerate(selectors.whole_trail(query), 1):
        if number > MOST_SHEET_ROWS:
            sheet.write_string(number, 0, _("More rows than a sheet holds; take them out as CSV."), bold)
            break
        for place, cell in enumerate(_cells(line)):
            words = cell[:_LONGEST_CELL]
            sheet.write_string(number, place, words, as_text if safe_text(words) != words else None)
    book.close()
    file.seek(0)
    return file

"""Tables of the import pages, drawn in Python from a reconciliation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from projects.enums import ImportState, MoneyMeasure
from projects.imports.mapping import LABELS
from projects.imports.records import NOTES, REFUSING
from projects.imports.report import FIXES, KINDS
from projects.models import ImportRun

GROUPS_SHOWN: Final = 50
TONES: Final = {
    ImportState.UPLOADED: "plain", ImportState.READY: "accent", ImportState.RUNNING: "accent", ImportState.DONE: "ok",
    ImportState.FAILED: "off",
}  # fmt: skip


def run_table(runs: Iterable[ImportRun]) -> SafeString:
    """The list of imports."""
    head = [
        Column(_("File")), Column(_("Portfolio")), Column(_("As of")), Column(_("State")),
        Column(_("Made"), "end"), Column(_("Changed"), "end"), Column(_("Refused"), "end"), Column(_("By")),
    ]  # fmt: skip
    return data_table(head, [_run_row(run) for run in runs], caption=_("Imports"))


def _run_row(run: ImportRun) -> Row:
    counts = [
        formats.number(run.result[name]) if name in run.result else "–" for name in ("made", "changed", "refused")
    ]
    link = format_html('<a class="row-link" href="{}">{}</a>', reverse("import-run", args=[run.pk]), run.file_name)
    state = cells.tag(run.get_state_display(), TONES[ImportState(run.state)])
    by = str(run.created_by) if run.created_by else _("Command")
    return Row([link, run.portfolio.name, cells.date(run.as_of), state, *counts, by])


def sum_table(data: Mapping[str, Any]) -> SafeString:
    """The sums of the file with how much of it is known."""
    head = [Column(_("Measure")), Column(_("Sum"), "end"), Column(_("Known"), "end"), Column(_("Withheld"), "end"),
            Column(_("Unknown"), "end")]  # fmt: skip
    rows = [
        [
            str(MoneyMeasure(name).label),
            cells.money(Decimal(one["amount"]), one["currency"]) if one["known"] else cells.unknown(),
            _("%(known)s of %(of)s") % {"known": one["known"], "of": one["of"]},
            formats.number(one["withheld"]), formats.number(one["unknown"]),
        ]
        for name, one in data.get("sums", {}).items()
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Sums of the file"), empty=_("No amounts were matched."))


def colour_table(data: Mapping[str, Any]) -> SafeString:
    """How many projects of the file have which colour."""
    rows = [[cells.status_badge(colour), formats.number(count)] for colour, count in data.get("colours", {}).items()]
    return data_table([Column(_("Declared colour")), Column(_("Projects"), "end")], rows, caption=_("Declared colours"))


def group_table(data: Mapping[str, Any]) -> SafeString:
    """Problems by what mends them: refusals, then warnings, then notes."""
    head = [Column(_("Weight")), Column(_("Rows"), "end"), Column(_("What")), Column(_("What to do"))]
    groups = data.get("groups", [])
    return data_table(head, [_group_row(group) for group in groups[:GROUPS_SHOWN]], caption=_("Problems by remedy"),
                      empty=_("Every cell could be read."))  # fmt: skip


def _group_row(group: Mapping[str, Any]) -> list[str]:
    what = KINDS[group["kind"]]
    label = LABELS.get(group["field"])
    named = format_html("{}: {}", label, what) if label else format_html("{}", what)
    text = format_html('<span class="sub">“{}”</span>', group["text"][:120]) if group["text"] else ""
    rows = ", ".join(map(str, group["rows"])) + ("…" if group["count"] > len(group["rows"]) else "")
    count = format_html(
        "{}<span class='sub'>{}</span>",
        formats.number(group["count"]),
        ngettext("row %(rows)s", "rows %(rows)s", group["count"]) % {"rows": rows},
    )
    return [weight(group["kind"]), count, format_html("{}{}", named, text), str(FIXES[group["kind"]])]


def weight(kind: str) -> SafeString:
    """Whether a problem refuses its row, is a warning, or only a note."""
    if kind in REFUSING:
        return cells.tag(_("Refused"), "off")
    return cells.tag(_("Note"), "plain") if kind in NOTES else cells.tag(_("Warning"), "risk")


def problem_table(rows: Iterable[list[Any]]) -> SafeString:
    """One line for each problem."""
    head = [
        Column(_("Row"), "end"),
        Column(_("Id")),
        Column(_("Weight")),
        Column(_("What")),
        Column(_("What stands there")),
    ]
    lines = [
        [formats.number(number), external_id, weight(kind), _what(kind, name), text]
        for number, external_id, kind, name, _column, text in rows
    ]
    return data_table(head, lines, caption=_("Every problem"), empty=_("Every cell could be read."))


def _what(kind: str, name: str) -> str:
    label = LABELS.get(name)
    return f"{label}: {KINDS[kind]}" if label else str(KINDS[kind])


def column_list(data: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Which header fills which field, for a summary list."""
    rows = [
        (str(LABELS.get(name, _("Date of the row"))), "; ".join(headers))
        for name, headers in data.get("columns", {}).items()
    ]
    unused = data.get("not_used") or []
    return [*rows, (_("Not used"), "; ".join(unused) if unused else _("Every column is used."))]

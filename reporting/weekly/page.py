"""The parts of the report page that are drawn in Python: tables cell by cell, charts with their table twin."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.svg.bars import Share, health_bar, stacked_bars, stacked_bars_table
from common.ui import cells, tables
from common.ui.blocks import chart
from common.ui.status import status_of
from reporting.weekly.document import Cell, Document, Section


def section_table(section: Section) -> SafeString:
    """A section's rows as the portal's list table."""
    ends = [any(row[index].end for row in section.rows) for index in range(len(section.head))]
    head = [tables.Column(label, "end" if end else "start") for label, end in zip(section.head, ends, strict=True)]
    rows = [[cell_html(cell) for cell in row] for row in section.rows]
    return tables.data_table(head, rows, caption=section.title, empty=section.empty)


def cell_html(cell: Cell) -> SafeString:
    """One cell: badge, link or words, with its lines below."""
    if cell.colour:
        badge = cells.status_badge(cell.colour)
        was = _("was %(status)s") % {"status": status_of(cell.before).word} if cell.before else ""
        return format_html('{} <span class="sub">{}</span>', badge, was) if was else badge
    text = format_html('<a class="row-link" href="{}">{}</a>', cell.href, cell.text) if cell.href else cell.text
    lines = format_html_join("", '<span class="sub">{}</span>', ((line,) for line in cell.lines))
    return format_html("{}{}", text, lines)


def charts(document: Document) -> list[tuple[str, SafeString]]:
    """The title and figure of each chart."""
    found = [(_("Health now"), _bars(document))]
    if len(document.trend) > 1:
        title = _("Computed health per week")
        found.append((title, chart(stacked_bars(document.trend, title), stacked_bars_table(document.trend), title)))
    return found


def _bars(document: Document) -> SafeString:
    """The computed above the declared colours, with their words and counts."""
    pairs = ((_("Computed by the portal"), document.shares), (_("Declared by the leads"), document.declared_shares))
    return format_html_join(
        "",
        '<h3 class="sub">{}</h3>{}<p class="sub">{}</p>',
        ((title, health_bar(shares, title), _counts(shares)) for title, shares in pairs),
    )


def _counts(shares: Sequence[Share]) -> str:
    return " · ".join(f"{status_of(share.colour).word} {formats.number(share.count)}" for share in shares)


def filled_tables(document: Document) -> list[tuple[Section, SafeString]]:
    """Every section that has rows, with its table."""
    return [(section, section_table(section)) for section in document.sections if section.rows]


def silent_sections(document: Document) -> list[tuple[str, str]]:
    """The title of each section without rows, and what it says instead."""
    return [(section.title, section.empty) for section in document.sections if not section.rows]

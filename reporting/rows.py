"""Draws a page of the portfolio table as one string: what repeats in each row is put together once."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from common.ui.cells import icon
from reporting import lean

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from reporting.columns import Column
    from reporting.query import TableQuery
    from reporting.selectors.table import TablePage


def table(page: TablePage, query: TableQuery, *, caption: str, empty: str, select: str = "") -> SafeString:
    """The table with its sort links. `select` names the check boxes for bulk work, when there are any."""
    name = escape(caption)
    kind = ' data-rows="select"' if select else ' data-rows=""'
    body = _body(page, select) or (
        f'<tr class="none"><td colspan="{len(page.columns) + bool(select)}">{escape(empty)}</td></tr>'
    )
    return lean.join(
        (
            lean.sprite(),
            f'<div class="table-wrap" role="region" tabindex="0" aria-label="{name}">',
            f'<table class="table data-table portfolio-table"{kind}><caption class="visually-hidden">{name}</caption>',
            _head(page.columns, query, select),
            "<tbody>",
            body,
            "</tbody></table></div>",
        )
    )


def _head(shown: list[Column], query: TableQuery, select: str) -> str:
    cells = [_select_all(select)] if select else []
    for column in shown:
        active = query.sort.removeprefix("-") == column.name and bool(column.sort)
        down = query.sort.startswith("-")
        order = f' aria-sort="{"descending" if down else "ascending"}"' if active else ""
        title = f' title="{escape(str(column.title))}"' if column.title else ""
        label = _sort_link(column, query, active=active, down=down)
        cells.append(f'<th scope="col" class="ta-{column.align}"{order}{title}>{label}</th>')
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _sort_link(column: Column, query: TableQuery, *, active: bool, down: bool) -> str:
    label = escape(str(column.label))
    if not column.sort:
        return label
    descending = not down if active else column.worst_first
    # the parameter stands last, so this is the query without its order and then the new one
    rest = query.query_string(without="sort")
    href = f"?{rest}{'&' if rest else ''}sort={'-' if descending else ''}{column.name}"
    mark = icon("arrow-down" if down else "arrow-up", "icon-sm") if active else ""
    return f'<a class="sort" href="{escape(href)}">{label}{mark}</a>'


def _select_all(select: str) -> str:
    label = escape(_("Select all on this page"))
    return (
        '<th scope="col" class="pick"><input type="checkbox" class="form-check-input" '
        f'data-select-all="{select}" aria-label="{label}"></th>'
    )


def _cell_start(column: Column) -> str:
    css = f"ta-{column.align}{' no-phone' if column.hide_on_phone else ''}"
    return f'<td class="{css}" data-label="{escape(str(column.label))}">'


def _body(page: TablePage, select: str) -> str:
    words = lean.words()
    first, *others = page.columns
    first_read, *other_reads = page.reads
    opened = [
        (
            _cell_start(column),
            column.draw,
            read,
        )
        for column, read in zip(others, other_reads, strict=True)
    ]
    pick = escape(_("Select %(name)s"))
    parts: list[str] = []
    for row in page.rows:
        parts.append("<tr>")
        if select:
            label = pick % {"name": escape(row[1])}
            parts.append(
                f'<td class="pick"><input type="checkbox" class="form-check-input" name="{select}" '
                f'value="{row[0]}" aria-label="{label}"></td>'
            )
        parts += ['<th scope="row">', first.draw(words, *first_read(row)), "</th>"]
        for start, draw, read in opened:
            parts += [start, draw(words, *read(row)), "</td>"]
        parts.append("</tr>")
    return "".join(parts)

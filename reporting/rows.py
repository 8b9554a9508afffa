"""Draws a page of the portfolio table as one string: what repeats in each row is put together once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common.ui.cells import icon
from reporting import columns, lean

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


@dataclass(frozen=True, slots=True)
class _Words:
    """What a column says in one language: its label, the start of its head and of its cells."""

    label: str
    head: str
    title: str
    cell: str


@lru_cache(maxsize=1024)
def _words_of(name: str, _language: str) -> _Words:
    column = columns.COLUMNS[name]
    label = escape(str(column.label))
    css = f"ta-{column.align}{' no-phone' if column.hide_on_phone else ''}"
    return _Words(
        label=label,
        head=f'<th scope="col" class="ta-{column.align}"',
        title=f' title="{escape(str(column.title))}"' if column.title else "",
        cell=f'<td class="{css}" data-label="{label}">',
    )


def _head(shown: list[Column], query: TableQuery, select: str) -> str:
    cells = [_select_all(select)] if select else []
    by, down = query.sort.removeprefix("-"), query.sort.startswith("-")
    language = get_language() or "en"
    # the parameter stands last, so a link is the query without its order and then the new one
    rest = query.query_string(without="sort")
    start = escape(f"?{rest}&sort=" if rest else "?sort=")
    for column in shown:
        words = _words_of(column.name, language)
        active = by == column.name and bool(column.sort)
        order = f' aria-sort="{"descending" if down else "ascending"}"' if active else ""
        label = words.label
        if column.sort:
            descending = not down if active else column.worst_first
            mark = icon("arrow-down" if down else "arrow-up", "icon-sm") if active else ""
            label = f'<a class="sort" href="{start}{"-" if descending else ""}{column.name}">{label}{mark}</a>'
        cells.append(f"{words.head}{order}{words.title}>{label}</th>")
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _select_all(select: str) -> str:
    label = escape(_("Select all on this page"))
    return (
        '<th scope="col" class="pick"><input type="checkbox" class="form-check-input" '
        f'data-select-all="{select}" aria-label="{label}"></th>'
    )


def _body(page: TablePage, select: str) -> str:
    words, language = lean.words(), get_language() or "en"
    first, *others = page.columns
    first_read, *other_reads = page.reads
    drawn = [
        (_words_of(column.name, language).cell, column.draw, read)
        for column, read in zip(others, other_reads, strict=True)
    ]
    pick, named = _pick(select)
    parts: list[str] = []
    add = parts.append
    for row in page.rows:
        if select:
            add(f'<tr>{pick}value="{row[0]}" aria-label="{named % {"name": escape(row[1])}}"></td><th scope="row">')
        else:
            add('<tr><th scope="row">')
        add(first.draw(words, *first_read(row)))
        add("</th>")
        for start, draw, read in drawn:
            add(start)
            add(draw(words, *read(row)))
            add("</td>")
        add("</tr>")
    return "".join(parts)


def _pick(select: str) -> tuple[str, str]:
    """The check box of a row up to its value, and what it says."""
    box = f'<td class="pick"><input type="checkbox" class="form-check-input" name="{select}" '
    return box, escape(_("Select %(name)s"))

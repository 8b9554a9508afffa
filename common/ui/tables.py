# ruff: noqa: PLR0913  (the options of a component are its arguments)
"""The list table: plain values in, one string out. No template engine per row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _

from common.ui.cells import icon


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its label, alignment (``start``, ``end``, ``center``) and the field it sorts by.

    ``hide_on_phone`` leaves it out of the cards that rows become on a small screen.
    """

    label: str
    align: str = "start"
    sort: str = ""
    hide_on_phone: bool = False
    title: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its cells, and what it needs for bulk work (``key``) or emphasis (``css``)."""

    cells: Sequence[str]
    key: str = ""
    name: str = ""
    css: str = ""
    level: int = 0
    attrs: Mapping[str, str] = field(default_factory=dict)


def sort_link(column: Column, query: Mapping[str, Sequence[str]], current: str) -> SafeString:
    """Return a head cell's link that sorts by its column and turns the order round when pressed again."""
    if not column.sort:
        return conditional_escape(column.label)
    active = current.lstrip("-") == column.sort
    ascending = active and not current.startswith("-")
    target = f"-{column.sort}" if ascending else column.sort
    params = {key: list(values) for key, values in query.items() if key not in {"sort", "page"}}
    href = "?" + urlencode({**params, "sort": [target]}, doseq=True)
    mark = icon("arrow-up" if ascending else "arrow-down", "icon-sm") if active else ""
    return format_html('<a class="sort" href="{}">{}{}</a>', href, column.label, mark)


def query_lists(query: object) -> dict[str, list[str]]:
    """Return a ``QueryDict`` or a mapping as lists of values per key."""
    if query is None:
        return {}
    if hasattr(query, "lists"):
        return {key: list(values) for key, values in query.lists()}
    pairs = query.items() if isinstance(query, Mapping) else []
    return {str(key): [str(value)] for key, value in pairs}


def data_table(
    head: Sequence[Column | str],
    rows: Iterable[Row | Sequence[str]],
    *,
    caption: str,
    sort: str = "",
    query: object = None,
    select: str = "",
    empty: str = "",
    css: str = "",
) -> SafeString:
    """Return a table in its own scroll region; on a phone rows become cards.

    Args:
        head: columns, or plain labels; a column of whole numbers under a plain label stands on the right.
        rows: cells as text (escaped here) or ``SafeString``; the first cell names the row.
        caption: unique name of the table on the page, for screen readers.
        sort: the present order, such as ``-variance``.
        query: the request's GET, which the sort links keep.
        select: name of the check boxes for bulk work; rows then need a ``key``.
        empty: the text when there are no rows.
        css: further classes of the table.
    """
    lines = [row if isinstance(row, Row) else Row(row) for row in rows]
    columns = [
        column if isinstance(column, Column) else Column(column, align=_side(lines, index))
        for index, column in enumerate(head)
    ]
    params = query_lists(query)
    body = format_html_join("", "{}", ((_row(columns, row, select),) for row in lines))
    if not body:
        text = empty or _("Nothing to show.")
        body = format_html('<tr class="none"><td colspan="{}">{}</td></tr>', len(columns) + bool(select), text)
    return format_html(
        '<div class="table-wrap" role="region" tabindex="0" aria-label="{0}">'
        '<table class="table data-table {1}" data-rows="{2}"><caption class="visually-hidden">{0}</caption>'
        "{3}<tbody>{4}</tbody></table></div>",
        caption,
        css,
        "select" if select else "",
        _head(columns, params, sort, select),
        body,
    )


def _side(rows: Sequence[Row], index: int) -> str:
    return "end" if rows and all(str(row.cells[index]).isdigit() for row in rows) else "start"


def _head(columns: Sequence[Column], params: Mapping[str, Sequence[str]], sort: str, select: str) -> SafeString:
    cells = [_select_all(select)] if select else []
    for column in columns:
        active = bool(column.sort) and sort.lstrip("-") == column.sort
        order = ("descending" if sort.startswith("-") else "ascending") if active else ""
        cells.append(
            format_html(
                '<th scope="col" class="{}"{}{}>{}</th>',
                f"ta-{column.align}",
                format_html(' aria-sort="{}"', order) if order else "",
                format_html(' title="{}"', column.title) if column.title else "",
                sort_link(column, params, sort),
            )
        )
    return format_html("<thead><tr>{}</tr></thead>", format_html_join("", "{}", ((cell,) for cell in cells)))


def _select_all(select: str) -> SafeString:
    return format_html(
        '<th scope="col" class="pick">'
        '<input type="checkbox" class="form-check-input" data-select-all="{}" aria-label="{}"></th>',
        select,
        _("Select all on this page"),
    )


def _row(columns: Sequence[Column], row: Row, select: str) -> SafeString:
    parts: list[SafeString] = []
    if select:
        parts.append(
            format_html(
                '<td class="pick">'
                '<input type="checkbox" class="form-check-input" name="{}" value="{}" aria-label="{}"></td>',
                select,
                row.key,
                _("Select %(name)s") % {"name": row.name or row.key},
            )
        )
    for index, (column, cell) in enumerate(zip(columns, row.cells, strict=True)):
        css = f"ta-{column.align}" + (" no-phone" if column.hide_on_phone else "")
        if index == 0:
            level = f" lvl-{row.level}" if row.level else ""
            parts.append(format_html('<th scope="row" class="{}{}">{}</th>', css, level, cell))
        else:
            parts.append(format_html('<td class="{}" data-label="{}">{}</td>', css, column.label, cell))
    attrs = format_html_join("", ' data-{}="{}"', ((slugify(key), value) for key, value in row.attrs.items()))
    kind = format_html(' class="{}"', row.css) if row.css else ""
    return format_html("<tr{}{}>{}</tr>", kind, attrs, format_html_join("", "{}", ((part,) for part in parts)))


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> SafeString:
    """Return a small table without sorting or selection: the twin of a chart, a register in a card."""
    lines = [
        format_html(
            '<th scope="row">{}</th>{}', row[0], format_html_join("", "<td>{}</td>", ((one,) for one in row[1:]))
        )
        for row in rows
        if row
    ]
    return _small_table(head, lines, caption)


def heat_table(head: Sequence[str], rows: Iterable[tuple[str, Sequence[tuple[str, str]]]], caption: str) -> SafeString:
    """Return a table whose cells carry a tone besides their number: (row label, [(text, tone), …]).

    Tones: ``ok``, ``risk``, ``off`` and ``hold`` (nothing to say).
    """
    lines = [
        format_html(
            '<th scope="row">{}</th>{}',
            label,
            format_html_join("", '<td class="tone-{}">{}</td>', ((slugify(tone), text) for text, tone in cells)),
        )
        for label, cells in rows
    ]
    return _small_table(head, lines, caption, "heat")


def _small_table(head: Sequence[str], lines: Iterable[SafeString], caption: str, css: str = "") -> SafeString:
    return format_html(
        '<div class="table-wrap" role="region" tabindex="0" aria-label="{0}"><table class="table table-plain {1}">'
        '<caption class="visually-hidden">{0}</caption><thead><tr>{2}</tr></thead><tbody>{3}</tbody></table></div>',
        caption,
        css,
        format_html_join("", '<th scope="col">{}</th>', ((label,) for label in head)),
        format_html_join("", "<tr>{}</tr>", ((line,) for line in lines)),
    )

# ruff: noqa: PLR0913  (the options of a component are its arguments)
"""The list table: plain values in, one string out. No template engine per row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
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
    body = "".join(_row(columns, row, select) for row in lines)
    if not body:
        text = empty or _("Nothing to show.")
        body = format_html('<tr class="none"><td colspan="{}">{}</td></tr>', len(columns) + bool(select), text)
    return mark_safe(  # noqa: S308  cells are escaped one by one
        format_html(
            '<div class="table-wrap" role="region" tabindex="0" aria-label="{}"><table class="table data-table {}"{}>',
            caption,
            css,
            mark_safe(' data-rows="select"') if select else mark_safe(' data-rows=""'),
        )
        + format_html('<caption class="visually-hidden">{}</caption>', caption)
        + _head(columns, params, sort, select)
        + f"<tbody>{body}</tbody></table></div>"
    )


def _side(rows: Sequence[Row], index: int) -> str:
    return "end" if rows and all(str(row.cells[index]).isdigit() for row in rows) else "start"


def _head(columns: Sequence[Column], params: Mapping[str, Sequence[str]], sort: str, select: str) -> str:
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
    return f"<thead><tr>{''.join(cells)}</tr></thead>"


def _select_all(select: str) -> SafeString:
    return format_html(
        '<th scope="col" class="pick">'
        '<input type="checkbox" class="form-check-input" data-select-all="{}" aria-label="{}"></th>',
        select,
        _("Select all on this page"),
    )


def _row(columns: Sequence[Column], row: Row, select: str) -> str:
    parts: list[str] = []
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
            parts.append(f'<th scope="row" class="{css}{level}">{conditional_escape(cell)}</th>')
        else:
            label = conditional_escape(column.label)
            parts.append(f'<td class="{css}" data-label="{label}">{conditional_escape(cell)}</td>')
    attrs = "".join(format_html(' data-{}="{}"', slugify(key), value) for key, value in row.attrs.items())
    css = format_html(' class="{}"', row.css) if row.css else ""
    return f"<tr{css}{attrs}>{''.join(parts)}</tr>"


def plain_table(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> SafeString:
    """Return a small table without sorting or selection: the twin of a chart, a register in a card."""
    heads = "".join(f'<th scope="col">{conditional_escape(label)}</th>' for label in head)
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row">{conditional_escape(cell)}</th>' if i == 0 else f"<td>{conditional_escape(cell)}</td>"
            for i, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    name = conditional_escape(caption)
    return mark_safe(  # noqa: S308  every cell went through conditional_escape
        f'<div class="table-wrap" role="region" tabindex="0" aria-label="{name}"><table class="table table-plain">'
        f'<caption class="visually-hidden">{name}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def heat_table(head: Sequence[str], rows: Iterable[tuple[str, Sequence[tuple[str, str]]]], caption: str) -> SafeString:
    """Return a table whose cells carry a tone besides their number: (row label, [(text, tone), …]).

    Tones: ``ok``, ``risk``, ``off`` and ``hold`` (nothing to say).
    """
    heads = "".join(f'<th scope="col">{conditional_escape(label)}</th>' for label in head)
    body = "".join(
        f'<tr><th scope="row">{conditional_escape(label)}</th>'
        + "".join(f'<td class="tone-{slugify(tone)}">{conditional_escape(text)}</td>' for text, tone in cells)
        + "</tr>"
        for label, cells in rows
    )
    name = conditional_escape(caption)
    return mark_safe(  # noqa: S308  every cell went through conditional_escape
        f'<div class="table-wrap" role="region" tabindex="0" aria-label="{name}"><table class="table table-plain heat">'
        f'<caption class="visually-hidden">{name}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>"
    )

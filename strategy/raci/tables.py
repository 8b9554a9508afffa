"""How RACI looks: the matrix with a column per person, its findings, its form."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.ui.tables import Column, Row, data_table
from strategy.enums import Letter

if TYPE_CHECKING:
    from strategy.raci.checks import Finding
    from strategy.raci.work import Part, Work

LINKS_SHOWN = 6


def letter(code: str) -> SafeString:
    """A letter with its word for screen readers and as a tooltip."""
    word = Letter(code).label
    return format_html(
        '<span class="raci raci-{}" title="{}"><span aria-hidden="true">{}</span>'
        '<span class="visually-hidden">{}</span></span>',
        code.lower(), word, "A/R" if code == Letter.BOTH else code, word,
    )  # fmt: skip


def legend() -> SafeString:
    """What the letters mean, in one line."""
    items = format_html_join("", "<li>{} {}</li>", ((letter(one.value), one.label) for one in Letter))
    return format_html('<ul class="legend raci-legend">{}</ul>', items)


def matrix(
    works: Sequence[Work],
    *,
    first: str,
    caption: str,
    empty: str = "",
    names: Sequence[str] = (),
    further: Mapping[str, Sequence[str]] | None = None,
) -> SafeString:
    """Rows are pieces of work, columns the people and vacant roles, cells their letters.

    `names` are the first cells when they are more than the name; `further` gives more columns by their label.
    """
    columns = _columns(works)
    more = dict(further or {})
    head = [Column(first), *(Column(label, "center") for label in columns.values()), *(Column(name) for name in more)]
    rows = []
    for at, one in enumerate(works):
        cells = [_cell(one.parts, column) for column in columns]
        name = names[at] if names else format_html('<a class="row-link" href="{}">{}</a>', one.href, one.name)
        rows.append(Row([name, *cells, *(column[at] for column in more.values())]))
    return data_table(head, rows, caption=caption, empty=empty, css="raci-table")


def _columns(works: Iterable[Work]) -> dict[str, str]:
    """Column → its words, people who answer for most first."""
    posts: dict[str, set[str]] = {}
    people: dict[str, Part] = {}
    weight: dict[str, int] = {}
    for part in (part for one in works for part in one.parts):
        people.setdefault(part.column, part)
        posts.setdefault(part.column, set()).update({part.post_label} - {""})
        weight[part.column] = weight.get(part.column, 0) + (2 if "A" in part.letter else 1 if part.letter == "R" else 0)
    order = sorted(people, key=lambda column: (-weight[column], people[column].who))
    return {column: _heading(people[column], sorted(posts[column])) for column in order}


def _heading(part: Part, posts: Sequence[str]) -> str:
    if not part.person:
        return _("%(role)s: nobody") % {"role": part.post_label}
    return f"{part.person} · {', '.join(posts)}" if posts else part.person


def _cell(parts: Iterable[Part], column: str) -> SafeString:
    letters = [letter(part.letter) for part in parts if part.column == column]
    return format_html_join(" ", "{}", ((one,) for one in letters))


def findings(found: Sequence[Finding]) -> SafeString:
    """What is wrong, each with what to do and where; a good word when nothing is."""
    if not found:
        return format_html(
            '<p class="muted">{}</p>', _("Each item has one who is accountable and somebody who does it.")
        )
    return format_html(
        '<ul class="raci-findings">{}</ul>', format_html_join("", "<li>{}</li>", ((_finding(one),) for one in found))
    )


def _finding(one: Finding) -> SafeString:
    shown = format_html_join(", ", '<a href="{1}">{0}</a>', one.links[:LINKS_SHOWN])
    rest = len(one.links) - LINKS_SHOWN
    more = format_html(" {}", _("and %(n)s more") % {"n": rest}) if rest > 0 else ""
    where = format_html('<span class="sub">{}{}</span>', shown, more) if one.links else ""
    return format_html(
        '<span class="tag tone-{}">{}</span> <b>{}</b> {}{}', one.tone, _title(one.code), one.text, one.remedy, where
    )


def _title(code: str) -> str:
    return {
        "no_accountable": _("Nobody accountable"),
        "vacancy": _("Vacant"),
        "own_acceptance": _("Accepted by its maker"),
        "overload": _("Too much for one person"),
        "nobody_responsible": _("Nobody responsible"),
    }[code]

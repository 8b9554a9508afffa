"""Draws a roadmap of many projects. Each bar is a link whose name is a whole sentence.

All milestones of a bar are one shape and not one each, so a hundred projects with their plans stay a small picture.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from common.svg.base import num, rect, svg, text
from common.svg.timeline import HEAD, Scale, first_of_month, grid, today_line
from common.ui.status import status_of
from reporting import lean

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.utils.safestring import SafeString

    from reporting.selectors.roadmap import Mark, Row

ROW: Final = 28
BAND: Final = 24
LABELS: Final = 216
WIDTH: Final = 1180
LONGEST_LABEL: Final = 34
GATE, MILESTONE = 8.0, 4.5
MONTHS: Final = {"quarter": 12, "year": 36}
QUARTER_BEFORE: Final = 4


@dataclass(frozen=True, slots=True)
class Window:
    """The part of time that is drawn: whole months from the first up to (not including) the last day."""

    start: dt.date
    end: dt.date
    zoom: str

    def moved(self, steps: int) -> dt.date:
        """The first day after moving by a quarter, or by a year in the wide zoom."""
        return first_of_month(self.start, steps * (12 if self.zoom == "year" else 3))


def window(zoom: str, start: dt.date | None, rows: Sequence[Row], today: dt.date) -> Window:
    """What to draw: a year in months, three years in quarters, or everything that has a date."""
    if zoom == "all":
        days = [day for row in rows for day in (row.start, row.finish) if day] or [today]
        first, last = first_of_month(min(*days, today) if days else today), max(*days, today)
        return Window(first, max(first_of_month(last, 1), first_of_month(first, 6)), zoom)
    months = MONTHS.get(zoom, MONTHS["quarter"])
    first = first_of_month(start or first_of_month(today, -QUARTER_BEFORE if zoom != "year" else -12))
    return Window(first, first_of_month(first, months), "year" if zoom == "year" else "quarter")


def sentence(row: Row) -> str:
    """A bar as one sentence, without markup."""
    words = lean.words()
    status = status_of(row.colour).word
    if row.start is None or row.finish is None:
        return _("%(name)s: no dates yet, %(status)s") % {"name": row.name, "status": status}
    said = f"{row.name}: {words.date(row.start)} – {words.date(row.finish)}, {status}"
    if row.phase:
        said += ", " + _("phase %(phase)s") % {"phase": row.phase}
    if row.total:
        said += ", " + _("%(reached)s of %(total)s milestones reached") % {"reached": row.reached, "total": row.total}
    if row.next_name and row.next_on:
        said += ", " + _("next: %(name)s on %(day)s") % {"name": row.next_name, "day": words.date(row.next_on)}
    return said


def roadmap(rows: Sequence[Row], shown: Window, today: dt.date, title: str) -> SafeString:
    """The picture. A change of group opens a band with its name."""
    scale = Scale(shown.start, shown.end, LABELS, WIDTH - 8)
    parts: list[str] = []
    y, group = float(HEAD + 4), ""
    for row in rows:
        if row.group != group:
            group = row.group
            parts += [rect(0, y + 1, WIDTH, 20, "f-band"), text(8, y + 15, group, "b")]
            y += BAND
        parts.append(_bar(row, y, scale))
        y += ROW
    height = y + 8
    return svg(
        WIDTH,
        height,
        [*grid(scale, height, today=today), *parts, *today_line(scale, today, height)],
        title,
        css="chart chart-wide",
        interactive=True,
    )


def _bar(row: Row, y: float, scale: Scale) -> str:
    label = row.name if len(row.name) <= LONGEST_LABEL else row.name[: LONGEST_LABEL - 1].rstrip() + "…"
    inner = f'<text x="8" y="{num(y + 18)}">{escape(label)}</text>'
    if row.start is None or row.finish is None:
        inner += f'<text x="{LABELS + 6}" y="{num(y + 18)}" class="m">{escape(_("No dates yet"))}</text>'
    elif row.finish >= scale.start and row.start < scale.end:
        inner += _body(row.start, row.finish, row, y, scale)
    inner += _marks(row.marks, y + ROW / 2, scale)
    said = escape(sentence(row))
    return f'<a href="{row.href}" aria-label="{said}"><title>{said}</title>{inner}</a>'


def _body(start: dt.date, finish: dt.date, row: Row, y: float, scale: Scale) -> str:
    tone = status_of(row.colour).tone
    left, right = scale.x(start), scale.x(finish)
    body = rect(left, y + 7, max(right - left, 3), 14, f"t-{tone} o-{tone}", 3)
    if row.total and row.reached:
        done = max((right - left) * row.reached / row.total, 2)
        body += rect(left, y + 7, done, 14, f"f-{tone}", 3)
    cuts = "".join(f"M{num(scale.x(day))} {num(y + 7)}v14" for day in row.starts if scale.holds(day))
    return body + (f'<path d="{cuts}" class="s-card w2"/>' if cuts else "")


def _marks(marks: Iterable[Mark], middle: float, scale: Scale) -> str:
    reached: list[str] = []
    planned: list[str] = []
    for mark in marks:
        if scale.holds(mark.day):
            size = num(GATE if mark.is_gate else MILESTONE)
            top = num(middle - (GATE if mark.is_gate else MILESTONE))
            shape = f"M{num(scale.x(mark.day))} {top}l{size} {size}-{size} {size}-{size}-{size}z"
            (reached if mark.is_reached else planned).append(shape)
    found = f'<path d="{"".join(reached)}" class="f-ink o-ink"/>' if reached else ""
    return found + (f'<path d="{"".join(planned)}" class="f-card o-ink"/>' if planned else "")


def twin(rows: Sequence[Row]) -> tuple[list[str], list[list[str]]]:
    """The same as a table: head and rows, with the gates and their dates."""
    words = lean.words()
    head = [_("Project"), _("Start"), _("Finish"), _("Status"), _("Phase"), _("Milestones reached"), _("Gates")]
    unknown = _("Unknown")
    body = [
        [
            row.name, words.date(row.start, unknown), words.date(row.finish, unknown), str(status_of(row.colour).word),
            row.phase, f"{row.reached}/{row.total}",
            "; ".join(f"{mark.name} {words.date(mark.day)}" for mark in row.marks if mark.is_gate),
        ]
        for row in rows
    ]  # fmt: skip
    return head, body

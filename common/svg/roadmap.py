# ruff: noqa: PLR0913  (the options of a chart are its arguments; a dash stands between two dates)
"""The roadmap: projects as bars in time, phases inside them, gates as diamonds, the line of today."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.svg.base import diamond, line, link, rect, svg, text
from common.svg.timeline import HEAD, Scale, grid, span, today_line
from common.ui.status import status_of

ROW = 30
LABELS = 190


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone or gate: its date, short name, and whether it is behind us."""

    day: dt.date
    label: str = ""
    passed: bool = False


@dataclass(frozen=True, slots=True)
class Phase:
    """A part of a bar: a phase of the project."""

    label: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True, slots=True)
class Bar:
    """One project on the roadmap. Without dates it is listed, with words instead of a bar."""

    label: str
    start: dt.date | None
    end: dt.date | None
    colour: str = "grey"
    progress: float | None = None
    href: str = ""
    group: str = ""
    marks: Sequence[Mark] = ()
    phases: Sequence[Phase] = ()


def sentence(bar: Bar) -> str:
    """Return a bar as one sentence: the name that a screen reader speaks."""
    if bar.start is None or bar.end is None:
        return f"{bar.label}: {_('no dates yet')}"
    words = [
        f"{bar.label}: {formats.date_short(bar.start)} – {formats.date_short(bar.end)}",
        str(status_of(bar.colour).word),
    ]
    if bar.progress is not None:
        words.append(formats.percent(bar.progress))
    words += [f"{mark.label} {formats.date_short(mark.day)}" for mark in bar.marks if mark.label]
    return ", ".join(words)


def roadmap(
    bars: Sequence[Bar],
    title: str,
    today: dt.date,
    *,
    start: dt.date | None = None,
    end: dt.date | None = None,
    first_month: int = 1,
    width: int = 1120,
    standalone: bool = False,
) -> SafeString:
    """Return the roadmap. Bars come grouped; a change of ``group`` opens a band with its name."""
    first, last = span([day for bar in bars for day in (bar.start, bar.end, *(mark.day for mark in bar.marks))], today)
    scale = Scale(start or first, end or last, LABELS, width - 8)
    rows: list[str] = []
    y, group = float(HEAD + 4), ""
    for bar in bars:
        if bar.group != group:
            group = bar.group
            rows += [rect(0, y + 2, width, 20, "f-band"), text(8, y + 16, group, "b")]
            y += 24
        rows.append(link(bar.href, sentence(bar), "".join(_bar(bar, y, scale))))
        y += ROW
    height = y + 8
    parts = [*grid(scale, height, first_month, today), *rows, *today_line(scale, today, height)]
    return svg(
        width,
        height,
        parts,
        title,
        standalone=standalone,
        css="chart chart-wide",
        interactive=any(b.href for b in bars),
    )


def _bar(bar: Bar, y: float, scale: Scale) -> list[str]:
    parts = [text(8, y + 19, _cut(bar.label, 30))]
    if bar.start is None or bar.end is None:
        return [*parts, text(scale.left + 6, y + 19, _("No dates yet"), "m")]
    tone = status_of(bar.colour).tone
    if bar.end >= scale.start and bar.start <= scale.end:
        left, right = scale.x(bar.start), scale.x(bar.end)
        parts.append(rect(left, y + 7, max(right - left, 3), 15, f"t-{tone} o-{tone}", 3))
        if bar.progress:
            done = (right - left) * min(bar.progress, 100) / 100
            parts.append(rect(left, y + 7, max(done, 2), 15, f"f-{tone}", 3))
        parts += _phases(bar, y, scale)
    parts += [part for mark in bar.marks if scale.holds(mark.day) for part in _mark(mark, y, scale)]
    return parts


def _phases(bar: Bar, y: float, scale: Scale) -> list[str]:
    parts = []
    for phase in bar.phases[1:]:
        if scale.holds(phase.start):
            x = scale.x(phase.start)
            parts.append(line(x, y + 7, x, y + 22, "s-card"))
    for phase in bar.phases:
        width = scale.x(phase.end) - scale.x(phase.start)
        parts.append(
            rect(
                scale.x(phase.start),
                y + 7,
                width,
                15,
                "hit",
                0,
                f"{phase.label}: {formats.date_short(phase.start)} – {formats.date_short(phase.end)}",
            )
        )
    return parts


def _mark(mark: Mark, y: float, scale: Scale) -> list[str]:
    x = scale.x(mark.day)
    parts = [diamond(x, y + 14.5, 9, "f-ink o-ink" if mark.passed else "f-card o-ink")]
    if mark.label and len(mark.label) <= 2:  # noqa: PLR2004  more does not fit in the diamond
        parts.append(text(x, y + 18, mark.label, "i c tiny" if mark.passed else "c tiny"))
    return parts


def _cut(label: str, size: int) -> str:
    return label if len(label) <= size else label[: size - 1].rstrip() + "…"


def roadmap_table(bars: Sequence[Bar]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`roadmap`."""
    head = [_("Project"), _("Start"), _("End"), _("Status"), _("Progress"), _("Gates and milestones")]
    return head, [
        [
            bar.label,
            formats.date_short(bar.start),
            formats.date_short(bar.end),
            str(status_of(bar.colour).word),
            formats.percent(bar.progress),
            "; ".join(f"{mark.label} {formats.date_short(mark.day)}" for mark in bar.marks),
        ]
        for bar in bars
    ]

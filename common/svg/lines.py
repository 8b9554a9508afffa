# ruff: noqa: PLR0913  (the options of a chart are its arguments)
"""Lines over time: series, areas, forecasts and burn lines."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.svg.base import line, nice_ticks, num, svg, text

WIDE: Final = 600
"""From this width on a picture fills its card, and scrolls on a phone instead of shrinking until nobody can read it."""


@dataclass(frozen=True, slots=True)
class Series:
    """A line: one value per label, ``None`` where nothing is known (the line has a gap there).

    ``style``: ``line``, ``area`` or ``dash`` (a plan or forecast).
    """

    label: str
    values: Sequence[float | None]
    tone: str = "accent"
    style: str = "line"


def line_chart(
    labels: Sequence[str],
    series: Sequence[Series],
    title: str,
    *,
    width: int = 380,
    height: int = 210,
    form: Callable[[float], str] = formats.compact_number,
    now: int | None = None,
    standalone: bool = False,
) -> SafeString:
    """Return lines over the same labels. ``now`` is the index of today: a line divides past and future."""
    known = [value for one in series for value in one.values if value is not None]
    ticks = nice_ticks(max(known, default=0))
    left, floor, roof, right = 44, height - 40, 12, width - 18
    step = (right - left) / max(len(labels) - 1, 1)
    scale = (floor - roof) / ticks[-1]
    parts = []
    for tick in ticks:
        y = floor - tick * scale
        parts += [line(left, y, right, y), text(left - 6, y + 4, form(tick), "m e")]
    every = max(1, round(len(labels) / max((right - left) / 44, 1)))
    parts += [text(left + i * step, floor + 16, label, "c m") for i, label in enumerate(labels) if i % every == 0]
    if now is not None:
        x = left + now * step
        parts += [line(x, roof, x, floor, "s-accent dash"), text(x, roof - 2, _("today"), "c b")]
    for one in series:
        points = [
            (left + i * step, floor - value * scale) if value is not None else None
            for i, value in enumerate(one.values)
        ]
        parts += _draw(one, points, floor)
    parts += _legend(series, left, height - 6)
    css = "chart chart-wide" if width > WIDE else "chart"
    return svg(width, height, parts, title, _words(labels, series, form), standalone=standalone, css=css)


def _draw(one: Series, points: Sequence[tuple[float, float] | None], floor: float) -> list[str]:
    parts = []
    for run in _runs(points):
        path = "L".join(f"{num(x)} {num(y)}" for x, y in run)
        if one.style == "area" and len(run) > 1:
            first, last = num(run[0][0]), num(run[-1][0])
            parts.append(f'<path class="t-{one.tone}" d="M{first} {num(floor)}L{path}L{last} {num(floor)}z"/>')
        parts.append(f'<path class="s-{one.tone} w2{" dash" if one.style == "dash" else ""}" d="M{path}"/>')
        if len(run) == 1 or one.style == "line":
            x, y = run[-1]
            parts.append(f'<circle class="f-{one.tone}" cx="{num(x)}" cy="{num(y)}" r="3"/>')
    return parts


def _runs(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """Return the unbroken stretches between gaps."""
    runs: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _legend(series: Sequence[Series], x: float, y: float) -> list[str]:
    parts = []
    for one in series:
        kind = " dash" if one.style == "dash" else ""
        parts += [line(x, y - 4, x + 18, y - 4, f"s-{one.tone} w2{kind}"), text(x + 23, y, one.label, "m")]
        x += 23 + len(one.label) * 6.2 + 16
    return parts


def _words(labels: Sequence[str], series: Sequence[Series], form: Callable[[float], str]) -> str:
    words = []
    for one in series:
        last = next(
            ((label, v) for label, v in zip(reversed(labels), reversed(one.values), strict=False) if v is not None),
            None,
        )
        words.append(f"{one.label}: {form(last[1])} ({last[0]})" if last else f"{one.label}: {formats.unknown()}")
    return "; ".join(words)


def line_table(
    labels: Sequence[str], series: Sequence[Series], form: Callable[[float], str] = formats.compact_number
) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`line_chart`."""
    head = [_("Period"), *(one.label for one in series)]
    rows = []
    for index, label in enumerate(labels):
        values = [one.values[index] if index < len(one.values) else None for one in series]
        rows.append([label, *(form(value) if value is not None else formats.unknown() for value in values)])
    return head, rows

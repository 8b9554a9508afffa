"""Bars: shares of a whole, shares over time, trend strips and bullets."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.svg.base import line, nice_ticks, num, rect, svg, text
from common.ui.status import Status, status_of

_TREND_HEIGHTS = {0: 6, 1: 8, 2: 10, 3: 13, 4: 16, 5: 19}


def trend_svg(statuses: Sequence[Status]) -> SafeString:
    """Return a strip of small bars, oldest first; a worse status is a higher bar."""
    words = ", ".join(str(status.word) for status in statuses) or formats.unknown()
    parts = [
        rect(index * 9, 20 - _TREND_HEIGHTS[status.rank], 7, _TREND_HEIGHTS[status.rank], f"f-{status.tone}", 1)
        for index, status in enumerate(statuses)
    ]
    title = _("Trend, oldest first: %(statuses)s") % {"statuses": words}
    return svg(max(len(statuses) * 9 - 2, 7), 20, parts, title, css="trend")


@dataclass(frozen=True, slots=True)
class Share:
    """A counted part of a whole: a status colour and how many have it."""

    colour: str
    count: int


def health_bar(shares: Sequence[Share], title: str, *, width: int = 420, standalone: bool = False) -> SafeString:
    """Return one bar split by status, in the order given, with gaps between the parts."""
    shown = [share for share in shares if share.count > 0]
    total = sum(share.count for share in shown)
    words = ", ".join(f"{status_of(share.colour).word} {share.count}" for share in shown)
    parts, x = [rect(0, 0, width, 12, "f-track", 4)] if not total else [], 0.0
    space = width - 2 * max(len(shown) - 1, 0)
    for share in shown:
        size = space * share.count / total
        word = status_of(share.colour).word
        parts.append(rect(x, 0, size, 12, f"f-{status_of(share.colour).tone}", 2, f"{word}: {share.count}"))
        x += size + 2
    return svg(width, 12, parts, title, words, standalone=standalone, css="chart chart-bar", stretch=True)


@dataclass(frozen=True, slots=True)
class Period:
    """One column of a chart over time: its label and the count per status colour."""

    label: str
    counts: dict[str, int] = field(default_factory=dict)


STACK_ORDER = ("green", "amber_green", "amber", "amber_red", "red", "on_hold", "grey")


def stacked_bars(
    periods: Sequence[Period], title: str, *, width: int = 380, height: int = 200, standalone: bool = False
) -> SafeString:
    """Return columns over time, stacked by status from good (below) to bad (above)."""
    top = max((sum(period.counts.values()) for period in periods), default=0)
    ticks = nice_ticks(max(top, 4))  # whole numbers of things
    left, floor, roof = max(28, len(formats.number(ticks[-1])) * 7 + 8), height - 22, 10
    scale = (floor - roof) / ticks[-1]
    parts = []
    for tick in ticks:
        y = floor - tick * scale
        parts += [line(left, y, width, y), text(left - 6, y + 4, formats.number(tick), "m e")]
    slot = (width - left) / max(len(periods), 1)
    for index, period in enumerate(periods):
        x = left + index * slot + slot * 0.15
        parts += _column(period, x, slot * 0.7, floor, scale)
        last = index == len(periods) - 1
        parts.append(text(x + slot * 0.35, height - 6, period.label, "c b" if last else "c m"))
    return svg(width, height, parts, title, _stack_words(periods), standalone=standalone)


def _column(period: Period, x: float, width: float, floor: float, scale: float) -> list[str]:
    parts, y = [], floor
    for colour in STACK_ORDER:
        count = period.counts.get(colour, 0)
        if not count:
            continue
        size = count * scale
        status = status_of(colour)
        parts.append(
            rect(x, y - size + 0.8, width, size - 1.6, f"f-{status.tone}", 1, f"{period.label}: {status.word} {count}")
        )
        y -= size
    return parts


def _stack_words(periods: Sequence[Period]) -> str:
    if not periods:
        return formats.unknown()
    last = periods[-1]
    parts = [f"{status_of(colour).word} {last.counts[colour]}" for colour in STACK_ORDER if last.counts.get(colour)]
    return f"{last.label}: " + ", ".join(parts)


def stacked_bars_table(periods: Sequence[Period]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`stacked_bars`."""
    used = [colour for colour in STACK_ORDER if any(period.counts.get(colour) for period in periods)]
    head = [_("Period"), *(str(status_of(colour).word) for colour in used)]
    return head, [[period.label, *(str(period.counts.get(colour, 0)) for colour in used)] for period in periods]


@dataclass(frozen=True, slots=True)
class Bullet:
    """One line of a bullet chart: plan, spent, forecast; ``text`` is how the amount reads."""

    label: str
    plan: float
    spent: float
    forecast: float | None
    text: str = ""
    difference: str = ""
    href: str = ""


def bullet_bars(rows: Sequence[Bullet], title: str, *, width: int = 380, standalone: bool = False) -> SafeString:
    """Return bullets: the light area is the plan, the bar is spent, the mark is the forecast."""
    top = max((max(row.plan, row.spent, row.forecast or 0) for row in rows), default=0) or 1
    scale, parts = (width - 4) / top, []
    for index, row in enumerate(rows):
        parts += _bullet(row, index * 42, width, scale)
    words = "; ".join(f"{row.label} {row.text} {row.difference}".strip() for row in rows)
    return svg(width, max(len(rows), 1) * 42, parts, title, words, standalone=standalone)


def _bullet(row: Bullet, y: float, width: int, scale: float) -> list[str]:
    over = row.forecast is not None and row.forecast > row.plan
    parts = [
        text(0, y + 12, row.label, "b"),
        text(width, y + 12, f"{row.text} {row.difference}".strip(), "e bad" if over else "e m"),
        rect(0, y + 19, row.plan * scale, 14, "f-track", 2),
    ]
    if row.forecast is not None and over:
        parts.append(rect(row.plan * scale, y + 19, (row.forecast - row.plan) * scale, 14, "t-off"))
    parts.append(rect(0, y + 23, row.spent * scale, 6, "f-accent", 1))
    if row.forecast is not None:
        x = row.forecast * scale
        parts.append(f'<path d="M{num(x)} {num(y + 16)}v20" class="{"s-off" if over else "s-ink"} w2"/>')
    return parts


def bullet_table(rows: Sequence[Bullet]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`bullet_bars`."""
    head = [_("Name"), _("Plan"), _("Spent"), _("Forecast")]
    return head, [
        [row.label, formats.number(row.plan), formats.number(row.spent), formats.number(row.forecast)] for row in rows
    ]

"""The calendar under roadmaps and plans: months, quarters and the line of today."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from common import formats
from common.svg.base import line, rect, text

HEAD = 40


@dataclass(frozen=True, slots=True)
class Scale:
    """Turns dates into x: the first and last day, and where they lie in the picture."""

    start: dt.date
    end: dt.date
    left: float
    right: float

    def x(self, day: dt.date) -> float:
        """Return the place of a date, kept inside the picture."""
        share = (day - self.start).days / max((self.end - self.start).days, 1)
        return self.left + (self.right - self.left) * min(max(share, 0), 1)

    def holds(self, day: dt.date | None) -> bool:
        """Tell whether a date lies inside the picture."""
        return day is not None and self.start <= day <= self.end


def first_of_month(day: dt.date, months: int = 0) -> dt.date:
    """Return the first day of the month that lies ``months`` after the one of ``day``."""
    index = day.year * 12 + day.month - 1 + months
    return dt.date(index // 12, index % 12 + 1, 1)


def span(days: Sequence[dt.date | None], today: dt.date) -> tuple[dt.date, dt.date]:
    """Return whole months around all known dates, at least three of them."""
    known = [day for day in days if day is not None] or [today]
    start = first_of_month(min(known))
    end = first_of_month(max(known), 1)
    return start, max(end, first_of_month(start, 3))


def grid(scale: Scale, height: float, first_month: int = 1, today: dt.date | None = None) -> list[str]:
    """Return the head with quarters and months and the lines below it.

    Long spans show fewer names: months up to two years, then only quarters, then only years. A month whose name
    would lie under the flag of ``today`` goes without one.
    """
    months = (scale.end.year - scale.start.year) * 12 + scale.end.month - scale.start.month
    slot = (scale.right - scale.left) / max(months, 1)
    flag, size = _flag(scale, today) if today and scale.holds(today) else (scale.right, 0)
    parts: list[str] = []
    for index in range(months):
        day = first_of_month(scale.start, index)
        begins = (day.month - first_month) % 12
        x = scale.x(day)
        if begins % 3 == 0 or index == 0:
            parts += _quarter(day, x, slot, height, begins, first_month)
        elif slot >= 18:  # noqa: PLR2004  narrower months would be a fence
            parts.append(line(x, HEAD, x, height))
        if slot >= 30 and not flag - 24 < x + 4 < flag + size:  # noqa: PLR2004  three letters need this much
            parts.append(text(x + 4, 34, formats.month_short(day), "m"))
    return parts


def _quarter(day: dt.date, x: float, slot: float, height: float, begins: int, first_month: int) -> list[str]:
    parts = [line(x, 24, x, height, "ax" if begins % 12 == 0 else "g")]
    if slot * (3 - begins % 3) >= 58:  # noqa: PLR2004  "Q4 2026" needs this much
        parts.append(text(x + 4, 16, formats.quarter(day, first_month), "b"))
    elif begins == 0 or day.month == 1:
        parts.append(text(x + 4, 16, day.year, "b"))
    return parts


def _flag(scale: Scale, today: dt.date) -> tuple[float, float]:
    """Return where the flag of today begins and how wide it is."""
    size = len(_("today")) * 6 + 14
    return min(max(scale.x(today) - size / 2, scale.left - size / 2), scale.right - size), size


def today_line(scale: Scale, today: dt.date, height: float) -> list[str]:
    """Return the line of today with its flag; nothing when today is outside."""
    if not scale.holds(today):
        return []
    x = scale.x(today)
    flag, size = _flag(scale, today)
    return [
        line(x, 36, x, height, "s-accent w2"),
        rect(flag, 22, size, 16, "f-accent", 8),
        text(flag + size / 2, 34, _("today"), "i c"),
    ]

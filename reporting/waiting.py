"""How long decisions take and what waiting costs: pure arithmetic, with too little data told as such."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

ENOUGH: Final = 5
"""With fewer cases a median says nothing."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Of `n` durations in days: half took at most `median`, four fifths at most `p80`. None: not enough to tell."""

    n: int
    median: float | None = None
    p80: float | None = None


def spread(days: Sequence[float]) -> Spread:
    """Median, and the 80th percentile by nearest rank."""
    if len(days) < ENOUGH:
        return Spread(len(days))
    return Spread(len(days), median(days), sorted(days)[math.ceil(0.8 * len(days)) - 1])


@dataclass(frozen=True, slots=True)
class Planned:
    """An open milestone: its baseline and what is forecast."""

    baseline_on: dt.date | None
    forecast_on: dt.date | None

    def slip(self, today: dt.date) -> int | None:
        """Days between its baseline and the day on which it can be reached now, today at the earliest."""
        if self.baseline_on is None:
            return None
        return (max(self.forecast_on or self.baseline_on, today) - self.baseline_on).days


def days_lost(
    asked_on: dt.date, needed_by: dt.date | None, today: dt.date, milestones: Iterable[Planned]
) -> int | None:
    """What waiting for a decision has cost its project by today, in days.

    Nothing until the day by which it was needed. From then on the largest slip among the open milestones that were
    planned for the day of the question or later, but never more than the days that the decision is late. None when it
    is unknown: without a needed-by day, or without such a milestone to tell it by.
    """
    if needed_by is None:
        return None
    late = (today - needed_by).days
    if late <= 0:
        return 0
    later = [one for one in milestones if one.baseline_on is not None and one.baseline_on >= asked_on]
    slips = [slip for one in later if (slip := one.slip(today)) is not None]
    return min(late, max(0, *slips)) if slips else None

"""The calendar of reports, pure: which ISO week a moment is in, and the one slot of each local week.

A week runs from local midnight on Monday to the next one, half-open, kept as UTC moments; the report on
it is due on the Monday after at 06:00 local time. Local weeks follow each other without gap or overlap
whatever the clocks do, since the end of each is computed exactly like the start of the next.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

DUE_AT = dt.time(6, 0)
"""When the report on the week before is made, local time on Monday."""

ONE_WEEK = dt.timedelta(days=7)


@dataclass(frozen=True, slots=True, order=True)
class Week:
    """An ISO week; weeks compare in the order of time."""

    iso_year: int
    iso_week: int

    @property
    def monday(self) -> dt.date:
        return dt.date.fromisocalendar(self.iso_year, self.iso_week, 1)

    @property
    def sunday(self) -> dt.date:
        return self.monday + dt.timedelta(days=6)

    def plus(self, weeks: int) -> Week:
        """The week so many weeks later (earlier when negative)."""
        return week_of_day(self.monday + weeks * ONE_WEEK)

    def __str__(self) -> str:
        return f"{self.iso_year}-W{self.iso_week:02d}"


@dataclass(frozen=True, slots=True)
class Slot:
    """A local week as UTC moments: [`starts_at`, `ends_at`), its last day, and when its report is due."""

    week: Week
    time_zone: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    as_of: dt.date
    due_at: dt.datetime


def week_of_day(day: dt.date) -> Week:
    """The ISO week of a date (2027-01-01 lies in 2026-W53)."""
    year, week, _weekday = day.isocalendar()
    return Week(year, week)


def at_local(day: dt.date, time: dt.time, zone: ZoneInfo) -> dt.datetime:
    """The UTC moment of a local time; the first of two, and where the clock jumps over it, as late
    after the jump as it would have been (PEP 495, fold 0).
    """
    return dt.datetime.combine(day, time, tzinfo=zone).astimezone(dt.UTC)


def slot_for(iso_year: int, iso_week: int, zone: ZoneInfo) -> Slot:
    """The one slot of an ISO week in a time zone. Raises: ValueError when the year has no such week."""
    week = Week(iso_year, iso_week)
    following = week.monday + ONE_WEEK
    return Slot(
        week=week,
        time_zone=zone.key,
        starts_at=at_local(week.monday, dt.time.min, zone),
        ends_at=at_local(following, dt.time.min, zone),
        as_of=week.sunday,
        due_at=at_local(following, DUE_AT, zone),
    )


def week_of(moment: dt.datetime, zone: ZoneInfo) -> Week:
    """The local ISO week that holds a moment: the one whose half-open window it lies in."""
    week = week_of_day(moment.astimezone(zone).date())
    slot = slot_for(week.iso_year, week.iso_week, zone)
    if moment < slot.starts_at:
        return week.plus(-1)
    return week.plus(1) if moment >= slot.ends_at else week


def newest_due(now: dt.datetime, zone: ZoneInfo) -> Week:
    """The newest week whose report is due at this moment."""
    last = week_of(now, zone).plus(-1)
    return last if slot_for(last.iso_year, last.iso_week, zone).due_at <= now else last.plus(-1)


def weeks_between(first: Week, last: Week) -> Iterator[Week]:
    """The weeks from `first` to `last`, both included; none when `last` lies before."""
    week = first
    while week <= last:
        yield week
        week = week.plus(1)

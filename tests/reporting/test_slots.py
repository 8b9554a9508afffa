"""The calendar of reports: one slot for each local week, in every time zone, whatever the clocks do."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reporting.slots import Week, newest_due, slot_for, week_of, week_of_day, weeks_between

ZONES = (
    "Europe/Amsterdam", "Europe/London", "Europe/Lisbon", "Europe/Athens", "Europe/Moscow", "Europe/Istanbul",
    "Atlantic/Azores", "Atlantic/Reykjavik", "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix",
    "America/Los_Angeles", "America/Anchorage", "America/St_Johns", "America/Halifax", "America/Havana",
    "America/Sao_Paulo", "America/Santiago", "America/Asuncion", "America/Nuuk", "America/Scoresbysund",
    "America/Argentina/Buenos_Aires", "Africa/Casablanca", "Africa/Cairo", "Africa/Lagos", "Africa/Johannesburg",
    "Asia/Beirut", "Asia/Gaza", "Asia/Tehran", "Asia/Kathmandu", "Asia/Kolkata", "Asia/Shanghai", "Asia/Tokyo",
    "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland", "Pacific/Chatham", "Pacific/Apia",
    "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC",
)  # fmt: skip
EARLIEST, LATEST = (
    int(dt.datetime(year, month, 9, tzinfo=dt.UTC).timestamp()) for year, month in ((2024, 1), (2035, 12))
)
FIRST, LAST = Week(2024, 1), Week(2035, 52)
ALL_WEEKS = list(weeks_between(FIRST, LAST))


def test_the_years_have_their_weeks() -> None:
    assert len(ZONES) >= 40
    assert len(ALL_WEEKS) == (dt.date(2035, 12, 31) - dt.date(2024, 1, 1)).days // 7
    assert Week(2026, 53) in ALL_WEEKS
    assert Week(2025, 53) not in ALL_WEEKS
    assert week_of_day(dt.date(2027, 1, 1)) == Week(2026, 53)
    assert week_of_day(dt.date(2024, 12, 30)) == Week(2025, 1)


@pytest.mark.parametrize("name", ZONES)
def test_weeks_follow_each_other_without_gap_or_overlap(name: str) -> None:
    zone = ZoneInfo(name)
    slots = [slot_for(week.iso_year, week.iso_week, zone) for week in ALL_WEEKS]
    for before, after in itertools.pairwise(slots):
        assert before.ends_at == after.starts_at
        assert before.due_at < after.due_at
    for slot in slots:
        assert dt.timedelta(days=6, hours=22) <= slot.ends_at - slot.starts_at <= dt.timedelta(days=7, hours=2)
        assert slot.ends_at < slot.due_at < slot.ends_at + dt.timedelta(hours=8)
        assert slot.as_of.isoweekday() == 7
        assert slot.starts_at.astimezone(zone).isoweekday() == 1


@pytest.mark.parametrize("name", ZONES)
def test_each_edge_lies_in_one_week_only(name: str) -> None:
    zone = ZoneInfo(name)
    tick = dt.timedelta(microseconds=1)
    for week in ALL_WEEKS:
        slot = slot_for(week.iso_year, week.iso_week, zone)
        assert week_of(slot.starts_at, zone) == week
        assert week_of(slot.starts_at - tick, zone) == week.plus(-1)
        assert week_of(slot.ends_at - tick, zone) == week
        assert newest_due(slot.due_at, zone) == week
        assert newest_due(slot.due_at - tick, zone) == week.plus(-1)


@settings(max_examples=2_000, deadline=None)
@given(
    name=st.sampled_from(ZONES),
    moment=st.integers(EARLIEST, LATEST).map(lambda second: dt.datetime.fromtimestamp(second, dt.UTC)),
)
def test_any_moment_lies_in_the_window_of_its_week(name: str, moment: dt.datetime) -> None:
    zone = ZoneInfo(name)
    week = week_of(moment, zone)
    slot = slot_for(week.iso_year, week.iso_week, zone)
    assert slot.starts_at <= moment < slot.ends_at
    due = newest_due(moment, zone)
    assert slot_for(due.iso_year, due.iso_week, zone).due_at <= moment
    following = due.plus(1)
    assert slot_for(following.iso_year, following.iso_week, zone).due_at > moment


def test_seven_days_earlier_is_not_last_week_when_the_clock_changed() -> None:
    zone = ZoneInfo("Europe/Amsterdam")
    moment = dt.datetime(2026, 3, 29, 22, 30, tzinfo=dt.UTC)  # Monday 00:30, the day after summer time began
    assert week_of(moment, zone) == Week(2026, 14)
    assert week_of(moment - dt.timedelta(days=7), zone) == Week(2026, 12)


def test_midnight_that_does_not_exist_starts_the_week_when_the_clock_jumps() -> None:
    zone = ZoneInfo("America/Sao_Paulo")  # 2018: 4 November began at 01:00, a Sunday; its week is unharmed
    assert dt.datetime(2018, 11, 4, 0, 0, tzinfo=zone).astimezone(dt.UTC).astimezone(zone).hour == 1
    slot, following = slot_for(2018, 44, zone), slot_for(2018, 45, zone)
    assert slot.ends_at == following.starts_at
    gone = ZoneInfo("Pacific/Apia")  # 30 December 2011, a Friday, never happened
    assert slot_for(2011, 52, gone).ends_at - slot_for(2011, 52, gone).starts_at == dt.timedelta(days=6)


def test_a_week_that_the_year_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="53"):
        slot_for(2025, 53, ZoneInfo("UTC"))

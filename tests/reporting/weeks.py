"""Weeks and their reports, for tests."""

import datetime as dt
from zoneinfo import ZoneInfo

from projects.models import Portfolio
from reporting.models import Report
from reporting.services import reports, slots
from reporting.slots import Week, newest_due, slot_for

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
THIS = newest_due(dt.datetime.now(dt.UTC) - dt.timedelta(days=1), AMSTERDAM)
"""A week that is over and whose report is due."""

LAST = THIS.plus(-1)


def make_week(portfolio: Portfolio, week: Week = THIS) -> Report:
    """The report of a portfolio on one week, made now."""
    slot = slots.ensure_slot(portfolio.pk, week, ZoneInfo(portfolio.office.time_zone))
    report = reports.make_report(slot.pk)
    assert report is not None
    return report


def at(week: Week, zone: ZoneInfo = AMSTERDAM, **late: float) -> dt.datetime:
    """The moment that the report on a week is due, or so much later."""
    return slot_for(week.iso_year, week.iso_week, zone).due_at + dt.timedelta(**late)

"""Write down which reports are due: the calendar compared with the slots in the database."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from projects.enums import LIVE_STATUSES
from reporting.enums import ReportKind
from reporting.models import ReportSlot
from reporting.slots import Slot, Week, newest_due, slot_for, week_of, week_of_day, weeks_between

LONGEST_LOOK_BACK = 8
"""For how many weeks back a portfolio without any report gets them."""

LOCK_KEY = 7_268_201
"""The advisory lock of the one transaction that writes slots."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A portfolio with live projects (its own or of a programme below) and what is known of its reports."""

    portfolio_id: int
    zone: ZoneInfo
    created_at: dt.datetime
    first_weekly_on: dt.date | None
    was_imported: bool
    last_week: Week | None
    last_ends_at: dt.datetime | None
    last_zone: str


_CANDIDATES = """
    SELECT p.id, o.time_zone, p.created_at,
           (SELECT min(s.as_of) FROM projects_snapshotset s WHERE s.portfolio_id = p.id AND s.source = 'weekly'),
           EXISTS (SELECT 1 FROM projects_snapshotset s WHERE s.portfolio_id = p.id AND s.source = 'import'),
           l.iso_year, l.iso_week, l.ends_at, l.time_zone
      FROM projects_portfolio p
      JOIN strategy_office o ON o.id = p.office_id
      LEFT JOIN LATERAL (
           SELECT iso_year, iso_week, ends_at, time_zone FROM reporting_reportslot
            WHERE portfolio_id = p.id AND kind = %s ORDER BY iso_year DESC, iso_week DESC LIMIT 1) l ON true
     WHERE EXISTS (SELECT 1 FROM projects_project j JOIN projects_portfolio q ON q.id = j.portfolio_id
                    WHERE q.path LIKE p.path || '%%' AND j.status = ANY(%s))
     ORDER BY p.id
"""


@transaction.atomic
def ensure_slots(now: dt.datetime | None = None) -> list[ReportSlot]:
    """Create every slot that is due and missing, for all portfolios with live projects; the new ones.

    `now` is the database's clock unless a test says otherwise. A portfolio goes on after its last slot,
    however long ago that was; a new one starts with the week in which it came (at most
    LONGEST_LOOK_BACK weeks back), an imported one with the newest finished week. Slots follow ISO
    weeks, so an office that moves to another time zone keeps exactly one for each; its next window
    starts where the last one ended. An advisory lock and the unique key make two at once harmless.
    Three queries, four when something is due.
    """
    moment = _lock_and_read_clock()
    wanted = [_row(candidate, slot) for candidate in _candidates() for slot in _missing(candidate, now or moment)]
    if not wanted:
        return []
    return _insert(wanted)


@transaction.atomic
def ensure_slot(portfolio_id: int, week: Week, zone: ZoneInfo) -> ReportSlot:
    """The slot of one portfolio and week, made when it is missing (for the first report, and for the past)."""
    slot = slot_for(week.iso_year, week.iso_week, zone)
    _lock_and_read_clock()
    ReportSlot.objects.bulk_create([_model(portfolio_id, slot, slot.starts_at)], ignore_conflicts=True)
    return ReportSlot.objects.get(
        kind=ReportKind.WEEKLY_HEALTH, portfolio_id=portfolio_id, iso_year=week.iso_year, iso_week=week.iso_week
    )


def database_now() -> dt.datetime:
    """The database's clock: the one that decides what is due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment


def _lock_and_read_clock() -> dt.datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK_KEY])
    return database_now()


def _candidates() -> list[_Candidate]:
    with connection.cursor() as cursor:
        cursor.execute(_CANDIDATES, [ReportKind.WEEKLY_HEALTH.value, [status.value for status in LIVE_STATUSES]])
        rows = cursor.fetchall()
    return [
        _Candidate(
            portfolio_id, ZoneInfo(zone), created_at, first_weekly_on, was_imported,
            Week(year, week) if year else None, ends_at, last_zone or "",
        )
        for portfolio_id, zone, created_at, first_weekly_on, was_imported, year, week, ends_at, last_zone in rows
    ]  # fmt: skip


def _missing(candidate: _Candidate, now: dt.datetime) -> Iterator[Slot]:
    newest = newest_due(now, candidate.zone)
    first = candidate.last_week.plus(1) if candidate.last_week else _first_week(candidate, newest)
    for week in weeks_between(first, newest):
        yield slot_for(week.iso_year, week.iso_week, candidate.zone)


def _first_week(candidate: _Candidate, newest: Week) -> Week:
    known = [week_of(candidate.created_at, candidate.zone)]
    if candidate.first_weekly_on:
        known.append(week_of_day(candidate.first_weekly_on))
    if candidate.was_imported:
        known.append(newest)
    return max(min(known), newest.plus(1 - LONGEST_LOOK_BACK))


def _row(candidate: _Candidate, slot: Slot) -> ReportSlot:
    starts_at = slot.starts_at
    moved = candidate.last_week == slot.week.plus(-1) and candidate.last_zone != slot.time_zone
    if moved and candidate.last_ends_at is not None:
        starts_at = candidate.last_ends_at
    return _model(candidate.portfolio_id, slot, starts_at)


def _model(portfolio_id: int, slot: Slot, starts_at: dt.datetime) -> ReportSlot:
    return ReportSlot(
        kind=ReportKind.WEEKLY_HEALTH,
        portfolio_id=portfolio_id,
        iso_year=slot.week.iso_year,
        iso_week=slot.week.iso_week,
        time_zone=slot.time_zone,
        starts_at=starts_at,
        ends_at=slot.ends_at,
        as_of=slot.as_of,
        due_at=slot.due_at,
    )


def _insert(rows: list[ReportSlot]) -> list[ReportSlot]:
    """Only those that were not there: a conflict means that the slot exists, which is all we want."""
    newest_before = ReportSlot.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    ReportSlot.objects.bulk_create(rows, ignore_conflicts=True, batch_size=500)
    return list(ReportSlot.objects.filter(pk__gt=newest_before).order_by("pk"))

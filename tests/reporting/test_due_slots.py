"""Which slots there are: each week of each portfolio once, however late the portal looks and whoever looks at once."""

import datetime as dt
import itertools
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from projects.models import Portfolio
from projects.services import state
from reporting.models import ReportSlot
from reporting.services import slots
from reporting.slots import Week, newest_due
from strategy.models import Office
from tests import factories as make
from tests.at_once import at_once
from tests.reporting.weeks import AMSTERDAM, LAST, THIS, at


def weeks_of(portfolio: Portfolio) -> list[Week]:
    found = ReportSlot.objects.filter(portfolio=portfolio).order_by("iso_year", "iso_week")
    return [Week(slot.iso_year, slot.iso_week) for slot in found]


def weeks_after(portfolio: Portfolio, moment: dt.datetime) -> list[Week]:
    slots.ensure_slots(moment)
    return weeks_of(portfolio)


def test_slot_appears_at_its_moment_and_not_before(portfolio: Portfolio) -> None:
    assert slots.ensure_slots(at(Week(2026, 10), seconds=-1)) == []
    assert [str(slot) for slot in slots.ensure_slots(at(Week(2026, 10)))] == [f"{portfolio.pk} 2026-W10"]
    assert slots.ensure_slots(at(Week(2026, 10))) == []


def test_every_missed_week_gets_its_own_slot(portfolio: Portfolio) -> None:
    slots.ensure_slots(at(Week(2026, 10)))
    made = slots.ensure_slots(at(Week(2026, 30), days=2))
    assert [slot.iso_week for slot in made] == list(range(11, 31))
    assert made[0].as_of == Week(2026, 11).sunday


def test_new_portfolio_looks_back_eight_weeks_at_most(portfolio: Portfolio) -> None:
    state.take_snapshots(portfolio, as_of=Week(2025, 20).sunday, source="weekly")
    assert [slot.iso_week for slot in slots.ensure_slots(at(Week(2026, 30)))] == list(range(23, 31))


def test_imported_portfolio_gets_its_first_report_at_once(portfolio: Portfolio) -> None:
    Portfolio.objects.update(created_at=Now())
    moment = slots.database_now()
    assert slots.ensure_slots(moment) == []
    state.take_snapshots(portfolio, as_of=dt.date(2022, 3, 31), source="import")
    assert weeks_after(portfolio, moment) == [newest_due(moment, AMSTERDAM)]


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Asia/Kathmandu"])
def test_office_that_moves_keeps_one_slot_for_each_week(portfolio: Portfolio, zone: str) -> None:
    slots.ensure_slots(at(Week(2026, 20)))
    Office.objects.update(time_zone=zone)
    slots.ensure_slots(at(Week(2026, 20), hours=1))
    slots.ensure_slots(at(Week(2026, 22), days=3))
    Office.objects.update(time_zone="Europe/Amsterdam")
    slots.ensure_slots(at(Week(2026, 24)))
    assert [week.iso_week for week in weeks_of(portfolio)] == list(range(13, 25))
    windows = list(ReportSlot.objects.order_by("iso_week").values_list("starts_at", "ends_at"))
    assert all(before[1] == after[0] for before, after in itertools.pairwise(windows))


def test_year_with_53_weeks_has_its_last_one(portfolio: Portfolio) -> None:
    slots.ensure_slots(at(Week(2026, 51)))
    made = slots.ensure_slots(at(Week(2027, 1)))
    assert [str(slot) for slot in made] == [
        f"{portfolio.pk} 2026-W52",
        f"{portfolio.pk} 2026-W53",
        f"{portfolio.pk} 2027-W01",
    ]


@pytest.mark.django_db(transaction=True)
def test_two_sweeps_at_once_write_each_slot_once() -> None:
    found = make.make_portfolio()
    make.make_project(portfolio=found)
    Portfolio.objects.update(created_at=at(LAST, weeks=-3))
    assert all(isinstance(made, list) for made in at_once(*[slots.ensure_slots] * 4))
    assert len(weeks_of(found)) == len(set(weeks_of(found))) > 2


def test_database_refuses_a_second_slot_for_a_week(portfolio: Portfolio) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    assert slots.ensure_slot(portfolio.pk, THIS, ZoneInfo("Asia/Tokyo")).pk == slot.pk
    slot.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        slot.save()

"""One report for each slot, whatever fails, comes late or comes twice; published means published."""

import datetime as dt
from typing import Any

import pytest
from django.db import InternalError, transaction
from django.db.models.functions import Now

from accounts.enums import RoleName
from common import leases
from common.models import MAX_ATTEMPTS, OutgoingMail
from projects.models import Portfolio
from reporting.enums import ReportState, SlotState
from reporting.models import Report, ReportSlot
from reporting.services import reports, slots, subscriptions
from reporting.tasks import make_report
from reporting.weekly import build
from tests import factories as make
from tests.at_once import at_once
from tests.reporting.weeks import AMSTERDAM, THIS, make_week


def test_task_that_runs_twice_makes_one_report(portfolio: Portfolio) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    make_report(slot_id=slot.pk)
    make_report(slot_id=slot.pk)
    assert Report.objects.count() == 1
    assert ReportSlot.objects.get().state == SlotState.DONE


def test_slot_that_is_held_is_left_to_its_worker(portfolio: Portfolio) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    assert leases.claim_next(reports.due_slots(), seconds=60) is not None
    assert reports.make_report(slot.pk) is None
    assert Report.objects.count() == 0


def test_a_slot_that_was_tried_lets_others_go_first(portfolio: Portfolio) -> None:
    tried, fresh = (slots.ensure_slot(portfolio.pk, week, AMSTERDAM) for week in (THIS.plus(-1), THIS))
    ReportSlot.objects.filter(pk=tried.pk).update(attempts=1)
    assert list(reports.due_slots()) == [fresh, tried]


def test_worker_that_lost_its_lease_publishes_nothing(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    honest = build.build

    def overtaken(slot: ReportSlot) -> dict[str, Any]:
        """While this worker was building, its lease ran out and another one claimed the slot."""
        ReportSlot.objects.update(attempts=2)
        return honest(slot)

    monkeypatch.setattr(build, "build", overtaken)
    assert reports.make_report(slot.pk) is None
    assert Report.objects.count() == 0
    assert OutgoingMail.objects.count() == 0


def test_inputs_stay_frozen_when_the_first_try_fails(portfolio: Portfolio, monkeypatch: pytest.MonkeyPatch) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    with monkeypatch.context() as patch:
        patch.setattr(build, "build", lambda _slot: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            reports.make_report(slot.pk)
    slot.refresh_from_db()
    assert "ZeroDivisionError" in slot.last_error
    frozen = slot.frozen
    ReportSlot.objects.update(leased_until=None)
    make.make_project("Came between the tries", portfolio=portfolio)
    report = reports.make_report(slot.pk)
    assert report is not None
    assert report.content["counts"]["projects"] == 1
    assert ReportSlot.objects.get().frozen == frozen


def test_poison_ends_with_a_person_and_delays_nobody(portfolio: Portfolio) -> None:
    other = make.make_portfolio("Other")
    make.make_project(portfolio=other)
    poison = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    slots.ensure_slot(other.pk, THIS, AMSTERDAM)
    ReportSlot.objects.filter(pk=poison.pk).update(frozen={"v": "poison"})
    for turn in range(MAX_ATTEMPTS + 2):
        ReportSlot.objects.filter(state=SlotState.DUE).update(leased_until=None)
        assert len(reports.make_due()) == (1 if turn == 0 else 0)
    poison.refresh_from_db()
    assert (poison.state, poison.attempts) == (SlotState.FAILED, MAX_ATTEMPTS)
    assert "KeyError" in poison.last_error
    actor = make.make_person()
    ReportSlot.objects.filter(pk=poison.pk).update(frozen={})
    reports.retry_slot(slot_id=poison.pk, actor=actor)
    assert len(reports.make_due()) == 1
    with pytest.raises(reports.ReportNotMade):
        reports.retry_slot(slot_id=poison.pk, actor=actor)


def test_slot_whose_worker_dies_every_time_is_given_up(portfolio: Portfolio) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    ReportSlot.objects.update(attempts=MAX_ATTEMPTS, leased_until=Now() - dt.timedelta(seconds=1))
    reports.give_up_on_poison()
    slot.refresh_from_db()
    assert slot.state == SlotState.FAILED
    assert slot.last_error


@pytest.mark.django_db(transaction=True)
def test_workers_at_once_make_one_report_and_one_mail() -> None:
    found = make.make_portfolio()
    make.make_healthy_project(portfolio=found)
    reader = make.make_person(RoleName.EXECUTIVE)
    subscriptions.subscribe(portfolio=found, actor=reader)
    slot = slots.ensure_slot(found.pk, THIS, AMSTERDAM)
    made = at_once(*[lambda: reports.make_report(slot.pk)] * 4)
    assert [type(one) for one in made if one is not None] == [Report]
    assert (Report.objects.count(), OutgoingMail.objects.count()) == (1, 1)


def test_published_report_cannot_be_changed_or_deleted(portfolio: Portfolio) -> None:
    report = make_week(portfolio)
    changes: list[dict[str, Any]] = [{"content": {}}, {"note": "x"}, {"revision": 7}, {"published_at": Now()}]
    for change in changes:
        with pytest.raises(InternalError, match="report"), transaction.atomic():
            Report.objects.update(**change)
    with pytest.raises(InternalError), transaction.atomic():
        report.delete()


def test_correction_is_the_next_revision_and_supersedes(portfolio: Portfolio) -> None:
    first = make_week(portfolio)
    actor = make.make_person()
    make.make_issue(portfolio.projects.get(), "Forgotten", is_blocker=True, opened_on=THIS.monday)
    second = reports.correct_report(report_id=first.pk, note=" A blocker was missing. ", actor=actor)
    first.refresh_from_db()
    assert (first.state, first.revision) == (ReportState.SUPERSEDED, 1)
    assert (second.state, second.revision, second.note) == (ReportState.PUBLISHED, 2, "A blocker was missing.")
    assert second.content["blockers"]["total"] == 1
    assert first.content["blockers"]["total"] == 0
    with pytest.raises(reports.ReportSuperseded):
        reports.correct_report(report_id=first.pk, note="Again", actor=actor)
    with pytest.raises(reports.ReportNotMade):
        reports.correct_report(report_id=second.pk, note="  ", actor=actor)

"""Slots and reports in the database: each week once, whatever fails, comes late or comes twice."""

import datetime as dt
import itertools
import json
import threading
from io import StringIO
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import IntegrityError, InternalError, connection, transaction
from django.db.models.functions import Now
from django.urls import reverse

from accounts.enums import RoleName
from common import leases
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail
from projects.models import Portfolio
from projects.services import state
from reporting.enums import ReportState, SlotState
from reporting.models import Report, ReportSlot, Subscription
from reporting.services import report_runs, reports, slots, subscriptions
from reporting.slots import Week, newest_due, slot_for
from reporting.tasks import make_report
from reporting.weekly import build
from strategy.models import Office
from tests import factories as make
from tests.reporting.weeks import LAST, THIS, make_week

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(week: Week, zone: ZoneInfo = AMSTERDAM, **late: float) -> dt.datetime:
    """The moment that the report on a week is due, or so much later."""
    return slot_for(week.iso_year, week.iso_week, zone).due_at + dt.timedelta(**late)


def weeks_of(portfolio: Portfolio) -> list[Week]:
    found = ReportSlot.objects.filter(portfolio=portfolio).order_by("iso_year", "iso_week")
    return [Week(slot.iso_year, slot.iso_week) for slot in found]


@pytest.fixture
def portfolio(db: None) -> Portfolio:
    found = make.make_portfolio("Bridges and roads")
    make.make_healthy_project("Alpha", portfolio=found)
    Portfolio.objects.update(created_at=at(Week(2026, 10), days=-3))  # in week 10
    return found


# ---- which slots there are ------------------------------------------------------------------------------------


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


def weeks_after(portfolio: Portfolio, moment: dt.datetime) -> list[Week]:
    slots.ensure_slots(moment)
    return weeks_of(portfolio)


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
    problems: list[Exception] = []

    def sweep() -> None:
        try:
            slots.ensure_slots()
        except Exception as error:  # noqa: BLE001  the main thread tells
            problems.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=sweep) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert len(weeks_of(found)) == len(set(weeks_of(found))) > 2


def test_database_refuses_a_second_slot_for_a_week(portfolio: Portfolio) -> None:
    slot = slots.ensure_slot(portfolio.pk, THIS, AMSTERDAM)
    assert slots.ensure_slot(portfolio.pk, THIS, ZoneInfo("Asia/Tokyo")).pk == slot.pk
    slot.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        slot.save()


# ---- one report for each ----------------------------------------------------------------------------------------


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
    made: list[Report | None] = []

    def work() -> None:
        try:
            made.append(reports.make_report(slot.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report is not None for report in made) == 1
    assert (Report.objects.count(), OutgoingMail.objects.count()) == (1, 1)


# ---- published means published -----------------------------------------------------------------------------------


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


# ---- asked for by people ------------------------------------------------------------------------------------------


def test_make_now_makes_the_newest_due_report_once(portfolio: Portfolio) -> None:
    from common import jobs

    actor = make.make_person()
    first = jobs.run_now(report_runs.ask_for_report(portfolio=portfolio, actor=actor))
    again = jobs.run_now(report_runs.ask_for_report(portfolio=portfolio, actor=actor))
    assert (first.state, again.result) == ("done", first.result)
    slot = Report.objects.get().slot
    assert Week(slot.iso_year, slot.iso_week) == newest_due(slots.database_now(), AMSTERDAM)


def test_rights_are_checked_when_the_run_runs(portfolio: Portfolio) -> None:
    from common import jobs

    actor = make.make_person()
    run = report_runs.ask_for_report(portfolio=portfolio, actor=actor)
    actor.grants.all().delete()
    run = jobs.run_now(JobRun.objects.get(pk=run.pk))
    assert (run.state, Report.objects.count()) == ("failed", 0)
    assert "may not" in run.last_error


def test_command_lists_and_makes_what_is_due(portfolio: Portfolio) -> None:
    def call(*arguments: str) -> Any:
        out = StringIO()
        call_command("make_due_reports", *arguments, stdout=out)
        return json.loads(out.getvalue())

    Portfolio.objects.update(created_at=Now() - dt.timedelta(weeks=3))
    listed = call("--json", "--list")
    assert len(listed["due"]) >= 2
    assert listed["made"] == []
    made = call("--json")
    assert [report["week"] for report in made["made"]] == [slot["week"] for slot in listed["due"]]
    assert made["still_due"] == 0
    assert call("--json")["made"] == []
    assert Report.objects.count() == len(made["made"])


# ---- pages ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "on_portfolio", "elsewhere"),
    [
        (RoleName.PMO_MANAGER, 200, 404),
        (RoleName.EXECUTIVE, 200, 404),
        (RoleName.EXTERNAL_ADVISER, 200, 404),
        (RoleName.STAKEHOLDER, 403, 403),
        (RoleName.PROJECT_LEAD, 403, 403),
    ],
)
def test_reports_are_for_readers_of_the_whole_portfolio(
    client: Any, portfolio: Portfolio, role: str, on_portfolio: int, elsewhere: int
) -> None:
    foreign = make.make_portfolio("Foreign")
    make.make_project(portfolio=foreign)
    own, other = make_week(portfolio), make_week(foreign)
    client.force_login(make.make_person(role, portfolio))
    for name in ("report", "report-pdf"):
        assert client.get(reverse(name, args=[own.pk])).status_code == on_portfolio
        assert client.get(reverse(name, args=[other.pk])).status_code == elsewhere
    page = client.get(reverse("report-list"))
    assert page.status_code == on_portfolio
    assert "Foreign" not in page.content.decode()


def test_report_page_says_what_the_content_says(client: Any, portfolio: Portfolio) -> None:
    report = make_week(portfolio)
    client.force_login(make.make_person())
    page = client.get(reverse("report", args=[report.pk])).content.decode()
    assert "0 of 1 project is off track" in page
    assert "Alpha" in page
    assert report.content_sha256[:16] in page
    assert 'style="' not in page
    listed = client.get(reverse("report-list"), {"portfolio": portfolio.slug}).content.decode()
    assert reverse("report", args=[report.pk]) in listed
    assert "Make now" in listed


def test_executive_reads_but_neither_makes_nor_corrects(client: Any, portfolio: Portfolio) -> None:
    report = make_week(portfolio)
    client.force_login(make.make_person(RoleName.EXECUTIVE))
    page = client.get(reverse("report", args=[report.pk])).content.decode()
    assert "Publish a correction" not in page
    assert client.post(reverse("report-make", args=[portfolio.slug])).status_code == 403
    assert client.post(reverse("report-correct", args=[report.pk]), {"note": "x"}).status_code == 403


def test_manager_of_one_portfolio_cannot_correct_in_another(client: Any, portfolio: Portfolio) -> None:
    foreign = make.make_portfolio("Foreign")
    make.make_project(portfolio=foreign)
    report = make_week(foreign)
    manager = make.make_person(RoleName.PMO_MANAGER, portfolio)
    client.force_login(manager)
    assert client.post(reverse("report-correct", args=[report.pk]), {"note": "x"}).status_code == 404
    make.grant(manager, RoleName.EXECUTIVE, foreign)
    assert client.post(reverse("report-correct", args=[report.pk]), {"note": "x"}).status_code == 403
    assert client.post(reverse("report-make", args=[foreign.slug])).status_code == 403


def test_correction_without_a_note_is_asked_again(client: Any, portfolio: Portfolio) -> None:
    report = make_week(portfolio)
    client.force_login(make.make_person())
    page = client.post(reverse("report-correct", args=[report.pk]), {"note": " "})
    assert page.status_code == 422
    answer = client.post(reverse("report-correct", args=[report.pk]), {"note": "A cost was wrong"})
    assert answer.status_code == 302
    assert answer["Location"] == reverse("job-run", args=[JobRun.objects.get().pk])


def test_pages_cost_as_many_queries_for_many_as_for_few(client: Any, portfolio: Portfolio) -> None:
    from django.test.utils import CaptureQueriesContext

    client.force_login(make.make_person())

    def cost(path: str) -> int:
        client.get(path)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    few_report = make_week(portfolio, LAST)
    few = cost(reverse("report-list")), cost(reverse("report", args=[few_report.pk]))
    for _number in range(10):
        other = make.make_portfolio()
        make.make_project(portfolio=other)
        make_week(other, LAST)
        make.make_project(portfolio=portfolio)
    many_report = make_week(portfolio, THIS)
    many = cost(reverse("report-list")), cost(reverse("report", args=[many_report.pk]))
    assert many == few
    assert max(many) <= 12
    assert Subscription.objects.count() == 0

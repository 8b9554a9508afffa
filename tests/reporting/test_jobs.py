"""The job pages: everybody watches their own runs, whoever looks after jobs sees and retries them all."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import RoleName
from common import jobs
from common.enums import JobState
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail
from projects.models import Portfolio
from reporting.enums import SlotState
from reporting.models import ReportSlot
from reporting.services import report_runs, slots
from tests import factories as make
from tests.reporting.weeks import THIS

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    found = make.make_portfolio("Bridges and roads")
    make.make_healthy_project("Alpha", portfolio=found)
    return found


def failed_slot(portfolio: Portfolio) -> ReportSlot:
    from zoneinfo import ZoneInfo

    slot = slots.ensure_slot(portfolio.pk, THIS, ZoneInfo("UTC"))
    ReportSlot.objects.filter(pk=slot.pk).update(state=SlotState.FAILED, attempts=MAX_ATTEMPTS, last_error="It broke")
    return slot


def test_make_now_shows_its_progress_and_leads_to_the_report(client: Any, portfolio: Portfolio) -> None:
    client.force_login(make.make_person())
    answer = client.post(reverse("report-make", args=[portfolio.slug]))
    run = JobRun.objects.get()
    href = reverse("job-run", args=[run.pk])
    assert answer["Location"] == href
    page = client.get(href).content.decode()
    assert "<progress" in page
    assert 'hx-trigger="every 2s"' in page
    assert '<noscript><meta http-equiv="refresh"' in page
    jobs.run_now(run)
    done = client.get(href, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in done
    assert "hx-trigger" not in done
    assert run.result["href"] in done


def test_people_see_their_own_runs_only(client: Any, portfolio: Portfolio) -> None:
    owner = make.make_person()
    run = report_runs.ask_for_report(portfolio=portfolio, actor=owner)
    href = reverse("job-run", args=[run.pk])
    client.force_login(make.make_person(RoleName.EXECUTIVE))
    assert client.get(href).status_code == 404
    assert client.post(reverse("job-run-retry", args=[run.pk])).status_code == 404
    assert run.label not in client.get(reverse("job-run-list")).content.decode()
    client.force_login(make.make_person(RoleName.ADMINISTRATOR))
    assert client.get(href).status_code == 200
    assert run.label in client.get(reverse("job-run-list")).content.decode()


def test_failed_run_is_tried_again_by_its_owner(client: Any, portfolio: Portfolio) -> None:
    owner = make.make_person()
    run = report_runs.ask_for_report(portfolio=portfolio, actor=owner)
    JobRun.objects.update(state=JobState.FAILED, last_error="It broke", attempts=MAX_ATTEMPTS)
    client.force_login(owner)
    href = reverse("job-run", args=[run.pk])
    assert "It broke" in client.get(href).content.decode()
    assert client.post(reverse("job-run-retry", args=[run.pk]))["Location"] == href
    run.refresh_from_db()
    assert (run.state, run.attempts) == (JobState.QUEUED, 0)
    client.post(reverse("job-run-retry", args=[run.pk]))
    assert "can be tried again" in client.get(href).content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (RoleName.PMO_MANAGER, 302),
        (RoleName.ADMINISTRATOR, 302),
        (RoleName.EXECUTIVE, 403),
        (RoleName.STAKEHOLDER, 404),
    ],
)
def test_failed_slot_is_sent_round_again_by_who_may(client: Any, portfolio: Portfolio, role: str, status: int) -> None:
    slot = failed_slot(portfolio)
    client.force_login(make.make_person(role))
    assert client.post(reverse("report-slot-retry", args=[slot.pk])).status_code == status
    slot.refresh_from_db()
    assert slot.state == (SlotState.DUE if status == 302 else SlotState.FAILED)


def test_failed_slots_and_mail_are_shown_to_whoever_mends_them(client: Any, portfolio: Portfolio) -> None:
    slot = failed_slot(portfolio)
    mail = OutgoingMail.objects.create(
        message_id="x@y",
        to_address="a@example.org",
        subject="Lost",
        text="",
        attempts=MAX_ATTEMPTS,
        last_error="Refused",
    )
    href = reverse("mail-retry", args=[mail.pk])
    client.force_login(make.make_person(RoleName.EXECUTIVE))
    assert "Refused" not in client.get(reverse("job-run-list")).content.decode()
    assert client.post(href).status_code == 403
    client.force_login(make.make_person(RoleName.ADMINISTRATOR))
    page = client.get(reverse("job-run-list")).content.decode()
    assert "It broke" in page
    assert reverse("report-slot-retry", args=[slot.pk]) in page
    assert "Refused" in page
    client.post(href)
    mail.refresh_from_db()
    assert (mail.attempts, mail.last_error) == (0, "")


def test_job_list_filters_by_state(client: Any, portfolio: Portfolio) -> None:
    owner = make.make_person()
    report_runs.ask_for_report(portfolio=portfolio, actor=owner)
    client.force_login(owner)
    assert "Weekly report of Bridges" in client.get(reverse("job-run-list"), {"state": "queued"}).content.decode()
    assert "Weekly report of Bridges" not in client.get(reverse("job-run-list"), {"state": "done"}).content.decode()
    assert client.get(reverse("job-run-list"), {"state": "nonsense", "page": "x"}).status_code == 200

"""Reports that people ask for, and the pages on which they read and correct them."""

import datetime as dt
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import RoleName
from common import jobs
from common.models import JobRun
from projects.models import Portfolio
from reporting.models import Report, Subscription
from reporting.services import report_runs, slots
from reporting.slots import Week, newest_due
from tests import factories as make
from tests.reporting.weeks import AMSTERDAM, LAST, THIS, make_week


def test_make_now_makes_the_newest_due_report_once(portfolio: Portfolio) -> None:
    actor = make.make_person()
    first = jobs.run_now(report_runs.ask_for_report(portfolio=portfolio, actor=actor))
    again = jobs.run_now(report_runs.ask_for_report(portfolio=portfolio, actor=actor))
    assert (first.state, again.result) == ("done", first.result)
    slot = Report.objects.get().slot
    assert Week(slot.iso_year, slot.iso_week) == newest_due(slots.database_now(), AMSTERDAM)


def test_rights_are_checked_when_the_run_runs(portfolio: Portfolio) -> None:
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

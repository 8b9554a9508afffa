"""What a weekly report says, and that it says the same on every try."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pypdf import PdfReader

from projects.enums import Colour, ProjectStatus
from projects.models import Milestone, Portfolio, Project, Snapshot
from reporting.models import Report, ReportSlot
from reporting.services import reports, slots
from reporting.slots import Week
from reporting.weekly import build, inputs, mask
from reporting.weekly.compose import document
from reporting.weekly.pdf import pdf
from tests import factories as make
from tests.reporting.weeks import LAST, THIS, make_week

pytestmark = pytest.mark.django_db


@pytest.fixture
def portfolio() -> Portfolio:
    return make.make_portfolio("Bridges and roads", colour_scale=3)


def two_weeks(portfolio: Portfolio, *, between: Any = None) -> Report:
    """A report on last week after one on the week before; `between` changes things between the two."""
    make_week(portfolio, LAST)
    if between:
        between()
    return make_week(portfolio, THIS)


def names(part: dict[str, Any]) -> list[str]:
    return [row["project_name"] for row in part["rows"]]


def test_first_report_says_that_there_is_nothing_to_compare_with(portfolio: Portfolio) -> None:
    make.make_healthy_project("Alpha", portfolio=portfolio, as_of=THIS.sunday)
    report = make_week(portfolio, THIS)
    assert report.content["counts"]["computed"] == {"green": 1}
    assert report.content["counts"]["before"] is None
    assert report.content["changes"]["joined"]["total"] == 0
    said = document(report.content)
    assert said.headline == "0 of 1 project is off track; 0 milestones were missed."
    assert any("first report" in note for note in said.notes)


def test_move_of_colour_names_the_signal_that_caused_it(portfolio: Portfolio) -> None:
    project = make.make_healthy_project("Alpha", portfolio=portfolio, as_of=LAST.sunday)
    make.make_healthy_project("Steady", portfolio=portfolio, as_of=LAST.sunday)

    def between() -> None:
        for each in Project.objects.all():
            make.make_update(each, as_of=THIS.sunday)
            Milestone.objects.filter(project=each).update(actual_on=THIS.monday)
        make.make_issue(project, "Steel is late", is_blocker=True, opened_on=THIS.sunday - dt.timedelta(days=30))

    report = two_weeks(portfolio, between=between)
    worse = report.content["changes"]["worse"]
    assert (worse["total"], names(worse)) == (1, ["Alpha"])
    assert worse["rows"][0]["computed"] == ["green", "red"]
    assert [signal["code"] for signal in worse["rows"][0]["causes"]] == ["risk.blockers"]
    section = document(report.content).section("worse")
    assert "Steel is late" in section.rows[0][3].lines[0]
    assert "1 of 2 projects are off track (1 more than last time); 1 got worse" in document(report.content).headline


def test_colour_that_is_no_longer_known_is_never_better() -> None:
    assert build._direction(["red", "grey"]) == ("unknown", 0)
    assert build._direction(["red", "grey"], ["red", "green"]) == ("unknown", 0)
    assert build._direction(["amber", "red"], ["amber", "green"]) == ("worse", 2)
    assert build._direction(["grey", "green"]) == ("assessed", 0)
    assert build._direction(["exempt", "not_assessed"]) == ("", 0)
    assert build._direction(["red", "amber"]) == ("better", 2)


def test_joined_left_finish_and_money_are_told(portfolio: Portfolio) -> None:
    later = make.make_healthy_project("Later", portfolio=portfolio, as_of=LAST.sunday)
    leaver = make.make_healthy_project("Leaver", portfolio=portfolio, as_of=LAST.sunday)

    def between() -> None:
        Project.objects.filter(pk=later.pk).update(
            forecast_finish_on=LAST.sunday + dt.timedelta(days=130), forecast_cost=1500
        )
        Project.objects.filter(pk=leaver.pk).update(status=ProjectStatus.COMPLETED)
        make.make_project("Joiner", portfolio=portfolio)

    changes = two_weeks(portfolio, between=between).content["changes"]
    assert (names(changes["joined"]), names(changes["left"])) == (["Joiner"], ["Leaver"])
    assert changes["finish"]["rows"][0] | {"old": 0, "new": 0} == {
        "project": later.pk, "project_name": "Later", "old": 0, "new": 0, "days": 30,
    }  # fmt: skip
    assert (changes["money"]["rows"][0]["old"], changes["money"]["rows"][0]["new"]) == ("1000.00", "1500.00")


def test_missed_week_is_judged_as_of_its_own_last_day(portfolio: Portfolio) -> None:
    project = make.make_healthy_project("Alpha", portfolio=portfolio, as_of=LAST.sunday)
    Milestone.objects.all().delete()
    make.make_milestone(project, "Late then", forecast_on=LAST.sunday, actual_on=THIS.sunday)
    make.make_milestone(project, "Reached then", forecast_on=LAST.sunday, actual_on=LAST.sunday)
    make.make_milestone(project, "Due soon", forecast_on=LAST.sunday + dt.timedelta(days=14))
    make.make_milestone(project, "Far away", forecast_on=LAST.sunday + dt.timedelta(days=15))
    make.make_issue(project, "Not yet", is_blocker=True, opened_on=THIS.sunday)
    make.make_issue(project, "Solved since", is_blocker=True, opened_on=LAST.monday, resolved_on=THIS.monday)
    content = make_week(portfolio, LAST).content
    assert [row["name"] for row in content["milestones_missed"]["rows"]] == ["Late then"]
    assert content["milestones_missed"]["this_week"] == 1
    assert [row["name"] for row in content["milestones_due"]["rows"]] == ["Due soon"]
    assert [row["title"] for row in content["blockers"]["rows"]] == ["Solved since"]
    assert content["late_days"] > 0
    assert any("later than due" in note for note in document(content).notes)


def test_confidential_projects_are_left_out_of_everything(portfolio: Portfolio) -> None:
    make.make_healthy_project("Open", portfolio=portfolio, as_of=THIS.sunday)
    secret = make.make_healthy_project("Secret", portfolio=portfolio, as_of=THIS.sunday, is_confidential=True)
    make.make_issue(secret, "Secret blocker", is_blocker=True, opened_on=THIS.monday)
    make.make_decision(secret, "Secret question?", raised_on=THIS.monday)
    make.make_ask(secret, "Secret ask")
    report = two_weeks(portfolio)
    text = build.canonical([report.content, report.slot.frozen | {"hidden": []}]).decode()
    assert "Secret" not in text
    assert str(secret.pk) not in {str(row["project"]) for row in report.content["projects"]["rows"]}
    assert report.content["counts"]["projects"] == 1
    assert report.content["counts"]["before"]["projects"] == 1
    assert any("Confidential" in note for note in document(report.content).notes)


def test_project_that_became_confidential_later_is_masked_in_old_reports(portfolio: Portfolio) -> None:
    project = make.make_healthy_project("Alpha", portfolio=portfolio, as_of=THIS.sunday)
    content = make_week(portfolio, THIS).content
    assert project.pk in mask.named_projects(content)
    masked = mask.without(content, {project.pk})
    assert "Alpha" not in build.canonical(masked).decode()
    assert masked["counts"] == content["counts"]


def test_content_is_equal_byte_for_byte_whatever_changes_after_freezing(portfolio: Portfolio) -> None:
    project = make.make_healthy_project("Alpha", portfolio=portfolio, as_of=THIS.sunday)
    report = two_weeks(portfolio)
    before = build.canonical(report.content)
    Project.objects.filter(pk=project.pk).update(name="Renamed", is_confidential=True, forecast_cost=9)
    Portfolio.objects.filter(pk=portfolio.pk).update(name="Other name")
    Milestone.objects.all().delete()
    make.make_project("New", portfolio=portfolio)
    from projects.services import state

    state.take_snapshots(portfolio, as_of=THIS.sunday, source="weekly")
    slot = ReportSlot.objects.get(pk=report.slot_id)
    assert build.canonical(build.build(slot)) == before
    assert build.digest(report.content) == report.content_sha256


def test_programmes_are_reported_with_their_portfolio(portfolio: Portfolio) -> None:
    programme = make.make_portfolio("Bridges", parent=portfolio)
    make.make_healthy_project("In the programme", portfolio=programme, as_of=THIS.sunday)
    portfolio.refresh_from_db()
    assert names(make_week(portfolio, THIS).content["projects"]) == ["In the programme"]
    assert make_week(programme, THIS).content["counts"]["projects"] == 1


def test_sums_say_what_they_rest_on(portfolio: Portfolio) -> None:
    make.make_project("Known", portfolio=portfolio, forecast_cost=100)
    make.make_project("Withheld", portfolio=portfolio, forecast_cost_withheld="Section 43")
    make.make_project("Unknown", portfolio=portfolio)
    make.make_project("Dollars", portfolio=portfolio, currency="USD", forecast_cost=7)
    sums = make_week(portfolio, THIS).content["sums"]["forecast_cost"]
    assert sums["EUR"] == {"amount": "100.00", "known": 1, "withheld": 1, "of": 3}
    assert sums["USD"] == {"amount": "7.00", "known": 1, "withheld": 0, "of": 1}


def test_lists_are_cut_and_say_how_many_more_there_are(portfolio: Portfolio) -> None:
    for number in range(inputs.CAP + 5):
        project = make.make_project(f"Project {number:02d}", portfolio=portfolio)
        make.make_issue(project, is_blocker=True, opened_on=THIS.monday)
    content = make_week(portfolio, THIS).content
    for part, cap in (("projects", inputs.CAP), ("blockers", inputs.CAP), ("stale", inputs.SHORT)):
        assert (content[part]["total"], len(content[part]["rows"])) == (inputs.CAP + 5, cap)
    assert document(content).section("blockers").more == "and 5 more"


def test_queries_do_not_grow_with_the_projects(portfolio: Portfolio) -> None:
    def cost(week: Week) -> int:
        with CaptureQueriesContext(connection) as queries:
            make_week(portfolio, week)
        return len(queries)

    make.make_healthy_project(portfolio=portfolio, as_of=LAST.sunday)
    make_week(portfolio, LAST.plus(-1))
    few = cost(LAST)
    for _number in range(12):
        make.make_healthy_project(portfolio=portfolio, as_of=LAST.sunday)
    assert cost(THIS) <= few


def test_report_reads_in_both_languages(portfolio: Portfolio) -> None:
    make.make_healthy_project("Alpha", portfolio=portfolio, as_of=THIS.sunday)
    report = two_weeks(portfolio)
    for language in ("en-gb", "nl"):
        with translation.override(language):
            made = pdf(report, document(report.content), "http://portal.test")
        assert made.startswith(b"%PDF")


def test_pdf_holds_text_links_and_no_more_than_asked(portfolio: Portfolio, tmp_path: Any) -> None:
    make.make_healthy_project("Ålpha <& Ωmega #1 $x$ *b*", portfolio=portfolio, as_of=THIS.sunday)
    report = make_week(portfolio, THIS)
    path = tmp_path / "report.pdf"
    path.write_bytes(pdf(report, document(report.content), "http://portal.test"))
    text = "".join(page.extract_text() for page in PdfReader(path).pages)
    assert "Ålpha <& Ωmega #1 $x$ *b*" in text
    assert f"week {THIS.iso_week}" in text
    assert "0 of 1 project is off track" in text


def test_declared_colours_of_another_scale_are_not_compared(portfolio: Portfolio) -> None:
    project = make.make_project("Alpha", portfolio=portfolio)
    make.make_update(project, as_of=LAST.sunday, declared=Colour.GREEN, scale=3)
    report = two_weeks(
        portfolio, between=lambda: make.make_update(project, as_of=THIS.sunday, declared=Colour.AMBER_RED, scale=5)
    )
    assert report.content["changes"]["worse"]["total"] == 0
    assert Snapshot.objects.count() == 2


def test_nothing_is_due_for_a_portfolio_without_live_projects(portfolio: Portfolio) -> None:
    make.make_project(portfolio=portfolio, status=ProjectStatus.COMPLETED)
    Portfolio.objects.update(created_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert slots.ensure_slots() == []
    assert reports.make_due() == []

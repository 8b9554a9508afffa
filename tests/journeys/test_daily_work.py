"""The lead's update, the lost update, and the week that becomes a report."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from pypdf import PdfReader

from accounts.enums import RoleName
from projects.services import rules, state
from tests.factories import (
    PASSWORD,
    join_team,
    make_goal,
    make_healthy_project,
    make_person,
    make_portfolio,
    make_project,
    make_risk,
    make_user,
)
from tests.journeys.visitor import Visitor
from tests.reporting.weeks import LAST, THIS, make_week


def test_lead_writes_an_update_in_two_clicks_from_my_work(visit: Callable[..., Visitor]) -> None:
    lead = make_user("Lena Lead", password=PASSWORD)
    project = make_project("Customer portal", lead=lead, refresh=True)
    browser = visit(lead)
    assert "Welcome, Lena" in browser.words
    clicks = 0
    browser.page.get_by_role("main").get_by_role("link", name="Write").first.click()
    clicks += 1
    browser.page.get_by_label("On track").check()
    browser.fill("What happened?", "The pilot ran with forty customers.")
    browser.fill("What will happen?", "Invoices are ready on 4 December.")
    browser.page.get_by_role("main").get_by_role("button", name="Post").first.click()
    clicks += 1
    assert clicks == 2
    browser.page.wait_for_url(f"**/projects/{project.key}/")
    browser.sees("Posted. It is part of the next weekly report.", "The pilot ran with forty customers.")
    browser.follow("Updates")
    browser.sees("Invoices are ready on 4 December.")


def test_what_a_lead_types_is_kept_while_it_is_typed(visit: Callable[..., Visitor]) -> None:
    lead = make_user("Lena Lead", password=PASSWORD)
    project = make_project("Customer portal", lead=lead, refresh=True)
    browser = visit(lead)
    browser.open(f"/projects/{project.key}/updates/write/")
    browser.page.get_by_label("What happened?").press_sequentially("Half a sentence")
    browser.page.locator("[data-autosave-note]", has_text="Saved").wait_for()
    browser.open(f"/projects/{project.key}/updates/write/")
    assert browser.page.get_by_label("What happened?").input_value() == "Half a sentence"


def test_second_of_two_tabs_gets_both_texts_and_loses_nothing(visit: Callable[..., Visitor]) -> None:
    lead = make_user("Lena Lead", password=PASSWORD)
    project = make_healthy_project("Customer portal", lead=lead, refresh=True)
    browser = visit(lead)
    other = browser.new_tab()
    for tab in (browser.page, other):
        tab.goto(f"{browser.base}/projects/{project.key}/edit/")
    other.get_by_label("Name").first.fill("Customer portal two")
    other.get_by_role("button", name="Save").first.click()
    other.wait_for_url(f"**/projects/{project.key}/")

    browser.page.get_by_label("Name").first.fill("Portal for customers")
    browser.press("Save")
    browser.sees("Somebody else was just before you.", "Customer portal two")
    assert browser.page.get_by_label("Name").first.input_value() == "Portal for customers"
    project.refresh_from_db()
    assert project.name == "Customer portal two"

    browser.press("Save on top of theirs")
    browser.page.wait_for_url(f"**/projects/{project.key}/")
    project.refresh_from_db()
    assert project.name == "Portal for customers"


def test_executive_reads_the_report_of_last_week_and_opens_the_pdf(visit: Callable[..., Visitor]) -> None:
    portfolio = make_portfolio("City works")
    executive = make_person(RoleName.EXECUTIVE, name="Eve Executive", password=PASSWORD)
    project = make_healthy_project("Quay wall", portfolio=portfolio, lead=make_user("Lena Lead"))
    make_risk(project, "The ground is softer than drilled", probability=5, impact=5)
    join_team(project, make_user())
    state.refresh([project.pk])
    make_week(portfolio, LAST)
    report = make_week(portfolio, THIS)

    browser = visit(executive)
    browser.open("/reports/")
    browser.page.get_by_role("main").get_by_role("link", name=f"{THIS.iso_week}").first.click()
    headline = browser.page.locator("main .card strong").first.inner_text()
    assert headline
    assert "The ground is softer than drilled" in browser.words

    answer = browser.context.request.get(f"{browser.base}/reports/{report.pk}/pdf/")
    assert answer.headers["content-type"] == "application/pdf"
    text = " ".join(PdfReader(io.BytesIO(answer.body())).pages[0].extract_text().split())
    assert headline.replace(" ", "") in text.replace(" ", "")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_lead_reads_a_broken_rule_mends_it_and_the_finding_ends(visit: Callable[..., Visitor], scripts: bool) -> None:
    lead = make_user("Lena Lead", password=PASSWORD)
    make_goal("Safer streets")
    project = make_healthy_project("Customer portal", lead=lead, goal=None, refresh=True)
    rules.scan_all()
    browser = visit(lead, java_script_enabled=scripts)
    browser.open(f"/projects/{project.key}/")
    browser.sees("Rules that are not kept", "Every project serves a goal")
    browser.follow("Every project serves a goal")
    browser.sees("goal chosen", "Customer portal")
    browser.follow("Customer portal")
    browser.follow("Choose the goal")
    browser.page.get_by_label("Goal").select_option(label="Safer streets")
    browser.press("Save")
    rules.scan_changed()
    browser.open(f"/projects/{project.key}/")
    assert "Every project serves a goal" not in browser.words
    browser.open("/rules/goal/")
    browser.sees("Nobody breaks this rule.")

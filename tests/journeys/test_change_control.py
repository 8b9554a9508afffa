"""From a change request to the next baseline, at a browser with and without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.enums import RoleName
from projects.services import baselines
from tests.factories import PASSWORD, make_healthy_project, make_person, make_user
from tests.journeys.visitor import Visitor


@pytest.mark.parametrize("scripts", [True, False])
def test_a_lead_asks_for_a_change_and_the_sponsor_accepts_it(visit: Callable[..., Visitor], scripts: bool) -> None:
    lead, sponsor = (make_user(name, password=PASSWORD) for name in ("Lena Lead", "Sam Sponsor"))
    project = make_healthy_project("Quay wall", lead=lead, sponsor=sponsor, refresh=True)
    pmo = make_person(RoleName.PMO_MANAGER, name="Pia Pmo", password=PASSWORD)

    office = visit(pmo, java_script_enabled=scripts)
    office.open(f"/projects/{project.key}/changes/")
    office.follow("Agree the baseline")
    office.press("Agree the baseline")
    office.sees("The baseline is agreed.", "Baseline 1")

    browser = visit(lead, java_script_enabled=scripts)
    browser.open(f"/projects/{project.key}/")
    browser.follow("Changes")
    browser.follow("Ask for a change")
    browser.fill("What should change", "Longer piles")
    browser.fill("Why", "The clay is deeper than drilled.")
    browser.fill("More or less cost", "80")
    browser.press("Save as draft")
    browser.sees("The draft is saved.")
    browser.press("Submit")
    browser.sees("The change request is submitted.", "In ballot", "within the tolerances of the portfolio")
    browser.follow("Who decides, and what they said")
    assert browser.page.get_by_role("main").get_by_role("button", name="Vote").count() == 0

    decider = visit(sponsor, java_script_enabled=scripts)
    decider.open(f"/projects/{project.key}/changes/")
    decider.follow("Longer piles")
    decider.follow("Who decides, and what they said")
    decider.page.get_by_label("Accept").check()
    decider.page.get_by_role("main").get_by_role("textbox").first.fill("Safe is safe.")
    decider.press("Vote")

    browser.open(f"/projects/{project.key}/changes/")
    browser.sees("Baseline 2", "From Baseline 1 to Baseline 2", "Longer piles")
    newest = baselines.newest(project.pk)
    assert newest is not None
    assert (newest.number, newest.cost) == (2, 1080)


def test_two_tabs_on_one_request_lose_nothing(visit: Callable[..., Visitor]) -> None:
    lead = make_user("Lena Lead", password=PASSWORD)
    project = make_healthy_project("Quay wall", lead=lead, refresh=True)
    baselines.freeze_first(project=project, actor=None)
    browser = visit(lead)
    browser.open(f"/projects/{project.key}/changes/new/")
    browser.fill("What should change", "Longer piles")
    browser.press("Save as draft")
    browser.sees("The draft is saved.")
    other = browser.new_tab()
    for tab in (browser.page, other):
        tab.goto(browser.page.url.rstrip("/") + "/edit/" if "edit" not in browser.page.url else browser.page.url)
    other.get_by_label("What should change").first.fill("Longer piles and a crane")
    other.get_by_role("button", name="Save").first.click()
    other.wait_for_load_state()
    browser.fill("What should change", "Thicker piles")
    browser.press("Save")
    browser.sees("Somebody else was just before you.", "Longer piles and a crane")
    assert browser.page.get_by_label("What should change").first.input_value() == "Thicker piles"

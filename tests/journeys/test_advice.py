"""An adviser assesses and recommends, the PMO plans it, the owner tells how it goes, the adviser sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from playbooks import services as playbook_services
from strategy.models import Assessment, Recommendation
from tests import factories as make
from tests.journeys.visitor import Visitor
from tests.strategy.world import later, make_adviser, open_portfolio

Visit = Callable[..., Visitor]


@pytest.fixture
def people(transactional_db: None) -> dict[str, User]:
    pmo = make.make_person(name="Pam Pmo", password=make.PASSWORD)
    owner = make.make_user("Olga Owner", password=make.PASSWORD)
    adviser = make_adviser(name="Ed External", password=make.PASSWORD)
    home = make.make_portfolio("Harbour")
    open_portfolio(adviser, home)
    make.make_goal("Fewer surprises")
    playbook_services.load_start_set(actor=pmo)
    return {"pmo": pmo, "owner": owner, "adviser": adviser}


def assess(adviser: Visitor) -> None:
    adviser.follow("New assessment")
    adviser.fill("Title", "How Harbour steers")
    adviser.choose("What do you assess?", "Harbour")
    adviser.fill("Workflows", "Weekly status")
    adviser.page.get_by_label("Fewer surprises").check()
    adviser.press("Save and rate")
    adviser.page.wait_for_url("**/rate/")
    adviser.page.get_by_label("Score of Weekly status for Fewer surprises").select_option("2")
    adviser.fill("Evidence for Weekly status and Fewer surprises", "Two green updates beside a blocker.")
    adviser.fill("Conclusion", "Nobody asks why.")
    adviser.press("Save draft")
    adviser.page.wait_for_url(lambda url: "/rate/" not in url)
    adviser.press("Submit")
    adviser.sees("Submitted. The organisation's PMO can read it")
    assert "Weekly status for “Fewer surprises”: 2" in adviser.words
    assert adviser.page.get_by_role("main").get_by_role("button", name="Submit").count() == 0


def recommend(adviser: Visitor) -> None:
    adviser.follow("Recommend")
    adviser.fill("Title", "Ask why")
    adviser.fill("Finding", "Hopeful updates stay.")
    adviser.page.get_by_role("main").get_by_label("Evidence", exact=True).fill("Two of twenty.")
    adviser.fill("Proposal", "Call the lead.")
    adviser.fill("Expected effect", "Explained within a week.")
    adviser.press("File")
    adviser.sees("Filed. Its text stays as it is")


def plan(pmo: Visitor) -> None:
    pmo.open("/")
    pmo.follow("Ask why")
    pmo.follow("Answer")
    pmo.page.get_by_label("Plan: somebody does it by a day").check()
    pmo.press("Answer")
    pmo.sees("Choose who does it.")
    pmo.choose("Owner of the plan", "Olga Owner")
    pmo.fill("To be done by", later(9).isoformat())
    pmo.fill("Explanation", "We agree.")
    pmo.press("Answer")
    pmo.sees("Answered. The adviser gets a mail.")


@pytest.mark.parametrize("options", [{}, {"java_script_enabled": False}], ids=["with", "without"])
def test_advice_is_filed_planned_done_and_seen(visit: Visit, people: dict[str, User], options: dict[str, Any]) -> None:
    adviser = visit(people["adviser"], **options)
    assert adviser.page.url.endswith("/assessments/")
    assess(adviser)
    recommend(adviser)
    plan(visit(people["pmo"], **options))
    one, path = Recommendation.objects.get(), f"/recommendations/{Recommendation.objects.get().pk}/"
    assert one.assessment == Assessment.objects.get()
    owner = visit(people["owner"], **options)
    owner.open(path)
    owner.fill("How does it go?", "Called three leads.")
    owner.press("Add note")
    owner.sees("The note is kept.")
    owner.press("It is done")
    owner.sees("Done. Later, tell what came of it.")
    adviser.open(path)
    adviser.sees("We agree.", "Olga Owner", "Called three leads.")
    assert adviser.page.get_by_role("link", name="Plan again").count() == 0


def test_the_pmo_lets_an_adviser_in_and_out(visit: Visit, people: dict[str, User]) -> None:
    office = people["adviser"].office_membership.office
    pmo, adviser = visit(people["pmo"]), visit(people["adviser"])
    pmo.open(f"/offices/{office.slug}/")
    pmo.sees("Ed External", "Harbour")
    adviser.open("/projects/")
    pmo.press("Close now")
    pmo.sees("It is closed to them from their next request.")
    pmo.press("End now")
    pmo.sees("no longer advises")
    adviser.open("/assessments/")
    adviser.sees("Your time at the external office is over")

"""A project asks another for something: a later day is offered and agreed, it is delivered and received."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.enums import RoleName
from projects.models import Promise
from projects.services import rules
from tests import factories as make
from tests.factories import PASSWORD
from tests.journeys.visitor import Visitor
from tests.projects.gates import in_days


def ask(taker: Visitor, key: str) -> None:
    """The first time with the name of a project that is not there."""
    taker.open(f"/projects/{key}/")
    taker.follow("Promises")
    taker.sees("Nothing is asked of other projects")
    taker.follow("Ask another project")
    taker.fill("Which project gives it?", "Harbour")
    taker.fill("What is needed", "Connected quay")
    taker.fill("Needed by", in_days(30).isoformat())
    taker.press("Ask for it")
    taker.sees("No project that you can see is called that.")
    taker.fill("Which project gives it?", "Road")
    taker.press("Ask for it")
    taker.sees("Asked. The other project promises a day or says why not.", "Connected quay")


def offer(giver: Visitor) -> None:
    giver.sees("Another project asks for this")
    giver.follow("Connected quay")
    assert "Bridge" not in giver.words, "the lead of the road may not see the bridge"
    giver.fill("For which day?", in_days(42).isoformat())
    giver.fill("What else to say", "The sand comes late.")
    giver.press("Promise a day")
    giver.sees("Offered: 12 days later than needed, so the other project has to agree.")


def agree(taker: Visitor) -> None:
    taker.open("/")
    taker.sees("Another project offers a later day than needed")
    taker.follow("Connected quay")
    taker.sees("The sand comes late.")
    taker.press("Agree with this day")
    taker.sees("Agreed. The promise holds for this day.")


def deliver(giver: Visitor) -> None:
    giver.page.reload()
    giver.press("It is delivered")
    giver.sees("Delivered. The other project says whether it is received.")


def send_back(taker: Visitor) -> None:
    taker.page.reload()
    taker.page.locator("summary", has_text="Send back").click()
    opened = taker.page.locator("main details[open]")
    opened.get_by_label("Why").fill("The ramp is missing.")
    opened.get_by_role("button", name="Send back").click()
    taker.sees("Sent back. The other project reads why.")


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_two_projects_agree_on_a_later_day_and_it_is_kept(visit: Callable[..., Visitor], scripts: bool) -> None:
    tess, guy = (make.make_user(name, password=PASSWORD) for name in ("Tess Taker", "Guy Giver"))
    portfolio = make.make_portfolio("City works")
    bridge = make.make_healthy_project("Bridge", portfolio=portfolio, lead=tess, refresh=True)
    road = make.make_healthy_project("Road", portfolio=portfolio, lead=guy, refresh=True)
    make.join_team(road, tess, role=RoleName.STAKEHOLDER)
    rules.install_start_set()
    broken = "What it needs from other projects is promised"

    taker, giver = visit(tess, java_script_enabled=scripts), visit(guy, java_script_enabled=scripts)
    ask(taker, bridge.key)
    rules.scan_changed()
    taker.open(f"/projects/{bridge.key}/")
    taker.sees(broken)
    giver.open("/")
    offer(giver)
    agree(taker)
    page = taker.page.url
    rules.scan_changed()
    taker.open(f"/projects/{bridge.key}/")
    assert broken not in taker.words

    deliver(giver)
    taker.page.goto(page)
    send_back(taker)
    deliver(giver)
    taker.page.reload()
    taker.press("It is received")
    taker.sees("Received: the promise is kept.", "Kept")
    assert Promise.objects.get().state == "kept"

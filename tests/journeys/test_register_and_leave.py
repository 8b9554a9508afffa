"""An executive reads what was decided and what waits, a decider goes on leave, the PMO tells what governance costs.

Each walk is made with JavaScript and without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from governance.models import Ballot, Delegation, Vote
from governance.services import ballots
from projects.enums import DecisionState
from projects.models import Decision
from reporting.models import EffortEstimate
from tests import factories as make
from tests.governance import matter
from tests.journeys.test_every_page import AXE, axe
from tests.journeys.visitor import Visitor

JAVASCRIPT = pytest.mark.parametrize("java_script_enabled", [True, False], ids=["js", "no-js"])


@dataclass(frozen=True)
class Walker:
    """A visitor who looks at each page, as it stands, for what would keep somebody out."""

    at: Visitor
    scripted: bool
    """Without JavaScript there is nothing to run axe with."""

    def looks(self) -> None:
        if self.scripted:
            self.at.page.evaluate(AXE)
            found = axe(self.at.page, self.at.page.url)
            assert not found, "\n".join(found)


@JAVASCRIPT
def test_an_executive_reads_the_register_and_takes_what_waits(
    visit: Callable[..., Visitor], *, java_script_enabled: bool
) -> None:
    today = timezone.localdate()
    executive = make.make_person(RoleName.EXECUTIVE, name="Eva Executive", password=make.PASSWORD)
    wanted = decisions_of_a_bridge(executive, today)
    eva = Walker(visit(executive, java_script_enabled=java_script_enabled), scripted=java_script_enabled)
    reads_the_register(eva)
    filters_and_exports_it(eva)
    looks_back(eva, today - dt.timedelta(days=5))
    takes_what_waits(eva)
    assert Decision.objects.get(pk=wanted.pk).state == DecisionState.TAKEN
    eva.at.open(reverse("decision-waiting"))
    assert "No decision is wanted" in eva.at.words
    eva.looks()


def decisions_of_a_bridge(executive: User, today: dt.date) -> Decision:
    """One that waits for the executive, late, which is given back; and one that was taken three days ago."""
    project = make.make_project("Bridge", lead=make.make_user("Lena Lead"))
    make.make_milestone(project, baseline_on=today, forecast_on=today + dt.timedelta(days=3))
    make.make_decision(
        project, "Which colour?", state=DecisionState.TAKEN, decided_at=timezone.now() - dt.timedelta(days=3),
        decided_by=project.lead, outcome="Blue", rationale="The council chose it",
        raised_on=today - dt.timedelta(days=8),
    )  # fmt: skip
    return make.make_decision(
        project, "Steel or wood?", holder=executive, raised_on=today - dt.timedelta(days=30),
        needed_by=today - dt.timedelta(days=9),
    )  # fmt: skip


def reads_the_register(eva: Walker) -> None:
    eva.at.follow("Decision making")
    pages = eva.at.page.get_by_role("navigation", name="Pages that belong together")
    pages.get_by_role("link", name="Decisions").click()
    eva.at.page.get_by_role("heading", name="Decisions", level=1).wait_for()
    assert "Steel or wood?" in eva.at.words
    assert "9 days late" in eva.at.words
    eva.looks()


def filters_and_exports_it(eva: Walker) -> None:
    eva.at.choose("State", "Decided")
    eva.at.press("Show")
    eva.at.page.wait_for_url("**state=decided**")
    assert "Which colour?" in eva.at.words
    assert "Steel or wood?" not in eva.at.words
    file = eva.at.page.get_by_role("link", name="CSV").evaluate("link => link.href")
    answer = eva.at.page.request.get(file)
    assert answer.ok
    assert "The council chose it" in answer.text()
    assert "Steel or wood?" not in answer.text()


def looks_back(eva: Walker, day: dt.date) -> None:
    eva.at.follow("Clear filters")
    eva.at.page.get_by_text("By date", exact=True).click()
    eva.at.fill("As of the end of", str(day))
    eva.at.press("Show")
    eva.at.page.get_by_text("As of the end of", exact=False).first.wait_for()
    assert "Shown is what had been asked by then" in eva.at.words
    rows = eva.at.page.locator("main tbody tr")
    assert rows.filter(has_text="Which colour?").filter(has_text="Wanted").count() == 1
    eva.looks()


def takes_what_waits(eva: Walker) -> None:
    eva.at.follow("Clear filters")
    eva.at.follow("How long decisions wait")
    row = eva.at.page.locator("main tbody tr").filter(has_text="Steel or wood?")
    assert "3 days" in row.inner_text()
    eva.looks()
    eva.at.follow("Steel or wood?")
    eva.at.fill("What is decided", "Steel")
    eva.at.fill("Why", "It lasts")
    eva.at.press("Take decision")


@JAVASCRIPT
def test_who_goes_on_leave_names_a_stand_in_who_votes(
    visit: Callable[..., Visitor], *, java_script_enabled: bool
) -> None:
    decider, other, owner = (
        make.make_user(name, password=make.PASSWORD) for name in ("Dora Decider", "Sam Standin", "Olga Owner")
    )
    boards = matter.Boards()
    boards.seat("executive", decider)
    with matter.decided_by(boards):
        goal = make.make_goal("Grow", owner=owner)
        asked = ballots.open_ballot(actor=owner, kind=matter.KIND, subject_id=goal.pk, question="Shall we grow?")
        sam, dora = (
            Walker(visit(who, java_script_enabled=java_script_enabled), scripted=java_script_enabled)
            for who in (other, decider)
        )
        sam.at.open(reverse("ballot-list"))
        assert "Nothing waits for your vote." in sam.at.words
        names_a_stand_in(dora)
        votes_for_her(sam)
        assert Vote.objects.get().cast_by == other
        assert Ballot.objects.get(pk=asked.pk).outcome == "approve"
        comes_back(dora, asked)
        assert Delegation.objects.get().revoked_at is not None


def names_a_stand_in(dora: Walker) -> None:
    """First with days that cannot be."""
    dora.at.follow("Decision making")
    assert "Shall we grow?" in dora.at.words
    dora.at.follow("Out of office")
    dora.looks()
    today = timezone.localdate()
    dora.at.fill("Who stands in for you", "Sam Standin")
    dora.at.fill("First day", str(today))
    for days, answer in (
        (-1, "The last day lies before the first."),
        (14, "Sam Standin stands in for you in these days."),
    ):
        dora.at.fill("Last day", str(today + dt.timedelta(days=days)))
        dora.at.press("Let them stand in")
        dora.at.page.get_by_text(answer).first.wait_for()
        dora.looks()


def votes_for_her(sam: Walker) -> None:
    sam.at.open(reverse("ballot-list"))
    sam.at.follow("Shall we grow?")
    assert "Sam Standin stands in" in sam.at.words
    sam.looks()
    sam.at.page.get_by_label("Approve", exact=True).check()
    sam.at.page.get_by_label("Why", exact=True).fill("We are ready.")
    sam.at.press("Cast your vote")
    sam.at.page.get_by_text("voted by Sam Standin").wait_for()


def comes_back(dora: Walker, asked: Ballot) -> None:
    dora.at.open(reverse("ballot", args=[asked.pk]))
    assert "voted by Sam Standin" in dora.at.words
    assert "We are ready." in dora.at.words
    dora.looks()
    dora.at.open(reverse("delegation-list"))
    dora.at.press("End it")
    dora.at.page.get_by_text("Nobody stands in for you.").or_(dora.at.page.get_by_text("You are back")).first.wait_for()


@JAVASCRIPT
def test_the_pmo_tells_what_governance_costs(visit: Callable[..., Visitor], *, java_script_enabled: bool) -> None:
    pmo = make.make_person(RoleName.PMO_MANAGER, name="Mila Manager", password=make.PASSWORD)
    project = make.make_project("Bridge", lead=pmo)
    for _each in range(3):
        make.make_update(project, author=pmo, published_at=timezone.now(), state="superseded")
    eyes = Walker(visit(pmo, java_script_enabled=java_script_enabled), scripted=java_script_enabled)
    mila = eyes.at
    mila.follow("Cost of governance")
    hours = mila.page.locator("dl div").filter(has_text="Hours in 365 days (estimate)")
    assert hours.inner_text().split()[-2:] == ["1", "h"]
    eyes.looks()

    mila.follow("Change the estimates")
    mila.fill("A status update", "-5")
    mila.press("Save")
    mila.page.get_by_role("heading", name="There is a problem").wait_for()
    eyes.looks()
    mila.fill("A status update", "60")
    mila.press("Save")
    mila.page.get_by_text("The estimates are saved.").wait_for()
    assert hours.inner_text().split()[-2:] == ["3", "h"]
    assert EffortEstimate.objects.get().update == 60
    eyes.looks()

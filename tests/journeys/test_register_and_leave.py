"""An executive reads what was decided and what waits, a decider goes on leave, the PMO tells what governance costs.

Each walk is made with JavaScript and without it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
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


def fit_for_all(visitor: Visitor, *, scripted: bool) -> None:
    """The page as it stands has no axe violation; without JavaScript there is nothing to run axe with."""
    if scripted:
        visitor.page.evaluate(AXE)
        found = axe(visitor.page, visitor.page.url)
        assert not found, "\n".join(found)


@JAVASCRIPT
def test_an_executive_reads_the_register_and_takes_what_waits(
    visit: Callable[..., Visitor], *, java_script_enabled: bool
) -> None:
    today = timezone.localdate()
    executive = make.make_person(RoleName.EXECUTIVE, name="Eva Executive", password=make.PASSWORD)
    project = make.make_project("Bridge", lead=make.make_user("Lena Lead"))
    make.make_milestone(project, baseline_on=today, forecast_on=today + dt.timedelta(days=3))
    wanted = make.make_decision(
        project, "Steel or wood?", holder=executive, raised_on=today - dt.timedelta(days=30),
        needed_by=today - dt.timedelta(days=9),
    )  # fmt: skip
    make.make_decision(
        project, "Which colour?", state=DecisionState.TAKEN, decided_at=timezone.now() - dt.timedelta(days=3),
        decided_by=project.lead, outcome="Blue", rationale="The council chose it",
        raised_on=today - dt.timedelta(days=8),
    )  # fmt: skip

    eva = visit(executive, java_script_enabled=java_script_enabled)
    eva.follow("Decision making")
    eva.page.get_by_role("navigation", name="Pages that belong together").get_by_role("link", name="Decisions").click()
    eva.page.get_by_role("heading", name="Decisions", level=1).wait_for()
    assert "Steel or wood?" in eva.words
    assert "9 days late" in eva.words
    fit_for_all(eva, scripted=java_script_enabled)

    eva.choose("State", "Decided")
    eva.press("Show")
    eva.page.wait_for_url("**state=decided**")
    assert "Which colour?" in eva.words
    assert "Steel or wood?" not in eva.words
    answer = eva.page.request.get(eva.page.get_by_role("link", name="CSV").evaluate("link => link.href"))
    assert answer.ok
    assert "The council chose it" in answer.text()
    assert "Steel or wood?" not in answer.text()

    eva.follow("Clear filters")
    eva.page.get_by_text("By date", exact=True).click()
    eva.fill("As of the end of", str(today - dt.timedelta(days=5)))
    eva.press("Show")
    eva.page.get_by_text("As of the end of", exact=False).first.wait_for()
    assert "Shown is what had been asked by then" in eva.words
    assert eva.page.locator("main tbody tr").filter(has_text="Which colour?").filter(has_text="Wanted").count() == 1
    fit_for_all(eva, scripted=java_script_enabled)

    eva.follow("Clear filters")
    eva.follow("How long decisions wait")
    row = eva.page.locator("main tbody tr").filter(has_text="Steel or wood?")
    assert "3 days" in row.inner_text()
    fit_for_all(eva, scripted=java_script_enabled)
    eva.follow("Steel or wood?")
    eva.fill("What is decided", "Steel")
    eva.fill("Why", "It lasts")
    eva.press("Take decision")
    eva.page.wait_for_load_state()
    assert Decision.objects.get(pk=wanted.pk).state == DecisionState.TAKEN
    eva.open(reverse("decision-waiting"))
    assert "No decision is wanted" in eva.words
    fit_for_all(eva, scripted=java_script_enabled)


@JAVASCRIPT
def test_who_goes_on_leave_names_a_stand_in_who_votes(
    visit: Callable[..., Visitor], *, java_script_enabled: bool
) -> None:
    decider = make.make_user("Dora Decider", password=make.PASSWORD)
    other = make.make_user("Sam Standin", password=make.PASSWORD)
    owner = make.make_user("Olga Owner", password=make.PASSWORD)
    boards = matter.Boards()
    boards.seat("executive", decider)
    with matter.decided_by(boards):
        goal = make.make_goal("Grow", owner=owner)
        asked = ballots.open_ballot(actor=owner, kind=matter.KIND, subject_id=goal.pk, question="Shall we grow?")
        sam = visit(other, java_script_enabled=java_script_enabled)
        sam.open(reverse("ballot-list"))
        assert "Nothing waits for your vote." in sam.words

        dora = visit(decider, java_script_enabled=java_script_enabled)
        dora.follow("Decision making")
        assert "Shall we grow?" in dora.words
        dora.follow("Out of office")
        fit_for_all(dora, scripted=java_script_enabled)
        today = timezone.localdate()
        dora.fill("Who stands in for you", "Sam Standin")
        dora.fill("First day", str(today))
        dora.fill("Last day", str(today - dt.timedelta(days=1)))
        dora.press("Let them stand in")
        dora.page.get_by_text("The last day lies before the first.").first.wait_for()
        fit_for_all(dora, scripted=java_script_enabled)
        dora.fill("Last day", str(today + dt.timedelta(days=14)))
        dora.press("Let them stand in")
        dora.page.get_by_text("Sam Standin stands in for you in these days.").wait_for()
        fit_for_all(dora, scripted=java_script_enabled)

        sam.open(reverse("ballot-list"))
        sam.follow("Shall we grow?")
        assert "Sam Standin stands in" in sam.words
        fit_for_all(sam, scripted=java_script_enabled)
        sam.page.get_by_label("Approve", exact=True).check()
        sam.page.get_by_label("Why", exact=True).fill("We are ready.")
        sam.press("Cast your vote")
        sam.page.get_by_text("voted by Sam Standin").wait_for()
        assert Vote.objects.get().cast_by == other
        assert Ballot.objects.get(pk=asked.pk).outcome == "approve"

        dora.open(reverse("ballot", args=[asked.pk]))
        assert "voted by Sam Standin" in dora.words
        assert "We are ready." in dora.words
        fit_for_all(dora, scripted=java_script_enabled)
        dora.open(reverse("delegation-list"))
        dora.press("End it")
        dora.page.get_by_text("Nobody stands in for you.").or_(dora.page.get_by_text("You are back")).first.wait_for()
        assert Delegation.objects.get().revoked_at is not None


@JAVASCRIPT
def test_the_pmo_tells_what_governance_costs(visit: Callable[..., Visitor], *, java_script_enabled: bool) -> None:
    pmo = make.make_person(RoleName.PMO_MANAGER, name="Mila Manager", password=make.PASSWORD)
    project = make.make_project("Bridge", lead=pmo)
    for _each in range(3):
        make.make_update(project, author=pmo, published_at=timezone.now(), state="superseded")
    mila = visit(pmo, java_script_enabled=java_script_enabled)
    mila.follow("Cost of governance")
    hours = mila.page.locator("dl div").filter(has_text="Hours in 365 days (estimate)")
    assert hours.inner_text().split()[-2:] == ["1", "h"]
    fit_for_all(mila, scripted=java_script_enabled)

    mila.follow("Change the estimates")
    mila.fill("A status update", "-5")
    mila.press("Save")
    mila.page.get_by_role("heading", name="There is a problem").wait_for()
    fit_for_all(mila, scripted=java_script_enabled)
    mila.fill("A status update", "60")
    mila.press("Save")
    mila.page.get_by_text("The estimates are saved.").wait_for()
    assert hours.inner_text().split()[-2:] == ["3", "h"]
    assert EffortEstimate.objects.get().update == 60
    fit_for_all(mila, scripted=java_script_enabled)

"""From an idea to a project: three people, one page after the other; also without JavaScript."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from intake.models import Request
from projects.models import Project
from tests.factories import PASSWORD
from tests.intake.world import World, make_world
from tests.journeys.visitor import Visitor


@pytest.fixture
def world(transactional_db: None) -> World:
    found = make_world()
    for user in (found.requester, found.pmo, found.sponsor, found.lead):
        _give_password(user)
    return found


def _give_password(user: User) -> None:
    user.set_password(PASSWORD)
    user.save()


def pitch(requester: Visitor) -> str:
    requester.open("/requests/mine/")
    requester.follow("New request")
    requester.fill("What do you want to call it?", "Solar power for the depots")
    requester.fill("What is the problem, or the chance?", "Energy bills rise.")
    requester.fill("What should be better afterwards?", "Half of the power is our own.")
    requester.press("Save and continue")
    requester.page.wait_for_url("**/edit/value/")
    requester.page.get_by_label("Less energy").check()
    requester.page.get_by_label("I don't know yet").check()
    requester.press("Save and continue")
    requester.page.wait_for_url("**/edit/size/")
    requester.choose("For which part of the organisation is it?", "Operations")
    requester.fill("What may it cost, all in all?", "250k")
    requester.press("Save and continue")
    requester.page.wait_for_url("**/check/")
    assert "€250,000" in requester.words
    requester.press("Hand in")
    requester.page.wait_for_url("**/sent/")
    return Request.objects.get().key


def triage(pmo: Visitor, key: str, world: World) -> None:
    pmo.open("/requests/")
    pmo.follow("Solar power for the depots")
    pmo.follow("Triage")
    pmo.choose("Portfolio", world.portfolio.name)
    pmo.choose("Playbook", world.playbook.name)
    pmo.fill("Project lead", "Lee Lead")
    pmo.fill("Sponsor", "Sam Sponsor")
    pmo.fill("Start", "2027-01-04")
    pmo.press("Ready for a decision")
    pmo.page.wait_for_url(lambda url: "/triage/" not in url)
    pmo.open(f"/requests/{key}/")
    pmo.sees("Ready for decision")


def approve(sponsor: Visitor, key: str) -> None:
    sponsor.open("/")
    assert "Solar power for the depots" in sponsor.words
    sponsor.open(f"/requests/{key}/")
    sponsor.follow("Decide")
    sponsor.page.get_by_label("Approve: set up the project").check()
    sponsor.fill("Why", "It pays back in four years.")
    sponsor.press("Decide")
    sponsor.page.wait_for_url(lambda url: "/decide/" not in url)


def check_project(world: World) -> Project:
    project = Project.objects.get(name="Solar power for the depots")
    assert (project.lead, project.sponsor, project.portfolio) == (world.lead, world.sponsor, world.portfolio)
    assert project.phases.count() > 1
    assert project.milestones.count() > 1
    return project


def test_pitch_becomes_a_project_once_and_the_requester_follows(visit: Callable[..., Visitor], world: World) -> None:
    requester, pmo, sponsor = visit(world.requester), visit(world.pmo), visit(world.sponsor)
    key = pitch(requester)
    requester.follow("Follow this request")
    assert "PMO" in requester.words
    triage(pmo, key, world)
    sponsor.open(f"/requests/{key}/")
    sponsor.follow("Decide")
    again = sponsor.new_tab()
    again.goto(sponsor.page.url)
    sponsor.page.go_back()
    approve(sponsor, key)

    again.get_by_label("Approve: set up the project").check()
    again.get_by_label("Why").first.fill("Pressed in another tab.")
    again.get_by_role("main").get_by_role("button", name="Decide").click()
    again.wait_for_load_state()
    project = check_project(world)
    phases = project.phases.count()
    assert phases == project.phases.values("name").distinct().count()

    requester.page.reload()
    requester.sees("Approved", "It pays back in four years.")
    lead = visit(world.lead)
    assert "Solar power for the depots" in lead.words
    lead.open(f"/projects/{project.key}/plan/")
    assert project.milestones.order_by("pk")[0].name in lead.words


def test_the_whole_way_goes_without_javascript(visit: Callable[..., Visitor], world: World) -> None:
    plain = {"java_script_enabled": False}
    requester = visit(world.requester, **plain)
    key = pitch(requester)
    triage(visit(world.pmo, **plain), key, world)
    approve(visit(world.sponsor, **plain), key)
    project = check_project(world)

    lead = visit(world.lead, **plain)
    lead.open(f"/projects/{project.key}/")
    lead.follow("Write update")
    lead.page.get_by_label("At risk").check()
    lead.fill("What happened?", "The first depot was measured.")
    lead.page.get_by_role("main").get_by_role("button", name="Post").first.click()
    lead.page.wait_for_url(f"**/projects/{project.key}/")
    lead.sees("The first depot was measured.")
    requester.page.reload()
    requester.open(f"/requests/{key}/")
    requester.sees("Approved")

"""From a deliverable nobody answers for to one that is accepted; and the parts in the processes of an office."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.enums import RoleName
from tests.factories import PASSWORD, join_team, make_healthy_project, make_office, make_person, make_user
from tests.journeys.visitor import Visitor


@pytest.mark.parametrize("scripts", [True, False])
def test_a_deliverable_gets_its_parts_is_delivered_and_accepted(visit: Callable[..., Visitor], scripts: bool) -> None:
    lead, sponsor = make_user("Lena Lead", password=PASSWORD), make_user("Sam Sponsor", password=PASSWORD)
    project = make_healthy_project("Customer portal", lead=lead, sponsor=sponsor, refresh=True)
    join_team(project, make_user("Mia Maker"))
    browser = visit(lead, java_script_enabled=scripts)
    browser.open(f"/projects/{project.key}/deliverables/")
    browser.sees("No deliverables yet")
    browser.follow("Add deliverable")
    browser.fill("Name", "User manual")
    browser.fill("Accepted when", "Two users find their way with it.")
    browser.press("Add deliverable")
    browser.sees("1 open item has nobody who is accountable.")

    browser.follow("Edit RACI")
    browser.choose("User manual: Sponsor (Sam Sponsor)", "A Accountable")
    browser.choose("User manual: Mia Maker", "R Responsible")
    browser.choose("User manual: Project lead (Lena Lead)", "A Accountable")
    browser.press("Save")
    browser.sees("“User manual” has more than one who is accountable.")
    browser.choose("User manual: Project lead (Lena Lead)", "I Informed")
    browser.press("Save")
    browser.sees("Each item has one who is accountable and somebody who does it.", "Sam Sponsor · Sponsor")
    browser.press("Delivered")
    browser.sees("Somebody else accepts it.")
    assert "Send back" not in browser.words

    other = visit(sponsor, java_script_enabled=scripts)
    other.sees("Accept “User manual”")
    other.follow("Deliverables and processes I answer for")
    other.sees("1 open deliverable", "Customer portal", "Mia Maker")
    other.follow("User manual")
    other.press("Accept")
    other.sees("“User manual” is accepted.", "Accepted")
    project.refresh_from_db()
    assert project.deliverables.get().accepted_by == sponsor
    assert not [*browser.problems, *other.problems]


@pytest.mark.parametrize("scripts", [True, False])
def test_an_office_gives_out_the_parts_in_its_processes(visit: Callable[..., Visitor], scripts: bool) -> None:
    pmo = make_person(RoleName.PMO_MANAGER, name="Mila Vermeer", password=PASSWORD)
    make_user("Noor Jansen")
    office = make_office("Digital PMO", head=pmo)
    browser = visit(pmo, java_script_enabled=scripts)
    browser.open(f"/offices/{office.slug}/")
    browser.follow("Add process")
    browser.fill("Name", "Gate review")
    browser.press("Save")
    browser.follow("Edit RACI")
    browser.page.get_by_label("Person").select_option(label="Noor Jansen")
    browser.press("Add column")
    browser.choose("Gate review: Head of the PMO", "A Accountable")
    browser.choose("Gate review: Noor Jansen", "R Responsible")
    browser.press("Save")
    browser.sees("Mila Vermeer · Head of the PMO", "Each item has one who is accountable")
    browser.open("/accountability/mine/")
    browser.sees("Gate review")
    assert not browser.problems

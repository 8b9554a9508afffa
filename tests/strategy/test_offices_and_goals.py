"""Offices and goals: everybody reads them, those who set up the portal write them."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import User
from common.errors import Conflict, NotAllowed, PortalError
from strategy import services
from strategy.models import Goal, Office
from tests.factories import make_goal, make_office, make_org_unit, make_person, make_user

CHARTER = {
    "name": "Delta office", "kind": "external", "control": "directive", "time_zone": "Europe/Amsterdam",
    "fiscal_year_starts_in": "4", "purpose": "Fewer surprises.",
}  # fmt: skip


@pytest.fixture
def pmo(db) -> User:
    return make_person(RoleName.PMO_MANAGER)


@pytest.fixture
def visitor(pmo: User, client: Client) -> Client:
    client.force_login(pmo)
    return client


def test_an_office_is_set_up_with_its_charter(visitor: Client) -> None:
    unit = make_org_unit("Water")
    answer = visitor.post(reverse("office-create"), {**CHARTER, "serves": [unit.pk]}, follow=True)
    office = Office.objects.get()
    assert (office.slug, office.control, office.fiscal_year_starts_in) == ("delta-office", "directive", 4)
    assert list(office.serves.all()) == [unit]
    for words in ("Fewer surprises.", "Directive", "Water"):
        assert words in answer.text


def test_an_office_edited_by_two_shows_both(visitor: Client, pmo: User) -> None:
    office = make_office("Delta office")
    data = {**CHARTER, "version": office.version, "purpose": "Mine"}
    services.edit_office(actor=pmo, pk=office.pk, values={"purpose": "Theirs"})
    answer = visitor.post(reverse("office-edit", args=[office.slug]), data)
    assert answer.status_code == 409
    assert "Mine" in answer.text
    assert "Theirs" in answer.text
    assert Office.objects.get().purpose == "Theirs"


def test_a_goal_is_written_down_and_changed(visitor: Client) -> None:
    answer = visitor.post(reverse("goal-create"), {"name": "Safer roads", "ends_on": "2028-12-31"})
    goal = Goal.objects.get()
    assert answer.url == reverse("goal", args=[goal.pk])
    data = {"name": "Safer roads", "version": goal.version, "description": "Zero"}
    visitor.post(reverse("goal-edit", args=[goal.pk]), data)
    assert Goal.objects.get().description == "Zero"
    assert "Safer roads" in visitor.get(reverse("goal-list")).text


@pytest.mark.parametrize("name", ["office-create", "goal-create"])
def test_a_name_is_used_once(visitor: Client, name: str) -> None:
    make_office("Delta office")
    make_goal("DELTA OFFICE")
    answer = visitor.post(reverse(name), CHARTER)
    assert answer.status_code == 422
    assert "is there already" in answer.text


def test_a_time_zone_must_be_a_real_one(pmo: User) -> None:
    with pytest.raises(PortalError):
        services.create_office(actor=pmo, values={"name": "X", "time_zone": "Mars/Olympus"})


def test_an_old_version_is_a_conflict(pmo: User) -> None:
    goal = make_goal("Safer roads")
    services.edit_goal(actor=pmo, pk=goal.pk, values={"description": "One"}, version=goal.version)
    with pytest.raises(Conflict):
        services.edit_goal(actor=pmo, pk=goal.pk, values={"description": "Two"}, version=goal.version)


@pytest.mark.parametrize("role", [None, RoleName.EXECUTIVE, RoleName.AUDITOR, RoleName.PROJECT_LEAD])
def test_others_read_but_do_not_write(client: Client, db, role: str | None) -> None:
    office, goal = make_office(), make_goal()
    who = make_person(role) if role else make_user()
    client.force_login(who)
    pages = [reverse("office-list"), reverse("goal-list")]
    pages += [reverse("office", args=[office.slug]), reverse("goal", args=[goal.pk])]
    for path in pages:
        page = client.get(path)
        assert page.status_code == 200
        assert "/edit/" not in page.text
        assert "/new/" not in page.text.replace(reverse("request-create"), "").replace(reverse("project-create"), "")
    edits = [reverse("office-edit", args=[office.slug]), reverse("goal-edit", args=[goal.pk])]
    for path in [reverse("office-create"), reverse("goal-create"), *edits]:
        assert client.get(path).status_code == 403
        assert client.post(path, CHARTER).status_code == 403
    with pytest.raises(NotAllowed):
        services.edit_goal(actor=who, pk=goal.pk, values={"name": "Mine"})


@pytest.mark.parametrize("name", ["office-list", "goal-list", "playbook-list"])
def test_lists_take_the_same_statements_for_2_as_for_12(visitor: Client, name: str) -> None:
    def fill(count: int) -> None:
        for _ in range(count):
            make_goal(office=make_office(sponsor=make_user()), owner=make_user())

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(reverse(name)).status_code == 200
        return len(queries)

    fill(2)
    count()
    few = count()
    fill(10)
    assert count() == few <= 12

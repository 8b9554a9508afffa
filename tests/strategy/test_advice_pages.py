"""The pages of advice: what reminds whom, what shows to whom, lists and the statements that they take."""

from __future__ import annotations

import datetime as dt
import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from playbooks.models import Playbook
from strategy.models import Office, Recommendation
from tests import factories as make
from tests.strategy.world import TEXTS, Visit, assess, later, make_adviser, open_portfolio, plan, recommend


def test_an_overdue_plan_reminds_its_owner_and_the_pmo(visit: Visit, pmo: User, adviser: User) -> None:
    owner, one = make.make_user(), recommend(adviser, title="Late thing")
    plan(pmo, one, owner)
    assert "Late thing" not in visit(pmo).get(reverse("home")).text
    Recommendation.objects.filter(pk=one.pk).update(due_on=timezone.localdate() - dt.timedelta(days=3))
    for person in (pmo, owner):
        page = visit(person).get(reverse("home")).text
        assert "Late thing" in page
    assert "Late thing" not in visit(make.make_user()).get(reverse("home")).text


def test_links_and_names_show_to_who_may_know_them(visit: Visit, pmo: User, adviser: User) -> None:
    project = make.make_project("Zanzibar", is_confidential=True)
    make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
    open_one = recommend(adviser, links=[("project", project.pk)])
    closed_one = recommend(adviser, about=("project", project.pk), title="Of Zanzibar")
    assert "Zanzibar" in visit(pmo).get(reverse("recommendation", args=[open_one.pk])).text
    executive = make.make_person(RoleName.EXECUTIVE)
    page = visit(executive)
    assert "Zanzibar" not in page.get(reverse("recommendation", args=[open_one.pk])).text
    assert page.get(reverse("recommendation", args=[closed_one.pk])).status_code == 404
    assert "Zanzibar" not in page.get(reverse("recommendation-list")).text
    colleague = make_adviser(adviser.office_membership.office)
    assert visit(colleague).get(reverse("recommendation", args=[closed_one.pk])).status_code == 404


@pytest.mark.parametrize(
    "person", [RoleName.STAKEHOLDER, RoleName.PROJECT_LEAD, RoleName.SPONSOR, RoleName.ADMINISTRATOR]
)
def test_others_know_of_no_advice(visit: Visit, adviser: User, person: str) -> None:
    one = recommend(adviser)
    page = visit(make.make_person(person))
    assert page.get(reverse("recommendation-list")).status_code == 403
    assert page.get(reverse("recommendation", args=[one.pk])).status_code == 404
    assert page.get(reverse("assessment-list")).status_code == 403


def test_the_list_is_filtered_and_counted(visit: Visit, pmo: User, adviser: User) -> None:
    recommend(adviser, title="Small one", priority=3)
    plan(pmo, recommend(adviser, title="Big one", priority=1), pmo)
    page = visit(pmo)
    for query, shown, hidden in (
        ("?view=planned", "Big one", "Small one"),
        ("?priority=3", "Small one", "Big one"),
        ("?q=big", "Big one", "Small one"),
        ("?view=nonsense&priority=x", "Small one", "Zanzibar"),
    ):
        text = page.get(reverse("recommendation-list") + query).text
        assert shown in text
        assert hidden not in text
    assert "Nothing fits" in page.get(reverse("recommendation-list") + "?view=overdue").text


@pytest.mark.parametrize("name", ["recommendation-list", "assessment-list", "office", "home"])
def test_pages_take_the_same_statements_for_2_as_for_12(
    visit: Visit, pmo: User, adviser: User, office: Office, playbook: Playbook, name: str
) -> None:
    path = reverse(name, args=["outside"] if name == "office" else [])
    page, goal = visit(pmo), make.make_goal()

    def fill(count: int) -> None:
        for _ in range(count):
            project = make.make_project()
            person = make_adviser(office)
            open_portfolio(person, project.portfolio)
            make.join_team(project, person, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
            recommend(person, links=[("project", project.pk)], about=("project", project.pk))
            assess(person, playbook, goal, submit=True)

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert page.get(path).status_code == 200
        return len(queries)

    fill(2)
    count()
    few = count()
    fill(10)
    assert count() == few <= 12


def test_posts_take_few_statements(visit: Visit, pmo: User, adviser: User, playbook: Playbook) -> None:
    one = assess(adviser, playbook, make.make_goal(), submit=False)
    filed = recommend(adviser)
    posts = [
        (adviser, "recommendation-create", [], {"token": uuid.uuid4(), **TEXTS, "priority": 1}),
        (adviser, "assessment-rate", [one.pk], {"version": one.version, "conclusion": "So"}),
        (pmo, "recommendation-answer", [filed.pk],
         {"version": 1, "state": "planned", "owner": pmo.pk, "due_on": later(9)}),
    ]  # fmt: skip
    for who, name, args, data in posts:
        page = visit(who)
        with CaptureQueriesContext(connection) as queries:
            assert page.post(reverse(name, args=args), data).status_code == 302
        assert len(queries) <= 20, f"{name}: {len(queries)}"

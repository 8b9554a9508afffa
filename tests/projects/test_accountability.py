"""Who answers for what over all projects and per person; confidential ones stay out of sight and out of counts."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from projects.enums import ProjectStatus
from projects.models import Deliverable, Project
from projects.selectors import accountability as selectors
from strategy.models import ProcessAssignment
from tests import factories as make
from tests.projects.record import get, queries, words

pytestmark = pytest.mark.django_db
SECRET = "Zephyr"


def soon(days: int = 5) -> dt.date:
    return timezone.localdate() + dt.timedelta(days=days)


@pytest.fixture
def tim() -> User:
    return make.make_user("Tim Bakker")


@pytest.fixture
def pmo() -> User:
    return make.make_person(RoleName.PMO_MANAGER, name="Mila")


def project_of(lead: User | None, name: str = "Open one", **fields: object) -> Project:
    return make.make_project(name, lead=lead, refresh=True, **fields)


def fill(project: Project, count: int, **fields: object) -> None:
    for number in range(count):
        make.make_deliverable(
            project, f"{project.name} {number}", **{"due_on": soon(), "letters": {"lead": "AR"}, **fields}
        )


# --- my own ---------------------------------------------------------------------------------------------------------


def test_my_page_groups_by_project_and_process_and_warns(tim: User) -> None:
    office = make.make_office("Digital PMO", accountable_limit=3, head=tim)
    process = office.processes.create(name="Triage")
    ProcessAssignment.objects.create(process=process, post="pmo", letter="A")
    first = project_of(tim, "Alpha", portfolio=make.make_portfolio(office=office))
    fill(first, 3)
    fill(project_of(tim, "Beta", portfolio=first.portfolio), 1)
    page = words(get(tim, "my-accountability"))
    for text in ("Alpha", "Beta", "Triage", "4 open deliverables", "accountable for 4 open deliverables", "limit is 3"):
        assert text in page


def test_my_page_leaves_out_what_is_closed_accepted_or_anothers(tim: User) -> None:
    done = project_of(tim, "Done", status=ProjectStatus.COMPLETED)
    fill(done, 1)
    mine = project_of(tim, "Mine")
    fill(mine, 1, state="accepted", delivered_at=timezone.now(), delivered_by=tim, accepted_at=timezone.now(),
         accepted_by=make.make_user())  # fmt: skip
    fill(project_of(make.make_user(), "Theirs"), 1)
    fill(mine, 1, letters={"lead": "R"})
    assert selectors.answers_of(tim, tim).count == 0
    assert "Nothing to answer for" in words(get(tim, "my-accountability"))


def test_a_vacancy_to_fill_shows_on_the_page_of_who_answers(tim: User) -> None:
    fill(project_of(tim), 1, letters={"lead": "A", "budget_owner": "R"})
    assert "nobody holds this role" in words(get(tim, "my-accountability"))


def test_my_work_leads_to_the_page(tim: User) -> None:
    assert "/accountability/mine/" in words(get(tim, "home"))


def test_the_window_counts_late_and_soon_but_neither_later_nor_undated(tim: User) -> None:
    project = project_of(tim)
    for due in (soon(-9), soon(0), soon(30), soon(31), None):
        make.make_deliverable(project, due_on=due, letters={"lead": "A"})
    assert [(one.person, one.count, one.limit) for one in selectors.loads(tim)] == [("Tim Bakker", 3, 8)]


def test_the_lowest_limit_holds_for_who_answers_in_two_offices(tim: User) -> None:
    for limit in (8, 2):
        home = make.make_portfolio(office=make.make_office(accountable_limit=limit))
        fill(project_of(tim, f"Limit {limit}", portfolio=home), 2)
    assert [(one.count, one.limit) for one in selectors.loads(tim)] == [(4, 2)]


# --- somebody else's ------------------------------------------------------------------------------------------------


def test_the_pmo_sees_others_within_its_reach_only(tim: User) -> None:
    here, there = make.make_portfolio("Here"), make.make_portfolio("There")
    near = make.make_person(RoleName.PMO_MANAGER, here)
    fill(project_of(tim, "Near one", portfolio=here), 2)
    fill(project_of(tim, "Far one", portfolio=there), 3)
    page = words(get(near, "accountability-of", tim.pk))
    assert "2 open deliverables" in page
    assert "Far one" not in page


def test_nobody_but_the_pmo_looks_at_others(tim: User) -> None:
    assert get(make.make_person(RoleName.EXECUTIVE), "accountability-of", tim.pk).status_code == 403
    assert get(tim, "accountability-of", tim.pk).status_code == 200
    assert get(make.make_person(), "accountability-of", 999999).status_code == 404


def test_a_name_leads_to_the_page_of_a_person_only_for_who_may_open_it(pmo: User, tim: User) -> None:
    project = project_of(tim, portfolio=make.make_portfolio(office=make.make_office(accountable_limit=1)))
    fill(project, 2)
    page, warning = f'href="/accountability/people/{tim.pk}/"', "the limit is 1"
    for reader, leads in ((pmo, True), (tim, True), (make.make_person(RoleName.EXECUTIVE), False)):
        shown = words(get(reader, "project-deliverables", project.key))
        assert (warning in shown, page in shown) == (True, leads)
    assert page not in words(get(tim, "my-accountability")), "nothing leads to where one is"
    of_tim = words(get(pmo, "accountability-of", tim.pk))
    assert (warning in of_tim, page in of_tim, 'href="/accountability/"' in of_tim) == (True, False, True)


def test_a_confidential_project_is_in_no_list_count_or_load(tim: User) -> None:
    home = make.make_portfolio(office=make.make_office(accountable_limit=2))
    fill(project_of(tim, "Open one", portfolio=home), 1)
    fill(project_of(tim, SECRET, portfolio=home, is_confidential=True), 5)
    near = make.make_person(RoleName.PMO_MANAGER, home)
    may_not = make.make_user("Ned")
    make.join_team(Project.objects.get(name="Open one"), may_not, RoleName.PROJECT_LEAD)
    assert [(one.count) for one in selectors.loads(may_not)] == [1]
    assert selectors.totals(may_not).open == 1
    assert selectors.answers_of(tim, may_not).count == 1
    page = words(get(may_not, "project-deliverables", Project.objects.get(name="Open one").key))
    assert SECRET not in page
    assert "limit is" not in page
    assert selectors.totals(near).open == 6
    assert selectors.answers_of(tim, tim).count == 6


# --- over all projects ----------------------------------------------------------------------------------------------


def test_totals_count_each_flaw_once_a_deliverable(pmo: User, tim: User) -> None:
    project = project_of(tim)
    fill(project, 1)
    fill(project, 2, letters={"lead": "R"}, due_on=soon(-1))
    fill(project, 1, letters={"sponsor": "A", "budget_owner": "R"})
    fill(project, 1, letters={})
    found = selectors.totals(pmo)
    assert (found.projects, found.open, found.overdue) == (1, 5, 2)
    assert (found.no_accountable, found.nobody_responsible, found.vacancy) == (3, 1, 1)


def test_the_page_narrows_to_a_flaw(pmo: User, tim: User) -> None:
    fill(project_of(tim, "Sound one"), 1)
    fill(project_of(tim, "Broken one"), 1, letters={"lead": "R"})
    assert "Sound one" in words(get(pmo, "accountability"))
    page = words(get(pmo, "accountability", show="no_accountable"))
    assert "Broken one" in page
    assert "Sound one" not in page
    page = words(get(pmo, "accountability", q="sound"))
    assert "Sound one" in page
    assert "Broken one" not in page
    assert "No deliverables to show" in words(get(pmo, "accountability", show="vacancy"))


def test_the_page_names_who_carries_too_much(pmo: User, tim: User) -> None:
    fill(project_of(tim), 9)
    page = words(get(pmo, "accountability"))
    assert "Tim Bakker is accountable for 9 open deliverables" in page
    assert f"/accountability/people/{tim.pk}/" in page


def test_the_pages_cost_the_same_with_many(pmo: User, tim: User) -> None:
    def add(count: int) -> None:
        for _one in range(count):
            project = project_of(tim, f"Project {Project.objects.count()}")
            member = make.make_user()
            make.join_team(project, member)
            fill(project, 2, letters={"lead": "A", f"person-{member.pk}": "R", "sponsor": "C"})

    add(2)
    few = [queries(pmo, "accountability"), queries(tim, "my-accountability")]
    add(7)
    assert [queries(pmo, "accountability"), queries(tim, "my-accountability")] == few
    assert max(few) <= 12
    assert Deliverable.objects.count() == 18


def test_whoever_looks_after_no_project_has_no_such_page(tim: User) -> None:
    assert get(tim, "accountability").status_code == 403

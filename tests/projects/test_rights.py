"""The rights that a page reads of one project are those that the access policy tells of all."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from django.http import Http404
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from accounts.roles import PROJECT_ROLES, ROLES
from projects.models import Project
from projects.models.project import POSTS
from projects.policies import RIGHTS
from projects.selectors.doors import get_project_page
from projects.selectors.projects import for_page, rights_for, rights_of
from tests import factories as make

if TYPE_CHECKING:
    from accounts.models import OrgUnit
    from projects.models import Portfolio

pytestmark = pytest.mark.django_db


@pytest.fixture
def places() -> tuple[OrgUnit, Portfolio]:
    """An org unit and a portfolio, each with one below it; projects in all of them, every second one confidential."""
    unit, portfolio = make.make_org_unit(), make.make_portfolio()
    units = [unit, make.make_org_unit(parent=unit), make.make_org_unit()]
    portfolios = [portfolio, make.make_portfolio(parent=portfolio), make.make_portfolio()]
    for org_unit in (None, *units):
        for place in portfolios:
            for is_confidential in (False, True):
                make.make_project(org_unit=org_unit, portfolio=place, is_confidential=is_confidential)
    return unit, portfolio


def page_or_none(user: User, project: Project) -> Project | None:
    """The project as its pages get it."""
    try:
        return get_project_page(user, project.key)
    except Http404:
        return None


def assert_alike(user: User) -> int:
    """Compare both for every project and permission; how many rights the person has."""
    user = User.objects.get(pk=user.pk)
    told = {one.pk: rights_of(user, one).permissions for one in for_page(user)}
    assert told.keys() == set(Project.objects.values_list("pk", flat=True))
    seen = {one.pk: one for one in map(partial(page_or_none, user), Project.objects.all()) if one}
    assert seen.keys() == set(Project.objects.visible_to(user).values_list("pk", flat=True))
    assert {pk: rights_of(user, one).permissions for pk, one in seen.items()} == {pk: told[pk] for pk in seen}
    found = 0
    for code in RIGHTS:
        allowed = set(Project.objects.allowed(user, code).values_list("pk", flat=True)) if user.is_active else set()
        assert {pk for pk, held in told.items() if code.value in held} == allowed, code
        found += len(allowed)
    return found


@pytest.mark.parametrize("role", ROLES)
def test_grants_give_the_same_rights_read_one_by_one(role: str, places: tuple[OrgUnit, Portfolio]) -> None:
    for scope in (None, *places):
        found = assert_alike(make.make_person(role, scope))
        if role == RoleName.PMO_MANAGER:
            assert found
    both = make.make_person(role, places[0])
    make.grant(both, RoleName.EXECUTIVE, places[1])
    assert_alike(both)


@pytest.mark.parametrize("is_external", [False, True])
def test_posts_and_places_in_the_team_give_the_same_rights(
    places: tuple[OrgUnit, Portfolio], is_external: bool
) -> None:
    today = timezone.localdate()
    person = make.make_user(external_until=today + timedelta(days=9) if is_external else None)
    projects = list(Project.objects.order_by("pk"))
    for project, (post, _role) in zip(projects, POSTS, strict=False):
        Project.objects.filter(pk=project.pk).update(**{post: person})
    for project, role in zip(projects[len(POSTS) :], PROJECT_ROLES * 2, strict=False):
        make.join_team(project, person, role, ends_on=today + timedelta(days=1))
    make.join_team(projects[-1], person, RoleName.PROJECT_LEAD, ends_on=today - timedelta(days=1))
    assert bool(assert_alike(person)) is not is_external


def test_a_page_reads_what_the_model_holds_in_one_statement(
    places: tuple[OrgUnit, Portfolio], django_assert_num_queries: Any
) -> None:
    person = User.objects.get(pk=make.make_person(RoleName.PMO_MANAGER).pk)
    project = make.make_healthy_project(org_unit=places[0], portfolio=places[1], refresh=True)
    bare = make.make_project()
    assert person.access.reach(RIGHTS[0])  # the grants are read
    for expected in (project, bare):
        with django_assert_num_queries(1):
            found = get_project_page(person, expected.key.lower())
            beside = [found.portfolio.office, found.org_unit, found.lead, found.phase, getattr(found, "state", None)]
        expected.refresh_from_db()
        for field in Project._meta.concrete_fields:
            assert getattr(found, field.attname) == getattr(expected, field.attname), field.name
        state = getattr(expected, "state", None)
        assert beside == [expected.portfolio.office, expected.org_unit, expected.lead, expected.phase, state]
        if state is not None:
            assert {one.attname: getattr(beside[-1], one.attname) for one in state._meta.concrete_fields} == {
                one.attname: getattr(state, one.attname) for one in state._meta.concrete_fields
            }


@pytest.mark.parametrize("key", ["P-0", "P-999999999999", "nonsense", "p_1", ""])
def test_a_key_of_nothing_opens_nothing(key: str) -> None:
    with pytest.raises(Http404):
        get_project_page(make.make_person(RoleName.PMO_MANAGER), key)


def test_who_left_has_no_right_left(places: tuple[OrgUnit, Portfolio]) -> None:
    person = make.make_person(RoleName.PMO_MANAGER)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert assert_alike(person) == 0
    assert rights_for(User.objects.get(pk=person.pk), Project.objects.all()[0]).permissions == frozenset()

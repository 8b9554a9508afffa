"""The rights that a page reads of one project are those that the access policy tells of all."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from accounts.roles import PROJECT_ROLES, ROLES
from projects.models import Project
from projects.models.project import POSTS
from projects.policies import RIGHTS
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


def assert_alike(user: User) -> int:
    """Compare both for every project and permission; how many rights the person has."""
    user = User.objects.get(pk=user.pk)
    told = {one.pk: rights_of(user, one).permissions for one in for_page(user)}
    assert told.keys() == set(Project.objects.values_list("pk", flat=True))
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


def test_who_left_has_no_right_left(places: tuple[OrgUnit, Portfolio]) -> None:
    person = make.make_person(RoleName.PMO_MANAGER)
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert assert_alike(person) == 0
    assert rights_for(User.objects.get(pk=person.pk), Project.objects.all()[0]).permissions == frozenset()

"""Who can see this? says of everybody what `visible_to` says of each, and only to whom it may be said."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.audience import Seer, roles_with
from accounts.enums import Permission, RoleName
from accounts.models import OrgUnit, RoleGrant, User
from accounts.roles import PROJECT_ROLES, ROLES
from intake.enums import RequestState
from intake.models import Request
from intake.selectors.audience import audience_of_request
from projects.models import Portfolio, Project, TeamMember
from projects.selectors.audience import audience_of_portfolio, audience_of_project
from reporting.models import Report
from reporting.selectors.audience import audience_of_report
from tests import factories as make
from tests.reporting import weeks

pytestmark = pytest.mark.django_db


def pks(seers: list[Seer]) -> set[int]:
    assert all(seer.reasons for seer in seers)
    return {seer.user.pk for seer in seers}


def agree(people: list[User]) -> int:
    """Compare for everybody and everything; how many times somebody sees something."""
    fresh = [User.objects.get(pk=person.pk) for person in people]
    told = {
        Project: [(one, pks(audience_of_project(one))) for one in Project.objects.all()],
        Portfolio: [(one, pks(audience_of_portfolio(one))) for one in Portfolio.objects.all()],
        Request: [(one, pks(audience_of_request(one))) for one in Request.objects.all()],
        Report: [(one, pks(audience_of_report(one))) for one in Report.objects.all()],
    }
    seen = 0
    for person in fresh:
        for model, answers in told.items():
            manager = model._default_manager
            visible = set(manager.visible_to(person).values_list("pk", flat=True)) if person.is_active else set()  # type: ignore[attr-defined]  # checked by the guard of querysets
            for one, audience in answers:
                assert (person.pk in audience) == (one.pk in visible), f"{person} {model.__name__} {one} {visible}"
                seen += one.pk in visible
    return seen


def give(dice: random.Random, person: User, scopes: list[Any], ends: list[Any]) -> None:
    """A role by chance; that of an adviser is never for the whole organisation and always ends."""
    role = dice.choice([name for name in RoleName.values if name != RoleName.ADMINISTRATOR])
    scope, ends_on = dice.choice(scopes), dice.choice(ends)
    if role == RoleName.EXTERNAL_ADVISER:
        scope, ends_on = scope or scopes[1], ends_on or timezone.localdate()
    if not RoleGrant.objects.filter(user=person, role=role, scope_id=scope.pk if scope else None).exists():
        make.grant(person, role, scope, ends_on=ends_on)


def random_world(seed: int) -> list[User]:
    """People with all kinds of grants, posts and places, in two small trees."""
    dice = random.Random(seed)  # noqa: S311  a game of chance, no secret
    today = timezone.localdate()
    ends = [None, None, today, today - timedelta(days=1), today + timedelta(days=9)]
    people = [make.make_user(f"Person {number}", is_active=dice.random() > 0.1) for number in range(10)]
    top = make.make_org_unit()
    units: list[OrgUnit] = [top, make.make_org_unit(parent=top), make.make_org_unit()]
    units.append(make.make_org_unit(parent=units[1]))
    root = make.make_portfolio()
    portfolios: list[Portfolio] = [root, make.make_portfolio(parent=root), make.make_portfolio()]
    for person in people[:8]:
        for _turn in range(dice.randint(0, 2)):
            give(dice, person, [None, *units, *units, *portfolios, *portfolios], ends)
    anybody = [None, None, *people]
    for _number in range(9):
        project = make.make_project(
            portfolio=dice.choice(portfolios), org_unit=dice.choice([None, *units]),
            is_confidential=dice.random() < 0.5, lead=dice.choice(anybody), sponsor=dice.choice(anybody),
            budget_owner=dice.choice(anybody),
        )  # fmt: skip
        for member in dice.sample(people, dice.randint(0, 2)):
            role, ends_on = dice.choice(PROJECT_ROLES), dice.choice(ends)
            is_adviser = role == RoleName.EXTERNAL_ADVISER
            TeamMember.objects.create(
                project=project, user=member, role=role, ends_on=(ends_on or today) if is_adviser else ends_on
            )
    for person, last in ((people[1], today), (people[2], today - timedelta(days=1))):  # of an external office
        User.objects.filter(pk=person.pk).update(external_until=last)
    for number in range(6):
        Request.objects.create(
            requester=dice.choice(people), title=f"Pitch {number}", portfolio=dice.choice([None, *portfolios]),
            org_unit=dice.choice([None, *units]), proposed_lead=dice.choice(anybody),
            proposed_sponsor=dice.choice(anybody), state=dice.choice([RequestState.DRAFT, RequestState.SUBMITTED]),
        )  # fmt: skip
    return people


@pytest.mark.parametrize("seed", range(12))
def test_it_agrees_with_what_each_person_sees(seed: int) -> None:
    people = random_world(seed)
    if seed < 2:
        for portfolio in Portfolio.objects.filter(depth=1):
            weeks.make_week(portfolio)
        people += [make.make_person(RoleName.PMO_MANAGER), make.make_person(RoleName.EXECUTIVE)]
    assert agree(people) > 5


def test_the_control_an_answer_that_forgets_confidentiality_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from projects.selectors import audience

    people = random_world(3)
    everybody = roles_with(Permission.PROJECT_VIEW)
    monkeypatch.setattr(audience, "_roles", lambda *, is_confidential: everybody)
    make.make_project(is_confidential=True)
    people.append(make.make_person(RoleName.EXECUTIVE))
    with pytest.raises(AssertionError):
        agree(people)


def test_whatever_role_sees_confidential_projects_sees_the_others() -> None:
    """What the selectors rest on when they look at one grant at a time."""
    unveiling = roles_with(Permission.PROJECT_VIEW_CONFIDENTIAL)
    assert len(unveiling) >= 2
    assert all(Permission.PROJECT_VIEW in ROLES[name].permissions for name in unveiling)


def test_the_reasons_are_words() -> None:
    unit = make.make_org_unit("Roads")
    lower = make.make_org_unit("Bridges", parent=unit)
    day = timezone.localdate() + timedelta(days=30)
    boss = make.make_user("Bea Boss")
    make.grant(boss, RoleName.EXECUTIVE, unit, ends_on=day)
    make.grant(boss, RoleName.AUDITOR)
    project = make.make_project(org_unit=lower, lead=boss)
    page = _client(boss).get(reverse("project-audience", args=[project.key])).content.decode()
    for words in ("Bea Boss", "Executive for Roads, until ", "Auditor for the whole organisation", "Project lead"):
        assert words in page
    project.is_confidential = True
    project.save()
    page = _client(boss).get(reverse("project-audience", args=[project.key])).content.decode()
    assert "Executive" not in page  # that grant would not be enough
    assert "Auditor for the whole organisation" in page


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_only_whoever_may_manage_or_audit_it_is_told() -> None:
    portfolio = make.make_portfolio()
    lead, stranger = make.make_user(), make.make_user()
    project = make.make_project(portfolio=portfolio, lead=lead)
    reader = make.make_person(RoleName.EXECUTIVE)
    far_pmo = make.make_person(RoleName.PMO_MANAGER, make.make_portfolio())
    near_pmo = make.make_person(RoleName.PMO_MANAGER, portfolio)
    auditor = make.make_person(RoleName.AUDITOR)
    make.join_team(project, stranger)
    pages = {"project-audience": project.key, "portfolio-audience": portfolio.slug}
    expected = {
        lead: (200, 403), reader: (403, 403), far_pmo: (404, 404), near_pmo: (200, 200), auditor: (200, 200),
        stranger: (403, 403),
    }  # fmt: skip
    for person, codes in expected.items():
        found = tuple(_client(person).get(reverse(name, args=[arg])).status_code for name, arg in pages.items())
        assert found == codes, person
        text = _client(person).get(reverse("project", args=[project.key])).content.decode() if codes[0] != 404 else ""
        assert (reverse("project-audience", args=[project.key]) in text) == (codes[0] == 200)


def test_the_number_of_statements_does_not_grow_with_people_or_projects() -> None:
    portfolio = make.make_portfolio()
    auditor = make.make_person(RoleName.AUDITOR)

    def fill(count: int) -> None:
        for _number in range(count):
            unit = make.make_org_unit()
            project = make.make_project(portfolio=portfolio, org_unit=unit, lead=make.make_user())
            make.join_team(project, make.make_user())
            make.make_person(RoleName.EXECUTIVE, unit)
            make.make_person(RoleName.EXECUTIVE, portfolio)

    counts = []
    for size in (2, 10):
        fill(size)
        project = Project.objects.latest("pk")
        client = _client(auditor)
        client.get(reverse("portfolio-list"))  # counts of the menu are remembered for a while
        for path in (
            reverse("portfolio-audience", args=[portfolio.slug]),
            reverse("project-audience", args=[project.key]),
        ):
            with CaptureQueriesContext(connection) as found:
                assert client.get(path).status_code == 200
            counts.append(len(found))
    assert counts[:2] == counts[2:]
    assert max(counts) <= 12


def test_htmx_gets_the_list_alone() -> None:
    project = make.make_project()
    client = _client(make.make_person(RoleName.AUDITOR, name="Ada"))
    part = client.get(reverse("project-audience", args=[project.key]), headers={"HX-Request": "true"}).content.decode()
    assert "Ada" in part
    assert "<html" not in part

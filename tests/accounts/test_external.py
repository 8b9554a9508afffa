"""People of external offices read and recommend, whatever else they are given."""

from __future__ import annotations

import datetime as dt
import itertools
from uuid import uuid4

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services
from accounts.access import access_from_grants
from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import User
from accounts.roles import EXTERNAL, EXTERNAL_MAY, ROLES
from common.errors import NotAllowed, PortalError
from intake.models import Request
from intake.services import start_request
from projects.models import Project, TeamMember
from projects.policies import can_take
from projects.selectors.projects import rights_for
from projects.services import projects, team
from tests import factories as make
from tests.strategy.world import join, later, make_adviser, open_portfolio

SCOPES = [("organisation", None), ("org_unit", 3), ("portfolio", 7)]
GRANTS = st.lists(
    st.tuples(st.sampled_from(RoleName.values), st.sampled_from(SCOPES)).map(lambda one: (one[0], *one[1]))
)


@pytest.mark.parametrize(("role", "permission"), list(itertools.product(RoleName.values, Permission)))
def test_a_role_by_mistake_gives_an_external_person_nothing(role: str, permission: Permission) -> None:
    access = access_from_grants([(role, "portfolio", 7), (role, "organisation", None)], is_external=True)
    may = permission in EXTERNAL_MAY if role == RoleName.EXTERNAL_ADVISER else permission in EXTERNAL
    assert access.allows_somewhere(permission) == may
    assert bool(access.reach(permission)) == (may and role == RoleName.EXTERNAL_ADVISER)


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(grants=GRANTS)
def test_no_mix_of_grants_lets_an_external_person_manage(grants: list[tuple[str, str, int | None]]) -> None:
    access = access_from_grants(grants, is_external=True)
    assert {one for one in Permission if access.allows_somewhere(one)} <= EXTERNAL_MAY
    assert {one for one in RoleName if access.counts(one)} == {RoleName.EXTERNAL_ADVISER}
    inside = access_from_grants(grants)
    assert all(inside.counts(role) for role in RoleName)


def test_what_external_people_may_is_reading_and_recommending() -> None:
    words = {one.value for one in EXTERNAL_MAY}
    assert words == {"project.view", "report.view", "advice.view", "assessment.run", "recommendation.file"}
    assert ROLES[RoleName.EXTERNAL_ADVISER].permissions == EXTERNAL_MAY


@pytest.fixture
def admin(db: None) -> User:
    return make.make_person(RoleName.ADMINISTRATOR)


@pytest.fixture
def adviser(db: None) -> User:
    return make_adviser()


@pytest.mark.django_db
@pytest.mark.parametrize("post", ["lead", "sponsor", "budget_owner"])
def test_a_post_by_mistake_opens_nothing(adviser: User, post: str) -> None:
    project = make.make_project(**{post: adviser})
    make.join_team(project, adviser, role=RoleName.PROJECT_LEAD)
    for permission in Permission:
        assert not Project.objects.allowed(adviser, permission).exists(), permission
    insider = make.make_project(**{post: make.make_user()})
    assert Project.objects.visible_to(getattr(insider, post)).exists()


@pytest.mark.django_db
def test_a_place_in_a_team_opens_one_project_until_its_last_day(adviser: User) -> None:
    project, today = make.make_project(is_confidential=True), timezone.localdate()
    place = make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=today)
    assert set(Project.objects.visible_to(adviser)) == {project}
    assert not Project.objects.allowed(adviser, Permission.PROJECT_EDIT).exists()
    TeamMember.objects.filter(pk=place.pk).update(ends_on=today - dt.timedelta(days=1))
    assert not Project.objects.visible_to(adviser).exists()


@pytest.mark.django_db
def test_the_day_after_the_last_day_nothing_is_open(adviser: User, client: Client) -> None:
    open_portfolio(adviser, make.make_project().portfolio)
    client.force_login(adviser)
    assert client.get(reverse("project-list")).status_code == 200
    adviser.office_membership.ends_on = timezone.localdate() - dt.timedelta(days=1)
    adviser.office_membership.save()
    for name in ("project-list", "home", "profile", "office-list", "assessment-list"):
        assert client.get(reverse(name)).status_code == 403, name
    fresh = User.objects.get(pk=adviser.pk)
    assert not any(fresh.can(permission) for permission in Permission)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [role for role in RoleName.values if role != RoleName.EXTERNAL_ADVISER])
def test_no_other_role_is_given_to_an_external_person(admin: User, adviser: User, role: str) -> None:
    with pytest.raises(services.RoleNotGrantable, match="external office"):
        services.grant_role(actor=admin, user_pk=adviser.pk, role=role, scope="organisation", scope_id=None)
    assert not adviser.grants.exists()


@pytest.mark.django_db
def test_an_adviser_grant_needs_an_office_and_a_last_day_within_it(admin: User, adviser: User) -> None:
    portfolio = make.make_portfolio()

    def give(user: User, ends_on: dt.date | None) -> None:
        services.grant_role(
            actor=admin, user_pk=user.pk, role="external_adviser", scope="portfolio", scope_id=portfolio.pk,
            ends_on=ends_on,
        )  # fmt: skip

    with pytest.raises(services.RoleNotGrantable, match="last day"):
        give(adviser, None)
    with pytest.raises(services.RoleNotGrantable, match="until"):
        give(adviser, later(61))
    with pytest.raises(services.RoleNotGrantable, match="belongs to no external office"):
        give(make.make_user(), later())
    give(adviser, later(60))
    assert adviser.grants.get().ends_on == later(60)


@pytest.mark.django_db
def test_the_database_refuses_an_adviser_without_end(adviser: User) -> None:
    portfolio = make.make_portfolio()
    with pytest.raises(IntegrityError, match="rolegrant_of_adviser_ends"), transaction.atomic():
        make.grant(adviser, RoleName.EXTERNAL_ADVISER, portfolio, ends_on=None)
    with pytest.raises(IntegrityError, match="teammember_adviser_ends"), transaction.atomic():
        make.join_team(make.make_project(), adviser, role=RoleName.EXTERNAL_ADVISER)


@pytest.mark.django_db
def test_only_external_offices_have_advisers_and_they_stay_external() -> None:
    with pytest.raises(InternalError, match="only an external office"), transaction.atomic():
        join(make.make_office(), make.make_user())
    adviser = make_adviser()
    with pytest.raises(InternalError), transaction.atomic():
        adviser.office_membership.delete()


@pytest.mark.django_db
def test_the_team_takes_advisers_with_a_last_day_only(adviser: User) -> None:
    pmo, project = make.make_person(), make.make_project()
    for role, ends_on in (("external_adviser", None), ("stakeholder", later(5)), ("project_lead", None)):
        with pytest.raises(PortalError):
            team.add_member(actor=pmo, project=project, user=adviser, role=role, ends_on=ends_on)
    with pytest.raises(PortalError, match="no external office"):
        team.add_member(actor=pmo, project=project, user=make.make_user(), role="external_adviser", ends_on=later(5))
    team.add_member(actor=pmo, project=project, user=adviser, role="external_adviser", ends_on=later(5))
    assert set(Project.objects.visible_to(adviser)) == {project}


@pytest.mark.django_db
@pytest.mark.parametrize("post", ["lead", "sponsor", "budget_owner"])
def test_services_refuse_external_people_in_posts(adviser: User, post: str) -> None:
    pmo, project = make.make_person(), make.make_project()
    with pytest.raises(PortalError, match="external office"):
        projects.edit_project(actor=pmo, project_id=project.pk, version=None, changes={post: adviser})
    data = projects.NewProject(portfolio=project.portfolio, name="New", **{post: adviser})
    with pytest.raises(PortalError, match="external office"):
        projects.create_project(actor=pmo, data=data)


@pytest.mark.django_db
def test_a_decision_or_ask_held_by_mistake_is_not_answered(adviser: User, client: Client) -> None:
    project = make.make_project()
    make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(5))
    decision, ask = make.make_decision(project, holder=adviser), make.make_ask(project, asked_of=adviser)
    assert not can_take(adviser, decision, rights_for(adviser, project))
    client.force_login(adviser)
    client.post(reverse("ask-answer", args=[ask.pk]), {"answer": "Yes"})
    client.post(reverse("decision-take", args=[project.key, decision.pk]), {"outcome": "Yes", "rationale": "So"})
    ask.refresh_from_db()
    decision.refresh_from_db()
    assert (ask.answered_at, decision.decided_at) == (None, None)


@pytest.mark.django_db
def test_external_people_do_not_pitch_and_see_no_requests(adviser: User, client: Client) -> None:
    with pytest.raises(NotAllowed):
        start_request(actor=adviser, token=uuid4(), answers={"title": "Mine"})
    Request.objects.create(requester=adviser, title="From before")
    assert not Request.objects.visible_to(adviser).exists()
    client.force_login(adviser)
    assert client.get(reverse("request-create")).status_code == 403
    assert client.get(reverse("request-mine")).status_code == 403


@pytest.mark.django_db
def test_forms_do_not_offer_external_people(adviser: User, client: Client) -> None:
    client.force_login(make.make_person())
    project = make.make_project()
    for name in ("project-edit", "decision-create", "risk-create", "update-write"):
        assert adviser.name not in client.get(reverse(name, args=[project.key])).text, name
    assert adviser.name in client.get(reverse("team-member-add", args=[project.key])).text


@pytest.mark.django_db
def test_the_first_screen_of_an_adviser_is_assessments(adviser: User, client: Client) -> None:
    client.force_login(adviser)
    page = client.get(reverse("home"), follow=True)
    assert page.redirect_chain == [(reverse("assessment-list"), 302)]
    menu = page.text.partition("<main")[0]
    assert reverse("recommendation-list") in menu
    for hidden in ("request-mine", "request-create", "import-list", "person-list"):
        assert f'href="{reverse(hidden)}"' not in page.text, hidden


def test_an_adviser_is_never_let_in_everywhere() -> None:
    assert ROLES[RoleName.EXTERNAL_ADVISER].scopes == set(ScopeKind) - {ScopeKind.ORGANISATION}

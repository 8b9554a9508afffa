from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.access import access_from_grants
from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from accounts.roles import EVERYBODY, ROLES
from common.models import OutgoingMail

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> User:
    user = User.objects.create_user("admin@example.org", "correct horse battery", name="Ada Admin")
    RoleGrant.objects.create(user=user, role=RoleName.ADMINISTRATOR, scope=ScopeKind.ORGANISATION)
    return user


@pytest.fixture
def person() -> User:
    return User.objects.create_user("bob@example.org", "correct horse battery", name="Bob Builder")


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_every_role_is_described_and_allows_something() -> None:
    assert set(ROLES) == set(RoleName.values)
    for role in ROLES.values():
        assert str(role.sentence)
        assert role.permissions
        assert role.permissions <= set(Permission)


def test_external_adviser_can_only_read_and_recommend() -> None:
    assert ROLES[RoleName.EXTERNAL_ADVISER].permissions == {
        Permission.PROJECT_VIEW, Permission.REPORT_VIEW, Permission.ADVICE_VIEW, Permission.ASSESSMENT_RUN,
        Permission.RECOMMENDATION_FILE,
    }  # fmt: skip


def test_everybody_can_pitch_and_nothing_else(person: User) -> None:
    assert {p for p in Permission if person.can(p)} == set(EVERYBODY)


def test_a_grant_reaches_only_its_scope() -> None:
    access = access_from_grants([("pmo_manager", "portfolio", 7), ("executive", "org_unit", 3)])
    assert access.reach(Permission.PROJECT_VIEW).portfolio_ids == {7}
    assert access.reach(Permission.PROJECT_VIEW).org_unit_ids == {3}
    assert not access.reach(Permission.PROJECT_VIEW).everywhere
    assert not access.reach(Permission.PEOPLE_MANAGE)


def test_an_ended_grant_gives_nothing(person: User) -> None:
    RoleGrant.objects.create(user=person, role="executive", scope="organisation", ends_on=dt.date(2020, 1, 1))
    assert not person.can(Permission.PROJECT_VIEW)


def test_demotion_holds_from_the_next_request(admin: User, person: User) -> None:
    grant = services.grant_role(
        actor=admin, user_pk=person.pk, role="administrator", scope="organisation", scope_id=None
    )
    client = signed_in(person)
    assert client.get(reverse("person-list")).status_code == 200
    services.end_grant(actor=admin, grant_pk=grant.pk)
    assert client.get(reverse("person-list")).status_code == 403


def test_shutting_out_ends_the_session_at_once(admin: User, person: User) -> None:
    client = signed_in(person)
    assert client.get(reverse("profile")).status_code == 200
    signed_in(admin).post(reverse("person-shut-out", args=[person.pk]))
    assert client.get(reverse("profile")).status_code == 302


def test_nobody_grants_themselves_a_role(admin: User) -> None:
    with pytest.raises(services.NotToYourself):
        services.grant_role(actor=admin, user_pk=admin.pk, role="pmo_manager", scope="organisation", scope_id=None)
    response = signed_in(admin).post(
        reverse("grant-create", args=[admin.pk]), {"role": "pmo_manager", "holds_for": "organisation:"}
    )
    assert response.status_code == 422
    assert not admin.grants.filter(role="pmo_manager").exists()


def test_granting_twice_leaves_one_grant(admin: User, person: User) -> None:
    unit = services.add_org_unit(actor=admin, name="Water")
    for _ in range(2):
        services.grant_role(actor=admin, user_pk=person.pk, role="executive", scope="org_unit", scope_id=unit.pk)
    assert person.grants.count() == 1


def test_a_role_needs_a_place_that_exists(admin: User, person: User) -> None:
    with pytest.raises(services.RoleNotGrantable):
        services.grant_role(actor=admin, user_pk=person.pk, role="executive", scope="org_unit", scope_id=999_999)
    with pytest.raises(services.RoleNotGrantable):
        services.grant_role(actor=admin, user_pk=person.pk, role="administrator", scope="org_unit", scope_id=1)


def test_the_database_refuses_a_scope_without_object(person: User) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        RoleGrant.objects.create(user=person, role="executive", scope="org_unit")


def test_adding_a_person_mails_them_and_keeps_the_address_unique(admin: User) -> None:
    client = signed_in(admin)
    form = {"name": "Cleo", "email": "Cleo@example.org", "language": "nl"}
    assert client.post(reverse("person-create"), form).status_code == 302
    mail = OutgoingMail.objects.get(to_address="cleo@example.org")
    assert "/account/password/reset/" in mail.text
    assert client.post(reverse("person-create"), form).status_code == 422
    assert User.objects.filter(email="cleo@example.org").count() == 1


def test_people_pages_are_closed_to_others(person: User, admin: User) -> None:
    client = signed_in(person)
    for url in (reverse("person-list"), reverse("person-create"), reverse("person", args=[admin.pk])):
        assert client.get(url).status_code == 403
    assert client.post(reverse("person-shut-out", args=[admin.pk])).status_code == 403


def test_the_profile_language_is_used_on_the_next_page(person: User) -> None:
    client = signed_in(person)
    client.post(reverse("profile"), {"name": "Bob", "job_title": "", "language": "nl", "time_zone": "Asia/Kathmandu"})
    response = client.get(reverse("profile"))
    assert response.headers["Content-Language"] == "nl"
    person.refresh_from_db()
    assert person.time_zone == "Asia/Kathmandu"


def test_history_keeps_who_changed_a_role(admin: User, person: User) -> None:
    signed_in(admin).post(
        reverse("grant-create", args=[person.pk]), {"role": "executive", "holds_for": "organisation:"}
    )
    from pghistory.models import Events

    event = Events.objects.tracks(person.grants.get()).get()
    assert event.pgh_label == "insert"
    assert event.pgh_context["user"] == admin.pk


def test_signing_up_by_oneself_is_closed() -> None:
    assert b"password1" not in Client().get(reverse("account_signup")).content


def test_password_reset_goes_through_the_outbox(person: User) -> None:
    Client().post(reverse("account_reset_password"), {"email": person.email})
    assert OutgoingMail.objects.filter(to_address=person.email).count() == 1


def test_units_below_a_root_are_found_by_one_subquery() -> None:
    root = services.add_org_unit(actor=None, name="Root")
    child = services.add_org_unit(actor=None, name="Child", parent=root)
    other = services.add_org_unit(actor=None, name="Other")
    found = set(OrgUnit.objects.under(frozenset({root.pk})))
    assert found == {root, child}
    assert other not in found


@pytest.mark.parametrize("count", [2, 12])
def test_people_list_asks_the_same_number_of_queries(
    admin: User, count: int, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    for number in range(count):
        user = User.objects.create_user(f"p{number}@example.org", None, name=f"P {number}")
        RoleGrant.objects.create(user=user, role="executive", scope="organisation")
    client = signed_in(admin)
    client.get(reverse("person-list"))  # the numbers in the menu are counted once in half a minute
    with django_assert_num_queries(6):  # session, person, their grants, count, people, grants of the page
        client.get(reverse("person-list"))

"""Refusals and exports leave a trace, whatever becomes of the request; a flood of them does not fill the disk."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.utils import IntegrityError
from django.test import Client
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import User
from common import audit
from common.enums import AuditKind
from common.models import AuditEvent, RefusalCount
from tests import factories as make

pytestmark = pytest.mark.django_db
SECRET = "Sup3rSecretWord!"


@pytest.fixture
def lead() -> User:
    return make.make_user("Leo Lead", email="leo@example.org", password=make.PASSWORD)


@pytest.fixture
def client(lead: User) -> Client:
    found = Client()
    found.force_login(lead)
    return found


@pytest.fixture(autouse=True)
def _no_limits(settings: Any) -> None:
    """Tries of other tests count for the same address."""
    settings.ACCOUNT_RATE_LIMITS = False


def events(kind: str = AuditKind.REFUSED) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(kind=kind).order_by("pk"))


def test_a_closed_door_is_told_with_who_where_and_why(client: Client, lead: User) -> None:
    project = make.make_project(lead=lead)
    answer = client.post(reverse("portfolio-create"), {"name": "x"}, HTTP_X_REQUEST_ID="request-123456")
    assert answer.status_code == 403
    (event,) = events()
    assert (event.person_id, event.person_name) == (lead.pk, "Leo Lead")
    assert (event.method, event.url_name, event.status) == ("POST", "portfolio-create", 403)
    assert (event.address, event.request_id) == ("127.0.0.1", "request-123456")
    assert project


def test_a_hidden_object_is_told_by_its_key_alone(client: Client) -> None:
    secret = make.make_project("Canary", is_confidential=True)
    assert client.get(reverse("project", args=[secret.key])).status_code == 404
    (event,) = events()
    assert (event.subject, event.status, event.what) == (secret.key, 404, "unknown")
    assert "Canary" not in str(vars(event))


def test_an_error_that_a_view_turned_into_a_message_is_told() -> None:
    administrator = make.make_person(RoleName.ADMINISTRATOR, name="Adam")
    client = Client()
    client.force_login(administrator)
    answer = client.post(reverse("person-shut-out", args=[administrator.pk]))
    assert answer.status_code == 302  # the page says it with a flash message
    (event,) = events()
    assert (event.what, event.url_name, event.person_id) == ("NotToYourself", "person-shut-out", administrator.pk)
    assert event.reason.startswith("You cannot shut yourself out")


def test_a_refusal_stays_when_the_transaction_of_the_service_rolls_back(client: Client, lead: User) -> None:
    project = make.make_project(lead=lead)
    risk = make.make_risk(project, "Rain")
    data = {"version": 99, "title": "Lost", "probability": 2, "impact": 2}
    assert client.post(reverse("risk-edit", args=[project.key, risk.pk]), data).status_code == 409
    risk.refresh_from_db()
    assert risk.title == "Rain"
    (event,) = events()
    assert (event.what, event.status, event.subject) == ("Conflict", 409, project.key)


def test_a_form_that_is_only_incomplete_is_no_refusal(client: Client, lead: User) -> None:
    project = make.make_project(lead=lead)
    assert client.post(reverse("risk-create", args=[project.key]), {}).status_code == 422
    assert events() == []


def test_an_address_that_leads_nowhere_is_left_to_the_log(client: Client) -> None:
    assert client.get("/no/such/door").status_code == 404
    assert events() == []


def test_a_stale_form_is_told() -> None:
    client = Client(enforce_csrf_checks=True)
    assert client.post(reverse("account_login"), {"login": "leo@example.org"}).status_code == 403
    (event,) = events()
    assert (event.url_name, event.person_id) == ("account_login", None)


# --- sign-in -------------------------------------------------------------------------------------------------------


def sign_in(client: Client, email: str, password: str) -> None:
    client.post(reverse("account_login"), {"login": email, "password": password})


def test_sign_in_and_out_are_told(lead: User) -> None:
    client = Client()
    sign_in(client, lead.email, make.PASSWORD)
    (event,) = events(AuditKind.SIGNED_IN)
    assert (event.person_id, event.address) == (lead.pk, "127.0.0.1")
    client.post(reverse("account_logout"))
    (event,) = events(AuditKind.SIGNED_OUT)
    assert event.person_id == lead.pk


def test_a_failed_sign_in_is_told_once_and_keeps_nothing_that_was_typed(lead: User) -> None:
    client = Client()
    sign_in(client, lead.email, SECRET)
    sign_in(client, f"{SECRET}@example.org", SECRET)
    known, unknown = events(AuditKind.SIGN_IN_FAILED)
    assert known.detail == {"account": lead.pk, "name": "Leo Lead"}
    assert unknown.detail == {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM common_auditevent e")
        written = cursor.fetchone()[0]
    assert SECRET.lower() not in written.lower()


def test_too_many_tries_are_told(lead: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/m/key"}
    client = Client()
    for _try in range(5):
        sign_in(client, lead.email, "wrong password")
    assert "too_many" in {event.what for event in events(AuditKind.SIGN_IN_FAILED)}


def test_a_new_password_is_told_without_it(client: Client, lead: User) -> None:
    data = {"oldpassword": make.PASSWORD, "password1": SECRET, "password2": SECRET}
    assert client.post(reverse("account_change_password"), data).status_code == 302
    (event,) = events(AuditKind.CREDENTIAL)
    assert (event.what, event.person_id) == ("password_changed", lead.pk)
    assert SECRET not in str(vars(event))


def test_the_second_factor_is_told(lead: User) -> None:
    from allauth.mfa.totp.internal import auth as totp

    secret = totp.generate_totp_secret()
    totp.TOTP.activate(lead, secret)
    client = Client()
    sign_in(client, lead.email, make.PASSWORD)
    assert events(AuditKind.SIGNED_IN) == []
    client.post(reverse("mfa_authenticate"), {"code": "000000"})
    assert [event.what for event in events(AuditKind.SIGN_IN_FAILED)] == ["second_factor"]
    code = totp.format_hotp_value(totp.hotp_value(secret, next(totp.yield_hotp_counters_from_time())))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert [event.what for event in events(AuditKind.CREDENTIAL)] == ["factor_used"]
    assert len(events(AuditKind.SIGNED_IN)) == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT string_agg(e::text, ' ') FROM common_auditevent e")
        assert secret not in cursor.fetchone()[0]


def test_a_link_with_a_key_in_it_is_told_by_its_name(client: Client) -> None:
    client.post(reverse("report-unsubscribe-link", args=["a-token-that-is-a-key"]))
    (event,) = events()
    assert (event.url_name, event.path) == ("report-unsubscribe-link", "")
    assert "a-token-that-is-a-key" not in str(vars(event))


# --- floods and bounds ---------------------------------------------------------------------------------------------


def test_a_robot_is_counted_and_told_once_the_hour_is_over(client: Client, lead: User) -> None:
    for _turn in range(audit.EACH_HOUR + 15):
        client.get(reverse("project", args=["P-999999"]))
    assert len(events()) == audit.EACH_HOUR
    assert audit.close_hours() == 0  # the hour is not over
    RefusalCount.objects.update(hour=RefusalCount.objects.first().hour - dt.timedelta(hours=2))  # type: ignore[union-attr]  # it was just made
    assert audit.close_hours() == 1
    assert audit.close_hours() == 0
    told = events()[-1]
    assert (told.what, told.person_id, told.repeats) == ("many", lead.pk, 15)
    assert not RefusalCount.objects.exists()


def test_many_strange_addresses_are_bounded_together() -> None:
    for number in range(audit.STRANGERS_EACH_HOUR + 20):
        current = audit.current.set(audit.Circumstances(address=f"10.0.{number // 250}.{number % 250}"))
        audit.record_refusal(AuditKind.REFUSED, what="forbidden", status=403)
        audit.current.reset(current)
    assert len(events()) == audit.STRANGERS_EACH_HOUR
    assert RefusalCount.objects.count() == audit.STRANGERS_EACH_HOUR + 1


def test_long_texts_are_cut_and_the_database_refuses_longer_ones() -> None:
    event = audit.record(AuditKind.ASKED, what="w" * 500, reason="r" * 5000, detail={"filters": "f" * 50_000})
    event.refresh_from_db()
    assert (len(event.what), len(event.reason)) == (60, 300)
    assert event.detail["cut"] is True
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEvent.objects.create(kind=AuditKind.ASKED, detail={"x": "y" * 5000})


def test_events_are_never_changed() -> None:
    event = audit.record(AuditKind.ASKED, what="x")
    with pytest.raises(DatabaseError), transaction.atomic():
        AuditEvent.objects.filter(pk=event.pk).update(what="y")
    with pytest.raises(DatabaseError), transaction.atomic():
        event.delete()


def test_a_trail_that_cannot_be_written_does_not_turn_a_refusal_into_an_error(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE common_refusalcount RENAME TO gone")
    assert client.get(reverse("project", args=["P-999999"])).status_code == 404
    assert "could not be written to the audit trail" in caplog.text


def test_a_trail_that_cannot_be_written_stops_an_export() -> None:
    client = Client(raise_request_exception=False)
    client.force_login(make.make_person(RoleName.PMO_MANAGER))
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'full'; END $$ LANGUAGE plpgsql;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON common_auditevent FOR EACH ROW EXECUTE FUNCTION full_disk()"
        )
        cursor.execute("SAVEPOINT before")
    assert client.get(reverse("project-export", args=["csv"])).status_code == 500


# --- contexts ------------------------------------------------------------------------------------------------------


def test_what_a_request_learns_later_does_not_rewrite_who_did_what_before() -> None:
    import pghistory

    events = make.make_org_unit()._meta.model.pgh_event_model  # type: ignore[attr-defined]  # made by @history.track
    with pghistory.context(user=None):
        make.make_org_unit("First")
        pghistory.context(user=7)
        make.make_org_unit("Second")
        make.make_org_unit("Third")
    found = dict(events.objects.filter(pgh_context__isnull=False).values_list("name", "pgh_context__metadata__user"))
    assert found == {"First": None, "Second": 7, "Third": 7}
    assert events.objects.get(name="Second").pgh_context_id == events.objects.get(name="Third").pgh_context_id

"""Every write and every refusal leaves a trace: the walk of the matrix checks each cell; here it is shown to bite."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import connection
from django.test import override_settings
from django.urls import reverse

from tests.guards import matrix
from tests.security.knocking import Knocker
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db
AUDIT = "common.refusals.AuditMiddleware"


def faults_of(world: World, name: str) -> list[str]:
    address = next(one for one in matrix.addresses() if one.name == name)
    return matrix.walk(world, [address], whole=False)[1]


def test_the_control_a_write_without_its_trigger_is_found(world: World) -> None:
    assert faults_of(world, "saved-view-create") == []
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE reporting_savedview DISABLE TRIGGER USER")
    try:
        found = faults_of(world, "saved-view-create")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("ALTER TABLE reporting_savedview ENABLE TRIGGER USER")
    assert "saved-view-create  POST as pmo: no trace of reporting_savedview" in found


def test_the_control_a_refusal_without_the_middleware_is_found(world: World) -> None:
    assert faults_of(world, "portfolio-create") == []
    left = [name for name in settings.MIDDLEWARE if name != AUDIT]
    assert len(left) == len(settings.MIDDLEWARE) - 1
    with override_settings(MIDDLEWARE=left):
        assert "portfolio-create  POST as lead: a refusal without a trace" in faults_of(world, "portfolio-create")


def test_the_control_a_write_to_what_is_not_tracked_needs_an_audit_event(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from common import audit

    assert faults_of(world, "job-run-retry") == []
    monkeypatch.setattr(audit, "record", lambda *_args, **_more: None)
    found = faults_of(world, "job-run-retry")
    assert "job-run-retry  POST as pmo: no trace of common_jobrun" in found


def test_the_matrix_holds_writes_and_refusals_to_look_at() -> None:
    cells = [cell for line, row in matrix.read().items() if line[2] == "POST" for cell in row]
    assert sum(cell.endswith("+") for cell in cells) > 150
    assert sum(cell in {"403", "404"} for cell in cells) > 500


@pytest.mark.parametrize(
    ("name", "person", "args"),
    [
        ("person-shut-out", "administrator", "self"),
        ("report-correct", "pmo", "report"),
        ("grant-create", "pmo", "self"),
    ],
)
def test_a_rule_that_says_no_is_in_the_trail(world: World, name: str, person: str, args: str) -> None:
    """Views answer such refusals with 302 and 422, which look like any other answer."""
    who = world.person(person)
    target = who.pk if args == "self" else world.report.pk
    data = payload(world, name) if name != "report-correct" else {"note": ""}
    answer = Knocker(who).knock("POST", reverse(name, args=[target]), data)
    assert answer.is_noted == (name != "report-correct")  # an empty form is no refusal
    assert not answer.tables

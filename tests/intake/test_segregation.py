"""Nobody decides on their own request: not by service, not by page, not by SQL."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError
from django.test import Client
from django.urls import reverse

from accounts.enums import RoleName
from common.errors import NotAllowed
from intake import services
from intake.models import Request
from projects.models import Project
from tests.factories import grant
from tests.intake.world import World


@pytest.fixture
def mighty(world: World) -> World:
    """The requester holds every role there is, and is the proposed sponsor as well."""
    for role in RoleName.values:
        grant(world.requester, role)
    world.sponsor = world.requester
    return world


@pytest.mark.parametrize("is_approved", [True, False])
def test_the_service_refuses_a_decision_on_ones_own_request(mighty: World, is_approved: bool) -> None:
    pitch = mighty.triaged()
    decision = services.Decision(is_approved=is_approved, reason="Mine is best.")
    with pytest.raises(NotAllowed):
        services.decide_request(actor=mighty.requester, pk=pitch.pk, decision=decision)
    assert not Project.objects.exists()


def test_the_page_refuses_a_decision_on_ones_own_request(mighty: World, client: Client) -> None:
    pitch = mighty.triaged()
    client.force_login(mighty.requester)
    page = reverse("request-decide", args=[pitch.key])
    data = {"outcome": "approve", "reason": "Mine is best.", "version": pitch.version}
    assert client.get(page).status_code == 403
    assert client.post(page, data).status_code == 403
    assert page not in client.get(reverse("request", args=[pitch.key])).text
    assert Request.objects.get(pk=pitch.pk).state == "triaged"


def test_the_database_refuses_a_decision_on_ones_own_request(mighty: World) -> None:
    pitch = mighty.triaged()
    sql = "UPDATE intake_request SET state='approved', decided_at=now(), decided_by_id=requester_id WHERE id=%s"
    with pytest.raises(IntegrityError, match="request_decided_by_somebody_else"), transaction.atomic():
        connection.cursor().execute(sql, [pitch.pk])


@pytest.mark.parametrize(
    "change",
    ["requester_id = decided_by_id", "state = 'rejected'", "reason = 'other'", "decided_by_id = %s", "budget = 1"],
)
def test_the_database_keeps_a_decision_and_its_requester(world: World, change: str) -> None:
    pitch = world.approved()
    parameters = [world.executive.pk] * change.count("%s")
    with pytest.raises((InternalError, IntegrityError)), transaction.atomic():
        connection.cursor().execute(f"UPDATE intake_request SET {change} WHERE id = {pitch.pk}", parameters)  # noqa: S608  our own words


def test_the_database_keeps_one_project_a_request(world: World) -> None:
    first, second = world.approved(), world.triaged()
    with pytest.raises(IntegrityError), transaction.atomic():
        Request.objects.filter(pk=second.pk).update(
            state="approved", decided_at=first.decided_at, decided_by=first.decided_by, project=first.project
        )


def test_a_decision_is_never_taken_by_get(world: World, client: Client) -> None:
    pitch = world.triaged()
    client.force_login(world.sponsor)
    query = {"outcome": "approve", "reason": "x", "version": pitch.version}
    assert client.get(reverse("request-decide", args=[pitch.key]), query).status_code == 200
    assert client.get(reverse("request-submit", args=[pitch.key])).status_code in {403, 405}
    assert Request.objects.get(pk=pitch.pk).state == "triaged"

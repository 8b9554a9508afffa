"""The same form sent at once, and what the loser of a race reads; `tests/races` has the races themselves."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.models import User
from intake import services
from intake.models import Request
from intake.services import requests
from tests.at_once import at_once
from tests.intake.world import World, make_world


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def test_the_same_form_sent_five_times_at_once_is_one_draft(world: World) -> None:
    token = world.draft().form_token
    Request.objects.all().delete()
    requester = User.objects.get(pk=world.requester.pk)

    def send() -> Request:
        return requests.start_request(actor=requester, token=token, answers={"title": "Once"})

    results = at_once(*[send] * 5)
    assert len({each.pk for each in results}) == 1
    assert Request.objects.count() == 1


def test_the_loser_of_a_race_reads_why_and_keeps_what_they_typed(world: World, client) -> None:
    pitch = world.triaged()
    services.reject_request(actor=world.sponsor, pk=pitch.pk, reason="Not this year.")
    client.force_login(world.executive)
    data = {"outcome": "approve", "reason": "We badly need this one.", "version": pitch.version}
    answer = client.post(reverse("request-decide", args=[pitch.key]), data)
    assert answer.status_code == 409
    for words in ("We badly need this one.", "Not this year.", "Sam Sponsor"):
        assert words in answer.text

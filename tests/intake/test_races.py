"""Two people decide at once: one wins, and the page tells the other. With a control that shows the race."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pgtrigger
import pytest
from django.urls import reverse

from accounts.models import User
from common.errors import PortalError
from governance import matters
from governance.models import Ballot
from governance.services.ballots import voting
from intake import services
from intake.models import Request
from intake.services import decisions, matter, requests
from projects.models import Project
from tests.at_once import at_once
from tests.intake.world import World, make_world

ROUNDS = 5


@pytest.fixture
def world(transactional_db) -> World:
    return make_world()


def approve(actor: User, pk: int) -> Callable[[], Request]:
    person = User.objects.get(pk=actor.pk)
    return lambda: services.approve_request(actor=person, pk=pk, reason=f"Yes, says {person}.")


def test_of_two_approvals_at_once_exactly_one_wins(world: World) -> None:
    for round_ in range(1, ROUNDS + 1):
        pitch = world.triaged()
        results = at_once(approve(world.sponsor, pitch.pk), approve(world.executive, pitch.pk))
        assert sorted(type(each).__name__ for each in results) == ["Request", "WrongState"]
        assert Project.objects.count() == round_


def test_approval_and_withdrawal_at_once_never_both_hold(world: World) -> None:
    for _round in range(ROUNDS):
        pitch = world.triaged()
        requester = User.objects.get(pk=world.requester.pk)
        results = at_once(
            approve(world.sponsor, pitch.pk),
            lambda: services.withdraw_request(actor=requester, pk=pitch.pk),  # noqa: B023
        )
        assert sum(isinstance(each, PortalError) for each in results) == 1
        fresh = Request.objects.get(pk=pitch.pk)
        assert (fresh.state == "approved") == (fresh.project_id is not None)


def careless(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody locks, and both have read before either writes."""
    both_have_read = threading.Barrier(2)

    def without_lock(ballot_id: int) -> tuple[Ballot, Any, int]:
        ballot = Ballot.objects.get(pk=ballot_id)
        both_have_read.wait(timeout=10)
        return ballot, matters.matter(ballot.subject_kind), ballot.subject_version

    mine = threading.local()

    def unlocked(pk: int, _version: int | None = None, *_related: str) -> Request:
        mine.read = Request.objects.get(pk=pk)
        return mine.read

    monkeypatch.setattr(voting, "lock_with_subject", without_lock)
    monkeypatch.setattr(decisions, "lock", unlocked)
    monkeypatch.setattr(matter, "lock", lambda *_arguments: mine.read)


GUARDS = ("intake.Request:decision_stays", "governance.Ballot:decided_stays", "governance.Vote:may_vote")


def test_without_lock_and_guards_both_approvals_would_get_through(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: take lock and database guards away, and one request becomes two projects."""
    pitch = world.triaged()
    careless(monkeypatch)

    def unguarded(actor: User) -> Callable[[], Request]:
        job = approve(actor, pitch.pk)

        def run() -> Request:
            with pgtrigger.ignore(*GUARDS):
                return job()

        return run

    results = at_once(unguarded(world.sponsor), unguarded(world.executive))
    assert [type(each).__name__ for each in results] == ["Request", "Request"]
    assert Project.objects.count() == 2


def test_without_the_lock_the_database_still_keeps_the_first_decision(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pitch = world.triaged()
    careless(monkeypatch)
    results = at_once(approve(world.sponsor, pitch.pk), approve(world.executive, pitch.pk))
    assert sum(isinstance(each, Request) for each in results) == 1
    assert Project.objects.count() == 1


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

"""The locks taken away and the guards of the database left: it still keeps one, whatever the code forgets."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import DatabaseError

from common.errors import PortalError
from tests.at_once import PARALLEL, at_once
from tests.races.race import PATIENCE, Race, told
from tests.races.verbs import (
    Activate,
    Approve,
    AskReview,
    AskWaiver,
    ChangeBaseline,
    DecideGate,
    GrantWaiver,
    VoteAlone,
    VoteTwice,
)

pytestmark = pytest.mark.django_db(transaction=True)

GUARDED = (Activate, Approve, AskReview, AskWaiver, ChangeBaseline, DecideGate, GrantWaiver, VoteAlone, VoteTwice)


@pytest.mark.parametrize("kind", GUARDED, ids=lambda one: one.verb)
def test_without_the_lock_the_database_still_keeps_one(kind: type[Race], monkeypatch: pytest.MonkeyPatch) -> None:
    race = kind()
    coming = race.round()
    race.careless(monkeypatch, threading.Barrier(PARALLEL, timeout=PATIENCE))
    results: list[Any] = at_once(*coming.jobs)
    assert all(isinstance(one, DatabaseError | PortalError) for one in results if isinstance(one, Exception)), results
    assert told(results) == 1, results
    assert coming.count(results).doubled == 0

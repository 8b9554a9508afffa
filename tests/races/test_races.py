"""Eight people at once at each verb of governance: nothing is doubled, nothing is lost, and the controls bite.

A control takes locks, triggers and constraints away and lets all read before anybody writes: whatever the machine does
meanwhile, the race is then lost. The figures of a run stand under “races” at its end.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.at_once import PARALLEL, ROUNDS
from tests.races.race import Count, Race
from tests.races.verbs import RACES

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("kind", RACES, ids=lambda one: one.verb)]


@pytest.mark.parametrize("rounds", ROUNDS)
def test_nothing_is_doubled_and_nothing_lost(
    kind: type[Race], rounds: int, record_property: Callable[[str, object], None]
) -> None:
    found = kind().run(rounds)
    record_property("race", f"{kind.verb}: {rounds} rounds, {_words(found)}")
    assert found == Count()


def test_without_its_guards_it_is_doubled_or_lost(
    kind: type[Race], monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None]
) -> None:
    found = kind().run_unguarded(monkeypatch)
    record_property("race", f"{kind.verb}, without its guards: 1 round, {_words(found)}")
    assert found.doubled + found.lost > 0


def _words(found: Count) -> str:
    return f"{PARALLEL} at once, {found.doubled} doubled, {found.lost} lost"

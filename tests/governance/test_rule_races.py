"""Two people put the same draft in force at once: one of them does. With a control that shows the race."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pgtrigger
import pytest

from accounts.models import User
from governance.models import RuleVersion
from governance.services import activation, drafts
from tests import factories as make
from tests.governance.test_rulebook import ready
from tests.intake.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROUNDS = 3


@pytest.fixture
def people(transactional_db: None) -> tuple[User, User]:
    return make.make_person(), make.make_person()


def _activate(actor: User, draft: RuleVersion) -> Callable[[], RuleVersion]:
    person = User.objects.get(pk=actor.pk)
    return lambda: activation.activate_rule(actor=person, pk=draft.pk, version=None)


def test_of_two_activations_at_once_exactly_one_wins(people: tuple[User, User]) -> None:
    for number in range(ROUNDS):
        draft = ready(people[0], code=f"rule-{number}")
        results = at_once(*(_activate(person, draft) for person in people))
        assert sorted(type(each).__name__ for each in results) == ["NoDraft", "RuleVersion"]
        winner = next(each for each in results if isinstance(each, RuleVersion))
        draft.refresh_from_db()
        assert (draft.state, draft.activated_by) == ("active", winner.activated_by)


def test_an_activation_and_an_edit_at_once_never_both_hold(people: tuple[User, User]) -> None:
    for number in range(ROUNDS):
        draft = ready(people[0], code=f"rule-{number}")
        person = User.objects.get(pk=people[1].pk)
        results = at_once(
            _activate(people[0], draft), lambda pk=draft.pk, who=person: drafts.drop_draft(actor=who, pk=pk)
        )
        left = RuleVersion.objects.filter(pk=draft.pk).first()
        assert (left is None) == (not isinstance(results[0], RuleVersion))


def _careless(monkeypatch: pytest.MonkeyPatch) -> None:
    both_have_read = threading.Barrier(2)

    def unlocked(pk: int, _version: int | None = None) -> RuleVersion:
        found = RuleVersion.objects.select_related("rule").get(pk=pk)
        both_have_read.wait(timeout=10)
        return found

    monkeypatch.setattr(activation, "_lock", unlocked)


def test_without_lock_and_guards_both_would_get_through(
    people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready(people[0])
    _careless(monkeypatch)

    def unguarded(person: User) -> Callable[[], Any]:
        job = _activate(person, draft)

        def run() -> RuleVersion:
            with pgtrigger.ignore("governance.RuleVersion:what_held_stays", "governance.RuleVersion:never_goes_back"):
                return job()

        return run

    results = at_once(*map(unguarded, people))
    assert [type(each).__name__ for each in results] == ["RuleVersion", "RuleVersion"]


def test_without_the_lock_the_database_still_keeps_the_first(
    people: tuple[User, User], monkeypatch: pytest.MonkeyPatch
) -> None:
    draft = ready(people[0])
    _careless(monkeypatch)
    results = at_once(*(_activate(person, draft) for person in people))
    assert sum(isinstance(each, RuleVersion) for each in results) == 1

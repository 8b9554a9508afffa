"""Two thousand random steps by all roles around everything that is decided: nobody approves what they asked for.

`./portal test tests/walks -m long` walks two thousand steps from each of three seeds; its figures stand at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.conf import settings as portal
from django.urls import get_resolver
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import multiple, run_state_machine_as_test

from governance.services.ballots import voting
from projects.services import projects
from tests.walks.doors import Door, at_the_service, on_the_page
from tests.walks.machine import Walk
from tests.walks.walker import BEYOND


def walk(organisations: int, steps: int, number: int) -> None:
    """So many steps through each of so many fresh organisations."""
    Walk.forget()
    run_state_machine_as_test(
        seed(number)(Walk),
        settings=settings(
            max_examples=organisations, stateful_step_count=steps, deadline=None, database=None,
            suppress_health_check=list(HealthCheck), phases=[Phase.generate],
        ),
    )  # fmt: skip


def note(record: Callable[[str, object], None], number: int) -> None:
    total = sum(Walk.steps.values())
    record("walk", f"seed {number}: {total} steps, {Walk.self_approvals} self-approvals")
    for title, counter in (("steps", Walk.steps), ("decisions", Walk.decisions), ("refusals", Walk.refusals)):
        record("walk", f"  {title}: {_words(counter)}")


def _words(counter: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counter.most_common())


@pytest.mark.django_db
def test_nobody_approves_their_own(record_property: Callable[[str, object], None]) -> None:
    walk(6, 30, 1)
    note(record_property, 1)
    assert Walk.self_approvals == 0
    assert Walk.decisions
    assert Walk.refusals


@pytest.mark.long
@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 2, 3])
def test_nobody_approves_their_own_in_two_thousand_steps(
    number: int, record_property: Callable[[str, object], None]
) -> None:
    walk(50, 50, number)
    note(record_property, number)
    assert Walk.self_approvals == 0
    assert sum(Walk.steps.values()) >= 2000
    kinds = {name.partition(":")[0] for name in Walk.decisions}
    assert kinds == {"request", "gate_review", "change_request", "waiver", "rule_version"}, "each is decided somewhere"


@pytest.mark.django_db
def test_a_voter_who_was_made_the_lead_votes_no_more_and_their_vote_is_void() -> None:
    with walking() as found:
        gate: Any = found.ask_for_the_gate("lena")
        found.vote(gate, "sam", "approve")
        found.make_a_voter_the_lead_in_the_table(gate, "paul")
        found.vote(gate, "bo", "approve")
        assert found.oracle.questions[gate].votes == [], "all vote anew"
        found.those_who_must_not_vote_try(gate, "approve")
        found.those_who_may_vote_agree(gate)
        found.nobody_approves_their_own()


@pytest.mark.django_db
def test_the_control_a_portal_that_forgets_who_leads_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voting, "bar_anew", lambda *_arguments: set())
    with walking() as found:
        gate: Any = found.ask_for_the_gate("lena")
        found.set_the_lead_in_the_table("paul", "sam")
        with pytest.raises(AssertionError, match="counted, and should be refused"):
            found.vote(gate, "sam", "approve")


@pytest.mark.django_db
@pytest.mark.parametrize("door", [at_the_service, on_the_page])
def test_a_stop_at_a_gate_stops_the_project_and_its_lead_does_not_take_it_up(door: Door) -> None:
    with walking() as found:
        found.set_the_lead_in_the_table("pia", "paul")
        found.ask_for_the_gate("pia")
        found.a_decider_stops_the_project_at_its_gate(door, reopen=False)
        assert found.oracle.status == "stopped", "and Paul, who leads it and is of the PMO, tried to go on"
        assert found.ask_for_the_gate("pia") == multiple(), "nothing is decided about a project that stands still"
        found.turn("lena", "active", in_the_table=True)
        found.turn("pia", "active", in_the_table=True)
        assert found.oracle.is_live
        found.nobody_approves_their_own()


@pytest.mark.django_db
def test_the_control_a_portal_that_lets_the_lead_go_on_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects, "_keep_stopped", lambda *_arguments: None)
    with walking() as found:
        found.ask_for_the_gate("paul")
        with pytest.raises(AssertionError, match="lena turns the project active that is stopped: True"):
            found.a_decider_stops_the_project_at_its_gate(at_the_service, reopen=False)


@pytest.mark.django_db
def test_a_file_moves_the_baseline_and_what_was_asked_before_is_not_accepted() -> None:
    with walking() as found:
        asked: Any = found.ask_for_a_change("stan", BEYOND)
        found.move_the_baseline_in_a_file("lena", 20_000, 130)
        assert found.oracle.cost == 1000, "who leads it brings no file"
        found.move_the_baseline_in_a_file("paul", 20_000, 130)
        found.what_was_agreed_moves_by_a_ballot_or_a_file()
        found.those_who_may_vote_agree(asked)
        assert found.oracle.questions[asked].state == "open", "the baseline that it starts from is gone"
        found.move_the_baseline_in_a_file("paul", 1000, 130)
        found.those_who_may_vote_agree(asked)
        assert found.oracle.cost == 1000 + BEYOND
        found.what_was_agreed_moves_by_a_ballot_or_a_file()


@contextmanager
def walking() -> Iterator[Walk]:
    """A walk whose steps a test takes itself."""
    found = Walk()
    try:
        yield found
    finally:
        found.teardown()


def test_there_is_no_admin_page_that_goes_round_the_rules() -> None:
    """Django's own admin writes any column of any table; the portal has none."""
    assert "django.contrib.admin" not in portal.INSTALLED_APPS
    found = get_resolver()
    assert "admin" not in found.namespace_dict
    assert len(found.reverse_dict) > 100, "the addresses were looked at"

"""Two thousand random steps by all roles around everything that is decided: nobody approves what they asked for.

`./portal test tests/walks -m long` walks two thousand steps from each of three seeds; its figures stand at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from django.conf import settings as portal
from django.urls import get_resolver
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.walks.machine import Walk

STEPS = 50
"""In each walk through a fresh organisation."""


def walk(steps: int, number: int) -> None:
    Walk.forget()
    run_state_machine_as_test(
        seed(number)(Walk),
        settings=settings(
            max_examples=-(-steps // STEPS), stateful_step_count=STEPS, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
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
    walk(150, 1)
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
    walk(2000, number)
    note(record_property, number)
    assert Walk.self_approvals == 0
    assert sum(Walk.steps.values()) >= 2000
    kinds = {name.partition(":")[0] for name in Walk.decisions}
    assert kinds == {"request", "gate_review", "change_request", "waiver", "rule_version"}, "each is decided somewhere"


def test_there_is_no_admin_page_that_goes_round_the_rules() -> None:
    """Django's own admin writes any column of any table; the portal has none."""
    assert "django.contrib.admin" not in portal.INSTALLED_APPS
    found = get_resolver()
    assert "admin" not in found.namespace_dict
    assert len(found.reverse_dict) > 100, "the addresses were looked at"

"""Weekly reports under kill -9 of everything: none missing, none doubled, no mail lost; and a control that loses.

What is not tested: a power cut. kill -9 leaves the kernel's page cache whole.
"""

import json
import random
import time

import pytest

from tests.chaos.stack import Stack, stack, start_processes

SHORT_CLOCKS = "tests.chaos.app"


def run_through(made: Stack, *, seconds: float, between: tuple[float, float], seed: int, patience: float) -> None:
    """Faults for so long or until all is done, then peace until everything is done or patience ends."""
    chance = random.Random(seed)  # noqa: S311  it must be repeatable, not secret
    strikes = made.strikes(chance)
    assert made.wait_for_work(120), "The workers never began."
    until = time.monotonic() + seconds
    while time.monotonic() < until and not is_done(made):
        made.tend(chance.uniform(*between))
        next(strikes)()
    until = time.monotonic() + patience
    while time.monotonic() < until and not is_done(made):
        made.tend(1)


def is_done(made: Stack) -> bool:
    waiting = made.sql(
        "SELECT (SELECT count(*) FROM reporting_reportslot WHERE state <> 'done')"
        " + (SELECT count(*) FROM common_outgoingmail WHERE sent_at IS NULL)"
    )
    return bool(waiting == 0)


def verdict(made: Stack, slots: int) -> dict[str, object]:
    """What is in the tables and in the sink; printed, so that a failure tells all of it."""
    found: dict[str, object] = made.python("tests.chaos.population", "check")
    mails = found.pop("mails")
    assert isinstance(mails, list)
    written = set(mails)
    relay_faults = sum(count for name, count in made.faults.items() if name != "kill beat")
    found |= {
        "slots_expected": slots,
        "mails_lost": len(written - set(made.sink.mails)),
        "mails_doubled": sum(made.sink.mails.values()) - len(made.sink.mails),
        "mails_unknown": len(set(made.sink.mails) - written),
        "faults": dict(made.faults),
        "relay_faults": relay_faults,
    }
    print(json.dumps(found, indent=1))  # noqa: T201  pytest shows it when the test fails
    return found


def assert_whole(found: dict[str, object], slots: int) -> None:
    assert found["tries"] > slots, "No fault hit a worker at its work: the chaos was too mild."
    assert found["slots"] == found["reports"] == slots
    assert (found["missing"], found["doubled"], found["failed"], found["different"]) == (0, 0, 0, 0)
    assert (found["mails_lost"], found["mails_unknown"], found["unsent"]) == (0, 0, 0)
    assert found["mails_doubled"] <= found["relay_faults"]


def test_no_report_is_lost_or_doubled_when_everything_is_killed() -> None:
    with stack(app=SHORT_CLOCKS) as made:
        slots = made.python("tests.chaos.population", "fill", "8")["slots"]
        start_processes(made)
        # Less than four of the short leases: as with the real clocks, no slot can lose all its tries to faults.
        run_through(made, seconds=22, between=(0.2, 0.8), seed=53, patience=150)
        found = verdict(made, slots)
    assert sum(made.faults.values()) >= 6
    assert_whole(found, slots)


def test_control_without_the_sweep_loses_reports() -> None:
    with stack(app=SHORT_CLOCKS, sweep=False) as made:
        slots = made.python("tests.chaos.population", "fill", "6")["slots"]
        start_processes(made)
        until = time.monotonic() + 120
        while not made.sql("SELECT count(*) FROM reporting_report") and time.monotonic() < until:
            made.tend(0.1)
        made.flush_redis()
        made.kill("worker-1")
        made.kill("worker-2")
        made.tend(10)
        found = verdict(made, slots)
    assert 0 < found["missing"] < slots
    assert found["doubled"] == 0


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_two_hundred_reports_survive_minutes_of_faults_with_the_real_clocks(seed: int) -> None:
    with stack(app="pmo_portal") as made:
        slots = made.python("tests.chaos.population", "fill", "25")["slots"]
        assert slots == 200
        start_processes(made)
        run_through(made, seconds=90, between=(1.0, 3.0), seed=seed, patience=240)
        found = verdict(made, slots)
    assert sum(made.faults.values()) >= 15
    assert_whole(found, slots)

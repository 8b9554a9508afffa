"""Many at once: a waiver is decided once and by one, a control level is changed by one; each with a control."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Barrier

import pytest
from django.db import connection

from common.errors import Conflict, PortalError
from governance.enums import WaiverState
from governance.models import Ballot, ControlChange, Vote, Waiver
from governance.services import ballots, waivers
from governance.services.control import change_control
from strategy.models import Office
from tests import factories
from tests.governance.test_waivers import Case

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
ROUNDS = int(os.environ.get("RACE_ROUNDS", "20"))
"""200 before a release: RACE_ROUNDS=200."""


@contextmanager
def crowd() -> Iterator[Callable[[list[Callable[[], object]]], list[object]]]:
    """Run steps at once, each on a connection of its own; what they return or raise."""
    with ThreadPoolExecutor(THREADS) as pool:

        def run(steps: list[Callable[[], object]]) -> list[object]:
            start = Barrier(len(steps), timeout=30)

            def one(step: Callable[[], object]) -> object:
                start.wait()
                try:
                    return step()
                except PortalError as error:
                    return error

            return list(pool.map(one, steps))

        try:
            yield run
        finally:
            closing = Barrier(THREADS, timeout=30)

            def close() -> None:
                closing.wait()
                connection.close()

            for done in [pool.submit(close) for _each in range(THREADS)]:
                done.result()


def test_a_waiver_is_asked_once_and_decided_once_by_many_at_once() -> None:
    case = Case()
    pmos = [factories.make_person("pmo_manager", case.project.portfolio) for _each in range(THREADS)]
    with crowd() as run:
        for number in range(ROUNDS):
            asked = run([case.ask] * THREADS)
            assert {one.pk for one in asked if isinstance(one, Waiver)} == {
                waiver.pk for waiver in Waiver.objects.filter(state=WaiverState.ASKED)
            }, asked
            waiver = Waiver.objects.get(state=WaiverState.ASKED)
            ballot = Ballot.objects.open().about("waiver", waiver.pk).get()

            def vote(who: int, ballot_id: int = ballot.pk) -> object:
                choice = "approve" if who % 2 else "reject"
                return ballots.cast_vote(actor=pmos[who], ballot_id=ballot_id, choice=choice, reason=f"Says {who}")

            said = run([lambda who=who: vote(who) for who in range(THREADS)])  # type: ignore[misc]  # bound now, not in the thread
            winners = [one for one in said if isinstance(one, Ballot)]
            assert len(winners) == 1, said
            waiver.refresh_from_db()
            wanted = WaiverState.GRANTED if winners[0].is_yes else WaiverState.REFUSED
            assert waiver.state == wanted
            assert (waiver.granted_by or waiver.closed_by) == winners[0].decided_by
            assert Vote.objects.filter(ballot=ballot).count() == 1
            assert Ballot.objects.count() == number + 1
    assert Waiver.objects.filter(state=WaiverState.GRANTED).count() <= 1


def test_taken_back_and_granted_at_once_is_one_of_both() -> None:
    case = Case()
    with crowd() as run:
        for _each in range(ROUNDS):
            waiver = case.ask()
            ballot = Ballot.objects.open().about("waiver", waiver.pk).get()
            done = run([
                lambda pk=waiver.pk: waivers.withdraw_waiver(actor=case.lead, waiver_id=pk),  # type: ignore[misc]  # bound now, not in the thread
                lambda pk=ballot.pk: ballots.cast_vote(  # type: ignore[misc]  # bound now, not in the thread
                    actor=case.pmo, ballot_id=pk, choice="approve", reason="Yes"
                ),
            ])  # fmt: skip
            assert len([one for one in done if not isinstance(one, PortalError)]) == 1, done
            waiver.refresh_from_db()
            ballot.refresh_from_db()
            assert (waiver.state, ballot.state) in {("withdrawn", "withdrawn"), ("granted", "decided")}


def test_a_control_level_is_changed_by_one_of_many() -> None:
    office, pmo = factories.make_office(), factories.make_person()
    levels = ("controlling", "supportive")
    with crowd() as run:
        for number in range(ROUNDS):
            version, level = Office.objects.get(pk=office.pk).version, levels[number % 2]
            done = run([
                lambda version=version, level=level, who=who: change_control(  # type: ignore[misc]  # bound now, not in the thread
                    actor=pmo, office_id=office.pk, control=level, reason=f"By {who}", version=version
                )
                for who in range(THREADS)
            ])  # fmt: skip
            assert len([one for one in done if isinstance(one, Office)]) == 1, done
            assert all(isinstance(one, Conflict) for one in done if not isinstance(one, Office))
            assert ControlChange.objects.count() == number + 1


def test_without_the_lock_many_would_change_it() -> None:
    """The control: reading, then writing what was read, as a careless service would."""
    office, pmo = factories.make_office(), factories.make_person()
    gate = Barrier(THREADS, timeout=30)

    def careless() -> bool:
        found = Office.objects.get(pk=office.pk)
        gate.wait()
        if found.version != 1:
            return False
        ControlChange.objects.create(office=found, old="supportive", new="directive", reason="x", changed_by=pmo)
        Office.objects.filter(pk=office.pk).update(control="directive", version=2)
        return True

    with crowd() as run:
        assert run([careless] * THREADS).count(True) > 1

"""Eight people at one ballot at once: no vote is counted twice, none is lost, and one decision comes of it.

The everyday suite runs a few rounds; `./portal test tests/governance/test_ballot_races.py -m long` runs two hundred.
The control shows that the race is real: without the lock, it is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pgtrigger
import pytest

from accounts.models import User
from common.errors import PortalError
from governance import matters
from governance.matters import StepPlan
from governance.models import Ballot, Vote
from governance.services import ballots as services
from governance.services.ballots import voting
from intake import services as intake
from projects.models import Project
from tests.at_once import at_once
from tests.factories import make_goal, make_person, make_user
from tests.governance.matter import KIND, Boards, decided_by
from tests.intake.world import World, make_world

pytestmark = pytest.mark.django_db(transaction=True)

THREADS = 8
ROUNDS = [pytest.param(10, id="short"), pytest.param(200, id="long", marks=pytest.mark.long)]


@pytest.fixture
def boards() -> Iterator[Boards]:
    found = Boards()
    with decided_by(found):
        yield found


def ask(boards: Boards, people: list[User], quorum: int) -> Ballot:
    boards.members = {"executive": [person.pk for person in people]}
    boards.plan = (StepPlan("Board", ("executive",), quorum=quorum),)
    return services.open_ballot(actor=make_user(), kind=KIND, subject_id=make_goal().pk, question="Shall we?")


def voting_as(person: User, ballot: Ballot, choice: str = "approve") -> Callable[[], Ballot]:
    mine = User.objects.get(pk=person.pk)
    return lambda: services.cast_vote(actor=mine, ballot_id=ballot.pk, choice=choice, reason=f"Says {mine}")


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_eight_who_may_each_decide_alone_exactly_one_does(boards: Boards, rounds: int) -> None:
    people = [make_user() for _ in range(THREADS)]
    for number in range(1, rounds + 1):
        ballot = ask(boards, people, 1)
        results = at_once(*(voting_as(person, ballot) for person in people))
        assert sum(isinstance(one, Ballot) for one in results) == 1
        assert all(isinstance(one, Ballot | PortalError) for one in results), results
        assert Vote.objects.filter(ballot=ballot).count() == 1
        assert len(boards.decided) == number


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_eight_votes_of_a_quorum_of_eight_none_is_lost(boards: Boards, rounds: int) -> None:
    people = [make_user() for _ in range(THREADS)]
    for number in range(1, rounds + 1):
        ballot = ask(boards, people, THREADS)
        results = at_once(*(voting_as(person, ballot) for person in people))
        assert all(isinstance(one, Ballot) for one in results), results
        assert Vote.objects.filter(ballot=ballot).count() == THREADS
        assert len(boards.decided) == number


@pytest.mark.parametrize("rounds", ROUNDS)
def test_one_who_presses_eight_times_votes_once(boards: Boards, rounds: int) -> None:
    person, other = make_user(), make_user()
    for _ in range(rounds):
        ballot = ask(boards, [person, other], 2)
        at_once(*(voting_as(person, ballot) for _press in range(THREADS)))
        assert Vote.objects.filter(ballot=ballot).count() == 1


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


@pytest.mark.parametrize("rounds", ROUNDS)
def test_of_eight_approvals_of_a_request_one_makes_its_one_project(world: World, rounds: int) -> None:
    people = [make_person("executive") for _ in range(THREADS)]
    for number in range(1, rounds + 1):
        pitch = world.triaged()
        results = at_once(*(approving(person, pitch.pk) for person in people))
        assert sum(not isinstance(one, Exception) for one in results) == 1
        assert all(isinstance(one, PortalError) for one in results if isinstance(one, Exception)), results
        assert Project.objects.count() == number


def approving(person: User, pk: int) -> Callable[[], Any]:
    mine = User.objects.get(pk=person.pk)
    return lambda: intake.approve_request(actor=mine, pk=pk, reason="Yes.")


def test_without_lock_and_guards_one_ballot_is_decided_twice(boards: Boards, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: nobody locks, and all have read before anybody writes."""
    people = [make_user(), make_user()]
    ballot = ask(boards, people, 1)
    all_have_read = threading.Barrier(len(people))

    def without_lock(ballot_id: int) -> tuple[Ballot, Any, int]:
        found = Ballot.objects.get(pk=ballot_id)
        all_have_read.wait(timeout=20)
        return found, matters.matter(found.subject_kind), found.subject_version

    monkeypatch.setattr(voting, "lock_with_subject", without_lock)

    def unguarded(person: User) -> Callable[[], Ballot]:
        job = voting_as(person, ballot)

        def run() -> Ballot:
            with pgtrigger.ignore("governance.Ballot:decided_stays", "governance.Vote:may_vote"):
                return job()

        return run

    results = at_once(*(unguarded(person) for person in people))
    assert all(isinstance(one, Ballot) for one in results), results
    assert len(boards.decided) == 2

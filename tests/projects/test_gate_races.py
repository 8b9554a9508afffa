"""Eight people at one gate at once: no vote is counted twice, none is lost, and one decision comes of it.

The everyday suite runs a few rounds; `./portal test tests/projects/test_gate_races.py -m long` runs two hundred.
The controls show that the race is real: without the lock, it is lost.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common.errors import PortalError
from governance.models import Ballot, BallotStep, Procedure, ProcedureStep, Vote
from governance.services import ballots
from projects.models import EvidencePack, Gate
from projects.services import gates
from tests import factories as make
from tests.at_once import at_once
from tests.projects.gates import Scene, scene

THREADS = 8
SHORT, LONG = 20, 200


def board(size: int, quorum: int) -> tuple[Scene, list[User]]:
    """A gate that a board of so many executives decides on."""
    found = scene()
    people = [make.make_person(RoleName.EXECUTIVE) for _ in range(size)]
    procedure = Procedure.objects.create(name="Board", matter="gate_review")
    ProcedureStep.objects.create(procedure=procedure, title="Board", role=RoleName.EXECUTIVE, quorum=quorum)
    return found, people


def another_gate(found: Scene) -> Gate:
    """A fresh gate behind the others; those before it are passed."""
    found.project.milestones.filter(is_gate=True, actual_on=None).update(actual_on=timezone.localdate())
    phase = make.make_phase(found.project)
    milestone = make.make_milestone(found.project, is_gate=True, phase=phase)
    return Gate.objects.get(milestone=milestone)


def ask(found: Scene, gate: Gate, by: User | None = None) -> Ballot:
    return gates.open_review(actor=by or found.pmo, project=found.project, gate_id=gate.pk, anyway="We try.")


def vote(person: User, ballot: Ballot, choice: str = "approve") -> Callable[[], Any]:
    return lambda: ballots.cast_vote(
        actor=User.objects.get(pk=person.pk), ballot_id=ballot.pk, choice=choice, reason=f"Says {person}."
    )


def votes_at_once(rounds: int) -> None:
    """Each of eight votes at the same moment; all eight are needed, so each must count, once."""
    found, people = board(THREADS, THREADS)
    for _round in range(rounds):
        gate = another_gate(found)
        ballot = ask(found, gate)
        results = at_once(*(vote(person, ballot) for person in people))
        assert not [one for one in results if isinstance(one, Exception)], results
        counted = list(Vote.objects.counting().filter(ballot=ballot).values_list("cast_by", flat=True))
        assert sorted(counted) == sorted(person.pk for person in people), "none lost, none doubled"
        ballot.refresh_from_db()
        gate.refresh_from_db()
        assert (ballot.state, gate.outcome, gate.milestone.actual_on is not None) == ("decided", "approve", True)
        assert (
            Gate.pgh_event_model.objects.filter(  # type: ignore[attr-defined]  # made by @history.track
                pgh_obj_id=gate.pk, pgh_label__startswith="update", outcome="approve"
            ).count()
            == 1
        ), "decided once"


def decisions_at_once(rounds: int) -> None:
    """One yes decides: of eight at once exactly one does, and the others are told."""
    found, people = board(THREADS, 1)
    for _round in range(rounds):
        gate = another_gate(found)
        ballot = ask(found, gate)
        results = at_once(*(vote(person, ballot) for person in people))
        won = [one for one in results if isinstance(one, Ballot)]
        assert len(won) == 1, results
        assert all(isinstance(one, PortalError) for one in results if not isinstance(one, Ballot)), results
        assert Vote.objects.filter(ballot=ballot).count() == 1


def reviews_at_once(rounds: int) -> None:
    """Eight ask for the same review: one ballot, one pack."""
    found, people = board(2, 1)
    askers = [make.make_person(RoleName.PMO_MANAGER) for _ in range(THREADS)]
    assert people
    for _round in range(rounds):
        gate = another_gate(found)
        results = at_once(*((lambda by=by, gate=gate: ask(found, gate, by)) for by in askers))
        assert {getattr(one, "pk", one) for one in results} == {Ballot.objects.get(subject_id=gate.pk).pk}
        assert EvidencePack.objects.filter(gate=gate).count() == 1


RACES = [votes_at_once, decisions_at_once, reviews_at_once]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_votes_decisions_and_reviews_at_once(race: Callable[[int], None]) -> None:
    race(SHORT)


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("race", RACES)
def test_two_hundred_rounds(race: Callable[[int], None]) -> None:
    race(LONG)


@pytest.mark.django_db(transaction=True)
def test_an_edit_and_a_vote_at_once_never_leave_a_vote_on_what_was_not_read() -> None:
    found, people = board(2, 2)
    for round_ in range(5):
        gate = another_gate(found)
        ballot = ask(found, gate)
        at_once(
            vote(people[0], ballot),
            lambda gate=gate, amount=round_: gates.set_stage_money(
                actor=User.objects.get(pk=found.pmo.pk), project=found.project, gate_id=gate.pk, version=None,
                amount=amount + 1,
            ),
        )  # fmt: skip
        gate.refresh_from_db()
        ballot.refresh_from_db()
        assert ballot.subject_version == gate.version
        assert not Vote.objects.counting().filter(ballot=ballot).exclude(subject_version=gate.version).exists()


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_votes_at_once_would_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: each of the last voters misses the others, and the ballot stays open though all said yes."""
    from governance.services.ballots import voting

    found, people = board(THREADS, THREADS)
    meeting = threading.Barrier(THREADS)
    concluded = voting._conclude

    def unlocked(ballot_id: int) -> Any:
        ballot = Ballot.objects.get(pk=ballot_id)
        version = Gate.objects.values_list("version", flat=True).get(pk=ballot.subject_id)
        return ballot, voting.matters.matter(ballot.subject_kind), version

    def after_the_others_voted(*args: Any) -> None:
        meeting.wait(30)
        concluded(*args)

    monkeypatch.setattr(voting, "lock_with_subject", unlocked)
    monkeypatch.setattr(voting, "_conclude", after_the_others_voted)
    ballot = ask(found, another_gate(found))
    at_once(*(vote(person, ballot) for person in people))
    ballot.refresh_from_db()
    assert Vote.objects.counting().filter(ballot=ballot).count() == THREADS
    assert ballot.is_open, "the race is real: the lock is what decides"
    assert BallotStep.objects.get(ballot=ballot).state == "open"


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_database_still_keeps_one_open_review(monkeypatch: pytest.MonkeyPatch) -> None:
    from projects.services.gates import review

    found, _people = board(2, 1)
    gate = another_gate(found)
    monkeypatch.setattr(review, "lock_project", lambda _project: None)
    askers = [make.make_person(RoleName.PMO_MANAGER) for _ in range(THREADS)]
    at_once(*((lambda by=by: ask(found, gate, by)) for by in askers))
    assert Ballot.objects.open().filter(subject_id=gate.pk).count() == 1

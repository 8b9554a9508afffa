"""Eight votes on the same ballot."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import Any

import pytest

from accounts.models import User
from governance import matters
from governance.matters import StepPlan
from governance.models import Ballot, Vote
from governance.services import ballots
from governance.services.ballots import voting
from tests import factories as make
from tests.at_once import PARALLEL
from tests.governance.matter import KIND, Boards, decided_by
from tests.races.race import Count, Race, Round, one_wins
from tests.races.voting import VOTES, unlocked, vote


class Board(Race):
    """A goal that a board decides on."""

    def __init__(self) -> None:
        self.boards, self.people = Boards(), [make.make_user() for _each in range(PARALLEL)]
        self._stack = ExitStack()
        self._stack.enter_context(decided_by(self.boards))

    def __del__(self) -> None:
        self._stack.close()

    def ask(self, people: list[User], quorum: int) -> int:
        self.boards.members = {"executive": [person.pk for person in people]}
        self.boards.plan = (StepPlan("Board", ("executive",), quorum=quorum),)
        goal = make.make_goal()
        return ballots.open_ballot(actor=make.make_user(), kind=KIND, subject_id=goal.pk, question="Shall we?").pk


class VoteTogether(Board):
    """All eight votes are needed: each counts once, and they decide once."""

    verb = "vote"

    def round(self) -> Round:
        ballot, before = self.ask(self.people, PARALLEL), len(self.boards.decided)

        def count(_results: list[Any]) -> Count:
            voters = list(Vote.objects.counting().filter(ballot=ballot).values_list("cast_by", flat=True))
            decided = len(self.boards.decided) - before
            twice = len(voters) - len(set(voters)) + max(decided, 1) - 1
            return Count(twice, PARALLEL - len(set(voters)) + (not decided))

        return Round([vote(person, ballot) for person in self.people], count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        """Each of the last voters misses the others: all said yes, and nothing is decided."""
        conclude = voting._conclude

        def late(*arguments: Any) -> None:
            meeting.wait()
            conclude(*arguments)

        def careless(ballot_id: int) -> tuple[Ballot, Any, int]:
            ballot = Ballot.objects.get(pk=ballot_id)
            return ballot, matters.matter(ballot.subject_kind), ballot.subject_version

        patch.setattr(voting, "lock_with_subject", careless)
        patch.setattr(voting, "_conclude", late)


class VoteAlone(Board):
    """Any one of eight may decide: one does."""

    verb = "decide alone"
    triggers = VOTES

    def round(self) -> Round:
        ballot, before = self.ask(self.people, 1), len(self.boards.decided)
        jobs = [vote(person, ballot) for person in self.people]
        return Round(jobs, lambda results: one_wins(results, len(self.boards.decided) - before))

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        unlocked(patch, meeting)


class VoteTwice(Board):
    """One person presses eight times: one vote."""

    verb = "press vote eight times"
    constraints = ("vote_once_per_seat", "vote_once_per_person_and_step")

    def round(self) -> Round:
        person, other = self.people[:2]
        ballot = self.ask([person, other], 2)

        def count(_results: list[Any]) -> Count:
            votes = Vote.objects.counting().filter(ballot=ballot).count()
            return Count(max(votes, 1) - 1, int(votes == 0))

        return Round([vote(person, ballot) for _press in range(PARALLEL)], count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        unlocked(patch, meeting)

"""What the races for a vote share: who races, what guards a ballot, and a vote that looks at none of it."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any, Final

import pytest

from accounts.models import User
from common import versions
from governance import matters
from governance.models import Ballot
from governance.services import ballots
from governance.services.ballots import voting
from tests import factories as make
from tests.at_once import PARALLEL
from tests.races.race import Job, fresh

VOTES: Final = (
    "governance.Ballot:decided_stays", "governance.BallotStep:stays_when_decided", "governance.Vote:may_vote",
)  # fmt: skip
"""What guards a ballot that is decided in the database."""


def crowd(role: str, scope: Any = None) -> list[User]:
    return [make.make_person(role, scope) for _each in range(PARALLEL)]


def vote(person: User, ballot_id: int, choice: str = "approve") -> Job:
    me = fresh(person)
    return lambda: ballots.cast_vote(actor=me, ballot_id=ballot_id, choice=choice, reason=f"Says {me}.")


def unlocked(patch: pytest.MonkeyPatch, meeting: threading.Barrier, read: Any = None) -> None:
    """A vote locks nothing, and waits until all others have read ballot, subject and votes as well."""
    table = voting._Table.of

    def careless(ballot_id: int) -> tuple[Ballot, Any, int]:
        ballot = Ballot.objects.get(pk=ballot_id)
        if read is not None:
            read(ballot.subject_id)
        return ballot, matters.matter(ballot.subject_kind), ballot.subject_version

    def late(ballot: Ballot) -> Any:
        found = table(ballot)
        meeting.wait()
        return found

    patch.setattr(voting, "lock_with_subject", careless)
    patch.setattr(voting._Table, "of", late)


def unclaimed(read: Any) -> Any:
    """`common.versions` whose claim locks nothing and gives what `read` says."""
    return SimpleNamespace(claim=read, apply=versions.apply, touch=versions.touch, demand=versions.demand)


def times_written(record: Any, **values: Any) -> int:
    """How often history saw an update that made a record so."""
    events = type(record).pgh_event_model.objects
    return int(events.filter(pgh_obj_id=record.pk, pgh_label__startswith="update", **values).count())

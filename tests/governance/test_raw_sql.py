"""What the database refuses by itself, whoever writes past the portal: each matter, each way round its ballot.

Every statement names the guard that must answer, so that one that is merely wrong SQL does not pass for refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Final

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from accounts.models import User
from governance.models import Ballot, BallotSeat, Delegation
from governance.services import activation, ballots, drafts
from projects.services import changes
from tests import factories as make
from tests.governance.rulebook import STOPS, content, ready, rehearse
from tests.governance.test_waivers import Case
from tests.intake.world import make_world as make_requests
from tests.projects.changes.world import make_world as make_changes
from tests.projects.gates import scene

pytestmark = pytest.mark.django_db

PROTECTED: Final = "pgtrigger: Cannot"
BALLOT: Final = "a ballot decides this"


@dataclass
class Matter:
    """An open ballot about something, with who asked, who may vote, and the ids that statements name."""

    subject: int
    ballot: Ballot
    asker: User
    more: dict[str, int] = field(default_factory=dict)

    @property
    def seat(self) -> BallotSeat:
        return BallotSeat.objects.select_related("person").filter(ballot=self.ballot).order_by("pk")[0]

    def names(self) -> dict[str, int]:
        seat = self.seat
        return {
            "subject": self.subject, "ballot": self.ballot.pk, "asker": self.asker.pk, "seat": seat.pk,
            "step": seat.step_id, "voter": seat.person_id, "stranger": make.make_user().pk, **self.more,
        }  # fmt: skip

    def decide(self) -> None:
        """All who may vote say yes."""
        for seat in BallotSeat.objects.filter(ballot=self.ballot).select_related("person").order_by("pk"):
            self.ballot.refresh_from_db()
            if self.ballot.is_open:
                ballots.cast_vote(actor=seat.person, ballot_id=self.ballot.pk, choice="approve", reason="Yes.")
        self.ballot.refresh_from_db()
        assert self.ballot.is_yes


def _about(kind: str, subject: int, asker: User, **more: int) -> Matter:
    return Matter(subject, Ballot.objects.open().about(kind, subject).get(), asker, more)


def a_request() -> Matter:
    world = make_requests()
    return _about("request", world.triaged().pk, world.requester)


def a_gate() -> Matter:
    found = scene()
    found.open(0)
    other = scene()
    passed = other.decide(0)
    return _about("gate_review", found.first.pk, found.pmo, lead=found.lead.pk, other_ballot=passed.pk)


def a_change() -> Matter:
    world = make_changes()
    change = world.submitted(actor=world.helper, cost_delta=Decimal(5))
    changes.edit_change(
        actor=world.lead, project=world.project, change_id=change.pk, version=None, changes={"risks": "It rains."}
    )
    return _about("change_request", change.pk, world.lead, requester=world.helper.pk, author=world.lead.pk)


def a_waiver() -> Matter:
    case = Case()
    owner = make.make_person()
    return _about("waiver", case.ask(owner=owner).pk, case.lead, owner=owner.pk)


def a_rule() -> Matter:
    """Written by one, changed by another, and then by the first again."""
    author, colleague = make.make_person(), make.make_person()
    make.make_person()
    draft = ready(author, enforcement=STOPS)
    for who, weight in ((colleague, "high"), (author, "low")):
        drafts.save_draft(actor=who, pk=draft.pk, version=None, content=content(enforcement=STOPS, weight=weight))
    rehearse(author, draft)
    activation.ask_for_activation(actor=author, pk=draft.pk, version=None)
    return _about("rule_version", draft.pk, author, colleague=colleague.pk)


MATTERS: Final[dict[str, Callable[[], Matter]]] = {
    "request": a_request, "gate": a_gate, "change": a_change, "waiver": a_waiver, "rule": a_rule,
}  # fmt: skip


def _vote(by: str) -> str:
    return (
        "INSERT INTO governance_vote (ballot_id, step_id, seat_id, cast_by_id, choice, reason, subject_version)"
        f" VALUES (%(ballot)s, %(step)s, %(seat)s, %({by})s, 'approve', 'I may', 1)"
    )


def _decided(by: str) -> str:
    return (
        "UPDATE governance_ballot SET state = 'decided', outcome = 'approve', decided_at = now(),"
        f" decided_by_id = %({by})s WHERE id = %(ballot)s"
    )


def _ballot(change: str) -> str:
    return f"UPDATE governance_ballot SET {change} WHERE id = %(ballot)s"


WHILE_OPEN: Final = {
    "a vote of who asked": (_vote("asker"), "must not vote"),
    "a vote of somebody without a seat": (_vote("stranger"), "somebody else’s"),
    "a decision by who asked": (_decided("asker"), "ballot_never_decided_by_the_barred"),
    "a decision without a vote": (_decided("voter"), "who decides has voted"),
    "a decision by nobody": (_ballot("state = 'decided', outcome = 'approve'"), "ballot_decided_at_by"),
    "nobody barred": (_ballot("barred_ids = '{}'"), PROTECTED),
    "another who asked": (_ballot("asked_by_id = %(voter)s"), PROTECTED),
    "another subject": (_ballot("subject_id = subject_id + 1"), PROTECTED),
    "another question": (_ballot("question = 'Tea?'"), PROTECTED),
    "other rules": (_ballot("rule_versions = '{7}'"), PROTECTED),
    "a smaller amount": (_ballot("amount = 1, currency = 'EUR'"), PROTECTED),
    "a ballot deleted": ("DELETE FROM governance_ballot WHERE id = %(ballot)s", PROTECTED),
    "another quorum": ("UPDATE governance_ballotstep SET quorum = quorum + 1 WHERE ballot_id = %(ballot)s", PROTECTED),
    "a step deleted": ("DELETE FROM governance_ballotstep WHERE ballot_id = %(ballot)s", PROTECTED),
    "a seat given away": ("UPDATE governance_ballotseat SET person_id = %(stranger)s WHERE id = %(seat)s", PROTECTED),
    "a seat deleted": ("DELETE FROM governance_ballotseat WHERE id = %(seat)s", PROTECTED),
}
AFTERWARDS: Final = {
    "another outcome": (_ballot("outcome = 'reject'"), PROTECTED),
    "another decider": (_ballot("decided_by_id = %(stranger)s"), PROTECTED),
    "open again": (_ballot("state = 'open', outcome = '', decided_at = NULL, decided_by_id = NULL"), PROTECTED),
    "other rules": (_ballot("rule_versions = '{7}'"), PROTECTED),
    "another vote": ("UPDATE governance_vote SET choice = 'reject' WHERE ballot_id = %(ballot)s", PROTECTED),
    "another reason": ("UPDATE governance_vote SET reason = 'x' WHERE ballot_id = %(ballot)s", PROTECTED),
    "a vote made void": ("UPDATE governance_vote SET voided_at = now() WHERE ballot_id = %(ballot)s", "is over stay"),
    "a vote deleted": ("DELETE FROM governance_vote WHERE ballot_id = %(ballot)s", PROTECTED),
    "a late vote": (_vote("voter"), "cannot vote now"),
    "a step open again": (
        "UPDATE governance_ballotstep SET state = 'open' WHERE ballot_id = %(ballot)s",
        "ballot stays",
    ),
}


def _request(by: str) -> str:
    return (
        "UPDATE intake_request SET state = 'approved', decided_at = now(), reason = 'Yes',"
        f" decided_by_id = %({by})s WHERE id = %(subject)s"
    )


def _gate(change: str) -> str:
    return f"UPDATE projects_gate SET outcome = 'approve', decided_at = now(), {change} WHERE id = %(subject)s"


def _change(by: str) -> str:
    return (
        "UPDATE projects_changerequest SET state = 'accepted', decided_at = now(), closed_on = current_date,"
        f" decided_by_id = %({by})s WHERE id = %(subject)s"
    )


def _waiver(by: str) -> str:
    return (
        f"UPDATE governance_waiver SET state = 'granted', granted_at = now(), granted_by_id = %({by})s"
        " WHERE id = %(subject)s"
    )


def _rule(by: str) -> str:
    return (
        f"UPDATE governance_ruleversion SET state = 'active', activated_at = now(), activated_by_id = %({by})s"
        " WHERE id = %(subject)s"
    )


WITHOUT_A_BALLOT: Final = {
    "request": {
        "approved by its requester": (_request("asker"), "request_decided_by_somebody_else"),
        "approved by hand": (_request("voter"), BALLOT),
        "given to another requester": (
            "UPDATE intake_request SET requester_id = %(stranger)s WHERE id = %(subject)s", PROTECTED
        ),
    },
    "gate": {
        "a vote of its lead": (_vote("lead"), "must not vote"),
        "passed without a ballot": (_gate("ballot_id = NULL"), "gate_decided_by_a_ballot"),
        "passed by a ballot that is open": (_gate("ballot_id = %(ballot)s"), BALLOT),
        "passed by the ballot of another gate": (_gate("ballot_id = %(other_ballot)s"), BALLOT),
    },
    "change": {
        "a vote of its requester": (_vote("requester"), "must not vote"),
        "accepted by its requester": (_change("requester"), "changerequest_decided_by_another"),
        "accepted by who wrote on it": (_change("author"), "changerequest_decided_by_none_of_its_authors"),
        "accepted by hand": (_change("voter"), BALLOT),
    },
    "waiver": {
        "a vote of its owner": (_vote("owner"), "must not vote"),
        "granted by who asked": (_waiver("asker"), "waiver_granted_by_somebody_else"),
        "granted by its owner": (_waiver("owner"), "waiver_granted_by_another_than_its_owner"),
        "granted by hand": (_waiver("voter"), BALLOT),
        "granted by nobody": (
            "UPDATE governance_waiver SET state = 'granted', granted_at = now() WHERE id = %(subject)s",
            "waiver_granted_at_by",
        ),
    },
    "rule": {
        "a vote of who wrote at it": (_vote("colleague"), "must not vote"),
        "activated by its author": (_rule("asker"), "ruleversion_second_person_when_it_stops"),
        "activated by who wrote at it": (_rule("colleague"), BALLOT),
        "activated by hand": (_rule("voter"), BALLOT),
        "activated by nobody": ("UPDATE governance_ruleversion SET state = 'active' WHERE id = %(subject)s", BALLOT),
        "activated by its author under another name": (
            f"{_rule('asker').partition(' WHERE')[0]}, author_id = %(stranger)s WHERE id = %(subject)s", BALLOT,
        ),
    },
}  # fmt: skip
DECIDED: Final = {
    "request": "UPDATE intake_request SET decided_by_id = %(stranger)s WHERE id = %(subject)s",
    "gate": "UPDATE projects_gate SET outcome = 'hold' WHERE id = %(subject)s",
    "change": "UPDATE projects_changerequest SET decided_by_id = %(stranger)s WHERE id = %(subject)s",
    "waiver": "UPDATE governance_waiver SET granted_by_id = %(stranger)s WHERE id = %(subject)s",
    "rule": "UPDATE governance_ruleversion SET activated_by_id = %(stranger)s WHERE id = %(subject)s",
}


def refused(sql: str, names: dict[str, int], by: str) -> None:
    with pytest.raises(DatabaseError, match=by), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, names)


@pytest.mark.parametrize("kind", MATTERS)
def test_no_way_round_an_open_ballot(kind: str) -> None:
    names = MATTERS[kind]().names()
    for sql, by in (*WHILE_OPEN.values(), *WITHOUT_A_BALLOT[kind].values()):
        refused(sql, names, by)


@pytest.mark.parametrize("kind", MATTERS)
def test_what_was_decided_stays(kind: str) -> None:
    found = MATTERS[kind]()
    found.decide()
    names = found.names()
    for sql, by in (*AFTERWARDS.values(), (DECIDED[kind], PROTECTED)):
        refused(sql, names, by)


@pytest.mark.parametrize(("first", "last"), [(5, 9), (-9, -5)])
def test_a_stand_in_out_of_their_days_is_refused(first: int, last: int) -> None:
    names, today = a_gate().names(), timezone.localdate()
    days = {"starts_on": today + timedelta(days=first), "ends_on": today + timedelta(days=last)}
    Delegation.objects.create(from_user_id=names["voter"], to_user_id=names["stranger"], **days)
    refused(_vote("stranger"), names, "somebody else’s")


def test_a_stand_in_of_somebody_who_must_not_vote_is_refused() -> None:
    found = a_gate()
    names, today = found.names(), timezone.localdate()
    Delegation.objects.create(from_user_id=names["voter"], to_user_id=names["stranger"], starts_on=today, ends_on=today)
    ballots.declare_conflict(actor=found.seat.person, ballot_id=found.ballot.pk, reason="My sister sells it")
    refused(_vote("stranger"), names, "must not vote")


def test_the_control_what_is_allowed_passes() -> None:
    """The statements are sound: by whom and when the rules allow it, the same ones go through."""
    found = a_rule()
    names = found.names()
    with connection.cursor() as cursor:
        cursor.execute(_vote("voter"), names)
        cursor.execute(_decided("voter"), names)
        cursor.execute(_rule("voter"), names)
        assert cursor.rowcount == 1

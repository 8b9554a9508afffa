"""The decision on a request: taken once, with a reason, by somebody who did not write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import Conflict, PortalError
from governance.enums import Choice
from governance.models import Ballot
from governance.services import ballots
from intake import policies
from intake.enums import RequestState
from intake.models import BALLOT_KIND, Request
from intake.services.matter import put_to_vote
from intake.services.transitions import by, demand, lock

if TYPE_CHECKING:
    from accounts.models import User


class ReasonMissing(PortalError):
    """A decision without a reason cannot be understood later."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, and why."""

    is_approved: bool
    reason: str

    @property
    def choice(self) -> Choice:
        return Choice.APPROVE if self.is_approved else Choice.REJECT

    @property
    def state(self) -> RequestState:
        return RequestState.APPROVED if self.is_approved else RequestState.REJECTED


@transaction.atomic
def decide_request(*, actor: User, pk: int, decision: Decision, version: int | None = None) -> Request:
    """Vote on a request that is ready for a decision. The vote that settles its ballot approves or rejects it: an
    approval makes its project in the same transaction, once. The same decision sent again by the same person
    changes nothing.

    Raises: NotAllowed (also for the requester), WrongState, Conflict, ReasonMissing, RulesNotKept.
    """
    with by(actor):
        pitch = lock(pk)
        if pitch.decided_by_id == actor.pk and (pitch.state, pitch.reason) == (decision.state, decision.reason.strip()):
            return pitch
        demand(policies.is_for_decision(actor, pitch))
        if version is not None and pitch.version != version:
            raise Conflict(
                _("The request changed after you opened it. Read it again and then decide."),
                current_version=pitch.version,
            )
        if not decision.reason.strip():
            raise ReasonMissing(_("Write why, so that the requester and later readers understand the decision."))
        ballots.cast_vote(actor=actor, ballot_id=_ballot_of(pitch), choice=decision.choice, reason=decision.reason)
    return Request.objects.select_related("project", "decided_by").get(pk=pk)


def _ballot_of(pitch: Request) -> int:
    there = Ballot.objects.open().about(BALLOT_KIND, pitch.pk).values_list("pk", flat=True).first()
    return there or put_to_vote(pitch).pk


def approve_request(*, actor: User, pk: int, reason: str, version: int | None = None) -> Request:
    """`decide_request` with yes; the project is at `request.project`."""
    return decide_request(actor=actor, pk=pk, decision=Decision(is_approved=True, reason=reason), version=version)


def reject_request(*, actor: User, pk: int, reason: str, version: int | None = None) -> Request:
    """`decide_request` with no."""
    return decide_request(actor=actor, pk=pk, decision=Decision(is_approved=False, reason=reason), version=version)

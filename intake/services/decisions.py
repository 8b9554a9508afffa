"""The decision on a request: taken once, with a reason, by somebody who did not write it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import Conflict, PortalError
from intake import policies
from intake.enums import RequestState
from intake.services import letters
from intake.services.provisioning import provision_project
from intake.services.transitions import by, demand, lock, move

if TYPE_CHECKING:
    from accounts.models import User
    from intake.models import Request


NEEDED = ("requester", "portfolio", "playbook", "proposed_lead", "proposed_sponsor", "org_unit", "goal")
"""What an approval reads, brought by the query that locks."""


class ReasonMissing(PortalError):
    """A decision without a reason cannot be understood later."""


@dataclass(frozen=True, slots=True)
class Decision:
    """Yes or no, and why."""

    is_approved: bool
    reason: str

    @property
    def state(self) -> RequestState:
        return RequestState.APPROVED if self.is_approved else RequestState.REJECTED


@transaction.atomic
def decide_request(*, actor: User, pk: int, decision: Decision, version: int | None = None) -> Request:
    """Approve or reject a request that is ready for it. An approval makes its project in the same
    transaction, once: the row lock lets one decision through, the state refuses the next, and the
    database keeps one project a request. The same decision sent again by the same person changes nothing.

    Raises: NotAllowed (also for the requester), WrongState, Conflict, ReasonMissing.
    """
    with by(actor):
        pitch = lock(pk, None, *NEEDED)
        if pitch.decided_by_id == actor.pk and (pitch.state, pitch.reason) == (decision.state, decision.reason.strip()):
            return pitch
        demand(policies.can_decide(actor, pitch))
        if version is not None and pitch.version != version:
            raise Conflict(
                _("The request changed after you opened it. Read it again and then decide."),
                current_version=pitch.version,
            )
        if not decision.reason.strip():
            raise ReasonMissing(_("Write why, so that the requester and later readers understand the decision."))
        _settle(actor, pitch, decision)
    return pitch


def _settle(actor: User, pitch: Request, decision: Decision) -> None:
    project = provision_project(pitch) if decision.is_approved else None
    move(
        pitch, decision.state,
        reason=decision.reason.strip(), decided_at=timezone.now(), decided_by=actor, project=project,
    )  # fmt: skip
    letters.decided(pitch)


def approve_request(*, actor: User, pk: int, reason: str, version: int | None = None) -> Request:
    """`decide_request` with yes; the project is at `request.project`."""
    return decide_request(actor=actor, pk=pk, decision=Decision(is_approved=True, reason=reason), version=version)


def reject_request(*, actor: User, pk: int, reason: str, version: int | None = None) -> Request:
    """`decide_request` with no."""
    return decide_request(actor=actor, pk=pk, decision=Decision(is_approved=False, reason=reason), version=version)

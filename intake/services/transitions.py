"""What every step of a request shares: lock, check, move on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pghistory
from django.utils import timezone

from common import versions
from common.errors import NotAllowed, PortalError
from governance import services as rulebook
from governance.enums import Checkpoint, SubjectKind
from intake.enums import REQUEST_TRANSITIONS, RequestState
from intake.models import Request

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from accounts.models import User
    from common.verdict import Verdict


class WrongState(PortalError):
    """The request has moved on; the step no longer fits."""


class IncompleteRequest(PortalError):
    """Something that must be answered before it is handed in is missing; `missing` names the fields."""

    def __init__(self, message: str, missing: list[str]) -> None:
        super().__init__(message)
        self.missing = missing


def by(actor: User) -> AbstractContextManager[Any]:
    """Sign what the history records within, also where no web request does it."""
    return pghistory.context(user=actor.pk)


def lock(pk: int, version: int | None = None, *related: str) -> Request:
    """The request, locked until the transaction ends, with these related rows (not locked) in the same query.

    Raises: Conflict, Request.DoesNotExist.
    """
    rows = Request.objects.select_related(*related) if related else Request.objects.all()
    return versions.claim(rows, pk=pk, version=version)


def demand(verdict: Verdict) -> None:
    """Raises: WrongState when the moment has passed, NotAllowed when the right is missing."""
    if not verdict:
        raise (WrongState if verdict.is_state else NotAllowed)(verdict.reason)


def move(pitch: Request, to: RequestState, **changes: Any) -> None:
    """Bring a locked request into its next state. Raises: WrongState when the table knows no such step."""
    if to not in REQUEST_TRANSITIONS[pitch.state]:
        raise WrongState(f"{pitch.state} → {to}")
    versions.apply(pitch, {"state": to, "state_changed_at": timezone.now(), **changes})


def hold_against_rules(actor: User, pitch: Request, moment: Checkpoint) -> None:
    """What the rulebook asks at this step, of what is written so far. Raises: RulesNotKept."""
    rulebook.check(kind=SubjectKind.REQUEST, subject_id=pitch.pk, checkpoint=moment, actor=actor).demand()

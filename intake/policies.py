"""Who may do what to a request now. A refusal carries the sentence that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.verdict import YES, Verdict, no, too_late
from intake.enums import EDITABLE_STATES, REQUEST_TRANSITIONS, RequestState
from intake.models import Request

if TYPE_CHECKING:
    from accounts.models import User


def _passed(pitch: Request) -> Verdict:
    state = pitch.get_state_display()
    return too_late(_("This cannot be done any more: the request is now “%(state)s”.") % {"state": state})


def _reaches(user: User, pitch: Request, permission: Permission) -> bool:
    reach = user.access.reach(permission)
    if not user.is_active or not reach:
        return False
    return reach.everywhere or Request.objects.allowed(user, permission).filter(pk=pitch.pk).exists()


def can_edit(user: User, pitch: Request) -> Verdict:
    """The requester, while it is a draft or was sent back."""
    if user.pk != pitch.requester_id or not user.is_active:
        return no(_("Only the requester can change the answers."))
    return YES if pitch.state in EDITABLE_STATES else _passed(pitch)


def can_submit(user: User, pitch: Request) -> Verdict:
    """Whoever may edit it may hand it in."""
    return can_edit(user, pitch)


def can_withdraw(user: User, pitch: Request) -> Verdict:
    """The requester, until there is a decision."""
    if user.pk != pitch.requester_id or not user.is_active:
        return no(_("Only the requester can withdraw a request."))
    return YES if RequestState.WITHDRAWN in REQUEST_TRANSITIONS[pitch.state] else _passed(pitch)


def can_triage(user: User, pitch: Request) -> Verdict:
    """The PMO within its reach; never on one's own request."""
    verdict = _is_pmo_of(user, pitch)
    return verdict if not verdict or pitch.state == RequestState.SUBMITTED else _passed(pitch)


def can_return(user: User, pitch: Request) -> Verdict:
    """The PMO within its reach, until there is a decision; never on one's own request."""
    verdict = _is_pmo_of(user, pitch)
    return verdict if not verdict or RequestState.RETURNED in REQUEST_TRANSITIONS[pitch.state] else _passed(pitch)


def _is_pmo_of(user: User, pitch: Request) -> Verdict:
    if user.pk == pitch.requester_id:
        return no(_("You wrote this request yourself; a colleague of the PMO looks at it."))
    if not _reaches(user, pitch, Permission.REQUEST_TRIAGE):
        return no(_("Only the PMO of this part of the organisation can triage this request."))
    return YES


def can_decide(user: User, pitch: Request) -> Verdict:
    """Whoever may decide in its portfolio or org unit, and the proposed sponsor; never the requester.

    Being the proposed sponsor does not count for the person who proposed them in triage: nobody makes
    themselves the one who decides.
    """
    if user.pk == pitch.requester_id:
        return no(_("You wrote this request yourself; somebody else decides on it."))
    is_sponsor = user.is_active and pitch.proposed_sponsor_id == user.pk and pitch.triaged_by_id != user.pk
    if not is_sponsor and not _reaches(user, pitch, Permission.REQUEST_DECIDE):
        return no(_("Only the proposed sponsor, or whoever decides for this portfolio, can decide on this request."))
    return YES if pitch.state == RequestState.TRIAGED else _passed(pitch)

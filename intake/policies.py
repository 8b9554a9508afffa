"""Who may do what to a request now. A refusal carries the sentence that a person reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.verdict import YES, Verdict, no, too_late
from governance.models import Ballot, BallotSeat, Vote
from intake.enums import EDITABLE_STATES, REQUEST_TRANSITIONS, RequestState
from intake.models import BALLOT_KIND, Request

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
    if user.pk != pitch.requester_id or not user.can(Permission.REQUEST_CREATE):
        return no(_("Only the requester can change the answers."))
    return YES if pitch.state in EDITABLE_STATES else _passed(pitch)


def can_submit(user: User, pitch: Request) -> Verdict:
    """Whoever may edit it may hand it in."""
    return can_edit(user, pitch)


def can_withdraw(user: User, pitch: Request) -> Verdict:
    """The requester, until there is a decision."""
    if user.pk != pitch.requester_id or not user.can(Permission.REQUEST_CREATE):
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


def is_for_decision(user: User, pitch: Request) -> Verdict:
    """Whether it can be decided now, and not by this person because they wrote it; who has a vote is another matter."""
    if user.pk == pitch.requester_id:
        return no(_("You wrote this request yourself; somebody else decides on it."))
    return YES if pitch.state == RequestState.TRIAGED else _passed(pitch)


def can_decide(user: User, pitch: Request) -> Verdict:
    """Whoever has a vote in its ballot that they can cast now; never the requester. A request whose ballot is not open
    yet: whoever may decide in its portfolio or org unit, and the proposed sponsor.

    Being the proposed sponsor does not count for the person who proposed them in triage: nobody makes
    themselves the one who decides.
    """
    if user.is_external:
        return no(_("People of an external office recommend; they decide nothing."))
    verdict = is_for_decision(user, pitch)
    if not verdict and not verdict.is_state:
        return verdict
    refused = no(_("Only the proposed sponsor, or whoever decides for this portfolio, can decide on this request."))
    if verdict and (ballot := _ballot_of(user, pitch)) is not None:
        if ballot.may_vote and user.is_active:
            return YES
        return too_late(_("Your vote is counted; others still have to vote.")) if ballot.voted else refused
    is_sponsor = user.is_active and pitch.proposed_sponsor_id == user.pk and pitch.triaged_by_id != user.pk
    return verdict if is_sponsor or _reaches(user, pitch, Permission.REQUEST_DECIDE) else refused


def _ballot_of(user: User, pitch: Request) -> Any:
    """The open ballot, with whether the person `may_vote` or `voted`."""
    seats = BallotSeat.objects.waiting_for(user).filter(ballot=OuterRef("pk"))
    votes = Vote.objects.counting().filter(ballot=OuterRef("pk"), cast_by=user)
    found = Ballot.objects.open().about(BALLOT_KIND, pitch.pk)
    return found.annotate(may_vote=Exists(seats), voted=Exists(votes)).first()

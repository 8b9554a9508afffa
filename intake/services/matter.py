"""Requests as a matter that is decided by ballot: who decides on one, and what follows."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.selectors import holders_by_role
from governance.enums import Checkpoint, Choice, StepState
from governance.matters import Matter, StepPlan
from governance.services import ballots
from governance.subjects import Described
from intake.enums import RequestState
from intake.models import BALLOT_KIND, Request
from intake.services import letters
from intake.services.provisioning import provision_project
from intake.services.transitions import hold_against_rules, lock, move
from projects.models import Portfolio

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from governance.facts import Text
    from governance.models import Ballot

NEEDED: Final = (
    "requester", "portfolio", "playbook", "proposed_lead", "proposed_sponsor", "proposed_benefits_owner", "org_unit",
    "goal",
)  # fmt: skip
"""What an approval reads, brought by the query that locks."""
USUAL: Final = (StepPlan(_("Sponsor or executive"), (RoleName.SPONSOR, RoleName.EXECUTIVE, RoleName.BUDGET_OWNER)),)
"""Where no procedure is set up: one of those who may decide in its part of the organisation."""


def put_to_vote(pitch: Request) -> Ballot:
    """The open ballot of a triaged request that is locked; opened when there is none. The requester is who asks.

    Raises: governance.services.ballots.BodyTooSmall when nobody is left who may decide.
    """
    return ballots.open_on_locked(
        ballots.Question(
            pitch.requester, BALLOT_KIND, pitch.pk, pitch.version, pitch.title, pitch.budget, pitch.currency
        )
    )


def as_matter() -> Matter:
    """What governance needs to know of requests."""
    return Matter(
        label=_("Request"),
        visible_to=lambda user: Request.objects.visible_to(user).values("pk"),
        told=_told,
        in_words=_in_words,
        lock=lambda pk: Request.objects.select_for_update(of=("self",)).values_list("version", flat=True).get(pk=pk),
        case=RequestCase,
        decided=_decided,
        words={Choice.REJECT: _("Do not approve")},
        written_to=_written_to,
        tells_outcome=False,
        ends_with_subject=True,
        vote_at=lambda ballot: reverse("request-decide", args=[f"REQ-{ballot.subject_id:04d}"]),
    )


def _told(ids: Collection[int]) -> QuerySet[Any]:
    return Request.objects.filter(pk__in=ids).annotate(told=JSONObject(title="title"))


def _in_words(pk: int, told: Mapping[str, Any]) -> Described:
    key = Request(pk=pk).key
    return Described(f"{key} {told['title']}", reverse("request", args=[key]))


class RequestCase:
    """A request, as its deciders see it. Two queries for all that is asked of it."""

    def __init__(self, pk: int) -> None:
        self._pitch = Request.objects.select_related("org_unit", "portfolio").get(pk=pk)

    @property
    def office_id(self) -> int | None:
        return self._pitch.portfolio.office_id if self._pitch.portfolio else None

    def barred(self) -> Mapping[int, Text]:
        return {self._pitch.requester_id: _("you wrote this request yourself")}

    def electors(self, roles: Collection[str], /) -> Mapping[str, Collection[int]]:
        """The proposed sponsor, unless they proposed themselves, and whoever holds a role where the request belongs."""
        pitch = self._pitch
        above = None if pitch.portfolio is None else Portfolio.objects.at_or_above(pitch.portfolio)
        found = holders_by_role(roles, org_unit=pitch.org_unit, portfolios=above)
        sponsor = pitch.proposed_sponsor_id
        if RoleName.SPONSOR in found and sponsor is not None and sponsor != pitch.triaged_by_id:
            found[RoleName.SPONSOR].add(sponsor)
        return {role: sorted(people) for role, people in found.items()}

    def steps(self) -> tuple[StepPlan, ...]:
        return USUAL


def _written_to(ballot: Ballot) -> Collection[int] | None:
    """The proposed sponsor gets the question; the others find it among their work, unless the sponsor has no vote."""
    sponsor = Request.objects.filter(pk=ballot.subject_id).values("proposed_sponsor")
    return (
        list(ballot.seats.filter(person__in=sponsor, step__state=StepState.OPEN).values_list("person", flat=True))
        or None
    )


def _decided(ballot: Ballot, reason: str) -> None:
    """The outcome becomes that of the request, with the reason of the vote that settled it."""
    pitch = lock(ballot.subject_id, None, *NEEDED)
    assert ballot.decided_by is not None  # noqa: S101  a decided ballot has a decider
    project = provision_project(actor=ballot.decided_by, pitch=pitch) if ballot.is_yes else None
    move(
        pitch, RequestState.APPROVED if ballot.is_yes else RequestState.REJECTED,
        reason=reason, decided_at=ballot.decided_at, decided_by=ballot.decided_by,
        project=project,
    )  # fmt: skip
    if ballot.is_yes:
        hold_against_rules(ballot.decided_by, pitch, Checkpoint.APPROVE_REQUEST)
    letters.decided(pitch)

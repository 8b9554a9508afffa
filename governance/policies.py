"""Who may vote, and what the votes of a step come to: pure rules over what is already known."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from common.verdict import YES, Verdict, no, too_late
from governance import matters
from governance.enums import BallotState, Choice, StepState

if TYPE_CHECKING:
    from accounts.models import User
    from governance.models import Ballot


@dataclass(frozen=True, slots=True)
class Said:
    """What a step comes to: still open (`state` OPEN, no choice), or yes or no with the choice."""

    state: StepState
    choice: Choice | None = None


def what_a_step_says(quorum: int, seats: int, votes: Collection[str]) -> Said:
    """The side that first has `quorum` votes settles it. Yes: conditional when one of them says so. No, also as soon
    as so many can no longer say yes: hold when anybody said hold, else reject. Pure.
    """
    cast = [Choice(vote) for vote in votes]
    yes = sum(vote.is_yes for vote in cast)
    if yes >= quorum:
        return Said(StepState.SAID_YES, Choice.CONDITIONAL if Choice.CONDITIONAL in cast else Choice.APPROVE)
    if len(cast) - yes >= quorum or seats - len(cast) + yes < quorum:
        return Said(StepState.SAID_NO, Choice.HOLD if Choice.HOLD in cast else Choice.REJECT)
    return Said(StepState.OPEN)


def can_vote(user: User, ballot: Ballot, *, has_seat: bool) -> Verdict:
    """Whoever has a seat in a step that is open, or stands in for somebody who has; never who is barred."""
    if ballot.state != BallotState.OPEN:
        return too_late(_("This was decided or withdrawn in the meantime; what was said stays as it is."))
    if not user.is_active:
        return no(_("Your account is closed."))
    if user.pk == ballot.asked_by_id:
        return no(_("You asked this question yourself; somebody else decides."))
    if user.pk in ballot.barred_ids:
        reason = ballot.why_barred(user.pk) or _("you have a conflict of interest")
        return no(_("You do not vote on this: %(reason)s.") % {"reason": reason})
    if not has_seat:
        return no(_("You have no seat that can vote on this now."))
    return YES


def can_withdraw(user: User, ballot: Ballot) -> Verdict:
    """Whoever asked takes the question back, until it is decided."""
    if user.pk != ballot.asked_by_id or user.is_external:
        return no(_("Only the person who asked can take the question back."))
    if ballot.state != BallotState.OPEN:
        return too_late(_("This was decided or withdrawn in the meantime; what was said stays as it is."))
    if matters.matter(ballot.subject_kind).ends_with_subject:
        return no(_("Take back what the question is about, on its own page: the question goes with it."))
    return YES

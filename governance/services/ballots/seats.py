"""Who sits in a ballot after it opened: those who take over, and those who must not decide any more."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from common.languages import words_of
from governance.models import Ballot, BallotSeat, BallotStep
from governance.services.ballots import letters
from governance.services.ballots.opening import BodyTooSmall

if TYPE_CHECKING:
    from collections.abc import Mapping

    from governance.facts import Text
    from governance.matters import Case


def bar_anew(ballot: Ballot, case: Case) -> set[int]:
    """Bar who must not decide since the ballot opened: whoever leads the project by now, or wrote at the draft; their
    ids. Call it on a locked open ballot. One question to the case, no more while nobody is new.

    Raises: BodyTooSmall when too few are left.
    """
    new = {pk: reason for pk, reason in case.barred().items() if pk not in ballot.barred_ids}
    if new:
        bar(ballot, case, new)
    return set(new)


def bar(ballot: Ballot, case: Case, people: Mapping[int, Text]) -> None:
    """Take the votes of some people from a locked open ballot, with the reasons. Raises: BodyTooSmall."""
    ballot.barred_ids = sorted({*ballot.barred_ids, *people})
    ballot.barred = {**ballot.barred, **{str(pk): words_of(reason) for pk, reason in people.items()}}
    ballot.version += 1
    ballot.save(update_fields=["barred_ids", "barred", "version", "updated_at"])
    for step in BallotStep.objects.filter(ballot=ballot, seats__person__in=list(people)).distinct().order_by("pk"):
        fill_up(ballot, case, step)


def fill_up(ballot: Ballot, case: Case, step: BallotStep) -> None:
    """Seat those who take over in an escalation when too few are left to reach the quorum. Raises: BodyTooSmall."""
    left = set(BallotSeat.objects.filter(step=step).values_list("person", flat=True)) - set(ballot.barred_ids)
    if len(left) >= step.quorum:
        return
    added = seat_holders(ballot, case, step, step.escalates_to) if step.escalates_to else []
    if len(left) + len(added) < step.quorum:
        raise BodyTooSmall(
            _("Too few would be left for “%(step)s”. Ask the PMO to withdraw it and to ask a wider body.")
            % {"step": step.name}
        )
    letters.ask_for_votes(ballot, only=added)


def seat_holders(ballot: Ballot, case: Case, step: BallotStep, role: str) -> Collection[int]:
    """Give those who hold a role a seat in a step, who have none yet and are not barred; their ids."""
    there = set(BallotSeat.objects.filter(step=step).values_list("person", flat=True))
    holders = case.electors([role])[role]
    new = [pk for pk in holders if pk not in there and pk not in ballot.barred_ids]
    BallotSeat.objects.bulk_create(BallotSeat(ballot=ballot, step=step, person_id=pk, role=role) for pk in new)
    return new

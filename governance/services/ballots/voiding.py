"""What an edit of the subject does to the votes about it."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from governance import matters
from governance.enums import StepState
from governance.models import Ballot, BallotStep, Vote
from governance.services.ballots import letters
from governance.services.ballots.seats import bar_anew
from governance.services.ballots.steps import open_steps


def void_votes(*, kind: str, subject_id: int) -> int:
    """The subject was edited: its open ballot starts again, without those who must not decide on it any more. Call it
    after the edit, in its transaction; how many votes became void. Nothing happens without an open ballot, or when the
    version did not move. Raises: BodyTooSmall when too few are left who may decide.
    """
    if not Ballot.objects.open().about(kind, subject_id).exists():
        return 0
    with transaction.atomic():
        matter = matters.matter(kind)
        current = matter.lock(subject_id)
        ballot = Ballot.objects.select_for_update(of=("self",)).filter(state="open").about(kind, subject_id).first()
        if ballot is None or ballot.subject_version == current:
            return 0
        bar_anew(ballot, matter.case(subject_id))
        return void(ballot, current)


def void(ballot: Ballot, current: int) -> int:
    """Make the votes of a locked ballot void and let its steps begin again, about the present version."""
    voters = list(Vote.objects.counting().filter(ballot=ballot).values_list("cast_by", flat=True))
    gone = Vote.objects.counting().filter(ballot=ballot).update(voided_at=timezone.now())
    BallotStep.objects.filter(ballot=ballot).update(state=StepState.WAITING, due_at=None, opened_at=None)
    ballot.subject_version = current
    ballot.version += 1
    ballot.save(update_fields=["subject_version", "version", "updated_at"])
    open_steps(ballot)
    letters.void(ballot, voters)
    return gone

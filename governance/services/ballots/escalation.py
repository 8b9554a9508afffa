"""Steps that nobody decided in time."""

from __future__ import annotations

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from governance.enums import BallotState, StepState
from governance.models import BallotStep
from governance.services.ballots import letters
from governance.services.ballots.seats import seat_holders
from governance.services.ballots.voting import lock_with_subject


def escalate_overdue() -> int:
    """A duty: those who take over get a seat in each step whose time is up, the others a reminder; how many steps.

    Once for each step, however often and by however many workers it runs.
    """
    due = BallotStep.objects.filter(state=StepState.OPEN, due_at__lte=Now(), escalated_at__isnull=True)
    found = due.filter(ballot__state=BallotState.OPEN).order_by("due_at").values_list("pk", "ballot_id")
    return sum(_escalate(step_id, ballot_id) for step_id, ballot_id in found[:200])


@transaction.atomic
def _escalate(step_id: int, ballot_id: int) -> bool:
    ballot, matter, _version = lock_with_subject(ballot_id)
    due = BallotStep.objects.filter(pk=step_id, state=StepState.OPEN, escalated_at__isnull=True)
    step = due.first()
    if not ballot.is_open or step is None:
        return False
    due.update(escalated_at=timezone.now())
    if step.escalates_to:
        seat_holders(ballot, matter.case(ballot.subject_id), step, step.escalates_to)
    letters.remind(ballot, step)
    return True

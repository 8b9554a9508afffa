"""How a ballot walks through its steps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from governance.enums import StepState
from governance.models import BallotStep

if TYPE_CHECKING:
    from governance.models import Ballot


def open_steps(ballot: Ballot) -> list[BallotStep]:
    """Open the steps of the first position that still waits; none when all have spoken. Two queries."""
    waiting = list(BallotStep.objects.filter(ballot=ballot, state=StepState.WAITING).order_by("position", "pk"))
    opened = [step for step in waiting if step.position == waiting[0].position]
    now = timezone.now()
    for step in opened:
        step.state, step.opened_at = StepState.OPEN, now
        step.due_at = now + timedelta(days=step.days) if step.days else None
        step.escalated_at = None
    BallotStep.objects.bulk_update(opened, ["state", "opened_at", "due_at", "escalated_at"])
    return opened

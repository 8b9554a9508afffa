"""How a ballot walks through its steps."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.utils import timezone

from governance.enums import StepState
from governance.models import BallotStep

if TYPE_CHECKING:
    from collections.abc import Sequence

    from governance.models import Ballot


def open_steps(ballot: Ballot) -> list[BallotStep]:
    """Open the steps of the first position that still waits; none when all have spoken. Two queries."""
    waiting = BallotStep.objects.filter(ballot=ballot, state=StepState.WAITING).order_by("position", "pk")
    opened = mark_open(list(waiting))
    BallotStep.objects.bulk_update(opened, ["state", "opened_at", "due_at", "escalated_at"])
    return opened


def mark_open(waiting: Sequence[BallotStep]) -> list[BallotStep]:
    """Mark those of the first position among waiting steps as open from now on, without saving them."""
    first = min((step.position for step in waiting), default=0)
    opened = [step for step in waiting if step.position == first]
    now = timezone.now()
    for step in opened:
        step.state, step.opened_at = StepState.OPEN, now
        step.due_at = now + timedelta(days=step.days) if step.days else None
        step.escalated_at = None
    return opened

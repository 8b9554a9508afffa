"""From days after a start to dates. Pure."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from playbooks.selectors import DatedDeliverable, DatedMilestone, DatedPhase

if TYPE_CHECKING:
    from collections.abc import Sequence

    from playbooks.selectors import PhaseOutline


def dated(outline: Sequence[PhaseOutline], start_on: dt.date) -> tuple[DatedPhase, ...]:
    """Lay the phases end to end from a first day, in calendar days: a phase of one day starts and
    finishes on the same day, the next one starts on the day after.
    """
    phases, first = [], start_on
    for phase in outline:
        milestones = tuple(
            DatedMilestone(item.name, first + dt.timedelta(days=item.day), item.is_gate, item.criteria)
            for item in phase.milestones
        )
        deliverables = tuple(
            DatedDeliverable(item.name, first + dt.timedelta(days=item.day), item.acceptance, item.letters)
            for item in phase.deliverables
        )
        last = first + dt.timedelta(days=phase.days - 1)
        phases.append(DatedPhase(phase.name, first, last, milestones, deliverables))
        first += dt.timedelta(days=phase.days)
    return tuple(phases)


def length(outline: Sequence[PhaseOutline]) -> int:
    """Days from the first to the last, both counted."""
    return sum(phase.days for phase in outline)

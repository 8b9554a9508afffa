"""The plan that an approval would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbooks.calendar import dated
from playbooks.selectors import newest_outline_of

if TYPE_CHECKING:
    from intake.models import Request
    from playbooks.selectors import DatedPhase


def plan_of(pitch: Request) -> tuple[DatedPhase, ...]:
    """Phases and milestones from the proposed start by the playbook's newest published version; empty when
    triage has not chosen them. One query.
    """
    newest = newest_outline_of(pitch.playbook) if pitch.playbook and pitch.start_on else None
    if newest is None or pitch.start_on is None:
        return ()
    return dated(newest[1], pitch.start_on)

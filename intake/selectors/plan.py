"""The plan that an approval would make."""

from __future__ import annotations

from typing import TYPE_CHECKING

from playbooks.calendar import dated
from playbooks.selectors import outline_of, published_version_of

if TYPE_CHECKING:
    from intake.models import Request
    from playbooks.selectors import DatedPhase


def plan_of(pitch: Request) -> tuple[DatedPhase, ...]:
    """Phases and milestones from the proposed start by the playbook's newest published version; empty when
    triage has not chosen them. Three queries.
    """
    version = published_version_of(pitch.playbook) if pitch.playbook else None
    if version is None or pitch.start_on is None:
        return ()
    return dated(outline_of(version), pitch.start_on)

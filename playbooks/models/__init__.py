from playbooks.models.criteria import Criterion, PlaybookCriterion
from playbooks.models.playbooks import (
    Playbook,
    PlaybookDeliverable,
    PlaybookMilestone,
    PlaybookPhase,
    PlaybookVersion,
)

__all__ = [
    "Criterion",
    "Playbook",
    "PlaybookCriterion",
    "PlaybookDeliverable",
    "PlaybookMilestone",
    "PlaybookPhase",
    "PlaybookVersion",
]

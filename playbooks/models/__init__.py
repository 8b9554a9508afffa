from playbooks.models.criteria import Criterion, PlaybookCriterion
from playbooks.models.playbooks import Playbook, PlaybookMilestone, PlaybookPhase, PlaybookVersion

__all__ = ["Criterion", "Playbook", "PlaybookCriterion", "PlaybookMilestone", "PlaybookPhase", "PlaybookVersion"]

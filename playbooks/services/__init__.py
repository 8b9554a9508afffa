"""Every change to playbooks: write a draft, publish it, retire it, load the start set."""

from playbooks.services.criteria import BadCriterion, check_criterion, save_gate_criteria
from playbooks.services.start import load_start_set
from playbooks.services.versions import (
    create_playbook,
    describe_playbook,
    drop_draft,
    open_draft,
    publish_version,
    retire_playbook,
    save_draft,
)

__all__ = [
    "BadCriterion",
    "check_criterion",
    "create_playbook",
    "describe_playbook",
    "drop_draft",
    "load_start_set",
    "open_draft",
    "publish_version",
    "retire_playbook",
    "save_draft",
    "save_gate_criteria",
]

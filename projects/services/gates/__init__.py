"""Gates as decisions: their criteria, the evidence, the review by ballot and what follows from it."""

from projects.services.gates.criteria import (
    add_criterion,
    copy_criteria,
    edit_criterion,
    judge_criterion,
    remove_criterion,
    set_stage_money,
)
from projects.services.gates.matter import register
from projects.services.gates.order import GateClosed, demand_entry, keep_gates
from projects.services.gates.review import GateError, NotReady, open_review, renew_pack

__all__ = [
    "GateClosed",
    "GateError",
    "NotReady",
    "add_criterion",
    "copy_criteria",
    "demand_entry",
    "edit_criterion",
    "judge_criterion",
    "keep_gates",
    "open_review",
    "register",
    "remove_criterion",
    "renew_pack",
    "set_stage_money",
]

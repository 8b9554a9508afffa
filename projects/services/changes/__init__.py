"""Change control: asking to change what was agreed, deciding on it, and proposals for the plan."""

from projects.services.changes.deciding import StaleChange, accept_change, register
from projects.services.changes.proposals import PlanEdit, accept_proposal, propose_change, reject_proposal
from projects.services.changes.writing import (
    ChangeError,
    NoBaseline,
    draft_change,
    edit_change,
    submit_change,
    withdraw_change,
)

__all__ = [
    "ChangeError",
    "NoBaseline",
    "PlanEdit",
    "StaleChange",
    "accept_change",
    "accept_proposal",
    "draft_change",
    "edit_change",
    "propose_change",
    "register",
    "reject_proposal",
    "submit_change",
    "withdraw_change",
]

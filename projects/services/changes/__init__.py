"""Change control: asking to change what was agreed, and deciding on it."""

from projects.services.changes.deciding import StaleChange, accept_change, register
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
    "StaleChange",
    "accept_change",
    "draft_change",
    "edit_change",
    "register",
    "submit_change",
    "withdraw_change",
]

"""Every change to offices, goals and the processes of an office."""

from strategy.services.offices import (
    NameTaken,
    UnknownTimeZone,
    create_goal,
    create_office,
    edit_goal,
    edit_office,
)
from strategy.services.processes import add_process, delete_process, edit_process, set_process_raci

__all__ = [
    "NameTaken",
    "UnknownTimeZone",
    "add_process",
    "create_goal",
    "create_office",
    "delete_process",
    "edit_goal",
    "edit_office",
    "edit_process",
    "set_process_raci",
]

"""Every change to offices, their processes and goals, the people of external offices, and what these advise."""

from strategy.services.offices import (
    NameTaken,
    OfficeHasAdvisers,
    UnknownTimeZone,
    create_goal,
    create_office,
    edit_goal,
    edit_office,
)
from strategy.services.processes import add_process, delete_process, edit_process, set_process_raci

__all__ = [
    "NameTaken",
    "OfficeHasAdvisers",
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

"""Every change to offices, goals, the people of external offices, and what these advise."""

from strategy.services.offices import (
    NameTaken,
    OfficeHasAdvisers,
    UnknownTimeZone,
    create_goal,
    create_office,
    edit_goal,
    edit_office,
)

__all__ = [
    "NameTaken",
    "OfficeHasAdvisers",
    "UnknownTimeZone",
    "create_goal",
    "create_office",
    "edit_goal",
    "edit_office",
]

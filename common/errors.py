"""Errors that a person reads: the text of each is a sentence that says what and how to mend."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

noted: ContextVar[list[PortalError] | None] = ContextVar("noted", default=None)
"""The errors that were raised for the request in hand; None outside of one."""

MOST_NOTED = 50


class PortalError(Exception):
    """A broken rule of the business. `str(error)` is shown to the user as it is.

    Each one notes itself with the request in hand: views turn errors into messages in many ways, and the audit
    trail must know of the refusal whichever way was taken.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        errors = noted.get()
        if errors is not None and len(errors) < MOST_NOTED:
            errors.append(self)


class NotAllowed(PortalError):
    """The person may see the object, but may not do this to it."""


class Conflict(PortalError):
    """Somebody else changed the record since the form was opened.

    `changes` maps a field name to (theirs, yours) so that a page can show both and lose neither.
    """

    def __init__(
        self, message: str, *, current_version: int, changes: dict[str, tuple[Any, Any]] | None = None
    ) -> None:
        super().__init__(message)
        self.current_version = current_version
        self.changes = changes or {}

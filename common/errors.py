"""Errors that a person reads: the text of each is a sentence that says what and how to mend."""

from __future__ import annotations

from typing import Any


class PortalError(Exception):
    """A broken rule of the business. `str(error)` is shown to the user as it is."""


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

"""What refuses an import as a whole."""

from __future__ import annotations

from common.errors import PortalError


class ImportRefused(PortalError):
    """The file cannot be imported; the text says why and what to do."""


class DateRefused(ImportRefused):
    """The day that the figures speak of is not known, or lies ahead."""

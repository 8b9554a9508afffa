"""Another time for the portal's own clock, for making a demo organisation with a past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from unittest.mock import patch


@contextmanager
def pretending(moment: datetime) -> Iterator[None]:
    """Inside, `timezone.now()` and `timezone.localdate()` say `moment`. The database's clock stays as it is."""
    with patch("django.utils.timezone.now", lambda: moment):
        yield

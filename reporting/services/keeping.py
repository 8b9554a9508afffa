"""Hold a lease while work goes on: short leases for the dead, no time limit on the living."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from common import leases
from common.models import Leased

log = logging.getLogger(__name__)


@contextmanager
def keeping(row: Leased, *, seconds: int) -> Iterator[None]:
    """Renew the row's lease every third of its length until the block ends.

    A thread with a connection of its own does it, because the work's own transaction would hide the
    renewal from others. It stops when the lease is lost; the work's final write then finds out.
    """
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(row, seconds, done), name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _renew(row: Leased, seconds: int, done: threading.Event) -> None:
    used = False
    try:
        while not done.wait(seconds / 3):
            used = True
            leases.renew(row, seconds=seconds)
    except leases.LeaseLost:
        log.warning("The lease of %s was lost.", row)
    except DatabaseError as error:
        log.warning("The lease of %s could not be renewed: %s", row, error)
    finally:
        if used:
            connection.close()

"""Wake a worker up early. A hint and no more: the sweep finds the work without it."""

from __future__ import annotations

import logging

from celery import current_app
from django.db import connection, transaction
from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)


def wake_worker() -> None:
    """Send one hint when this transaction is committed, however much work it wrote down.

    A broker that is away costs only the seconds until the next sweep.
    """
    if not any(entry[1] is _send for entry in connection.run_on_commit):
        transaction.on_commit(_send, robust=True)


def _send() -> None:
    try:
        current_app.send_task("common.tasks.work", ignore_result=True, retry=False, expires=60)
    except (OperationalError, OSError) as error:
        log.warning("The broker could not be woken (%s); the sweep will find the work.", error)

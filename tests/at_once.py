"""Several people at the same moment: jobs in threads that start together.

A race test takes `rounds` of ROUNDS: few in the everyday suite, two hundred with `./portal test PATH -m long`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Final

import pytest
from django.db import connection

PARALLEL: Final = 8
ROUNDS: Final = [pytest.param(3, id="short"), pytest.param(200, id="long", marks=pytest.mark.long)]


def at_once(*jobs: Callable[[], Any]) -> list[Any]:
    """Run jobs in threads that start together; their results or errors, in order."""
    results: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(at: int, job: Callable[[], Any]) -> None:
        try:
            start.wait(30)
            results[at] = job()
        except Exception as error:  # noqa: BLE001  the test looks at what each thread got
            results[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at, job)) for at, job in enumerate(jobs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results

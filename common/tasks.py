"""Shells around the work in rows. Any of them may run late, twice or at once."""

from __future__ import annotations

from celery import shared_task

from common import duties, jobs, mail

WORK_BATCH = 200
"""How many rows one wake-up works through before it lets others go first; the sweep comes back for more."""


@shared_task(name="common.tasks.sweep")
def sweep() -> None:
    """Find everything that is due from the database: duties, open runs, waiting mail."""
    duties.beat("sweep")
    duties.run_due()
    work()


@shared_task(name="common.tasks.work")
def work() -> None:
    """Do the open runs and send the waiting mail."""
    for do_one in (jobs.run_next, mail.send_next):
        for _turn in range(WORK_BATCH):
            if do_one() is None:
                break

"""Work in rows: a worker claims one for a while by the database's clock, and a crash gives it back.

The lease is the only thing that says who works on what. Every final write goes through `still_held`,
so a worker that was slow or presumed dead cannot overwrite the one that took over (fencing by attempt).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

from django.db import models, transaction
from django.db.models import F, Q
from django.db.models.functions import Now

from common.models import MAX_ATTEMPTS, Leased

L = TypeVar("L", bound=Leased)

RETRY_SECONDS = 10
"""Pause before the second try; it doubles with every further one."""


class LeaseLost(Exception):
    """Somebody else holds the row now: stop, and write nothing."""


def claimable() -> Q:
    """Rows that nobody holds (or whose holder died) and that are not poison."""
    return Q(attempts__lt=MAX_ATTEMPTS) & (Q(leased_until__isnull=True) | Q(leased_until__lt=Now()))


@transaction.atomic
def claim_next(queryset: models.QuerySet[L], *, seconds: int) -> L | None:
    """Take one claimable row of the queryset for `seconds`, or None. Two workers never get the same one.

    Two queries. The attempt is counted at once, so a row that kills its worker runs out of tries.
    """
    free = queryset.filter(claimable()).defer("leased_until")
    row = free.select_for_update(skip_locked=True, of=("self",)).first()
    if row is None:
        return None
    type(row)._base_manager.filter(pk=row.pk).update(
        attempts=F("attempts") + 1, leased_until=Now() + timedelta(seconds=seconds)
    )
    row.attempts += 1  # nobody else counts it: the row is locked
    return row


def still_held(row: L) -> models.QuerySet[L]:
    """The row as a queryset that is empty once somebody else claimed it: use it for every final update."""
    manager: models.Manager[L] = type(row)._base_manager
    return manager.filter(pk=row.pk, attempts=row.attempts)


def renew(row: Leased, *, seconds: int) -> None:
    """Hold on for longer. Raises: LeaseLost."""
    if not still_held(row).update(leased_until=Now() + timedelta(seconds=seconds)):
        raise LeaseLost


def release_failed(row: Leased, error: str) -> bool:
    """Give the row back with the error, to be tried again after a pause; True when it was the last try."""
    pause = timedelta(seconds=RETRY_SECONDS * 2 ** max(row.attempts - 1, 0))
    still_held(row).update(last_error=error[:4000], leased_until=Now() + pause)
    return row.attempts >= MAX_ATTEMPTS


def reset(row: Leased) -> None:
    """A person presses retry: all tries are there again, at once."""
    type(row)._base_manager.filter(pk=row.pk).update(attempts=0, leased_until=None, last_error="")

"""Periodic duties: what is due is derived from the database each time, so a missed turn costs nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import DurationField, ExpressionWrapper, F
from django.db.models.functions import Now

from common.models import Heartbeat

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Duty:
    """`run` does whatever is due now and must be safe to run twice and at once."""

    name: str
    every_seconds: int
    run: Callable[[], object]


_duties: dict[str, Duty] = {}


def register(name: str, every_seconds: int, run: Callable[[], object]) -> None:
    """Have `run` called about every so many seconds by some worker. Called from AppConfig.ready()."""
    _duties[name] = Duty(name, every_seconds, run)


def registered() -> list[Duty]:
    return list(_duties.values())


def run_due() -> list[str]:
    """Run each duty whose turn it is; one that fails does not keep the others from theirs."""
    ran = []
    for duty in registered():
        if not _take_turn(duty):
            continue
        try:
            duty.run()
        except Exception:
            log.exception("The duty %s failed; it comes round again.", duty.name)
        else:
            ran.append(duty.name)
    return ran


def _take_turn(duty: Duty) -> bool:
    """Whether it is this worker's turn: the row is moved on by the database's clock, by one worker only."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO common_heartbeat (name, beat_at) VALUES (%s, now())
            ON CONFLICT (name) DO UPDATE SET beat_at = now()
            WHERE common_heartbeat.beat_at <= now() - make_interval(secs => %s)
            RETURNING name
            """,
            [duty.name, duty.every_seconds],
        )
        return cursor.fetchone() is not None


def beat(name: str) -> None:
    """Note that something periodic is alive."""
    Heartbeat.objects.update_or_create(name=name, defaults={"beat_at": Now()})


def age_of(name: str) -> timedelta | None:
    """How long ago it was last done, by the database's clock; None when never."""
    age = ExpressionWrapper(Now() - F("beat_at"), output_field=DurationField())
    return Heartbeat.objects.filter(name=name).values_list(age, flat=True).first()

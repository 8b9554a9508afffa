"""What a race is: rounds in which eight people do the same thing at once, and a count of what was doubled or lost.

Each race also knows what guards it, so that a test can take the guards away and see the race being lost.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Final, TypeAlias

import pgtrigger
import pytest
from django.db import connection

from accounts.models import User
from common.errors import PortalError
from tests.at_once import PARALLEL, at_once

Job: TypeAlias = Callable[[], Any]
PATIENCE: Final = 60
"""Seconds that all wait for the slowest; a loaded machine must not decide a race."""


@dataclass(frozen=True, slots=True)
class Count:
    """Effects beyond the one there had to be, and effects that were promised or needed and are not there."""

    doubled: int = 0
    lost: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.doubled + other.doubled, self.lost + other.lost)


@dataclass(frozen=True, slots=True)
class Round:
    """What each of the eight does, and how to count when all are done."""

    jobs: list[Job]
    count: Callable[[list[Any]], Count]


class Race(ABC):
    """A verb that eight people do at once. Made once a test; its world is reused by all rounds."""

    verb: ClassVar[str]
    triggers: ClassVar[tuple[str, ...]] = ()
    """The triggers that guard it, as pgtrigger names them."""
    constraints: ClassVar[tuple[str, ...]] = ()
    """The constraints and unique indexes that guard it."""

    @abstractmethod
    def round(self) -> Round:
        """Something fresh to be raced for."""

    @abstractmethod
    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        """Take the locks away, and let all have read (at the meeting) before anybody writes."""

    def run(self, rounds: int) -> Count:
        return sum((self._once(self.round()) for _round in range(rounds)), Count())

    def run_unguarded(self, patch: pytest.MonkeyPatch) -> Count:
        """One round without locks, triggers and constraints."""
        coming = self.round()
        self.careless(patch, threading.Barrier(len(coming.jobs), timeout=PATIENCE))
        with without(*self.constraints):
            return self._once(Round([self._unguarded(job) for job in coming.jobs], coming.count))

    def _unguarded(self, job: Job) -> Job:
        def run() -> Any:
            if not self.triggers:
                return job()
            with pgtrigger.ignore(*self.triggers):
                return job()

        return run

    @staticmethod
    def _once(coming: Round) -> Count:
        assert len(coming.jobs) == PARALLEL
        return coming.count(plain(at_once(*coming.jobs)))


def plain(results: list[Any]) -> list[Any]:
    """The same results, when whoever was refused was told a sentence: no deadlock, no error of the database."""
    strange = [one for one in results if isinstance(one, Exception) and not isinstance(one, PortalError)]
    assert not strange, strange
    return results


def told(results: Iterable[Any]) -> int:
    """How many were told that it is done; the others were refused with a sentence."""
    return sum(not isinstance(one, Exception) for one in results)


def one_wins(results: Iterable[Any], effects: int) -> Count:
    """Of all who try exactly one gets through: it has one effect, and one person is told so."""
    heard = told(results)
    return Count(max(effects, heard, 1) - 1, max(heard - effects, 0) + (effects == 0))


def fresh(person: User) -> User:
    """The person as a request of their own would have them."""
    return User.objects.get(pk=person.pk)


class Own(threading.local):
    """What one of the eight read before the meeting."""

    read: Any = None


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Take constraints and unique indexes away for the length of a block, which leaves their tables empty."""
    with ExitStack() as stack:
        for name in names:
            stack.enter_context(_without(name))
        yield


@contextmanager
def _without(name: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name]
        )
        found = cursor.fetchone()
        if found:
            table, back = found[0], f'ALTER TABLE {found[0]} ADD CONSTRAINT "{name}" {found[1]}'
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        else:
            cursor.execute("SELECT tablename, indexdef FROM pg_indexes WHERE indexname = %s", [name])
            table, back = cursor.fetchone()
            cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"TRUNCATE {table} CASCADE")
            cursor.execute(back)

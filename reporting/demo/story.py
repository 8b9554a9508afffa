"""A project of the demo and the people around it: who plays it, and what its plan says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from random import Random
from uuid import UUID, uuid4

import pghistory

from accounts.models import User
from projects.models import Project
from projects.selectors.governing import control_of
from reporting.demo.catalogue import Course, Plan
from strategy.enums import ControlLevel

WEEK = dt.timedelta(days=7)
DOCUMENTS = "https://documents.havenstad.example/"
"""Where all offices want the documents of their projects."""
TROUBLED = {Course.SLIPPING, Course.COSTLY, Course.BLOCKED}
QUIET_WEEKS = 6
"""So long a silent project has told nothing."""


@dataclass
class Cast:
    """The people by handle, and who manages the project's portfolio for the PMO."""

    people: dict[str, User]
    pmo: User
    sponsor: User
    payer: User


@dataclass
class Story:
    """A project and what its plan says; `rng` makes each project's luck its own, the same on every machine."""

    plan: Plan
    project: Project
    cast: Cast
    rng: Random
    begins: dt.date
    ends: dt.date
    asked: int = field(default=0)

    @property
    def lead(self) -> User:
        return self.cast.people[self.plan.lead]

    @property
    def planner(self) -> User:
        """Who changes plan dates and risks: the PMO where a directive office looks after the project."""
        directed = control_of([self.project.pk])[self.project.pk].level == ControlLevel.DIRECTIVE
        return self.cast.pmo if directed else self.lead

    def token(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    @property
    def slug(self) -> str:
        return self.plan.name.lower().replace(" ", "-")

    def is_over(self) -> bool:
        self.project.refresh_from_db()
        return not self.project.is_live


@contextmanager
def as_person(user: User) -> Iterator[None]:
    """The history names this person."""
    with pghistory.context(user=user.pk, request_id=f"demo-{uuid4().hex[:12]}"):
        yield

"""Eight who approve the same request."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from accounts.enums import RoleName
from accounts.models import User
from intake import services as intake
from intake.models import Request
from intake.services import decisions
from intake.services import matter as request_matter
from tests.intake.world import make_world as make_requests
from tests.races.race import Count, Job, Own, Race, Round, fresh, one_wins
from tests.races.voting import VOTES, crowd, unlocked


class Approve(Race):
    """Eight who may each approve a request: one project."""

    verb = "approve a request"
    triggers = ("intake.Request:decision_stays", *VOTES)

    def __init__(self) -> None:
        self.world, self.people, self.made = make_requests(), crowd(RoleName.EXECUTIVE), 0

    def round(self) -> Round:
        pitch = self.world.triaged()
        return Round([self._approve(fresh(person), pitch.pk) for person in self.people], self._count)

    @staticmethod
    def _approve(me: User, pk: int) -> Job:
        return lambda: intake.approve_request(actor=me, pk=pk, reason=f"Yes, says {me}.")

    def _count(self, results: list[Any]) -> Count:
        before, self.made = self.made, self.world.portfolio.projects.count()
        return one_wins(results, self.made - before)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        own = Own()

        def read(pk: int, *_more: Any) -> Request:
            own.read = Request.objects.get(pk=pk)
            return own.read

        unlocked(patch, meeting)
        patch.setattr(decisions, "lock", read)
        patch.setattr(request_matter, "lock", lambda *_arguments: own.read)

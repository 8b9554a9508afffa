"""Eight who ask for the same waiver, or grant it."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from accounts.enums import RoleName
from governance.models import Ballot, RuleVersion, Waiver
from governance.services import waivers
from tests.at_once import PARALLEL
from tests.governance.test_waivers import Case
from tests.races.race import Count, Own, Race, Round, one_wins, told
from tests.races.voting import VOTES, crowd, times_written, unclaimed, unlocked, vote


class AskWaiver(Race):
    """Asked eight times: one waiver with one ballot."""

    verb = "ask a waiver"
    constraints = ("waiver_asked_once",)

    def __init__(self) -> None:
        self.case = Case()

    def round(self) -> Round:
        for waiver in Waiver.objects.filter(state="asked"):
            waivers.withdraw_waiver(actor=self.case.lead, waiver_id=waiver.pk)

        def count(results: list[Any]) -> Count:
            asked = Waiver.objects.filter(state="asked").count()
            votes = Ballot.objects.open().filter(subject_kind="waiver").count()
            return Count(max(asked, votes, 1) - 1, PARALLEL - told(results) + (min(asked, votes) == 0))

        return Round([self.case.ask] * PARALLEL, count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        check = waivers._check

        def read(code: str, kind: str) -> RuleVersion:
            active = RuleVersion.objects.active().select_related("rule")
            return active.get(rule__code=code, rule__subject_kind=kind)

        def late(*arguments: Any) -> None:
            check(*arguments)
            meeting.wait()

        patch.setattr(waivers, "_version_in_force", read)
        patch.setattr(waivers, "_check", late)


class GrantWaiver(Race):
    """Eight who may each grant a waiver: one does."""

    verb = "grant a waiver"
    triggers = ("governance.Waiver:steps", "governance.Waiver:granted_stays", *VOTES)
    # the second who grants ends the waiver of the first, its own
    constraints = ("waiver_closed_at_when_closed",)

    def __init__(self) -> None:
        self.case = Case()
        self.people = crowd(RoleName.PMO_MANAGER, self.case.project.portfolio)

    def round(self) -> Round:
        waiver = self.case.ask()
        ballot = Ballot.objects.open().about("waiver", waiver.pk).get()

        def count(results: list[Any]) -> Count:
            return one_wins(results, times_written(waiver, state="granted"))

        return Round([vote(person, ballot.pk) for person in self.people], count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        own = Own()

        def read(pk: int) -> None:
            own.read = Waiver.objects.get(pk=pk)

        unlocked(patch, meeting, read)
        patch.setattr(waivers, "versions", unclaimed(lambda *_arguments, **_more: own.read))

"""Eight who put the same rule in force, or change how far the rules of an office bind."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from accounts.enums import RoleName
from accounts.models import User
from governance.models import ControlChange, RuleVersion
from governance.services import activation, control
from strategy.models import Office
from tests import factories as make
from tests.governance.rulebook import ready
from tests.races.race import Count, Job, Race, Round, fresh, one_wins
from tests.races.voting import crowd, times_written, unclaimed


class Activate(Race):
    """Eight put the same draft of a rule in force: one does."""

    verb = "activate a rule"
    triggers = ("governance.RuleVersion:what_held_stays", "governance.RuleVersion:never_goes_back")

    def __init__(self) -> None:
        self.author, self.people, self.drafts = make.make_person(), crowd(RoleName.PMO_MANAGER), 0

    def round(self) -> Round:
        self.drafts += 1
        draft = ready(self.author, code=f"rule-{self.drafts}")

        def count(results: list[Any]) -> Count:
            return one_wins(results, times_written(draft, state="active"))

        return Round([self._activate(fresh(person), draft.pk) for person in self.people], count)

    @staticmethod
    def _activate(me: User, pk: int) -> Job:
        return lambda: activation.activate_rule(actor=me, pk=pk, version=None)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        def late(pk: int, _version: int | None = None) -> RuleVersion:
            found = RuleVersion.objects.select_related("rule").get(pk=pk)
            meeting.wait()
            return found

        patch.setattr(activation, "lock_version", late)


class ChangeControl(Race):
    """Eight change how far the rules of an office bind, all having read the same: one does."""

    verb = "change a control level"

    def __init__(self) -> None:
        self.office, self.people = make.make_office(), crowd(RoleName.PMO_MANAGER)

    def round(self) -> Round:
        self.office.refresh_from_db()
        level = "supportive" if self.office.control != "supportive" else "controlling"
        before = ControlChange.objects.count()

        def count(results: list[Any]) -> Count:
            return one_wins(results, ControlChange.objects.count() - before)

        return Round([self._change(fresh(person), level, self.office.version) for person in self.people], count)

    def _change(self, me: User, level: str, version: int) -> Job:
        return lambda: control.change_control(
            actor=me, office_id=self.office.pk, control=level, reason=f"By {me}", version=version
        )

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        def late(queryset: Any, *, pk: int, version: int) -> Office:
            found: Office = queryset.get(pk=pk)
            meeting.wait()
            return found

        patch.setattr(control, "versions", unclaimed(late))

"""Eight changes of one baseline."""

from __future__ import annotations

import datetime as dt
import threading
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from projects.models import Baseline, ChangeRequest
from projects.services import baselines, changes
from projects.services.changes import deciding
from tests.at_once import PARALLEL
from tests.projects.changes.world import make_world as make_changes
from tests.projects.changes.world import vote as accept
from tests.races.race import Count, Job, Race, Round, fresh, one_wins, told
from tests.races.voting import unclaimed


class ChangeBaseline(Race):
    """Eight changes of the same cost, accepted at once: one is applied, the others start from what holds no more."""

    verb = "change the baseline"
    constraints = ("baseline_number_once",)

    def __init__(self) -> None:
        self.world = make_changes()

    def wanted(self) -> list[ChangeRequest]:
        """Those that came too late the last time, written anew on the baseline in force, and one more in the place of
        the one that was accepted.
        """
        project, there = self.world.project, list(self.world.project.change_requests.open().order_by("pk"))
        for change in there:
            changes.edit_change(actor=self.world.lead, project=project, change_id=change.pk, version=None, changes={})
        missing = range(len(there), PARALLEL)
        return there + [self.world.submitted(title=f"Change {each}", cost_delta=Decimal(1)) for each in missing]

    def round(self) -> Round:
        project, wanted = self.world.project, self.wanted()
        before = baselines.newest(project.pk)
        assert before is not None

        def count(results: list[Any]) -> Count:
            numbers = list(Baseline.objects.filter(project=project, pk__gt=before.pk).values_list("number", flat=True))
            project.refresh_from_db()
            return self.counted(results, numbers, int((project.baseline_cost or 0) - (before.cost or 0)))

        return Round([self._accept(change) for change in wanted], count)

    def counted(self, results: list[Any], numbers: list[int], more: int) -> Count:
        """`numbers` of the versions that came, and how much the cost grew."""
        return one_wins(results, len(numbers)) + Count(0, max(len(numbers) - more, 0))

    def _accept(self, change: ChangeRequest) -> Job:
        me, mine = fresh(self.world.sponsor), ChangeRequest.objects.get(pk=change.pk)
        return lambda: accept(me, mine)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        newest = baselines.newest

        def late(project_id: int) -> Baseline | None:
            found = newest(project_id)
            meeting.wait()
            return found

        def read(change_id: int) -> ChangeRequest:
            related = ChangeRequest.objects.select_related("project__portfolio", "project__org_unit", "requested_by")
            return related.get(pk=change_id)

        patch.setattr(deciding, "_locked", read)
        patch.setattr(deciding, "versions", unclaimed(lambda queryset, *, pk, version: queryset.get(pk=pk)))
        patch.setattr(deciding, "baselines", SimpleNamespace(**{**vars(baselines), "newest": late}))


class ChangeApart(ChangeBaseline):
    """Eight changes of different things, accepted at once: all are applied, each in a version of its own."""

    verb = "change the baseline in eight places"

    def __init__(self) -> None:
        self.world, self.days = make_changes(marks=PARALLEL - 1), 0
        self.milestones = list(self.world.project.milestones.filter(name__startswith="Mark"))

    def wanted(self) -> list[ChangeRequest]:
        """Each moves by a day, forth and back: so little that the sponsor decides alone."""
        self.days = 1 - self.days
        to = self.world.today + dt.timedelta(days=20 + self.days)
        found = [
            self.world.submitted(title=f"Move {one}", milestones=[{"id": one.pk, "to": to}]) for one in self.milestones
        ]
        return [self.world.submitted(title="Cost", cost_delta=Decimal(1)), *found]

    def counted(self, results: list[Any], numbers: list[int], more: int) -> Count:
        twice = len(numbers) - len(set(numbers)) + max(len(numbers) - PARALLEL, 0)
        return Count(twice, PARALLEL - min(told(results), len(set(numbers))) + (more != 1))

"""Eight who decide on the same gate, or ask for its review."""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from governance import matters
from governance.models import Ballot, Procedure, ProcedureStep
from governance.services.ballots import opening
from projects.models import EvidencePack, Gate
from projects.services import gates
from projects.services.gates import review
from tests import factories as make
from tests.at_once import PARALLEL
from tests.projects.gates import scene
from tests.races.race import Count, Job, Race, Round, fresh, one_wins, told
from tests.races.voting import VOTES, crowd, times_written, unclaimed, unlocked, vote


class Gates(Race):
    """A gate that a board of executives decides on."""

    quorum = 1

    def __init__(self) -> None:
        self.scene, self.people = scene(), crowd(RoleName.EXECUTIVE)
        procedure = Procedure.objects.create(name="Board", matter="gate_review")
        ProcedureStep.objects.create(procedure=procedure, title="Board", role=RoleName.EXECUTIVE, quorum=self.quorum)

    def another(self) -> Gate:
        """A fresh gate behind the others; those before it are passed."""
        gates_before = self.scene.project.milestones.filter(is_gate=True, actual_on=None)
        gates_before.update(actual_on=timezone.localdate())
        phase = make.make_phase(self.scene.project)
        return Gate.objects.get(milestone=make.make_milestone(self.scene.project, is_gate=True, phase=phase))

    def ask(self, gate: Gate, by: User) -> Ballot:
        return gates.open_review(actor=by, project=self.scene.project, gate_id=gate.pk, anyway="We try.")


class DecideGate(Gates):
    """Eight who may each pass a gate: one does."""

    verb = "decide on a gate"
    triggers = ("projects.Gate:passed_stays", *VOTES)

    def round(self) -> Round:
        gate = self.another()
        ballot = self.ask(gate, self.scene.pmo)

        def count(results: list[Any]) -> Count:
            return one_wins(results, times_written(gate, outcome="approve"))

        return Round([vote(person, ballot.pk) for person in self.people], count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        unlocked(patch, meeting)


class AskReview(Gates):
    """Eight ask for the same review: one ballot with one evidence pack."""

    verb = "ask for a gate review"
    constraints = ("ballot_one_open_per_subject",)

    def __init__(self) -> None:
        super().__init__()
        self.askers = crowd(RoleName.PMO_MANAGER)

    def round(self) -> Round:
        gate = self.another()

        def count(results: list[Any]) -> Count:
            asked = Ballot.objects.about("gate_review", gate.pk).count()
            packs = EvidencePack.objects.filter(gate=gate).count()
            return Count(max(asked, packs, 1) - 1, PARALLEL - told(results) + (min(asked, packs) == 0))

        return Round([self._ask(gate, fresh(person)) for person in self.askers], count)

    def _ask(self, gate: Gate, me: User) -> Job:
        return lambda: self.ask(gate, me)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        barred = opening._barred

        def late(*arguments: Any) -> Any:
            meeting.wait()
            return barred(*arguments)

        version = Gate.objects.values_list("version", flat=True)
        open_to_all = replace(matters.matter("gate_review"), lock=lambda pk: version.get(pk=pk))
        patch.setitem(matters._matters, "gate_review", open_to_all)
        patch.setattr(opening, "_barred", late)
        patch.setattr(review, "lock_project", lambda *_arguments: None)
        patch.setattr(review, "versions", unclaimed(lambda queryset, *, pk, version: queryset.get(pk=pk)))

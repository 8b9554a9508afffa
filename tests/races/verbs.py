"""The verbs of governance that eight people may do at once."""

from __future__ import annotations

import datetime as dt
import threading
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace
from typing import Any, Final

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common import versions
from governance import matters
from governance.matters import StepPlan
from governance.models import Ballot, ControlChange, Procedure, ProcedureStep, RuleVersion, Vote, Waiver
from governance.services import activation, ballots, control, waivers
from governance.services.ballots import opening, voting
from intake import services as intake
from intake.models import Request
from intake.services import decisions
from intake.services import matter as request_matter
from projects.models import Baseline, ChangeRequest, EvidencePack, Gate
from projects.services import baselines, changes, gates
from projects.services.changes import deciding
from projects.services.gates import review
from strategy.models import Office
from tests import factories as make
from tests.at_once import PARALLEL
from tests.governance.matter import KIND, Boards, decided_by
from tests.governance.rulebook import ready
from tests.governance.test_waivers import Case
from tests.intake.world import make_world as make_requests
from tests.projects.changes.world import make_world as make_changes
from tests.projects.changes.world import vote as accept
from tests.projects.gates import scene
from tests.races.race import Count, Job, Own, Race, Round, fresh, one_wins, told

VOTES: Final = (
    "governance.Ballot:decided_stays", "governance.BallotStep:stays_when_decided", "governance.Vote:may_vote",
)  # fmt: skip
"""What guards a ballot that is decided in the database."""


def crowd(role: str, scope: Any = None) -> list[User]:
    return [make.make_person(role, scope) for _each in range(PARALLEL)]


def vote(person: User, ballot_id: int, choice: str = "approve") -> Job:
    me = fresh(person)
    return lambda: ballots.cast_vote(actor=me, ballot_id=ballot_id, choice=choice, reason=f"Says {me}.")


def unlocked(patch: pytest.MonkeyPatch, meeting: threading.Barrier, read: Any = None) -> None:
    """A vote locks nothing, and waits until all others have read ballot, subject and votes as well."""
    table = voting._Table.of

    def careless(ballot_id: int) -> tuple[Ballot, Any, int]:
        ballot = Ballot.objects.get(pk=ballot_id)
        if read is not None:
            read(ballot.subject_id)
        return ballot, matters.matter(ballot.subject_kind), ballot.subject_version

    def late(ballot: Ballot) -> Any:
        found = table(ballot)
        meeting.wait()
        return found

    patch.setattr(voting, "lock_with_subject", careless)
    patch.setattr(voting._Table, "of", late)


def unclaimed(read: Any) -> Any:
    """`common.versions` whose claim locks nothing and gives what `read` says."""
    return SimpleNamespace(claim=read, apply=versions.apply, touch=versions.touch, demand=versions.demand)


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


class Board(Race):
    """A goal that a board decides on."""

    def __init__(self) -> None:
        self.boards, self.people = Boards(), [make.make_user() for _each in range(PARALLEL)]
        self._stack = ExitStack()
        self._stack.enter_context(decided_by(self.boards))

    def __del__(self) -> None:
        self._stack.close()

    def ask(self, people: list[User], quorum: int) -> int:
        self.boards.members = {"executive": [person.pk for person in people]}
        self.boards.plan = (StepPlan("Board", ("executive",), quorum=quorum),)
        goal = make.make_goal()
        return ballots.open_ballot(actor=make.make_user(), kind=KIND, subject_id=goal.pk, question="Shall we?").pk


class VoteTogether(Board):
    """All eight votes are needed: each counts once, and they decide once."""

    verb = "vote"

    def round(self) -> Round:
        ballot, before = self.ask(self.people, PARALLEL), len(self.boards.decided)

        def count(_results: list[Any]) -> Count:
            voters = list(Vote.objects.counting().filter(ballot=ballot).values_list("cast_by", flat=True))
            decided = len(self.boards.decided) - before
            twice = len(voters) - len(set(voters)) + max(decided, 1) - 1
            return Count(twice, PARALLEL - len(set(voters)) + (not decided))

        return Round([vote(person, ballot) for person in self.people], count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        """Each of the last voters misses the others: all said yes, and nothing is decided."""
        conclude = voting._conclude

        def late(*arguments: Any) -> None:
            meeting.wait()
            conclude(*arguments)

        def careless(ballot_id: int) -> tuple[Ballot, Any, int]:
            ballot = Ballot.objects.get(pk=ballot_id)
            return ballot, matters.matter(ballot.subject_kind), ballot.subject_version

        patch.setattr(voting, "lock_with_subject", careless)
        patch.setattr(voting, "_conclude", late)


class VoteAlone(Board):
    """Any one of eight may decide: one does."""

    verb = "decide alone"
    triggers = VOTES

    def round(self) -> Round:
        ballot, before = self.ask(self.people, 1), len(self.boards.decided)
        jobs = [vote(person, ballot) for person in self.people]
        return Round(jobs, lambda results: one_wins(results, len(self.boards.decided) - before))

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        unlocked(patch, meeting)


class VoteTwice(Board):
    """One person presses eight times: one vote."""

    verb = "press vote eight times"
    constraints = ("vote_once_per_seat", "vote_once_per_person_and_step")

    def round(self) -> Round:
        person, other = self.people[:2]
        ballot = self.ask([person, other], 2)

        def count(_results: list[Any]) -> Count:
            votes = Vote.objects.counting().filter(ballot=ballot).count()
            return Count(max(votes, 1) - 1, int(votes == 0))

        return Round([vote(person, ballot) for _press in range(PARALLEL)], count)

    def careless(self, patch: pytest.MonkeyPatch, meeting: threading.Barrier) -> None:
        unlocked(patch, meeting)


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

        patch.setattr(activation, "_lock", late)


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


def times_written(record: Any, **values: Any) -> int:
    """How often history saw an update that made a record so."""
    events = type(record).pgh_event_model.objects
    return int(events.filter(pgh_obj_id=record.pk, pgh_label__startswith="update", **values).count())


RACES: Final[tuple[type[Race], ...]] = (
    Approve, VoteTogether, VoteAlone, VoteTwice, AskWaiver, GrantWaiver, ChangeBaseline, ChangeApart, Activate,
    DecideGate, AskReview, ChangeControl,
)  # fmt: skip

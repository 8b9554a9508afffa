"""A project at its first gate, with everybody who has a part in deciding."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from governance.models import Ballot, DecisionCondition
from governance.services import ballots
from governance.services.ballots import NewCondition
from playbooks.enums import CriterionKind
from playbooks.selectors import CriterionOutline
from projects.facts import project_facts
from projects.models import Gate, GateCriterion, Phase, Project
from projects.selectors import gates as selectors
from projects.services import gates
from tests import factories as make

K = CriterionKind


@dataclass
class Scene:
    """Three phases, each closed by a gate; the project is in the first."""

    project: Project
    gates: list[Gate]
    phases: list[Phase]
    lead: User
    sponsor: User
    payer: User
    pmo: User
    other_pmo: User

    @property
    def first(self) -> Gate:
        return self.gates[0]

    def open(self, number: int = 0, *, by: User | None = None, anyway: str = "We must begin.") -> Ballot:
        return gates.open_review(
            actor=by or self.pmo, project=self.project, gate_id=self.gates[number].pk, anyway=anyway
        )

    def vote(self, ballot: Ballot, who: User, choice: str = "approve", due_on: date | None = None) -> Ballot:
        wanted = (NewCondition("Name a deputy", self.lead, due_on or in_days(5)),) if choice == "conditional" else ()
        return ballots.cast_vote(
            actor=who, ballot_id=ballot.pk, choice=choice, reason=f"Says {who}.", conditions=wanted
        )

    def decide(self, number: int = 0, choice: str = "approve") -> Ballot:
        """A review of one gate from the question to its decision; the sponsor votes `choice`."""
        ballot = self.open(number)
        done = self.vote(ballot, self.sponsor, choice)
        return self.vote(ballot, self.payer) if done.is_open else done

    def gate(self, number: int = 0) -> Gate:
        return Gate.objects.select_related("milestone").get(pk=self.gates[number].pk)

    def overdue_condition(self) -> DecisionCondition:
        """Pass the first gate with a condition, and let its day pass."""
        ballot = self.decide(0, "conditional")
        condition = DecisionCondition.objects.get(ballot=ballot)
        DecisionCondition.objects.filter(pk=condition.pk).update(due_on=in_days(-1))
        return condition


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def scene(**fields: Any) -> Scene:
    lead, sponsor, payer = (make.make_user(f"{name} {post}") for name, post in (
        ("Lena", "Lead"), ("Sam", "Sponsor"), ("Pia", "Payer"),
    ))  # fmt: skip
    posts = {"lead": lead, "sponsor": sponsor, "budget_owner": payer, **fields}
    project = make.make_healthy_project("Alpha", refresh=True, **posts)
    phases = [make.make_phase(project, name) for name in ("Think", "Build", "Land")]
    milestones = [
        make.make_milestone(
            project, f"Gate {number}", phase=phase, is_gate=True, baseline_on=in_days(30 * number),
            forecast_on=in_days(30 * number),
        )
        for number, phase in enumerate(phases, 1)
    ]  # fmt: skip
    Project.objects.filter(pk=project.pk).update(phase=phases[0])
    project.refresh_from_db()
    found = [Gate.objects.select_related("milestone").get(milestone=one) for one in milestones]
    return Scene(
        project, found, phases, lead, sponsor, payer,
        make.make_person(RoleName.PMO_MANAGER, name="Mila PMO"), make.make_person(RoleName.PMO_MANAGER, name="Max PMO"),
    )  # fmt: skip


def asks(gate: Gate, kind: str, title: str = "", **fields: Any) -> GateCriterion:
    """A criterion of a gate; without more it is one of the simplest of its kind."""
    simplest = {
        K.AUTOMATIC: {"condition": {"fact": "project.blockers_open", "op": "eq", "value": 0}},
        K.DOCUMENT: {"document_kind": "Business case"},
        K.JUDGEMENT: {"role": RoleName.SPONSOR.value},
    }[CriterionKind(kind)]
    return GateCriterion.objects.create(
        gate=gate, kind=kind, texts={"en": title or f"Asks {kind}"}, **{**simplest, **fields}
    )


def facts_of(project: Project) -> dict[str, Any]:
    return next(project_facts.read_by_id(Project, [project.pk], timezone.localdate()))


def views(found: Scene) -> list[selectors.GateView]:
    return selectors.gates_of(Project.objects.get(pk=found.project.pk))


def outline(**fields: Any) -> CriterionOutline:
    return CriterionOutline(**{"kind": "document", "texts": {"en": "A paper"}, "document_kind": "Paper", **fields})

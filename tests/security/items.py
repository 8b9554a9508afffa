"""A project with one of everything that a project can hold, for the world of the access tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Model
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from governance import services as rulebook
from governance.enums import Checkpoint, Enforcement, WaiverState, Weight
from governance.models import (
    Finding,
    RuleVersion,
    Waiver,
)
from governance.services import ballots, waivers
from playbooks.enums import CriterionKind
from projects.models import (
    ChangeRequest,
    DocumentLink,
    EvidencePack,
    Gate,
    GateCriterion,
    Phase,
    Project,
)
from projects.services import gates, proposals
from strategy.enums import ControlLevel
from tests import factories as make

STRICT_RULE = "goal-at-gates"
"""A rule that wants a waiver under every office, asked at gates only."""


@dataclass
class Items:
    """A project with one of everything that a project can hold."""

    project: Project
    phase: Model
    milestone: Model
    deliverable: Model
    delivered: Model
    risk: Model
    closed_risk: Model
    issue: Model
    solved_issue: Model
    decision: Model
    member: Model
    document: Model
    update: Model
    ask: Model
    draft_change: Model
    open_change: Model
    gate: Model
    """Not passed yet; asks for a judgement by the sponsor."""
    criterion: Model
    review: Model
    """The ballot by which an earlier gate was passed."""
    pack: Model
    paper: Model
    """A document of the lead that nobody accepted yet."""
    finding: Model | None = None
    waiver: Model | None = None
    granted: Model | None = None
    proposal: Model | None = None
    promise: Model | None = None
    """What the project asked of another one."""


def fill(project: Project, member: User, word: str, holder: User | None = None) -> Items:
    """Give the project one of everything, with the word in every text."""
    phase = make.make_phase(project, f"Phase {word}")
    second = make.make_phase(project, f"Later {word}")
    Project.objects.filter(pk=project.pk).update(phase=phase)
    today = timezone.localdate()
    return Items(
        project=project, phase=second, **_told(project, word), **_gates(project, word),
        milestone=make.make_milestone(project, f"Milestone {word}", phase=phase, baseline_on=today, forecast_on=today),
        **_deliverables(project, phase, member, word), **_raid(project, word),
        decision=make.make_decision(project, f"Question {word}?", options=f"Either {word}", holder=holder),
        member=make.join_team(project, member, task=f"Task {word}"), **_papers(project, word),
        **_changes(project, word),
    )  # fmt: skip


def _told(project: Project, word: str) -> dict[str, Model]:
    """An update, and what it asks the lead for."""
    note = make.make_update(
        project, as_of=timezone.localdate(), accomplished=f"Done {word}", next_steps=f"Next {word}",
        asks_text=f"Asked {word}", rationale=f"Why {word}", author=project.lead,
    )  # fmt: skip
    ask = make.make_ask(project, f"Ask {word}", update_asked_in=note, asked_of=project.lead)
    return {"update": note, "ask": ask}


def _papers(project: Project, word: str) -> dict[str, Model]:
    case = {"kind": "Business case", "owner": project.lead, "url": f"https://example.org/case-{word}"}
    rows = {
        "paper": {"title": f"Case {word}", **case},
        "document": {"title": f"Paper {word}", "url": f"https://example.org/{word}"},
    }
    return {name: DocumentLink.objects.create(project=project, **values) for name, values in rows.items()}


def _deliverables(project: Project, phase: Phase, member: User, word: str) -> dict[str, Model]:
    """One that is planned, and one that the member delivered."""
    planned = {
        "acceptance": f"When {word}", "due_on": timezone.localdate(), "phase": phase,
        "letters": {"sponsor": "A", f"person-{member.pk}": "R"},
    }  # fmt: skip
    done = {"state": "delivered", "delivered_at": timezone.now(), "delivered_by": member}
    return {
        "deliverable": make.make_deliverable(project, f"Thing {word}", **planned),
        "delivered": make.make_deliverable(project, f"Made {word}", **done),
    }


def _raid(project: Project, word: str) -> dict[str, Model]:
    """Risks and issues, open and closed."""
    today = timezone.localdate()
    return {
        "risk": make.make_risk(project, f"Risk {word}", description=f"Cause {word}", probability=5, impact=5),
        "closed_risk": make.make_risk(project, f"Closed {word}", closed_on=today),
        "issue": make.make_issue(project, f"Issue {word}", description=f"Because {word}", is_blocker=True),
        "solved_issue": make.make_issue(project, f"Solved {word}", resolved_on=today, resolution=f"So {word}"),
    }


def _gates(project: Project, word: str) -> dict[str, Model]:
    """A gate that was passed with a condition, and the next one. They close no phase, so the phases stay free."""
    passed, following = (
        make.make_milestone(
            project, f"Gate {name} {word}", is_gate=True, baseline_on=timezone.localdate() + timedelta(days=days),
            forecast_on=timezone.localdate() + timedelta(days=days),
        )
        for name, days in (("one", -5), ("two", 30))
    )  # fmt: skip
    lead = project.lead
    assert lead is not None
    ballot = gates.open_review(actor=lead, project=project, gate_id=Gate.objects.get(milestone=passed).pk)
    due = timezone.localdate() + timedelta(days=9)
    for seat in ballot.seats.select_related("person").order_by("pk"):
        wanted = (ballots.NewCondition(f"Condition {word}", lead, due),)
        ballot.refresh_from_db()
        if ballot.is_open:
            ballots.cast_vote(
                actor=seat.person, ballot_id=ballot.pk, choice="conditional", reason=f"Vote {word}", conditions=wanted
            )
    gate = Gate.objects.get(milestone=following)
    GateCriterion.objects.create(
        gate=gate, kind=CriterionKind.JUDGEMENT, texts={"en": f"Content {word}"}, role=RoleName.SPONSOR
    )
    ballot.refresh_from_db()
    assert ballot.outcome == "conditional"
    pack = EvidencePack.objects.get(ballot=ballot)
    return {"gate": gate, "criterion": gate.criteria.get(), "review": ballot, "pack": pack}


def _changes(project: Project, word: str) -> dict[str, ChangeRequest]:
    """A draft, and a request that nobody can decide yet; both by the lead."""
    assert project.lead is not None
    more = {"reason": f"Because {word}", "risks": f"Risky {word}", "scope_to": f"Scope {word}", "author_ids": [1]}
    today = timezone.localdate()
    rows = {
        "draft_change": {"state": "draft", "title": f"Draft {word}", "kinds": ["scope"], **more},
        "open_change": {
            "state": "submitted", "title": f"Change {word}", "submitted_on": today, "kinds": ["scope"], **more,
        },
    }  # fmt: skip
    return {
        name: ChangeRequest.objects.create(project=project, number=number, requested_by=project.lead, **values)
        for number, (name, values) in enumerate(rows.items(), 1)
    }


def strict_rule() -> RuleVersion:
    """A rule that wants a waiver under every office, asked at gates only."""
    texts = {"title": "A goal at each gate", "message": "There is no goal.", "remedy": "Choose it"}
    content = {
        "weight": Weight.HIGH.value, "condition": {"fact": "project.has_goal", "op": "eq", "value": True},
        "texts": {"en": texts, "nl": texts}, "checkpoints": [Checkpoint.PASS_GATE.value],
        "enforcement": dict.fromkeys(ControlLevel.values, Enforcement.REQUIRE_WAIVER.value),
    }  # fmt: skip
    rulebook.add_rules([rulebook.NewRule(STRICT_RULE, "project", content)])
    return RuleVersion.objects.get(rule__code=STRICT_RULE)


def waive(items: Items, version: RuleVersion, pmo: User, word: str) -> None:
    """A finding, a waiver that is asked for and one that is granted."""
    today, project = timezone.localdate(), items.project
    lead = project.lead
    assert lead is not None
    items.finding = Finding.objects.filter(subject_kind="project", subject_id=project.pk, closed_at=None).first()
    waiver = waivers.NewWaiver(
        "project", project.pk, STRICT_RULE, f"Why {word}", f"Instead {word}", lead, today + timedelta(days=90)
    )
    items.granted = Waiver.objects.create(
        rule=version.rule, rule_version=version, subject_kind="project", subject_id=project.pk,
        lifts=Enforcement.REQUIRE_WAIVER, reason=f"Before {word}", compensating_control=f"Talk {word}", owner=lead,
        asked_on=today, expires_on=today + timedelta(days=60), asked_by=lead, state=WaiverState.GRANTED,
        granted_at=timezone.now(), granted_by=pmo,
    )  # fmt: skip
    items.waiver = waivers.ask_waiver(actor=lead, data=waiver)
    items.proposal = proposals.propose(
        actor=lead, project=project, target="risk", record=items.risk,  # type: ignore[arg-type]  # a record of the project
        changes={"title": f"Later {word}"}, why=f"Since {word}",
    )  # fmt: skip

"""The gates of a project: which come when, how ready they are, and what their reviews asked for."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Prefetch, Q, Subquery, Sum
from django.http import Http404
from django.utils import timezone

from governance import conditions
from governance.conditions import Outcome
from governance.enums import BallotState, Choice, SubjectKind
from governance.models import Ballot, DecisionCondition, RuleVersion
from playbooks.enums import CriterionKind
from projects.enums import GATE_MATTER, Judgement
from projects.facts import project_facts
from projects.models import DocumentLink, EvidencePack, Gate, GateCriterion, Project

if TYPE_CHECKING:
    from django.db.models import QuerySet

KIND: Final = GATE_MATTER
"""The matter under which gates are decided on."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a criterion came to, and what that rests on: the facts that were asked, the document or the judgement."""

    criterion: GateCriterion
    outcome: Outcome
    steps: tuple[conditions.Step, ...] = ()
    document: DocumentLink | None = None
    rule: RuleVersion | None = None

    @property
    def is_met(self) -> bool:
        return self.outcome is Outcome.PASS


@dataclass(frozen=True, slots=True)
class GateView:
    """A gate with its answers. `state`: passed, conditional, stopped, review, hold, next or planned."""

    gate: Gate
    state: str
    answers: list[Answer] = field(default_factory=list)
    ballot: Ballot | None = None
    """The open review."""

    @property
    def met(self) -> int:
        return sum(answer.is_met for answer in self.answers)

    @property
    def missing(self) -> list[Answer]:
        return [answer for answer in self.answers if not answer.is_met]


def gates_of(project: Project) -> list[GateView]:
    """The gates of a project in order, the open ones with live answers. Six queries at most."""
    criteria = Prefetch(
        "criteria", queryset=GateCriterion.objects.select_related("judged_by").order_by("position", "pk")
    )
    gates = list(project.gates.in_order().select_related("milestone__phase", "ballot").prefetch_related(criteria))
    if not gates:
        return []
    open_ballots = {
        one.subject_id: one
        for one in Ballot.objects.open().filter(subject_kind=KIND, subject_id__in=[gate.pk for gate in gates])
    }
    answers = answers_of(project, [one for gate in gates if not gate.is_passed for one in gate.criteria.all()])
    return [
        GateView(gate, state, answers.get(gate.pk, []), open_ballots.get(gate.pk))
        for gate, state in _with_states(gates, open_ballots)
    ]


def track_of(project: Project, gates: list[Gate]) -> list[GateView]:
    """The same of gates that came by `overview_of`: no query unless an open one has criteria to answer."""
    if any(gate.is_asked and not gate.is_passed for gate in gates):
        return gates_of(project)
    in_review = {gate.pk for gate in gates if gate.in_review}
    return [GateView(gate, state) for gate, state in _with_states(gates, in_review)]


def _with_states(gates: Iterable[Gate], in_review: Container[int]) -> Iterator[tuple[Gate, str]]:
    is_next = True
    for gate in gates:
        yield gate, _state(gate, is_next=is_next, is_open=gate.pk in in_review)
        is_next = is_next and gate.is_passed


def _state(gate: Gate, *, is_next: bool, is_open: bool) -> str:
    if gate.is_passed:
        return "conditional" if gate.outcome == Choice.CONDITIONAL else "passed"
    if is_open:
        return "review"
    if gate.outcome == Choice.REJECT:
        return "stopped"
    if gate.outcome == Choice.HOLD:
        return "hold"
    return "next" if is_next else "planned"


def answers_of(project: Project, criteria: Iterable[GateCriterion]) -> dict[int, list[Answer]]:
    """What these criteria come to now, by gate. At most three queries: facts, documents, rules."""
    asked = list(criteria)
    kinds = {one.kind for one in asked}
    today = timezone.localdate()
    facts: Mapping[str, Any] = {}
    if CriterionKind.AUTOMATIC in kinds:
        facts = next(project_facts.read_by_id(Project, [project.pk], today), {})
    papers: dict[str, list[DocumentLink]] = defaultdict(list)
    if CriterionKind.DOCUMENT in kinds:
        for paper in project.documents.select_related("owner", "accepted_by").order_by("accepted_at", "pk"):
            papers[paper.kind.strip().casefold()].append(paper)
    codes = {one.rule for one in asked if one.rule}
    rules = {one.rule.code: one for one in _rules(codes)} if codes else {}
    found: dict[int, list[Answer]] = defaultdict(list)
    for one in asked:
        found[one.gate_id].append(_answer(one, facts, papers, rules, today))
    return found


def _rules(codes: set[str]) -> QuerySet[RuleVersion]:
    in_force = RuleVersion.objects.active().filter(rule__code__in=codes, rule__subject_kind=SubjectKind.PROJECT)
    return in_force.select_related("rule")


def _answer(
    one: GateCriterion,
    facts: Mapping[str, Any],
    papers: Mapping[str, list[DocumentLink]],
    rules: Mapping[str, RuleVersion],
    today: dt.date,
) -> Answer:
    if one.kind == CriterionKind.DOCUMENT:
        there = papers.get(one.document_kind.strip().casefold(), [])
        paper = next((each for each in there if each.accepted_at), there[0] if there else None)
        return Answer(one, _outcome(bool(paper and paper.accepted_at)), document=paper)
    if one.kind == CriterionKind.JUDGEMENT:
        return Answer(one, _outcome(one.judged == Judgement.MET) if one.judged else Outcome.UNKNOWN)
    if one.condition is not None:
        verdict = conditions.evaluate(conditions.parse(one.condition, project_facts), facts, today)
        return Answer(one, verdict.outcome, verdict.trace)
    rule = rules.get(one.rule)
    return Answer(one, Outcome.UNKNOWN) if rule is None else _held_against(one, rule, facts, today)


def _held_against(one: GateCriterion, rule: RuleVersion, facts: Mapping[str, Any], today: dt.date) -> Answer:
    """A rule that does not apply is kept; one of which nobody can tell whether it applies is not known."""
    verdict = conditions.evaluate(conditions.parse(rule.condition, project_facts), facts, today)
    outcome = verdict.outcome
    if rule.applies is not None:
        concerns = conditions.evaluate(conditions.parse(rule.applies, project_facts), facts, today).outcome
        if concerns is Outcome.FAIL:
            outcome = Outcome.PASS
        elif concerns is Outcome.UNKNOWN and outcome is not Outcome.PASS:
            outcome = Outcome.UNKNOWN
    return Answer(one, outcome, verdict.trace, rule=rule)


def _outcome(is_met: bool) -> Outcome:  # noqa: FBT001 — the answer itself
    return Outcome.PASS if is_met else Outcome.FAIL


def get_gate(project: Project, pk: int) -> Gate:
    """A gate of a project whose door was passed. Raises: Http404."""
    gate: Gate | None = project.gates.in_force().select_related("milestone__phase", "ballot").filter(pk=pk).first()
    if gate is None:
        raise Http404
    return gate


def gates_before(project: Project, gate: Gate) -> list[Gate]:
    """The gates that come before one in their order. One query."""
    ordered: Any = project.gates.in_order()
    place = ordered.filter(pk=gate.pk).values("place")
    return list(ordered.filter(place__lt=Subquery(place)).select_related("milestone__phase"))


def gates_closing_before(project: Project, position: int) -> list[Gate]:
    """The gates, not passed yet, of the phases before this position. One query."""
    closed = project.gates.in_order().filter(milestone__actual_on__isnull=True, milestone__phase__position__lt=position)
    return list(closed.select_related("milestone__phase"))


def conditions_of_gates(project: Project) -> QuerySet[DecisionCondition]:
    """The conditions under which gates of the project were passed, the first due first. One query."""
    found = DecisionCondition.objects.filter(
        binding(), ballot__subject_kind=KIND, ballot__subject_id__in=project.gates.values("pk")
    )
    return found.select_related("owner", "met_by", "ballot").order_by("due_on", "pk")


def binding() -> Q:
    """Conditions that hold: of votes that count, in a ballot that decided with conditions."""
    return Q(ballot__state=BallotState.DECIDED, ballot__outcome=Choice.CONDITIONAL, vote__voided_at__isnull=True)


def unmet_conditions(project: Project) -> list[DecisionCondition]:
    """Conditions whose day has passed unmet: they hold up the next gate and the next phase. One query."""
    late = conditions_of_gates(project).filter(met_at__isnull=True, due_on__lt=timezone.localdate())
    return list(late)


@dataclass(frozen=True, slots=True)
class StageMoney:
    """What gate decisions have released, and what all gates together would; None: no gate has stage money."""

    released: Decimal | None
    planned: Decimal | None


def stage_money_of(project: Project) -> StageMoney:
    """The stage money of a project's gates. One query."""
    sums = project.gates.in_force().aggregate(
        planned=Sum("stage_money"), released=Sum("released", filter=Q(milestone__actual_on__isnull=False))
    )
    if sums["planned"] is None:
        return StageMoney(None, None)
    return StageMoney(sums["released"] or Decimal(0), sums["planned"])


def get_pack(project: Project, pk: int) -> EvidencePack:
    """An evidence pack of a project whose door was passed. Raises: Http404."""
    packs = EvidencePack.objects.filter(gate__project=project)
    pack = packs.select_related("gate__milestone__phase", "ballot", "frozen_by").filter(pk=pk).first()
    if pack is None:
        raise Http404
    return pack


def packs_of(gate: Gate) -> list[EvidencePack]:
    """The packs of a gate, the newest first, without their content. One query."""
    packs = EvidencePack.objects.filter(gate=gate).defer("content").select_related("ballot", "frozen_by")
    return list(packs.order_by("-frozen_at", "-pk"))


def get_review(project: Project, ballot_pk: int) -> tuple[Gate, Ballot]:
    """A review of a gate of a project whose door was passed. Two queries. Raises: Http404."""
    people = Ballot.objects.select_related("asked_by", "decided_by")
    ballot = people.filter(subject_kind=KIND, subject_id__in=project.gates.values("pk"), pk=ballot_pk).first()
    if ballot is None:
        raise Http404
    return get_gate(project, ballot.subject_id), ballot

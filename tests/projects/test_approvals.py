"""Approvals as rows that rules count: gates, changes, waivers and the request that a project came of."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from governance import conditions, documents, subjects
from governance import services as rulebook
from governance.builder.drawing import draw
from governance.builder.trees import sketch_of
from governance.cases import Case
from governance.contents import read_content
from governance.documents import Document
from governance.enums import Checkpoint, SubjectKind
from governance.facts import catalogue
from governance.models import Ballot, RuleVersion
from governance.services import NewRule, ballots
from governance.services.waivers import NewWaiver, ask_waiver
from governance.words import in_words
from projects.facts import project_facts
from projects.models import Project
from strategy.enums import ControlLevel
from strategy.models import Office
from tests.governance.typed import meant, typed
from tests.intake.world import make_world
from tests.projects.gates import Scene, scene
from tests.projects.record import get, words
from tests.projects.test_gate_rules import ask_at_gates

pytestmark = pytest.mark.django_db

PASSED: dict[str, Any] = {
    "count": "approvals",
    "where": {"all": [
        {"fact": "approval.kind", "op": "eq", "value": "gate_review"},
        {"fact": "approval.is_yes", "op": "eq", "value": True},
        {"fact": "approval.decider_role", "op": "in", "values": ["sponsor", "budget_owner"]},
        {"fact": "approval.decided_on", "op": "within", "days": 30},
    ]},
    "op": "ge", "value": 1,
}  # fmt: skip


def approvals_of(kind: str, pk: int) -> list[dict[str, Any]]:
    today = timezone.localdate()
    facts = next(iter(subjects.registered()[kind].facts([pk], today)))
    found: list[dict[str, Any]] = facts["approvals"]
    return found


def test_a_decided_gate_is_an_approval_with_who_when_and_how_many(at_gate: Scene) -> None:
    ballot = at_gate.open()
    assert approvals_of("project", at_gate.project.pk) == [], "what is open is decided by nobody yet"
    at_gate.vote(ballot, at_gate.sponsor)
    at_gate.vote(ballot, at_gate.payer)
    at_gate.decide(1, "reject")
    first, second = approvals_of("project", at_gate.project.pk)
    today = timezone.localdate()
    assert first == {
        "kind": "gate_review", "outcome": "approve", "is_yes": True, "decided_on": today,
        "decider_role": "budget_owner", "votes": 2, "days_taken": 0,
    }  # fmt: skip
    assert (second["outcome"], second["is_yes"], second["decider_role"]) == ("reject", False, "sponsor")


def test_a_waiver_counts_and_that_of_another_project_does_not(at_gate: Scene) -> None:
    Office.objects.update(control=ControlLevel.CONTROLLING)
    ask_at_gates("goal", rulebook.checks.Enforcement.REQUIRE_WAIVER)
    data = NewWaiver(
        SubjectKind.PROJECT.value, at_gate.project.pk, "goal", "Soon.", "I watch it.", at_gate.lead,
        timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    waiver = ask_waiver(actor=at_gate.pmo, data=data)
    ballot = Ballot.objects.get(subject_kind="waiver", subject_id=waiver.pk)
    ballots.cast_vote(actor=at_gate.other_pmo, ballot_id=ballot.pk, choice="reject", reason="Choose one.")
    (told,) = approvals_of("project", at_gate.project.pk)
    assert (told["kind"], told["is_yes"], told["decider_role"]) == ("waiver", False, "pmo_manager")
    assert approvals_of("project", scene().project.pk) == []


def test_the_request_that_a_project_came_of_counts_for_both() -> None:
    pitch = make_world().approved()
    assert pitch.project is not None
    for kind, pk in (("request", pitch.pk), ("project", pitch.project.pk)):
        (told,) = approvals_of(kind, pk)
        assert (told["kind"], told["outcome"], told["votes"]) == ("request", "approve", 1)


def test_a_rule_counts_approvals_with_a_filter_and_names_what_it_found(at_gate: Scene) -> None:
    texts = {"title": "A gate was passed", "message": "No gate yet.", "remedy": "Ask for a review"}
    rulebook.add_rules([NewRule("passed", "project", {
        "condition": PASSED, "texts": {"en": texts, "nl": texts}, "checkpoints": [Checkpoint.CLOSE_PROJECT.value],
        "enforcement": dict.fromkeys(ControlLevel.values, "block"),
    })])  # fmt: skip

    def told() -> rulebook.CheckResult:
        return rulebook.check(
            kind=SubjectKind.PROJECT, subject_id=at_gate.project.pk, checkpoint=Checkpoint.CLOSE_PROJECT
        )

    assert told().stopping[0].evidence[0].words == "0"
    at_gate.decide()
    assert not told().judged
    assert "approvals" in words(get(at_gate.pmo, "rule", "passed"))


@pytest.mark.parametrize(("language", "said"), [
    ("en-gb", "number of approvals with (kind: Gate review and approved: yes and role of who decided: one of Sponsor"),
    ("nl", "aantal goedkeuringen met (soort: Poortbeoordeling en goedgekeurd: ja en rol van wie besliste: een van"),
])  # fmt: skip
def test_it_is_said_in_both_languages(language: str, said: str) -> None:
    known = catalogue("project")
    with translation.override(language):
        found = in_words(conditions.parse(PASSED, known), known, subjects.registered()["project"].labels)
    assert found.startswith(said), found


def test_it_travels_as_yaml_and_through_the_form() -> None:
    texts = {code: {"title": "T", "message": "M", "remedy": "R"} for code in ("en", "nl")}
    content = read_content({"condition": PASSED, "texts": texts}, "project")
    case = Case("One", "pass", {"approvals": [{
        "kind": "gate_review", "is_yes": True, "decider_role": "sponsor", "decided_on": "2026-11-01",
    }]})  # fmt: skip
    (back,) = documents.read(documents.write([Document("one", "project", content, (case,))]))
    assert (back.content.condition, back.cases[0].facts) == (content.condition, case.facts)
    known, labels = catalogue("project"), subjects.registered()["project"].labels
    back_again = meant(typed(content.condition, "condition", known, labels), "condition", known, labels)
    assert conditions.parse(back_again, known) == conditions.parse(content.condition, known)
    drawn = draw(sketch_of(content.condition, known), "condition", known, labels)
    options = [dict(group[1]) for one in drawn.all_controls() for group in one.options]
    assert any(str(each.get("gate_review")) == "Gate review" for each in options)


def test_they_are_read_with_the_other_facts_in_one_statement(at_gate: Scene) -> None:
    at_gate.decide()
    list(project_facts.read_by_id(Project, [at_gate.project.pk], timezone.localdate(), ["approvals"]))
    with CaptureQueriesContext(connection) as queries:
        list(project_facts.read_by_id(Project, [at_gate.project.pk], timezone.localdate(), ["approvals"]))
    assert len(queries) == 1
    assert not RuleVersion.objects.exists()

"""A gate from its evidence to its minutes, and what an unmet condition holds back; also without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.utils import timezone
from pypdf import PdfReader

from accounts.enums import RoleName
from accounts.models import User
from governance.models import Ballot, DecisionCondition
from playbooks.enums import CriterionKind
from projects.models import Gate, Project
from projects.services import state
from tests import factories as make
from tests.journeys.visitor import Visitor
from tests.projects.gates import asks, in_days

K = CriterionKind


def project_at_gate() -> tuple[Project, Gate, dict[str, User]]:
    """A project in its first phase, with a gate that asks for a fact, a document and a judgement."""
    people = {
        name: make.make_user(full, password=make.PASSWORD)
        for name, full in (("lead", "Lena Lead"), ("sponsor", "Sam Sponsor"), ("payer", "Pia Payer"))
    }
    people["pmo"] = make.make_person(RoleName.PMO_MANAGER, name="Mila Manager", password=make.PASSWORD)
    project = make.make_healthy_project(
        "Quay wall", lead=people["lead"], sponsor=people["sponsor"], budget_owner=people["payer"]
    )
    first, _second = make.make_phase(project, "Design"), make.make_phase(project, "Build")
    day = in_days(10)
    milestone = make.make_milestone(project, "Go to build", phase=first, is_gate=True, baseline_on=day, forecast_on=day)
    Project.objects.filter(pk=project.pk).update(phase=first)
    gate = Gate.objects.get(milestone=milestone)
    asks(gate, K.AUTOMATIC, "Nothing stands still")
    asks(gate, K.DOCUMENT, "The business case is accepted")
    asks(gate, K.JUDGEMENT, "The sponsor is content")
    state.refresh([project.pk])
    return project, gate, people


def prepare(lead: Visitor, sponsor: Visitor, project: Project, at_gate: str) -> None:
    """The lead links the document; the sponsor accepts it and judges."""
    lead.open(f"/projects/{project.key}/")
    lead.sees("1 of 3 met")
    lead.follow("Go to build")
    lead.sees("No document of the kind “Business case” is linked.")
    lead.follow("Link document")
    lead.fill("Title", "Business case of the quay wall")
    lead.fill("Address", "https://documents.example/case")
    lead.choose("Owner", "Lena Lead")
    lead.press("Link document")
    lead.open(at_gate)
    assert lead.page.get_by_role("button", name="Accept").count() == 0, "nobody accepts their own document"

    sponsor.open(at_gate)
    sponsor.press("Accept")
    sponsor.open(at_gate)
    sponsor.follow("Judge")
    sponsor.page.get_by_label("Not met").check()
    sponsor.fill("Why", "Two neighbours still object.")
    sponsor.press("Save")
    sponsor.sees("2 of 3 met", "Two neighbours still object.")


def ask(pmo: Visitor, at_gate: str) -> Ballot:
    """The PMO asks, and is asked why although something is missing."""
    pmo.open(at_gate)
    pmo.follow("Ask for the review")
    pmo.press("Ask for the review")
    pmo.sees("2 of 3 criteria are met. Say why you ask anyway.")
    pmo.fill("We ask anyway because", "The contractor can start on Monday.")
    pmo.press("Ask for the review")
    pmo.sees("In review")
    return Ballot.objects.get()


def vote(sponsor: Visitor, payer: Visitor, ballot: Ballot) -> None:
    """A conditional go and a go make a conditional go."""
    sponsor.open(f"/ballots/{ballot.pk}/")
    sponsor.page.get_by_label("Conditional go").check()
    sponsor.fill("Why", "Go, once the neighbours agree.")
    sponsor.page.locator("input[name$='-text']").first.fill("Agree with the neighbours")
    sponsor.page.locator("input[name$='-owner']").first.fill(User.objects.get(name="Lena Lead").email)
    sponsor.page.locator("input[name$='-due_on']").first.fill(in_days(3).isoformat())
    sponsor.press("Cast your vote")
    sponsor.sees("Your vote is counted")
    payer.open(f"/ballots/{ballot.pk}/")
    payer.page.get_by_label("Go", exact=True).check()
    payer.fill("Why", "The money is there.")
    payer.press("Cast your vote")
    payer.sees("Conditional go")


def enter_build(lead: Visitor, project: Project) -> None:
    lead.open(f"/projects/{project.key}/plan/")
    lead.press("Make current")


def held_up(lead: Visitor, sponsor: Visitor, project: Project) -> None:
    """The day of the condition passes: the next phase stays closed until it is met."""
    DecisionCondition.objects.update(due_on=in_days(-1))
    enter_build(lead, project)
    lead.sees("past its day and not met")
    lead.open(f"/projects/{project.key}/")
    lead.sees("A condition is past its day", "Agree with the neighbours")
    sponsor.open(f"/conditions/{DecisionCondition.objects.get().pk}/met/")
    sponsor.page.get_by_role("main").locator("textarea").first.fill("Signed by all four neighbours.")
    sponsor.press("It is met")
    enter_build(lead, project)
    lead.sees("The current phase is changed.")


@pytest.mark.parametrize("with_javascript", [True, False])
def test_gate_from_evidence_to_minutes(visit: Callable[..., Visitor], with_javascript: bool) -> None:
    project, gate, people = project_at_gate()
    at_gate = f"/projects/{project.key}/gates/{gate.pk}/"
    lead, sponsor, payer, pmo = (
        visit(people[name], java_script_enabled=with_javascript) for name in ("lead", "sponsor", "payer", "pmo")
    )
    prepare(lead, sponsor, project, at_gate)
    ballot = ask(pmo, at_gate)
    vote(sponsor, payer, ballot)
    held_up(lead, sponsor, project)

    lead.open(at_gate)
    lead.sees("Passed with conditions")
    lead.follow("Minutes")
    lead.sees("Go, once the neighbours agree.", "Signed by all four neighbours.")
    answer = lead.context.request.get(f"{lead.base}/projects/{project.key}/gates/reviews/{ballot.pk}/pdf/")
    pages = PdfReader(io.BytesIO(answer.body())).pages
    text = " ".join(" ".join(page.extract_text() for page in pages).split())
    for told in ("Minutes of a gate review", "Go, once the neighbours agree.", "Agree with the neighbours"):
        assert told in text, told
    assert Gate.objects.get().milestone.actual_on == timezone.localdate()

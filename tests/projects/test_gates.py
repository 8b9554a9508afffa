"""Gates: what they ask for, who decides on them, and what they hold back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import RoleName
from accounts.roles import ROLES
from common.errors import NotAllowed
from governance.conditions import Outcome
from governance.models import Ballot, DecisionCondition
from playbooks.enums import CriterionKind
from projects.models import DocumentLink, Gate, Milestone, Project
from projects.selectors import gates as selectors
from projects.selectors.electors import people_with_role, roles_held
from projects.services import gates, plan, team
from projects.services.gates.order import GateClosed
from tests import factories as make
from tests.projects.gates import Scene, asks, facts_of, in_days, outline, views

pytestmark = pytest.mark.django_db
K = CriterionKind


# --- where gates come from ------------------------------------------------------------------------------------------


def test_every_gate_milestone_has_its_decision_side_wherever_it_comes_from(at_gate: Scene) -> None:
    plain = make.make_milestone(at_gate.project)
    assert not Gate.objects.filter(milestone=plain).exists()
    Milestone.objects.filter(pk=plain.pk).update(is_gate=True)
    assert Gate.objects.filter(milestone=plain, project=at_gate.project).count() == 1
    many = Milestone.objects.bulk_create(Milestone(project=at_gate.project, name="Many", is_gate=True) for _ in "abc")
    assert Gate.objects.filter(milestone__in=many).count() == 3


def test_gates_stand_in_the_order_of_their_phases(at_gate: Scene) -> None:
    assert [str(one.gate) for one in views(at_gate)] == ["Gate 1", "Gate 2", "Gate 3"]
    plan.move_phase(actor=at_gate.pmo, project=at_gate.project, phase_id=at_gate.phases[1].pk, earlier=True)
    assert [str(one.gate) for one in views(at_gate)] == ["Gate 2", "Gate 1", "Gate 3"]


# --- criteria -------------------------------------------------------------------------------------------------------


def test_readiness_counts_what_is_met_and_names_what_is_not(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC, "Nothing stands still")
    asks(at_gate.first, K.DOCUMENT, "The case is accepted")
    asks(at_gate.first, K.JUDGEMENT, "The sponsor is content")
    view = views(at_gate)[0]
    assert (view.met, len(view.answers), view.state) == (1, 3, "next")
    assert [str(one.criterion) for one in view.missing] == ["The case is accepted", "The sponsor is content"]
    make.make_issue(at_gate.project, is_blocker=True)
    assert views(at_gate)[0].met == 0


def test_an_automatic_answer_says_which_facts_it_rests_on(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC)
    make.make_issue(at_gate.project, is_blocker=True)
    answer = views(at_gate)[0].answers[0]
    assert [(step.fact, step.value, step.outcome) for step in answer.steps] == [
        ("project.blockers_open", 1, Outcome.FAIL)
    ]


def test_a_rule_of_the_rulebook_answers_as_it_does_for_findings(at_gate: Scene) -> None:
    from projects.services import rules

    rules.install_start_set()
    asks(at_gate.first, K.AUTOMATIC, condition=None, rule="risk-owners")
    assert views(at_gate)[0].answers[0].outcome is Outcome.FAIL
    at_gate.project.risks.update(owner=at_gate.lead)
    assert views(at_gate)[0].answers[0].outcome is Outcome.PASS
    at_gate.project.risks.all().delete()
    assert views(at_gate)[0].answers[0].outcome is Outcome.PASS, "a rule that does not apply is kept"


def test_a_rule_that_is_not_in_force_is_not_known(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC, condition=None, rule="no-such-rule")
    assert views(at_gate)[0].answers[0].outcome is Outcome.UNKNOWN


def paper(found: Scene, owner: Any = None) -> DocumentLink:
    values = {"title": "Case", "url": "https://example.org/case", "kind": "business CASE", "owner": owner or found.lead}
    return team.add_document(actor=found.lead, project=found.project, values=values)


def test_a_document_counts_once_somebody_else_than_its_owner_accepted_it(at_gate: Scene) -> None:
    asks(at_gate.first, K.DOCUMENT)
    document = paper(at_gate)
    accept = {"project": at_gate.project, "document_id": document.pk, "version": None}
    assert not views(at_gate)[0].answers[0].is_met
    with pytest.raises(NotAllowed, match="yours"):
        team.accept_document(actor=at_gate.lead, **accept)
    with pytest.raises(NotAllowed, match="Only the sponsor"):
        team.accept_document(actor=make.make_user(), **accept)
    assert team.accept_document(actor=at_gate.sponsor, **accept).accepted_by == at_gate.sponsor
    assert views(at_gate)[0].answers[0].is_met
    team.edit_document(
        actor=at_gate.lead, project=at_gate.project, document_id=document.pk, version=None,
        changes={"url": "https://example.org/other"},
    )  # fmt: skip
    assert not views(at_gate)[0].answers[0].is_met, "what was accepted was another document"


def test_the_database_refuses_an_acceptance_by_the_owner(at_gate: Scene) -> None:
    document = paper(at_gate)
    with pytest.raises(IntegrityError, match="accepted_by_another"), transaction.atomic():
        DocumentLink.objects.filter(pk=document.pk).update(accepted_by=at_gate.lead, accepted_at=timezone.now())


def test_who_holds_the_role_judges_and_nobody_else(at_gate: Scene) -> None:
    criterion = asks(at_gate.first, K.JUDGEMENT)
    said = {
        "project": at_gate.project, "criterion_id": criterion.pk, "version": None, "judged": "met", "sentence": "Seen.",
    }  # fmt: skip
    for other in (at_gate.lead, at_gate.pmo, at_gate.payer):
        with pytest.raises(NotAllowed, match="judged by"):
            gates.judge_criterion(actor=other, **said)
    gates.judge_criterion(actor=at_gate.sponsor, **said)
    again = gates.judge_criterion(actor=at_gate.sponsor, **said)
    assert (again.judged_by, again.version) == (at_gate.sponsor, 2)
    assert views(at_gate)[0].met == 1


def test_only_the_pmo_says_what_a_gate_asks_for(at_gate: Scene) -> None:
    where = {"project": at_gate.project, "gate_id": at_gate.first.pk}
    with pytest.raises(NotAllowed):
        gates.add_criterion(actor=at_gate.lead, outline=outline(), **where)
    made = gates.add_criterion(actor=at_gate.pmo, outline=outline(), **where)
    with pytest.raises(NotAllowed):
        gates.remove_criterion(actor=at_gate.lead, project=at_gate.project, criterion_id=made.pk)
    gates.remove_criterion(actor=at_gate.pmo, project=at_gate.project, criterion_id=made.pk)
    gates.remove_criterion(actor=at_gate.pmo, project=at_gate.project, criterion_id=made.pk)
    assert not at_gate.first.criteria.exists()


@pytest.mark.parametrize("bad", [
    {"texts": {"en": " "}}, {"document_kind": ""}, {"kind": "judgement", "document_kind": "", "role": "nobody"},
    {"kind": "automatic", "document_kind": ""}, {"kind": "automatic", "document_kind": "", "condition": {"fact": "x"}},
])  # fmt: skip
def test_a_criterion_that_nobody_could_answer_is_refused(at_gate: Scene, bad: dict[str, Any]) -> None:
    from common.errors import PortalError

    with pytest.raises(PortalError):
        gates.add_criterion(
            actor=at_gate.pmo, project=at_gate.project, gate_id=at_gate.first.pk, outline=outline(**bad)
        )


# --- nobody walks around --------------------------------------------------------------------------------------------


def test_a_lead_cannot_pass_a_gate_by_a_date(at_gate: Scene) -> None:
    milestone = at_gate.first.milestone
    who = {"actor": at_gate.lead, "project": at_gate.project}
    with pytest.raises(NotAllowed, match="review"):
        plan.reach_milestone(**who, milestone_id=milestone.pk)
    for changes in ({"actual_on": timezone.localdate()}, {"is_gate": False}, {"phase": None}):
        with pytest.raises(NotAllowed):
            plan.edit_milestone(**who, milestone_id=milestone.pk, version=None, changes=changes)
    with pytest.raises(NotAllowed):
        plan.add_milestone(**who, values={"name": "Sly", "is_gate": True, "actual_on": timezone.localdate()})
    Milestone.objects.filter(pk=milestone.pk).update(baseline_on=None)
    with pytest.raises(NotAllowed):
        plan.delete_milestone(**who, milestone_id=milestone.pk)


def test_a_lead_cannot_move_a_phase_around_its_gate(at_gate: Scene) -> None:
    who = {"actor": at_gate.lead, "project": at_gate.project}
    with pytest.raises(NotAllowed):
        plan.move_phase(**who, phase_id=at_gate.phases[1].pk, earlier=True)
    with pytest.raises(NotAllowed):
        plan.delete_phase(**who, phase_id=at_gate.phases[1].pk)


def test_a_lead_still_plans_gates_and_their_forecasts(at_gate: Scene) -> None:
    who = {"actor": at_gate.lead, "project": at_gate.project}
    milestone = plan.add_milestone(**who, values={"name": "One more", "is_gate": True, "forecast_on": in_days(90)})
    plan.edit_milestone(**who, milestone_id=milestone.pk, version=None, changes={"forecast_on": in_days(99)})
    assert Gate.objects.get(milestone=milestone).version == 1


def test_the_pmo_notes_a_gate_that_was_decided_elsewhere_unless_it_was_put_to_a_review(at_gate: Scene) -> None:
    who = {"actor": at_gate.pmo, "project": at_gate.project}
    plan.reach_milestone(**who, milestone_id=at_gate.first.milestone_id, on=in_days(-2))
    assert (views(at_gate)[0].state, at_gate.gate().outcome) == ("passed", "")
    at_gate.decide(1, "hold")
    with pytest.raises(GateClosed):
        plan.reach_milestone(**who, milestone_id=at_gate.gates[1].milestone_id)
    with pytest.raises(GateClosed):
        plan.edit_milestone(**who, milestone_id=at_gate.gates[1].milestone_id, version=None, changes={"is_gate": False})


# --- who holds a role ------------------------------------------------------------------------------------------------


def test_a_post_goes_before_the_same_role_given_elsewhere() -> None:
    portfolio = make.make_portfolio()
    programme = make.make_portfolio(parent=portfolio)
    other, far = (
        make.make_person(RoleName.SPONSOR, portfolio),
        make.make_person(RoleName.SPONSOR, make.make_portfolio()),
    )
    project = make.make_project(portfolio=programme)
    assert people_with_role(project.pk, RoleName.SPONSOR) == [other.pk]
    own = make.make_user()
    Project.objects.filter(pk=project.pk).update(sponsor=own)
    assert people_with_role(project.pk, RoleName.SPONSOR) == [own.pk]
    type(own).objects.filter(pk=own.pk).update(is_active=False)
    assert people_with_role(project.pk, RoleName.SPONSOR) == [other.pk]
    assert far.pk not in people_with_role(project.pk, RoleName.SPONSOR)


def test_both_ways_to_ask_who_holds_a_role_agree() -> None:
    unit, portfolio = make.make_org_unit(), make.make_portfolio()
    people = [
        make.make_person(RoleName.SPONSOR, portfolio), make.make_person(RoleName.PMO_MANAGER, unit),
        make.make_person(RoleName.EXECUTIVE), make.make_person(RoleName.BUDGET_OWNER, make.make_org_unit()),
        make.make_user(), make.make_user(),
    ]  # fmt: skip
    for fields in ({}, {"is_confidential": True}, {"sponsor": people[4]}, {"org_unit": unit, "lead": people[5]}):
        project = make.make_project(portfolio=portfolio, **fields)
        make.join_team(project, people[5], RoleName.BUDGET_OWNER)
        for person in people:
            held = roles_held(person, Project.objects.select_related("portfolio", "org_unit").get(pk=project.pk))
            assert held == {role for role in ROLES if person.pk in people_with_role(project.pk, role)}, fields


def test_a_role_of_an_org_unit_reaches_the_projects_of_the_units_below() -> None:
    top = make.make_org_unit()
    project = make.make_project(org_unit=make.make_org_unit(parent=top))
    pmo = make.make_person(RoleName.PMO_MANAGER, top)
    assert people_with_role(project.pk, RoleName.PMO_MANAGER) == [pmo.pk]


def test_a_confidential_project_is_decided_on_by_those_who_may_know_it() -> None:
    project = make.make_project(is_confidential=True)
    make.make_person(RoleName.EXECUTIVE)
    pmo = make.make_person(RoleName.PMO_MANAGER)
    assert people_with_role(project.pk, RoleName.EXECUTIVE) == []
    assert people_with_role(project.pk, RoleName.PMO_MANAGER) == [pmo.pk]


def test_conditions_of_a_review_that_did_not_pass_bind_nobody(at_gate: Scene) -> None:
    ballot = at_gate.open()
    at_gate.vote(ballot, at_gate.sponsor, "conditional")
    at_gate.vote(ballot, at_gate.payer, "hold")
    DecisionCondition.objects.update(due_on=timezone.localdate() - timedelta(days=3))
    assert Ballot.objects.get(pk=ballot.pk).outcome == "hold"
    assert facts_of(at_gate.project)["conditions_overdue"] == 0
    assert not selectors.unmet_conditions(at_gate.project)

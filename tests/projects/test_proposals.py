"""Where a directive office looks after a project: the lead proposes, the PMO accepts in one press."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from common import formats
from common.errors import Conflict, NotAllowed
from common.models import OutgoingMail
from projects.enums import ProposalState
from projects.models import Milestone, Project, Proposal
from projects.selectors.proposals import count_waiting_for
from projects.services import plan, projects, proposals, raid
from projects.services.projects import OnlyThePmo
from projects.services.proposals import ProposalError
from reporting.selectors import my_work
from strategy.enums import ControlLevel
from tests import factories

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

DAY = timezone.localdate() + dt.timedelta(days=40)


class Directed:
    """A project of a directive office with its lead, a PMO manager and a milestone."""

    def __init__(self, level: str = ControlLevel.DIRECTIVE) -> None:
        self.lead = factories.make_user("Lena Lead")
        portfolio = factories.make_portfolio(office=factories.make_office(control=level))
        self.project: Project = factories.make_healthy_project(portfolio=portfolio, lead=self.lead, refresh=True)
        self.pmo = factories.make_person(RoleName.PMO_MANAGER, portfolio, name="Petra PMO")
        self.milestone = self.project.milestones.get()
        self.risk = self.project.risks.get()

    def propose(self, on: dt.date = DAY) -> Proposal:
        self.milestone.refresh_from_db()
        return proposals.propose(
            actor=self.lead, project=self.project, target="milestone", record=self.milestone,
            changes={"forecast_on": on, "name": self.milestone.name}, why="The pump comes late.",
        )  # fmt: skip

    def edits(self, actor: object) -> dict[str, Callable[[], object]]:
        """Every order that changes plan dates or risks."""
        base = {"actor": actor, "project": self.project}
        phase = factories.make_phase(self.project)
        free = factories.make_milestone(self.project)
        return {
            "milestone": lambda: plan.edit_milestone(
                **base, milestone_id=self.milestone.pk, version=None, changes={"forecast_on": DAY}
            ),
            "new milestone": lambda: plan.add_milestone(**base, values={"name": "Opening"}),
            "new phase": lambda: plan.add_phase(**base, values={"name": "Build"}),
            "phase": lambda: plan.edit_phase(**base, phase_id=phase.pk, version=None, changes={"start_on": DAY}),
            "moved phase": lambda: plan.move_phase(**base, phase_id=phase.pk, earlier=True),
            "deleted phase": lambda: plan.delete_phase(**base, phase_id=phase.pk),
            "new risk": lambda: raid.add_risk(**base, values={"title": "Rain", "probability": 2, "impact": 2}),
            "risk": lambda: raid.edit_risk(**base, risk_id=self.risk.pk, version=None, changes={"title": "Hail"}),
            "closed risk": lambda: raid.close_risk(**base, risk_id=self.risk.pk),
            "opened risk": lambda: raid.reopen_risk(**base, risk_id=self.risk.pk),
            "dates": lambda: projects.edit_project(
                actor=actor, project_id=self.project.pk, version=None, changes={"forecast_finish_on": DAY}
            ),
            "deleted milestone": lambda: plan.delete_milestone(**base, milestone_id=free.pk),
        }  # type: ignore[arg-type]  # keywords of a test


@pytest.fixture
def case() -> Directed:
    return Directed()


def test_in_a_directive_office_no_order_of_a_lead_changes_dates_or_risks(case: Directed) -> None:
    for name, order in case.edits(case.lead).items():
        with pytest.raises(OnlyThePmo, match="propose your change"), transaction.atomic():
            order()
        assert name
    for order in case.edits(case.pmo).values():
        order()


@pytest.mark.parametrize("level", [ControlLevel.SUPPORTIVE, ControlLevel.CONTROLLING])
def test_elsewhere_the_lead_plans(level: str) -> None:
    case = Directed(level)
    for order in case.edits(case.lead).values():
        order()


def test_the_lead_still_reports_and_edits_the_rest(case: Directed) -> None:
    projects.edit_project(actor=case.lead, project_id=case.project.pk, version=None, changes={"name": "Quay wall"})
    plan.reach_milestone(actor=case.lead, project=case.project, milestone_id=case.milestone.pk)
    raid.add_issue(actor=case.lead, project=case.project, values={"title": "Leak", "severity": 2})


def test_a_proposal_is_accepted_in_one_step_through_the_same_order(case: Directed) -> None:
    proposal = case.propose()
    assert proposal.changes == {"forecast_on": {"from": str(case.milestone.forecast_on), "to": str(DAY)}}
    for _again in range(2):
        assert proposals.accept_proposal(actor=case.pmo, proposal_id=proposal.pk).state == ProposalState.ACCEPTED
    case.milestone.refresh_from_db()
    assert case.milestone.forecast_on == DAY
    with pytest.raises(ProposalError, match="cannot be done any more"):
        proposals.refuse_proposal(actor=case.pmo, proposal_id=proposal.pk, answer="No")
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.update(state=ProposalState.OPEN, decided_at=None, decided_by=None)


def test_a_new_milestone_and_dates_of_the_project_can_be_proposed(case: Directed) -> None:
    new = proposals.propose(
        actor=case.lead, project=case.project, target="milestone", record=None,
        changes={"name": "Opening", "forecast_on": DAY, "phase": None}, why="It was missing.",
    )  # fmt: skip
    proposals.accept_proposal(actor=case.pmo, proposal_id=new.pk)
    assert Milestone.objects.get(name="Opening").forecast_on == DAY
    dates = proposals.propose(
        actor=case.lead, project=case.project, target="project", record=case.project,
        changes={"forecast_finish_on": DAY}, why="Later.",
    )  # fmt: skip
    proposals.accept_proposal(actor=case.pmo, proposal_id=dates.pk)
    case.project.refresh_from_db()
    assert case.project.forecast_finish_on == DAY


def test_what_moved_on_is_not_overwritten(case: Directed) -> None:
    proposal = case.propose()
    plan.edit_milestone(
        actor=case.pmo, project=case.project, milestone_id=case.milestone.pk, version=None, changes={"name": "Pump"}
    )
    with pytest.raises(Conflict, match="changed after it was proposed"):
        proposals.accept_proposal(actor=case.pmo, proposal_id=proposal.pk)
    case.milestone.delete()
    with pytest.raises(ProposalError, match="is gone"):
        proposals.accept_proposal(actor=case.pmo, proposal_id=proposal.pk)
    assert proposals.refuse_proposal(actor=case.pmo, proposal_id=proposal.pk, answer="Gone").answer == "Gone"


def test_nobody_accepts_their_own_and_only_the_pmo_accepts(case: Directed) -> None:
    proposal = case.propose()
    for person in (case.lead, factories.make_user()):
        with pytest.raises(NotAllowed):
            proposals.accept_proposal(actor=person, proposal_id=proposal.pk)
    factories.grant(case.lead, RoleName.PMO_MANAGER)
    with pytest.raises(NotAllowed, match="proposed this yourself"):
        proposals.accept_proposal(actor=case.lead, proposal_id=proposal.pk)
    with pytest.raises(DatabaseError), transaction.atomic():
        Proposal.objects.update(state="accepted", decided_at=timezone.now(), decided_by=case.lead)


def test_proposing_twice_is_once_and_nothing_is_no_proposal(case: Directed) -> None:
    assert case.propose().pk == case.propose().pk
    with pytest.raises(ProposalError, match="Nothing differs"):
        case.propose(case.milestone.forecast_on or DAY)
    with pytest.raises(NotAllowed):
        proposals.propose(
            actor=factories.make_user(), project=case.project, target="risk", record=case.risk,
            changes={"title": "Hail"}, why="x",
        )  # fmt: skip
    for _again in range(2):
        taken = proposals.withdraw_proposal(actor=case.lead, proposal_id=Proposal.objects.get().pk)
    assert taken.state == ProposalState.WITHDRAWN


def test_the_form_of_a_lead_proposes_and_the_page_of_the_pmo_accepts(case: Directed) -> None:
    client = Client()
    client.force_login(case.lead)
    path = reverse("milestone-edit", args=[case.project.key, case.milestone.pk])
    page = client.get(path).content.decode()
    assert "You propose; the PMO decides." in page
    data = {
        "version": case.milestone.version, "name": case.milestone.name, "forecast_on": DAY,
        "baseline_on": case.milestone.baseline_on,
    }  # fmt: skip
    refused = client.post(path, data)
    assert refused.status_code == 422
    assert f'value="{DAY}"' in refused.content.decode()
    assert client.post(path, {**data, "why": "The pump comes late."}).status_code == 302
    case.milestone.refresh_from_db()
    assert case.milestone.forecast_on != DAY
    proposal = Proposal.objects.get()
    listed = client.get(reverse("proposal-list")).content.decode()
    assert "The pump comes late." in listed
    assert reverse("proposal-accept", args=[proposal.pk]) not in listed
    assert client.post(reverse("proposal-accept", args=[proposal.pk])).status_code == 403
    client.force_login(case.pmo)
    assert reverse("proposal-accept", args=[proposal.pk]) in client.get(reverse("proposal-list")).content.decode()
    assert client.post(reverse("proposal-accept", args=[proposal.pk]), follow=True).status_code == 200
    case.milestone.refresh_from_db()
    assert case.milestone.forecast_on == DAY
    client.force_login(factories.make_user())
    assert client.post(reverse("proposal-accept", args=[proposal.pk])).status_code == 404


def test_on_the_edit_form_of_the_project_dates_are_proposed_and_the_rest_is_saved(case: Directed) -> None:
    client = Client()
    client.force_login(case.lead)
    project = case.project
    data = {
        "version": project.version, "name": "Quay wall", "forecast_finish_on": DAY, "why": "Late",
        **{name: getattr(project, name) for name in ("forecast_start_on", "actual_start_on")},
    }  # fmt: skip
    assert client.post(reverse("project-edit", args=[project.key]), data).status_code == 302
    project.refresh_from_db()
    assert project.name == "Quay wall"
    assert project.forecast_finish_on != DAY
    proposals.accept_proposal(actor=case.pmo, proposal_id=Proposal.objects.get().pk)
    project.refresh_from_db()
    assert project.forecast_finish_on == DAY


def mails() -> dict[str, str]:
    """What waits in the outbox, by receiver."""
    found = {mail.to_address: mail.text for mail in OutgoingMail.objects.all()}
    OutgoingMail.objects.all().delete()
    return found


def test_the_pmo_gets_a_mail_with_from_to_and_why_and_the_lead_gets_the_answer(case: Directed) -> None:
    colleague = factories.make_person(RoleName.PMO_MANAGER, case.project.portfolio, name="Paul PMO", language="nl")
    factories.make_person(RoleName.PMO_MANAGER, factories.make_portfolio(), name="Of another portfolio")
    for _again in range(2):
        proposal = case.propose()
    told = mails()
    assert set(told) == {case.pmo.email, colleague.email}, "once, to those who decide on it"
    assert "Lena Lead" in told[case.pmo.email]
    assert formats.date_short(DAY) in told[case.pmo.email]
    assert "The pump comes late." in told[case.pmo.email]
    assert f"{reverse('proposal-list')}?project={case.project.key}" in told[case.pmo.email]
    assert told[colleague.email].startswith("Hallo")
    proposals.refuse_proposal(actor=case.pmo, proposal_id=proposal.pk, answer="Buy another pump.")
    told = mails()
    assert set(told) == {case.lead.email}
    assert "Buy another pump." in told[case.lead.email]
    proposals.accept_proposal(actor=case.pmo, proposal_id=case.propose(DAY + dt.timedelta(days=1)).pk)
    assert "The change is made." in mails()[case.lead.email]


def test_a_pmo_manager_who_proposes_gets_no_mail_about_it_and_a_refused_step_leaves_none(case: Directed) -> None:
    factories.grant(case.lead, RoleName.PMO_MANAGER)
    proposal = case.propose()
    assert set(mails()) == {case.pmo.email}
    with pytest.raises(NotAllowed):
        proposals.accept_proposal(actor=case.lead, proposal_id=proposal.pk)
    assert mails() == {}


def test_who_lost_sight_of_the_project_gets_no_answer(case: Directed) -> None:
    proposal = case.propose()
    Project.objects.filter(pk=case.project.pk).update(lead=None)
    mails()
    proposals.refuse_proposal(actor=case.pmo, proposal_id=proposal.pk, answer="No.")
    assert mails() == {}


def test_what_waits_is_among_the_work_and_a_badge_of_those_who_decide(case: Directed) -> None:
    proposal = case.propose()
    assert [(one.title, one.href) for one in my_work.todos(case.pmo)] == [
        (f"Proposal: {proposal.title}", f"{reverse('proposal-list')}?project={case.project.key}")
    ]
    assert count_waiting_for(case.pmo) == 1
    for other in (
        case.lead,
        factories.make_user(),
        factories.make_person(RoleName.PMO_MANAGER, factories.make_portfolio()),
    ):
        assert count_waiting_for(other) == 0
        assert not [one for one in my_work.todos(other) if "Proposal" in one.title]
    proposals.withdraw_proposal(actor=case.lead, proposal_id=proposal.pk)
    assert count_waiting_for(case.pmo) == 0


def test_the_mails_about_a_proposal_take_as_many_statements_for_five_managers_as_for_one(
    case: Directed, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    def propose() -> None:
        owner = factories.make_user()
        factories.join_team(case.project, owner)
        with django_assert_num_queries(12):
            proposals.propose(
                actor=case.lead, project=case.project, target="risk", record=case.risk,
                changes={"owner": owner}, why="They know the pump.",
            )  # fmt: skip

    assert case.lead.access is not None, "their grants are read"
    propose()
    for _more in range(4):
        factories.make_person(RoleName.PMO_MANAGER, case.project.portfolio)
    propose()
    assert OutgoingMail.objects.filter(message_id__startswith="proposal-").count() == 1 + 5

"""What an approval makes: one project, laid out from the playbook."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal

from django.db import transaction

from common.models import OutgoingMail
from intake import services
from intake.models import Request
from playbooks.selectors import criterion_outline, outline_of, published_version_of
from playbooks.services import open_draft
from projects.models import Project, TeamMember
from projects.selectors.accountability import board_of
from strategy.enums import Post
from tests.intake.world import START, World


def test_an_approved_request_becomes_its_project(world: World) -> None:
    pitch = world.approved()
    project = pitch.project
    assert project is not None
    assert (project.name, project.lead, project.sponsor) == (pitch.title, world.lead, world.sponsor)
    assert (project.portfolio, project.org_unit) == (world.portfolio, world.unit)
    assert project.playbook_version == published_version_of(world.playbook)
    assert "Energy bills rise." in project.description
    assert TeamMember.objects.filter(project=project, user=world.requester, role="stakeholder").exists()


def test_phases_follow_each_other_from_the_start_date(world: World) -> None:
    project = world.approved().project
    assert project is not None
    version = published_version_of(world.playbook)
    assert version is not None
    outline = outline_of(version)
    phases = list(project.phases.order_by("position"))
    assert [phase.name for phase in phases] == [phase.name for phase in outline]
    assert phases[0].start_on == START
    for before, after in itertools.pairwise(phases):
        assert after.start_on == before.finish_on + dt.timedelta(days=1)
    days = sum(phase.days for phase in outline)
    assert project.forecast_finish_on == START + dt.timedelta(days=days - 1) == phases[-1].finish_on
    assert project.phase == phases[0]


def test_the_baseline_is_the_first_forecast(world: World) -> None:
    project = world.approved().project
    assert project is not None
    assert project.baseline_finish_on == project.forecast_finish_on
    milestones = list(project.milestones.all())
    assert milestones
    assert all(each.baseline_on == each.forecast_on and each.actual_on is None for each in milestones)
    assert sum(each.is_gate for each in milestones) == 4


def test_the_gates_ask_what_the_playbook_asks(world: World) -> None:
    project = world.approved().project
    assert project is not None
    version = published_version_of(world.playbook)
    assert version is not None
    asked = [one for phase in outline_of(version) for item in phase.milestones for one in item.criteria]
    gates = project.gates.in_order()
    copied = [criterion_outline(one) for gate in gates for one in gate.criteria.order_by("position")]
    assert copied == asked
    assert copied


def test_a_known_budget_becomes_the_cost_in_its_currency(world: World) -> None:
    project = world.approved(budget=Decimal(90_000), currency="GBP").project
    assert project is not None
    assert (project.baseline_cost, project.forecast_cost, project.currency) == (90_000, 90_000, "GBP")


def test_an_unknown_budget_stays_unknown_in_the_currency_of_the_portfolio(world: World) -> None:
    project = world.approved(budget=None, budget_is_unknown=True, currency="GBP").project
    assert project is not None
    assert (project.baseline_cost, project.forecast_cost, project.currency) == (None, None, "EUR")


def test_the_project_has_its_state_at_once(world: World) -> None:
    project = world.approved().project
    assert project is not None
    assert project.state.computed_at


def test_requester_and_lead_get_one_mail_each(world: World) -> None:
    pitch = world.triaged()
    OutgoingMail.objects.all().delete()
    for _again in range(2):
        services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Pays back fast.")
    mails = {mail.to_address: mail for mail in OutgoingMail.objects.all()}
    assert set(mails) == {world.requester.email, world.lead.email}
    assert "Pays back fast." in mails[world.requester.email].text
    assert "P-" in mails[world.lead.email].text


def test_a_rolled_back_approval_leaves_nothing(world: World) -> None:
    pitch = world.triaged()
    mails = OutgoingMail.objects.count()
    with transaction.atomic():
        services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Yes.")
        transaction.set_rollback(True)
    assert (Project.objects.count(), OutgoingMail.objects.count()) == (0, mails)
    assert Request.objects.get(pk=pitch.pk).state == "triaged"


def test_the_newest_published_version_is_used_even_while_another_is_written(world: World) -> None:
    open_draft(actor=world.pmo, pk=world.playbook.pk)
    project = world.approved().project
    assert project is not None
    assert project.playbook_version.number == 1


def test_deliverables_of_the_playbook_are_laid_out_with_their_parts(world: World) -> None:
    project = world.approved().project
    assert project is not None
    version = published_version_of(world.playbook)
    assert version is not None
    wanted = {(phase.name, item.name, item.letters) for phase in outline_of(version) for item in phase.deliverables}
    made = {
        (str(one.phase), one.name, tuple(sorted(((row.post, row.letter) for row in one.assignments.all()), key=_place)))
        for one in project.deliverables.all()
    }
    assert wanted == made
    assert len(made) > 4
    first = project.deliverables.order_by("due_on").first()
    assert first is not None
    assert first.due_on == START + dt.timedelta(days=outline_of(version)[0].deliverables[0].day)
    works = board_of(project).works
    assert {one.accountable.person_id for one in works if one.accountable} <= {world.lead.pk, world.sponsor.pk}


def _place(row: tuple[str, str]) -> int:
    return Post.values.index(row[0])

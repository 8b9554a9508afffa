"""What was agreed stays as it was agreed."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, transaction
from django.utils import timezone

from common.errors import NotAllowed
from intake import services as intake
from projects.enums import BaselineSource
from projects.models import Baseline, Milestone, Project
from projects.services import baselines, money, plan, projects
from projects.services.baselines import BaselineStays, NothingToAgree
from tests import factories as make
from tests.intake.world import make_world as make_intake
from tests.projects.changes.world import DAYS, World, make_world

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def test_the_first_baseline_freezes_scope_dates_milestones_money_and_benefits(world: World) -> None:
    found = world.baseline
    assert (found.number, found.source, found.agreed_by) == (1, "first", world.pmo)
    assert (found.scope, found.finish_on, found.cost, found.benefits) == ("A dry street", world.finish, 1000, 5000)
    assert [one["name"] for one in found.milestones][-1] == "Go live"
    assert found.milestones[-1]["on"] == world.milestone.baseline_on.isoformat()


def test_agreeing_twice_is_one_baseline_and_the_lead_does_not_agree() -> None:
    project = make.make_healthy_project(lead=make.make_user())
    assert project.lead
    with pytest.raises(NotAllowed):
        baselines.agree_baseline(actor=project.lead, project_id=project.pk)
    pmo = make.make_person()
    first = baselines.agree_baseline(actor=pmo, project_id=project.pk)
    assert baselines.agree_baseline(actor=pmo, project_id=project.pk) == first
    assert Baseline.objects.filter(project=project).count() == 1


def test_an_empty_baseline_cannot_be_agreed() -> None:
    project = make.make_project()
    with pytest.raises(NothingToAgree):
        baselines.agree_baseline(actor=make.make_person(), project_id=project.pk)


def test_withheld_and_unknown_cost_are_kept_apart() -> None:
    pmo = make.make_person()
    secret = make.make_project(baseline_cost_withheld="Tender is running")
    unknown = make.make_project(baseline_finish_on=timezone.localdate())
    kept = baselines.agree_baseline(actor=pmo, project_id=secret.pk)
    assert (kept.cost, kept.cost_withheld) == (None, "Tender is running")
    kept = baselines.agree_baseline(actor=pmo, project_id=unknown.pk)
    assert (kept.cost, kept.cost_withheld) == (None, "")


def test_nobody_moves_an_agreed_baseline_not_even_the_pmo(world: World) -> None:
    later = world.finish + 30 * DAYS
    for actor in (world.lead, world.pmo):
        with pytest.raises(BaselineStays, match="Baseline 1"):
            projects.edit_project(
                actor=actor, project_id=world.project.pk, version=None, changes={"baseline_finish_on": later}
            )
        with pytest.raises(BaselineStays):
            money.set_money(
                actor=actor, project_id=world.project.pk, version=None, changes={"baseline_cost": Decimal(2000)}
            )
        with pytest.raises(BaselineStays):
            money.set_money(actor=actor, project_id=world.project.pk, version=None, changes={"currency": "USD"})
        with pytest.raises(BaselineStays):
            plan.edit_milestone(
                actor=actor, project=world.project, milestone_id=world.milestone.pk, version=None,
                changes={"baseline_on": later},
            )  # fmt: skip
        with pytest.raises(BaselineStays):
            plan.delete_milestone(actor=actor, project=world.project, milestone_id=world.milestone.pk)


def test_the_pmo_fills_in_what_was_left_open_and_that_is_a_version() -> None:
    project = make.make_project(lead=make.make_user(), baseline_finish_on=timezone.localdate())
    assert project.lead
    pmo = make.make_person()
    baselines.agree_baseline(actor=pmo, project_id=project.pk)
    fill = {"baseline_cost": Decimal(700)}
    with pytest.raises(BaselineStays, match="only the PMO"):
        money.set_money(actor=project.lead, project_id=project.pk, version=None, changes=fill)
    money.set_money(actor=pmo, project_id=project.pk, version=None, changes=fill)
    found = baselines.newest(project.pk)
    assert found
    assert (found.number, found.source, found.cost) == (2, BaselineSource.FILLED, 700)
    milestone = plan.add_milestone(
        actor=pmo, project=project, values={"name": "New", "baseline_on": timezone.localdate()}
    )
    with pytest.raises(BaselineStays):
        plan.add_milestone(
            actor=project.lead, project=project, values={"name": "Mine", "baseline_on": timezone.localdate()}
        )
    found = baselines.newest(project.pk)
    assert found
    assert (found.number, [one["id"] for one in found.milestones]) == (3, [milestone.pk])


def test_a_milestone_without_baseline_comes_and_goes_freely(world: World) -> None:
    added = plan.add_milestone(actor=world.lead, project=world.project, values={"name": "Extra"})
    plan.delete_milestone(actor=world.lead, project=world.project, milestone_id=added.pk)
    assert Baseline.objects.filter(project=world.project).count() == 1


@pytest.mark.parametrize("column", ["baseline_finish_on", "baseline_cost", "baseline_start_on"])
def test_the_database_refuses_columns_that_the_baseline_does_not_say(world: World, column: str) -> None:
    value = Decimal(1) if column == "baseline_cost" else world.today - timedelta(days=200)
    with pytest.raises(IntegrityError, match="new version"), transaction.atomic():
        Project.objects.filter(pk=world.project.pk).update(**{column: value})
    with pytest.raises(IntegrityError, match="new version"), transaction.atomic():
        Milestone.objects.filter(pk=world.milestone.pk).update(baseline_on=world.today)


def test_a_version_never_changes_and_is_never_deleted(world: World) -> None:
    with pytest.raises(InternalError), transaction.atomic():
        Baseline.objects.filter(pk=world.baseline.pk).update(cost=1)
    with pytest.raises(InternalError), transaction.atomic():
        Baseline.objects.filter(pk=world.baseline.pk).delete()


def test_an_approved_request_starts_with_an_agreed_baseline() -> None:
    world = make_intake()
    pitch = world.triaged()
    approved = intake.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Pays back.")
    assert approved.project
    found = baselines.newest(approved.project.pk)
    assert found
    assert (found.number, found.note, found.agreed_by) == (1, pitch.key, world.sponsor)
    assert len(found.milestones) == approved.project.milestones.exclude(baseline_on=None).count() > 0
    assert found.finish_on == approved.project.baseline_finish_on

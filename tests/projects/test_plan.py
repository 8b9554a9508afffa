"""Milestones and phases."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from projects.services import plan
from projects.services.baselines import BaselineStays
from projects.services.plan import PlanError
from tests import factories
from tests.projects.record import at, cast, get, post, words

pytestmark = pytest.mark.django_db


def test_reached_today_by_one_press_and_a_second_press_changes_nothing() -> None:
    people = cast()
    milestone = factories.make_milestone(people.project, "Go", forecast_on=timezone.localdate())
    for _press in range(2):
        assert post(people.lead, "milestone-reach", people.project.key, milestone.pk).status_code == 302
    milestone.refresh_from_db()
    assert (milestone.actual_on, milestone.version) == (timezone.localdate(), 2)


def test_following_a_link_never_reaches_or_deletes() -> None:
    people = cast()
    milestone = factories.make_milestone(people.project, "Go")
    assert get(people.lead, "milestone-reach", people.project.key, milestone.pk).status_code == 405
    assert get(people.lead, "milestone-delete", people.project.key, milestone.pk).status_code == 200
    milestone.refresh_from_db()
    assert milestone.actual_on is None


@pytest.mark.parametrize("name", ["milestone-edit", "milestone-delete", "milestone-reach"])
def test_milestone_of_another_project_is_not_found_here(name: str) -> None:
    people = cast()
    foreign = factories.make_milestone(factories.make_project(lead=people.lead))
    answer = at(people.lead).post(reverse(name, args=[people.project.key, foreign.pk]), {"name": "Mine", "version": 1})
    foreign.refresh_from_db()
    assert foreign.name != "Mine"
    assert foreign.actual_on is None
    assert answer.status_code in {302, 404} if name == "milestone-delete" else answer.status_code == 404


def test_milestone_cannot_be_reached_tomorrow() -> None:
    people = cast()
    milestone = factories.make_milestone(people.project)
    with pytest.raises(PlanError, match="future"):
        plan.reach_milestone(
            actor=people.lead,
            project=people.project,
            milestone_id=milestone.pk,
            on=timezone.localdate() + timedelta(days=1),
        )


def test_lead_cannot_move_the_baseline_of_a_milestone_nor_delete_it() -> None:
    people = cast()
    milestone = factories.make_milestone(people.project, baseline_on=timezone.localdate())
    later = timezone.localdate() + timedelta(days=9)
    with pytest.raises(BaselineStays):
        plan.edit_milestone(
            actor=people.lead,
            project=people.project,
            milestone_id=milestone.pk,
            version=None,
            changes={"baseline_on": later},
        )
    with pytest.raises(BaselineStays):
        plan.delete_milestone(actor=people.lead, project=people.project, milestone_id=milestone.pk)
    plan.delete_milestone(actor=people.pmo, project=people.project, milestone_id=milestone.pk)
    assert not people.project.milestones.filter(pk=milestone.pk).exists()


def test_phase_of_another_project_cannot_be_chosen() -> None:
    people = cast()
    foreign = factories.make_phase(factories.make_project())
    with pytest.raises(PlanError, match="this project"):
        plan.set_current_phase(actor=people.lead, project=people.project, version=None, phase=foreign)
    assert post(people.lead, "milestone-create", people.project.key, name="Go", phase=foreign.pk).status_code == 422


def test_phases_move_and_the_current_one_stays() -> None:
    people = cast()
    first, second = factories.make_phase(people.project, "A"), factories.make_phase(people.project, "B")
    post(people.lead, "phase-current", people.project.key, first.pk)
    post(people.lead, "phase-move", people.project.key, second.pk, "up")
    assert list(people.project.phases.order_by("position").values_list("name", flat=True)) == ["B", "A"]
    post(people.lead, "phase-delete", people.project.key, first.pk)
    assert people.project.phases.filter(pk=first.pk).exists()


def test_plan_shows_baseline_forecast_and_slip() -> None:
    people = cast()
    day = timezone.localdate()
    milestone = factories.make_milestone(
        people.project, "Go live", baseline_on=day, forecast_on=day + timedelta(days=21)
    )
    page = words(get(people.executive, "project-plan", people.project.key))
    assert "+21" in page
    assert f'id="milestone-{milestone.pk}"' in page
    assert "Reached today" not in page
    assert "Reached today" in words(get(people.lead, "project-plan", people.project.key))


def test_a_milestone_whose_day_has_passed_is_never_called_on_plan() -> None:
    people = cast()
    day = timezone.localdate() - timedelta(days=37)
    factories.make_milestone(people.project, "Go", baseline_on=day, forecast_on=day)
    for name in ("project", "project-plan"):
        shown = words(get(people.lead, name, people.project.key))
        assert "+37" in shown


def test_change_of_the_plan_is_in_the_state_at_once() -> None:
    people = cast()
    plan.add_milestone(
        actor=people.lead,
        project=people.project,
        values={"name": "Late", "forecast_on": timezone.localdate() - timedelta(days=40)},
    )
    people.project.state.refresh_from_db()
    assert people.project.state.schedule == "red"

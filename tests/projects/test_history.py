"""Who changed what."""

from datetime import timedelta

import pghistory
import pytest
from django.utils import timezone

from projects.enums import UpdateState
from projects.services import money, plan
from tests import factories
from tests.projects.record import cast, get, post, queries, words

pytestmark = pytest.mark.django_db


def test_history_names_person_field_before_and_after_and_request() -> None:
    people = cast()
    day = timezone.localdate()
    milestone = factories.make_milestone(people.project, "Go live", forecast_on=day)
    post(
        people.lead,
        "milestone-edit",
        people.project.key,
        milestone.pk,
        version=1,
        name="Go live",
        forecast_on=day + timedelta(days=7),
    )
    page = words(get(people.executive, "project-history", people.project.key))
    assert "Milestone “Go live”" in page
    assert "Lena Lead" in page
    assert "<dt>Forecast</dt>" in page
    assert "→" in page
    with pghistory.context(user=people.pmo.pk, request_id="abcdef123456"):
        money.set_money(
            actor=people.pmo, project_id=people.project.pk, version=None, changes={"benefits_withheld": "Secret deal"}
        )
    page = words(get(people.executive, "project-history", people.project.key))
    assert "Benefits withheld because" in page
    assert "abcdef12" in page


def test_history_is_not_for_everybody_who_reads() -> None:
    people = cast()
    stakeholder = factories.make_user()
    factories.join_team(people.project, stakeholder)
    assert get(stakeholder, "project", people.project.key).status_code == 200
    assert get(stakeholder, "project-history", people.project.key).status_code == 403
    assert get(people.stranger, "project-history", people.project.key).status_code == 404
    assert "/history/" not in words(get(stakeholder, "project", people.project.key))


def test_drafts_of_updates_are_not_told() -> None:
    people = cast()
    factories.make_update(
        people.project, state=UpdateState.DRAFT, author=people.lead, accomplished="not yet for others"
    )
    assert "not yet for others" not in words(get(people.pmo, "project-history", people.project.key))


def test_other_projects_are_not_in_it() -> None:
    people = cast()
    factories.make_risk(factories.make_project(), "Elsewhere")
    assert "Elsewhere" not in words(get(people.pmo, "project-history", people.project.key))


def test_deleted_record_is_told() -> None:
    people = cast()
    milestone = factories.make_milestone(people.project, "Gone soon")
    plan.delete_milestone(actor=people.lead, project=people.project, milestone_id=milestone.pk)
    page = words(get(people.pmo, "project-history", people.project.key, kind="milestone"))
    assert "removed" in page


def test_long_history_is_paged_at_the_same_cost() -> None:
    people = cast()
    for number in range(2):
        factories.make_risk(people.project, f"Risk {number}")
    few = queries(people.lead, "project-history", people.project.key)
    for number in range(60):
        factories.make_risk(people.project, f"More {number}")
        factories.make_milestone(people.project, f"Stone {number}")
    assert queries(people.lead, "project-history", people.project.key) == few
    assert few <= 12
    second = get(people.lead, "project-history", people.project.key, page="2")
    assert second.status_code == 200
    assert len(second.content) < 150_000


def test_nonsense_page_and_kind_are_left_out() -> None:
    people = cast()
    assert get(people.lead, "project-history", people.project.key, page="x", kind="user").status_code == 200

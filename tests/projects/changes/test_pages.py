"""The pages of change control: what they show to whom, and how they are used."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from accounts.enums import RoleName
from projects.models import Baseline, ChangeRequest
from projects.services import changes, money
from tests import factories as make
from tests.projects.changes.world import DAYS, World, make_world, vote
from tests.projects.record import at, get, post, queries, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def form(world: World, **values: Any) -> dict[str, Any]:
    return {
        "title": "More pumps", "reason": "Rain", "kinds": ["cost"], "cost_delta": "50", "token": str(uuid.uuid4()),
        **{f"milestone_{one.pk}": one.baseline_on or "" for one in world.project.milestones.all()}, **values,
    }  # fmt: skip


def test_the_empty_page_says_what_to_do_to_the_pmo_and_to_the_lead() -> None:
    project = make.make_healthy_project(lead=make.make_user())
    assert project.lead
    pmo = make.make_person()
    assert "Agree the baseline" in words(get(pmo, "project-changes", project.key))
    page = words(get(project.lead, "project-changes", project.key))
    assert "No baseline was agreed yet" in page
    assert reverse("baseline-agree", args=[project.key]) not in page
    assert "not agreed yet" in words(get(project.lead, "project-money", project.key))
    assert get(project.lead, "baseline-agree", project.key).status_code == 403
    assert get(pmo, "baseline-agree", project.key).status_code == 200
    assert not Baseline.objects.exists()
    assert post(pmo, "baseline-agree", project.key).status_code == 302
    assert "baseline 1" in words(get(project.lead, "project-money", project.key))


def test_a_draft_is_written_once_and_submitted_with_one_press(world: World) -> None:
    data = form(world)
    for _press in range(2):
        answer = post(world.lead, "change-create", world.project.key, **data)
        assert answer.status_code == 302
    change = ChangeRequest.objects.get()
    assert (change.state, change.cost_delta, change.milestones) == ("draft", 50, [])
    post(world.lead, "change-submit", world.project.key, change.pk, version=change.version)
    page = words(get(world.lead, "change", world.project.key, change.pk))
    assert "In ballot" in page
    assert "€1,050" in page
    vote(world.sponsor, change)
    page = words(get(world.lead, "project-changes", world.project.key))
    assert "Baseline 2" in page
    assert "+€50" in page


def test_a_moved_and_a_dropped_milestone_come_through_the_form(world: World) -> None:
    first = world.project.milestones.exclude(pk=world.milestone.pk).get()
    moved = {f"milestone_{world.milestone.pk}": world.today + 60 * DAYS, f"milestone_{first.pk}": ""}
    post(world.lead, "change-create", world.project.key, **form(world, kinds=["schedule"], cost_delta="", **moved))
    change = ChangeRequest.objects.get()
    assert {one["id"]: one["to"] for one in change.milestones} == {
        world.milestone.pk: (world.today + 60 * DAYS).isoformat(), first.pk: None,
    }  # fmt: skip
    page = words(get(world.lead, "change", world.project.key, change.pk))
    assert "+10 days" in page
    assert "not in the baseline" in page


def test_the_second_of_two_tabs_reads_both_and_loses_nothing(world: World) -> None:
    change = world.draft(cost_delta=Decimal(50))
    key = world.project.key
    changes.edit_change(
        actor=world.pmo, project=world.project, change_id=change.pk, version=1,
        changes={"title": "Larger pumps", "milestones": [{"id": world.milestone.pk, "to": world.today}]},
    )  # fmt: skip
    answer = post(world.lead, "change-edit", key, change.pk, **form(world, title="Better pumps", version=1))
    page = words(answer)
    assert answer.status_code == 409
    for text in ("Larger pumps", "Better pumps", "Somebody else was just before you."):
        assert text in page
    assert answer.context["form"].initial[f"milestone_{world.milestone.pk}"] == world.today
    change.refresh_from_db()
    assert change.title == "Larger pumps"


def test_drafts_are_seen_by_their_author_and_who_edits_the_project(world: World) -> None:
    mine = world.draft(world.helper, title="Half a thought")
    other = make.make_user()
    make.join_team(world.project, other)
    key = world.project.key
    for person, status in ((world.helper, 200), (world.lead, 200), (other, 404), (world.sponsor, 404)):
        assert get(person, "change", key, mine.pk).status_code == status
        assert ("Half a thought" in words(get(person, "project-changes", key))) == (status == 200)


def test_actions_are_for_who_may_and_never_by_following_a_link(world: World) -> None:
    change = world.submitted(cost_delta=Decimal(5))
    key = world.project.key
    for name in ("change-submit", "change-resubmit", "change-withdraw"):
        assert get(world.pmo, name, key, change.pk).status_code == 405
    for name in ("change-edit", "change-submit", "change-resubmit", "change-withdraw"):
        assert post(world.sponsor, name, key, change.pk).status_code == 403
        assert post(make.make_user(), name, key, change.pk).status_code == 404
    assert get(make.make_person(RoleName.EXECUTIVE), "change-create", key).status_code == 403
    foreign = make_world()
    assert get(world.pmo, "change", foreign.project.key, change.pk).status_code == 404


def test_an_overtaken_request_says_so_and_is_submitted_again_with_one_press(world: World) -> None:
    second = world.submitted(finish_to=world.finish + 12 * DAYS)
    world.accepted(finish_to=world.finish + 10 * DAYS)
    key = world.project.key
    page = words(get(world.lead, "change", key, second.pk))
    assert "The baseline moved since this was written." in page
    post(world.lead, "change-resubmit", key, second.pk, version=second.version)
    assert "moved since this was written" not in words(get(world.lead, "change", key, second.pk))


def test_any_two_versions_are_compared_in_words_and_numbers(world: World) -> None:
    world.accepted(finish_to=world.finish + 10 * DAYS)
    world.accepted(cost_delta=Decimal(-40), scope_to="Half a street")
    page = words(get(world.sponsor, "project-changes", world.project.key, one="1", two="3"))
    for text in ("From Baseline 1 to Baseline 3", "+10 days", "-€40", "Half a street"):
        assert text.replace("-€", "\N{MINUS SIGN}€") in page.replace("-€", "\N{MINUS SIGN}€"), text
    newest = words(get(world.sponsor, "project-changes", world.project.key, one="x", two="99"))
    assert "From Baseline 2 to Baseline 3" in newest


@pytest.mark.parametrize("name", ["project-changes", "project-moves"])
def test_queries_do_not_grow_with_the_rows(world: World, name: str) -> None:
    def more(number: int) -> None:
        for count in range(number):
            world.accepted(cost_delta=Decimal(1), title=f"Change {count}")
            make.make_milestone(world.project, f"Gate {count}", forecast_on=world.today)
            money.set_money(
                actor=world.lead, project_id=world.project.pk, version=None, changes={"actual_cost": Decimal(count)}
            )

    more(2)
    few = queries(world.lead, name, world.project.key)
    more(6)
    assert queries(world.lead, name, world.project.key) == few <= 12


def test_a_request_page_takes_few_queries(world: World) -> None:
    change = world.submitted(cost_delta=Decimal(1))
    assert queries(world.lead, "change", world.project.key, change.pk) <= 12
    assert queries(world.lead, "change-edit", world.project.key, change.pk) <= 12


def test_the_table_of_projects_counts_open_requests(world: World) -> None:
    world.submitted(cost_delta=Decimal(1))
    world.project.state.refresh_from_db()
    assert world.project.state.changes_open == 1
    page = words(at(world.pmo).get(reverse("project-list"), {"cols": "project,changes_open"}))
    assert "Open changes" in page

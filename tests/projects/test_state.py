"""States and snapshots are true, cheap, and safe to make twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import TYPE_CHECKING

import pytest
from django.db import connection, transaction

from projects.enums import Colour, SnapshotSource
from projects.models import ProjectState, Rollup, Snapshot, SnapshotSet
from projects.selectors import health
from projects.services import state
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def test_all_is_known_and_well_is_green() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    state.refresh([project.pk], as_of=DAY)
    row = ProjectState.objects.get(project=project)
    assert (row.computed, row.signals, row.is_stale) == (Colour.GREEN, [], False)
    assert row.trend == [Colour.GREEN]


def test_nothing_known_is_grey() -> None:
    project = factories.make_project(refresh=True)
    row = ProjectState.objects.get(project=project)
    assert row.computed == Colour.GREY
    assert row.declared == Colour.NOT_ASSESSED


def test_refresh_takes_three_queries_for_one_and_for_many(
    django_assert_num_queries: "DjangoAssertNumQueries",
) -> None:
    portfolio = factories.make_portfolio()
    ids = [factories.make_healthy_project(portfolio=portfolio, as_of=DAY).pk for _ in range(12)]
    with django_assert_num_queries(3):
        state.refresh(ids[:1], as_of=DAY)
    with django_assert_num_queries(3):
        state.refresh(ids, as_of=DAY)


def test_state_compares_with_the_snapshot_before() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    state.take_snapshots(project.portfolio, as_of=DAY - timedelta(days=7), source=SnapshotSource.WEEKLY)
    project.forecast_finish_on = DAY + timedelta(days=130)
    project.save()
    state.refresh([project.pk], as_of=DAY)
    row = ProjectState.objects.get(project=project)
    assert row.moved_days == 30
    assert row.schedule == Colour.AMBER
    assert {one["code"] for one in row.signals} >= {"schedule.finish_moved", "schedule.finish_slipped"}


def test_snapshots_are_taken_once() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    first = state.take_snapshots(project.portfolio, as_of=DAY, source=SnapshotSource.WEEKLY)
    again = state.take_snapshots(project.portfolio, as_of=DAY, source=SnapshotSource.WEEKLY)
    assert first == again
    assert SnapshotSet.objects.count() == 1
    assert Snapshot.objects.count() == 1


def _at_once(*runs: "Callable[[], object]") -> None:
    def run(job: "Callable[[], object]") -> None:
        try:
            job()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(runs)) as pool:
        for done in [pool.submit(run, job) for job in runs]:
            done.result(timeout=30)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_take_one_set_of_snapshots() -> None:
    project = factories.make_healthy_project(as_of=DAY)

    def take() -> None:
        state.take_snapshots(project.portfolio, as_of=DAY, source=SnapshotSource.WEEKLY)

    _at_once(take, take, take)
    assert SnapshotSet.objects.count() == 1
    assert Snapshot.objects.count() == 1
    assert Rollup.objects.filter(snapshot_set__isnull=False).count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_changes_at_once_are_both_in_the_state() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    both_changed = Barrier(2, timeout=20)

    def add(make: "Callable[..., object]", **fields: object) -> None:
        with transaction.atomic():
            make(project, **fields)
            both_changed.wait()  # each has written, neither has committed
            state.refresh([project.pk], as_of=DAY)

    _at_once(
        lambda: add(factories.make_issue, opened_on=DAY),
        lambda: add(factories.make_risk, probability=5, impact=5),
    )
    row = ProjectState.objects.get(project=project)
    assert (row.issues_open, row.top_risk_score) == (1, 25)


def test_what_the_day_has_overtaken_is_refreshed() -> None:
    fresh = factories.make_healthy_project(refresh=True)
    old = factories.make_healthy_project()
    state.refresh([old.pk], as_of=DAY)
    new = factories.make_project()
    assert state.refresh_outdated() == 2
    assert state.refresh_outdated() == 0
    days = ProjectState.objects.filter(project__in=[fresh, old, new]).values_list("as_of", flat=True)
    assert set(days) == {state.organisation_today()}


def test_import_is_compared_with_the_import_before_it() -> None:
    project = factories.make_healthy_project(as_of=DAY, imported_as_of=DAY)
    earlier = DAY - timedelta(days=365)
    state.take_snapshots(project.portfolio, as_of=earlier, source=SnapshotSource.IMPORT)
    factories.make_update(project, as_of=DAY, declared=Colour.RED)
    state.take_snapshots(project.portfolio, as_of=DAY, source=SnapshotSource.IMPORT)
    state.refresh([project.pk], as_of=DAY + timedelta(days=3))
    row = ProjectState.objects.get(project=project)
    assert row.previous_declared == Colour.NOT_ASSESSED
    assert len(row.trend) == 2


def test_a_change_of_scale_is_neither_better_nor_worse_anywhere() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    factories.make_update(project, as_of=DAY - timedelta(days=8), declared=Colour.GREEN, scale=5)
    state.take_snapshots(project.portfolio, as_of=DAY - timedelta(days=7), source=SnapshotSource.WEEKLY)
    factories.make_update(project, as_of=DAY, declared=Colour.RED, scale=3)
    state.refresh([project.pk], as_of=DAY)
    state.refresh_rollups()
    row = ProjectState.objects.get(project=project)
    assert (row.declared, row.previous_declared) == (Colour.RED, "")
    present = Rollup.objects.get(portfolio=project.portfolio, snapshot_set=None, is_confidential=False).data
    assert (present["worsened"], present["improved"]) == (int(row.worsened), 0)
    assert not row.worsened


def test_what_joins_later_is_added_to_the_set_and_its_sums() -> None:
    portfolio = factories.make_portfolio()
    one = factories.make_project(portfolio=portfolio)
    first = state.take_snapshots(portfolio, as_of=DAY, source=SnapshotSource.IMPORT)
    two = factories.make_project(portfolio=portfolio)
    factories.make_project()
    assert state.take_snapshots(portfolio, as_of=DAY, source=SnapshotSource.IMPORT) == first
    assert set(Snapshot.objects.values_list("project", flat=True)) == {one.pk, two.pk}
    assert first.rollups.get(is_confidential=False).data["projects"] == 2


def test_a_project_that_moves_within_a_week_is_counted_once() -> None:
    old, new = factories.make_portfolio(), factories.make_portfolio()
    project = factories.make_project(portfolio=old)
    state.take_sets([new, old], as_of=DAY, source=SnapshotSource.WEEKLY)
    project.portfolio = new
    project.save()
    sets = state.take_sets([new, old], as_of=DAY, source=SnapshotSource.WEEKLY)
    assert [one.portfolio_id for one in sets] == [new.pk, old.pk]
    assert project.snapshots.count() == 1


def test_reasons_are_sentences_with_links() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    late = factories.make_milestone(project, forecast_on=DAY - timedelta(days=20))
    state.refresh([project.pk], as_of=DAY)
    told = health.explain(ProjectState.objects.get(project=project))
    assert told[0].sentence == "1 milestone is overdue, by 20 days."
    assert told[0].links[0].url.endswith(f"#milestone-{late.pk}")


def test_the_planner_counts_what_one_transaction_has_written() -> None:
    """It may have counted nothing before; then it would read whole tables for each project."""
    portfolio = factories.make_portfolio()
    with state.put_off():
        for _ in range(state.MANY):
            project = factories.make_project(portfolio=portfolio)
            factories.make_milestone(project)
            state.refresh([project.pk])
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(reltuples) FROM pg_class WHERE relname IN ('projects_project','projects_milestone')")
        assert cursor.fetchone()[0] >= state.MANY

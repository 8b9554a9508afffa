"""What a person counts is what they would count one project at a time."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from accounts.enums import RoleName
from projects.enums import LIVE_STATUSES, Colour, MoneyMeasure, ProjectStatus, SnapshotSource
from projects.models import Portfolio, Project, ProjectState, Rollup, Snapshot
from projects.services import state
from reporting.selectors.dashboard_sums import Sums, scope_of, sums_for
from tests import factories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from pytest_django import DjangoAssertNumQueries

    from accounts.models import User

pytestmark = pytest.mark.django_db
TODAY = state.organisation_today()
LAST_WEEK = TODAY - timedelta(days=7)


class World:
    """Two portfolios, one with a programme below, projects of every sort, and people of every reach."""

    def __init__(self) -> None:
        self.one = factories.make_portfolio("One", currency="GBP")
        self.below = factories.make_portfolio("Below", parent=self.one, colour_scale=5)
        self.two = factories.make_portfolio("Two")
        self.unit = factories.make_org_unit("Roads")
        self.lead = factories.make_user()
        self.guest = factories.make_user()
        number = 0
        for portfolio in (self.one, self.below, self.two):
            for hidden in (False, True):
                for status in (ProjectStatus.ACTIVE, ProjectStatus.ACTIVE, ProjectStatus.STOPPED):
                    number += 1
                    self._project(number, portfolio, is_confidential=hidden, status=status)
        for portfolio in self.all():
            state.take_snapshots(portfolio, as_of=LAST_WEEK, source=SnapshotSource.WEEKLY)
        self._worsen()
        ids = list(Project.objects.values_list("pk", flat=True))
        state.refresh(ids)
        for portfolio in self.all():
            state.take_snapshots(portfolio, as_of=TODAY, source=SnapshotSource.WEEKLY)
        state.refresh_rollups()

    def all(self) -> list[Portfolio]:
        return list(Portfolio.objects.all())

    def _project(self, number: int, portfolio: Portfolio, **fields: Any) -> None:
        make = factories.make_healthy_project if number % 2 else factories.make_project
        if number % 3 == 0:
            fields |= {"org_unit": self.unit, "lead": self.lead, "category": "Road"}
        if number % 4 == 0:
            fields |= {"forecast_cost": None, "forecast_cost_withheld": "secret"}
        project = make(portfolio=portfolio, **fields)
        if number % 5 == 0:
            factories.make_update(project, as_of=LAST_WEEK - timedelta(days=number), declared=Colour.GREEN)
        if number in {2, 4, 13}:
            factories.join_team(project, self.guest)

    def _worsen(self) -> None:
        for project in Project.objects.all():
            if project.pk % 2:
                factories.make_update(project, as_of=TODAY, declared=Colour.RED)
                factories.make_issue(project, is_blocker=True, opened_on=TODAY - timedelta(days=40))

    def people(self) -> dict[str, User]:
        everything = factories.make_person(RoleName.PMO_MANAGER)
        executive = factories.make_person(RoleName.EXECUTIVE)
        of_one = factories.make_person(RoleName.EXECUTIVE, self.one)
        auditor_of_below = factories.make_person(RoleName.AUDITOR, self.below)
        both = factories.make_person(RoleName.EXECUTIVE)
        factories.grant(both, RoleName.AUDITOR, self.two)
        of_unit = factories.make_person(RoleName.EXECUTIVE, self.unit)
        gone = factories.make_person(RoleName.PMO_MANAGER, is_active=False)
        return {
            "everything": everything,
            "executive": executive,
            "of one": of_one,
            "auditor of below": auditor_of_below,
            "both": both,
            "of unit": of_unit,
            "lead": self.lead,
            "guest": self.guest,
            "gone": gone,
            "nobody": factories.make_user(),
        }


def _counted(rows: list[Any]) -> dict[str, Any]:
    """The brute force: one row at a time."""
    sums: dict[tuple[str, str], Decimal] = {}
    for row in rows:
        for measure in MoneyMeasure.values:
            key = (measure, row.currency)
            sums[key] = sums.get(key, Decimal(0)) + (getattr(row, measure) or 0)
    return {
        "projects": len(rows),
        "declared": Counter(row.declared for row in rows),
        "computed": Counter(row.computed for row in rows),
        "schedule": Counter(row.schedule for row in rows),
        "stale": sum(row.is_stale for row in rows),
        "blockers": sum(row.blockers_open for row in rows),
        "milestones": sum(row.milestones_total for row in rows),
        "known": sum(row.forecast_cost is not None for row in rows),
        "withheld": sum("forecast_cost" in row.withheld for row in rows),
        "sums": sums,
    }


def _sums(user: User, portfolios: Sequence[Portfolio], as_of: date | None = None) -> Sums:
    return sums_for(user, scope_of(user, portfolios), as_of, TODAY)


def _said(told: Any) -> dict[str, Any]:
    money = told["sums"].items()
    forecasts = told["sums"].get("forecast_cost", {}).values()
    return {
        "projects": told["projects"],
        "declared": Counter(told["declared"]),
        "computed": Counter(told["computed"]),
        "schedule": Counter(told["dimensions"]["schedule"]),
        "stale": told["stale"],
        "blockers": told["blockers_open"],
        "milestones": told["milestones"]["total"],
        "known": sum(one["known"] for one in forecasts),
        "withheld": sum(one["withheld"] for one in forecasts),
        "sums": {(measure, key): Decimal(one["amount"]) for measure, per in money for key, one in per.items()},
    }


def test_everybody_counts_what_they_see() -> None:
    world = World()
    for name, user in world.people().items():
        for portfolios in (world.all(), [world.one], [world.below, world.two]):
            visible = Project.objects.visible_to(user).filter(portfolio__in=portfolios, status__in=LIVE_STATUSES)
            rows = list(ProjectState.objects.filter(project__in=visible))
            told = _sums(user, portfolios).now
            assert _said(told) == _counted(rows), name
            assert told["worsened"] == sum(row.worsened for row in rows), name


def test_everybody_counts_what_they_see_in_snapshots() -> None:
    world = World()
    for name, user in world.people().items():
        for day in (LAST_WEEK, TODAY):
            rows = list(Snapshot.objects.visible_to(user).filter(snapshot_set__as_of=day))
            assert _said(_sums(user, world.all(), day).now) == _counted(rows), name


def test_the_people_of_these_tests_see_different_things() -> None:
    world = World()
    seen = {name: _sums(user, world.all()).now["projects"] for name, user in world.people().items()}
    assert seen["everything"] == 12
    assert seen["executive"] == 6
    assert seen["nobody"] == seen["gone"] == 0
    assert len(set(seen.values())) > 5


def test_snapshot_rollup_tells_what_got_worse() -> None:
    world = World()
    pmo = factories.make_person()
    live_odd = [pk for pk in Project.objects.live().values_list("pk", flat=True) if pk % 2]
    present = _sums(pmo, world.all(), TODAY).now["worsened"]
    assert _sums(pmo, world.all(), LAST_WEEK).now["worsened"] == 0
    assert 0 < present <= len(live_odd)
    assert present == _sums(pmo, world.all()).now["worsened"]


def test_project_that_becomes_confidential_leaves_the_history_of_others() -> None:
    world = World()
    executive = factories.make_person(RoleName.EXECUTIVE)
    project = Project.objects.live().filter(is_confidential=False).first()
    assert project is not None
    before = _sums(executive, world.all(), LAST_WEEK)
    assert sum(before.history[-1].computed.values()) == before.now["projects"] > 1
    project.is_confidential = True
    project.save()
    state.refresh([project.pk])
    state.refresh_rollups([project.portfolio_id])
    after = _sums(executive, world.all(), LAST_WEEK)
    assert sum(after.history[-1].computed.values()) == after.now["projects"] == before.now["projects"] - 1
    assert _sums(executive, world.all()).now["projects"] == 5


def test_rollups_are_only_written_when_something_changed() -> None:
    world = World()
    assert state.refresh_rollups() == 0
    state.refresh([ProjectState.objects.filter(portfolio=world.two).values_list("pk", flat=True)[0]])
    assert state.refresh_rollups() == 1
    Project.objects.filter(portfolio=world.two).first().delete()  # type: ignore[union-attr]  # the world has projects
    assert state.refresh_rollups() == 1
    assert Rollup.objects.filter(snapshot_set=None).count() == 6


def test_sums_take_one_query_and_a_few_more_for_what_is_seen_one_by_one(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    world = World()
    portfolios, pmo, lead = world.all(), factories.make_person(), world.lead
    assert pmo.access.reaches
    assert lead.access is not None
    for person, as_of, queries in ((pmo, None, 1), (pmo, TODAY, 1), (lead, None, 4), (lead, TODAY, 5)):
        with django_assert_num_queries(queries):
            _sums(person, portfolios, as_of)

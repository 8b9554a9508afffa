"""Changes accepted at the same time: no baseline twice, none lost, and the control shows that it could happen."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection

from accounts.enums import RoleName
from accounts.models import User
from projects.enums import ChangeState
from projects.models import Baseline, ChangeRequest, Project
from projects.services import baselines, changes
from projects.services.changes import StaleChange, deciding
from tests import factories as make
from tests.intake.test_races import at_once
from tests.projects.changes.world import World, make_world, vote

THREADS = 8
ROUNDS = int(os.environ.get("CHANGE_ROUNDS", "20"))
"""CHANGE_ROUNDS=200 is the long version."""


@pytest.fixture
def world(transactional_db: None) -> World:
    return make_world()


def requests_of(world: World, number: int, **values: Any) -> list[ChangeRequest]:
    found = [world.submitted(title=f"Change {count}", **values) for count in range(number)]
    return list(ChangeRequest.objects.filter(pk__in=[one.pk for one in found]).order_by("pk"))


def voter(person: User) -> User:
    return User.objects.get(pk=person.pk)


def count(world: World, results: list[Any]) -> tuple[int, int]:
    """(doubled, lost): versions that nobody was told of or that share a request; acceptances without a version."""
    told = sum(not isinstance(each, Exception) for each in results)
    made = list(
        Baseline.objects.filter(project=world.project, source="change").values_list("change_request", flat=True)
    )
    return len(made) - len(set(made)) + max(len(made) - told, 0), max(told - len(made), 0)


def test_of_eight_changes_of_the_same_cost_accepted_at_once_one_is_applied(world: World) -> None:
    doubled = lost = 0
    person = voter(world.sponsor)
    for round_ in range(ROUNDS):
        wanted = requests_of(world, THREADS, cost_delta=Decimal(1))
        results = at_once(*[lambda one=one: vote(voter(person), one) for one in wanted])
        kinds = sorted(type(each).__name__ for each in results)
        assert kinds == ["Ballot"] + ["StaleChange"] * (THREADS - 1), results
        world.project.refresh_from_db()
        newest = baselines.newest(world.project.pk)
        assert newest is not None
        doubled += newest.number != round_ + 2
        lost += world.project.baseline_cost != 1000 + round_ + 1
        assert newest.cost == world.project.baseline_cost
        for one in wanted:
            one.refresh_from_db()
            if one.is_open:
                changes.withdraw_change(actor=world.lead, project=world.project, change_id=one.pk)
    assert (doubled, lost) == (0, 0), f"change baseline {doubled} doubled {lost} lost"


def test_changes_of_different_things_accepted_at_once_are_all_applied(world: World) -> None:
    milestones = [
        make.make_milestone(world.project, f"M{number}", forecast_on=world.today) for number in range(THREADS - 2)
    ]
    wanted = requests_of(world, 1, cost_delta=Decimal(7))
    for one in milestones:
        wanted += requests_of(world, 1, milestones=[{"id": one.pk, "to": world.today}])
    payer, sponsor = voter(world.payer), voter(world.sponsor)
    for one in wanted[1:]:
        vote(payer, one)
    results = at_once(*[lambda one=one: vote(voter(sponsor), one) for one in wanted])
    assert not [each for each in results if isinstance(each, Exception)]
    assert count(world, results) == (0, 0)
    newest = baselines.newest(world.project.pk)
    assert newest is not None
    assert (newest.number, newest.cost) == (1 + len(wanted), 1007)
    assert {one.pk for one in milestones} <= {each["id"] for each in newest.milestones}


def test_eight_voters_on_one_change_make_one_baseline(world: World) -> None:
    sponsors = [make.make_user(f"Sponsor {number}") for number in range(THREADS)]
    for one in sponsors:
        make.join_team(world.project, one, role=RoleName.SPONSOR)
    for round_ in range(max(ROUNDS // 4, 1)):
        (change,) = requests_of(world, 1, cost_delta=Decimal(1))
        results = at_once(*[lambda one=one: vote(voter(one), change) for one in sponsors])  # noqa: B023  called within the loop
        assert sum(not isinstance(each, Exception) for each in results) == 1
        assert Baseline.objects.filter(project=world.project).count() == round_ + 2


@contextmanager
def without_guards() -> Iterator[None]:
    """Take the uniqueness of version numbers away for the length of a block."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE projects_baseline DROP CONSTRAINT baseline_number_once")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE projects_baseline DISABLE TRIGGER USER")
            cursor.execute(
                "DELETE FROM projects_baseline a USING projects_baseline b "
                "WHERE a.project_id = b.project_id AND a.number = b.number AND a.id > b.id"
            )
            cursor.execute("ALTER TABLE projects_baseline ENABLE TRIGGER USER")
            cursor.execute(
                "ALTER TABLE projects_baseline ADD CONSTRAINT baseline_number_once UNIQUE (project_id, number)"
            )


def careless(monkeypatch: pytest.MonkeyPatch, parties: int) -> None:
    """No lock on the project, and all read the baseline before anybody writes one."""
    both_have_read = threading.Barrier(parties)
    read = baselines.newest

    def slow(project_id: int) -> Baseline | None:
        found = read(project_id)
        both_have_read.wait(timeout=20)
        return found

    def unlocked(change_id: int) -> ChangeRequest:
        related = ChangeRequest.objects.select_related("project__portfolio", "project__org_unit", "requested_by")
        return related.select_for_update(of=("self",)).get(pk=change_id)

    monkeypatch.setattr(deciding, "_locked", unlocked)
    monkeypatch.setattr(deciding.versions, "claim", lambda queryset, *, pk, version: queryset.get(pk=pk))
    monkeypatch.setattr(deciding.baselines, "newest", slow)


def test_without_lock_and_guard_one_of_two_accepted_changes_is_lost(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: two are told that their change is accepted, and the cost holds only one of them."""
    wanted = requests_of(world, 2, cost_delta=Decimal(5))
    with without_guards():
        careless(monkeypatch, 2)
        results = at_once(*[lambda one=one: vote(voter(world.sponsor), one) for one in wanted])
        monkeypatch.undo()
        assert not [each for each in results if isinstance(each, Exception)]
        assert ChangeRequest.objects.filter(state=ChangeState.ACCEPTED).count() == 2
        numbers = list(Baseline.objects.filter(project=world.project).values_list("number", flat=True))
        assert sorted(numbers) == [1, 2, 2]
        assert Project.objects.get(pk=world.project.pk).baseline_cost == 1005


def test_without_the_lock_the_database_still_keeps_one(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = requests_of(world, 2, cost_delta=Decimal(5))
    careless(monkeypatch, 2)
    results = at_once(*[lambda one=one: vote(voter(world.sponsor), one) for one in wanted])
    monkeypatch.undo()
    assert sum(isinstance(each, IntegrityError | StaleChange) for each in results) == 1
    assert Baseline.objects.filter(project=world.project).count() == 2

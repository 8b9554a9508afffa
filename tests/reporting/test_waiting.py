"""How long decisions take and what waiting costs."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from governance.enums import Choice
from governance.services import ballots
from projects.enums import DecisionState
from reporting.register import RegisterQuery
from reporting.selectors import register, waiting
from reporting.waiting import ENOUGH, Planned, Spread, days_lost, spread
from tests import factories
from tests.governance import matter
from tests.reporting import portfolios

TODAY = dt.date(2026, 6, 30)
ASKED = dt.date(2026, 6, 1)


def on(day: int, month: int = 6) -> dt.date:
    return dt.date(2026, month, day)


@pytest.mark.parametrize(
    ("needed_by", "plans", "lost"),
    [
        (None, [(on(10), on(20))], None),
        (on(30), [(on(10), on(20))], 0),
        (on(1, 7), [], 0),
        (on(20), [], None),
        (on(20), [(None, on(20))], None),
        (on(20), [(dt.date(2026, 5, 1), on(20))], None),
        (on(20), [(on(10, 7), on(10, 7))], 0),
        (on(20), [(on(10, 7), on(14, 7))], 4),
        (on(20), [(on(10, 7), on(14, 7)), (on(10, 7), on(17, 7))], 7),
        (on(20), [(on(10, 7), on(30, 7))], 10),
        (on(20), [(on(27), on(28))], 3),
        (on(20), [(on(27), None)], 3),
        (on(20), [(on(10, 7), None)], 0),
        (on(20), [(on(10, 7), on(1, 7))], 0),
    ],
    ids=[
        "no day", "not late yet", "in time", "no milestone", "no baseline", "planned before the question", "on time",
        "slips", "the one that slips most", "never more than it is late", "overdue slips until today",
        "overdue without a forecast", "to come without a forecast", "earlier than planned",
    ],
)  # fmt: skip
def test_days_lost(needed_by: dt.date | None, plans: list[tuple[dt.date, dt.date]], lost: int | None) -> None:
    assert days_lost(ASKED, needed_by, TODAY, [Planned(*each) for each in plans]) == lost


@pytest.mark.parametrize(
    ("days", "found"),
    [
        ([], Spread(0)),
        ([1.0] * (ENOUGH - 1), Spread(4)),
        ([5.0, 1.0, 4.0, 2.0, 3.0], Spread(5, 3.0, 4.0)),
        ([float(day) for day in range(1, 11)], Spread(10, 5.5, 8.0)),
    ],
)
def test_spread(days: list[float], found: Spread) -> None:
    assert spread(days) == found


@pytest.mark.django_db
def test_the_cost_of_waiting_stands_beside_what_is_wanted() -> None:
    today = portfolios.TODAY
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    project = factories.make_project("Bridge")
    factories.make_milestone(project, baseline_on=today, forecast_on=today + dt.timedelta(days=3))
    late = factories.make_decision(
        project, "Steel?", raised_on=today - dt.timedelta(days=30), needed_by=today - dt.timedelta(days=9)
    )
    factories.make_decision(factories.make_project("Empty"), "What?", needed_by=today - dt.timedelta(days=9))
    query = RegisterQuery(state="wanted")
    found = register.entries([line[:3] for line in register.lines_of(pmo, query)], query)
    costs = waiting.costs_of(found)
    assert costs[register.PROJECT, late.pk] == 3
    assert sorted(map(str, costs.values())) == ["3", "None"]
    page = portfolios.signed_in(pmo).get("/decisions/waiting/").content.decode()
    assert "3 days" in page


@pytest.mark.django_db
def test_latency_of_bodies_roles_and_people() -> None:
    owner, voter = factories.make_user("Olga Owner"), factories.make_user("Vera Voter")
    boards = matter.Boards()
    boards.seat("executive", voter)
    project = factories.make_project(lead=owner)
    for days in range(1, ENOUGH + 1):
        factories.make_decision(
            project, state=DecisionState.TAKEN, outcome="Yes", decided_by=owner, decided_at=timezone.now(),
            raised_on=timezone.localdate() - dt.timedelta(days=days),
        )  # fmt: skip
    with matter.decided_by(boards):
        for _each in range(ENOUGH):
            goal = factories.make_goal(owner=owner)
            asked = ballots.open_ballot(actor=owner, kind=matter.KIND, subject_id=goal.pk, question="Grow?")
            ballots.cast_vote(actor=voter, ballot_id=asked.pk, choice=Choice.APPROVE, reason="Yes")
        found = waiting.latencies(owner)
        hidden = waiting.latencies(factories.make_user())
    assert dict(found.bodies)["Whoever holds the decision of a project"] == Spread(5, 3.0, 4.0)
    assert dict(found.bodies)["Board · Goal"].n == ENOUGH
    assert dict(found.roles)["Executive"].median == pytest.approx(0, abs=0.01)
    assert {name: one.n for name, one in found.people} == {"Olga Owner": 5, "Vera Voter": 5}
    assert not hidden.bodies


@pytest.mark.django_db
def test_statements_do_not_grow_with_rows() -> None:
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    client = portfolios.signed_in(pmo)

    def more(number: int) -> int:
        for _each in range(number):
            project = factories.make_project(lead=pmo)
            factories.make_milestone(project, baseline_on=portfolios.TODAY)
            factories.make_decision(project, needed_by=portfolios.TODAY)
            factories.make_decision(
                project, state=DecisionState.TAKEN, outcome="Yes", decided_by=pmo, decided_at=timezone.now()
            )
        return portfolios.statements(client, "/decisions/waiting/")[0]

    few = more(2)
    assert more(10) == few
    assert few <= 12

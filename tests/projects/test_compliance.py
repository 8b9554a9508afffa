"""Compliance by portfolio and week: counted once, with coverage, and told only to whom it concerns."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common.clock import pretending
from projects.models import ComplianceWeek
from projects.selectors import compliance as selectors
from projects.services.compliance import take_compliance
from tests import factories
from tests.governance.test_checks import HAS_GOAL, put_in_force, waive

pytestmark = pytest.mark.django_db


def page_of(person: User) -> str:
    client = Client()
    client.force_login(person)
    return client.get(reverse("compliance")).content.decode()


def test_each_rule_counts_where_it_concerns_a_project() -> None:
    portfolio = factories.make_portfolio()
    good = factories.make_healthy_project(portfolio=portfolio, goal=factories.make_goal(), lead=factories.make_user())
    bad, waived = factories.make_project(portfolio=portfolio), factories.make_project(portfolio=portfolio)
    version = put_in_force("goal")
    put_in_force("slip", {"fact": "project.slip_days", "op": "le", "value": 10})
    put_in_force("led", HAS_GOAL, applies={"fact": "project.has_lead", "op": "eq", "value": True})
    put_in_force("elsewhere", scope={"portfolio": [factories.make_portfolio(office=portfolio.office).slug]})
    waive(version, waived)
    assert take_compliance() == 2
    row = ComplianceWeek.objects.get(is_confidential=False, portfolio=portfolio)
    assert (row.kept, row.broken, row.waived, row.unknown, row.projects) == (3, 1, 1, 2, 3), (good, bad)
    assert row.monday.weekday() == 0


def test_a_week_is_counted_once_and_stays_as_it_was() -> None:
    project = factories.make_project()
    put_in_force()
    assert (take_compliance(), take_compliance()) == (1, 0)
    project.goal = factories.make_goal()
    project.save()
    assert take_compliance() == 0
    assert ComplianceWeek.objects.get(is_confidential=False).broken == 1
    with pretending(timezone.now() + dt.timedelta(days=7)):
        assert take_compliance() == 1
    assert ComplianceWeek.objects.filter(is_confidential=False).order_by("-monday")[0].kept == 1


def test_confidential_projects_count_for_whoever_sees_them() -> None:
    portfolio = factories.make_portfolio("Bridges")
    factories.make_project(portfolio=portfolio)
    factories.make_project(portfolio=portfolio, is_confidential=True)
    put_in_force()
    take_compliance()
    for role, broken in ((RoleName.EXECUTIVE, 1), (RoleName.PMO_MANAGER, 2)):
        person = factories.make_person(role, portfolio)
        ((_monday, found),) = selectors.weeks_of(person)
        assert (found.broken, found.percent, found.coverage) == (broken, 0, 100)
        assert "Bridges" in page_of(person)
    far = factories.make_person(RoleName.EXECUTIVE, factories.make_portfolio())
    assert selectors.weeks_of(far) == []
    assert "Not counted yet" in page_of(far)


def test_the_page_takes_the_same_statements_for_many_portfolios() -> None:
    put_in_force()
    pmo = factories.make_person()
    counts = []
    for more in (2, 10):
        for _each in range(more):
            factories.make_project()
        take_compliance()
        page_of(pmo)
        with CaptureQueriesContext(connection) as queries:
            page_of(pmo)
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1]

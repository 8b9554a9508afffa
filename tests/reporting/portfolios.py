"""Portfolios to look at, for tests of the portfolio pages."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from projects.models import Milestone, Portfolio, Project
from projects.services import state
from tests import factories

if TYPE_CHECKING:
    from accounts.models import User

PAGES = ("/projects/", "/dashboard/", "/roadmap/", "/search/?q=project", "/projects/?computed=red&portfolio=many")
TODAY = dt.date.today()  # noqa: DTZ011  far from midnight it is the organisation's day


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def many(count: int, portfolio: Portfolio | None = None) -> Portfolio:
    """So many projects with two milestones each, and their states and sums."""
    portfolio = portfolio or factories.make_portfolio("Many", slug="many")
    lead = factories.make_user(name="Somebody Somewhere")
    first = portfolio.projects.count()
    Project.objects.bulk_create(
        Project(
            portfolio=portfolio,
            name=f"Project number {first + number:04d}",
            lead=lead,
            currency="EUR",
            baseline_cost=100_000,
            forecast_cost=110_000,
            forecast_start_on=TODAY,
            forecast_finish_on=TODAY + dt.timedelta(days=200),
            baseline_finish_on=TODAY + dt.timedelta(days=190),
        )
        for number in range(count)
    )
    ids = list(portfolio.projects.order_by("pk").values_list("pk", flat=True))
    Milestone.objects.bulk_create(
        Milestone(project_id=pk, name="Design ready", forecast_on=TODAY + dt.timedelta(days=5), is_gate=True)
        for pk in ids[first:]
    )
    state.refresh(ids)
    state.refresh_rollups()
    return portfolio


def statements(client: Client, path: str) -> tuple[int, bytes]:
    """How many statements a page takes, and what it answers."""
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return len(found), response.content

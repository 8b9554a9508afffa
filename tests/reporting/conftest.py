"""A portfolio with one healthy project, there since the tenth week of 2026."""

import pytest

from projects.models import Portfolio
from reporting.slots import Week
from tests import factories as make
from tests.reporting.weeks import at


@pytest.fixture
def portfolio(db: None) -> Portfolio:
    found = make.make_portfolio("Bridges and roads")
    make.make_healthy_project("Alpha", portfolio=found)
    Portfolio.objects.update(created_at=at(Week(2026, 10), days=-3))  # in week 10
    return found

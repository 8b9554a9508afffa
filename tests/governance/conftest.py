"""What the tests of ballots share: goals that boards decide on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from strategy.models import Goal
from tests.factories import make_goal
from tests.governance.matter import Boards, decided_by


@pytest.fixture
def boards() -> Iterator[Boards]:
    found = Boards()
    with decided_by(found):
        yield found


@pytest.fixture
def goal() -> Goal:
    return make_goal()

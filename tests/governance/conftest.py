"""What the tests share: goals that boards decide on, and two who may put rules in force together."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.enums import RoleName
from accounts.models import User
from strategy.models import Goal
from tests import factories as make
from tests.governance.matter import Boards, decided_by


@pytest.fixture
def boards() -> Iterator[Boards]:
    found = Boards()
    with decided_by(found):
        yield found


@pytest.fixture
def goal() -> Goal:
    return make.make_goal()


@pytest.fixture
def pmo() -> User:
    return make.make_person()


@pytest.fixture
def second() -> User:
    return make.make_person(RoleName.EXECUTIVE)

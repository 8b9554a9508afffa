"""What the guards share with the access tests: one world for a whole module, in a transaction that is taken back."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction

from tests.security.world import World, make_world


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--write-matrix", action="store_true", help="write docs/access-matrix.csv anew; review the difference"
    )


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Tests that use it are marked with django_db, else pytest makes no test database."""
    assert str(connection.settings_dict["NAME"]).startswith("test_")
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)

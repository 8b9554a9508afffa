"""What the walks share: a server that is really asked, and visitors who really sign in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from tests.journeys.visitor import Visitor

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from pytest_django.live_server_helper import LiveServer

# Playwright keeps an event loop in this thread; the tests still use the database in the ordinary way.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/journeys/" in str(item.path):
            item.add_marker(pytest.mark.journey)


@pytest.fixture
def visit(browser: Browser, live_server: LiveServer, transactional_db: None) -> Iterator[Callable[..., Visitor]]:
    """Open a browser of one's own: `visit(user)` signs in by the form; whatever broke on the way fails the test."""
    visitors: list[Visitor] = []

    def open_for(user: Any = None, **options: Any) -> Visitor:
        visitor = Visitor(browser, live_server.url, **options)
        visitors.append(visitor)
        if user is not None:
            visitor.sign_in(user)
        return visitor

    yield open_for
    for visitor in visitors:
        visitor.context.close()
    problems = [problem for visitor in visitors for problem in visitor.problems]
    assert not problems, "\n".join(problems)

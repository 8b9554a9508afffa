"""The two sides of a measurement in one process: the portal and the floor, each as a client that is signed in."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

BACKEND: Final = "django.contrib.auth.backends.ModelBackend"


GROWTH_GOAL: Final = 1.3
"""How many times as long a page may take when the portfolio is a hundred times as large."""

FLOOR_MIDDLEWARE: Final = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "bench.sides.floor_addresses",
]
"""What `django-admin startproject` writes, and the floor's own addresses."""


def floor_addresses(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware that gives the floor its own addresses."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.urlconf = "bench.floor.urls"
        return get_response(request)

    return middleware


def portal(user: User) -> Client:
    """The portal, with all its middleware, for somebody signed in."""
    client = Client()
    client.force_login(user, backend=BACKEND)
    client.handler.load_middleware()
    return client


def floor(user: User) -> Client:
    """Bare Django for the same person."""
    with override_settings(MIDDLEWARE=FLOOR_MIDDLEWARE):
        client = Client()
        client.handler.load_middleware()
    client.force_login(user, backend=BACKEND)
    return client


@dataclass
class Page:
    """What is measured: a name, and a call that answers a request. `floor` names the page it is held against."""

    name: str
    call: Callable[[], Any]
    goal: float | None = None
    against: str = "floor"
    growth_goal: float = GROWTH_GOAL
    times: list[float] = field(default_factory=list)
    queries: int = 0
    size: int = 0

    @property
    def p50(self) -> float:
        return median(self.times) * 1000

    @property
    def p95(self) -> float:
        return quantiles(self.times, n=20)[-1] * 1000


class WrongAnswerError(Exception):
    """A page that answered an error must not be measured."""


def measure(pages: list[Page], runs: int, warm: int = 5) -> None:
    """Time the pages in turn, round after round, so that whatever else the machine does meets all of them alike."""
    for page in pages:
        for _round in range(warm):
            answer = page.call()
        if answer.status_code >= 400:  # noqa: PLR2004  the errors of HTTP
            msg = f"{page.name} answered {answer.status_code}"
            raise WrongAnswerError(msg)
        page.size = len(answer.content)
        with CaptureQueriesContext(connection) as found:
            page.call()
        page.queries = len(found)
    gc.collect()
    gc.freeze()  # as the web server does
    for _round in range(runs):
        for page in pages:
            start = time.perf_counter()
            page.call()
            page.times.append(time.perf_counter() - start)

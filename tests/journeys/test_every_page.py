"""Every page of the portal, wide and narrow, light and dark: no axe violation, no sideways scroll, a quiet console.

One button at most stands out. Narrow pages are opened in Dutch too, whose words are longer.

Pages are found in the URLconf: each address that answers somebody with HTML is looked at, and one that answers
nobody must stand in `NO_PAGE` with its reason. So a new page cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import axe_playwright_python
import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from pytest_django.live_server_helper import LiveServer

from tests.guards.matrix import Address, addresses
from tests.journeys.visitor import Visitor
from tests.security.addresses import arguments
from tests.security.world import World, make_world

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDE, NARROW = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
LOOKERS = ("pmo", "administrator", "requester", "lead", "sponsor", "anonymous")
"""Who tries to open a page, in this order; the first who may is the one who looks at it."""

NO_PAGE: dict[str, str] = {
    "healthz": "JSON for machines",
    "readyz": "JSON for machines",
    "metrics": "text for Prometheus",
    "gallery": "answers only while developing",
    "project-export": "a file",
    "audit-export": "a file",
    "decision-export": "a file",
    "rule-export": "a file",
    "rulebook-export": "a file",
    "report-pdf": "a file",
    "evidence-pack-pdf": "a file",
    "gate-minutes-pdf": "a file",
    "import-refused-rows": "a file",
    "mfa_download_recovery_codes": "a file",
}
"""Addresses that answer a GET with something else than a page."""


@pytest.fixture(scope="module")
def server(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[str, World]]:
    """A server with one world that all pages of this module share."""
    with django_db_blocker.unblock():
        live = LiveServer("127.0.0.1")
        try:
            yield live.url, make_world()
        finally:
            live.stop()
            call_command(
                "flush",
                verbosity=0,
                interactive=False,
                reset_sequences=False,
                allow_cascade=True,
                inhibit_post_migrate=True,
            )


@pytest.fixture(scope="module")
def lookers(server: tuple[str, World], browser: Browser) -> Iterator[dict[str, tuple[Client, Visitor]]]:
    """Each person with a client that tries doors fast and a browser in which pages are looked at."""
    url, world = server
    found = {}
    for name in LOOKERS:
        client, visitor = Client(), Visitor(browser, url, viewport=WIDE)
        user = world.who[name]
        if user is not None:
            client.force_login(user)
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            visitor.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": url}])
        found[name] = (client, visitor)
    yield found
    for _client, visitor in found.values():
        visitor.context.close()


PAGES = [address for address in addresses() if address.name not in NO_PAGE]


@pytest.mark.parametrize("address", PAGES, ids=lambda address: address.name)
def test_page_is_fit_for_everybody(
    address: Address, server: tuple[str, World], lookers: dict[str, tuple[Client, Visitor]]
) -> None:
    path = reverse(address.name, kwargs=arguments(server[1], address.name, address.wanted))
    answers = {}
    for name in LOOKERS:
        client, visitor = lookers[name]
        answer = client.get(path)
        answers[name] = answer.status_code
        if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
            visitor.problems.clear()
            look(visitor, path)
            return
    only_posts_or_leads_on = set(answers.values()) <= {301, 302, 403, 404, 405}
    assert only_posts_or_leads_on, f"{path} shows nobody a page: {answers}"
    assert 405 in answers.values() or {301, 302} & set(answers.values()), f"{path} opens for nobody: {answers}"


def look(visitor: Visitor, path: str) -> None:
    """One visit: wide and light, then dark, then narrow, then light again. The browser draws anew each time."""
    page = visitor.page
    page.set_viewport_size(WIDE)
    page.emulate_media(color_scheme="light")
    visitor.open(path)
    page.evaluate(AXE)
    found = [*axe(page, "wide light"), *sideways(page, "wide light")]
    page.emulate_media(color_scheme="dark")
    found += sideways(page, "wide dark")
    page.set_viewport_size(NARROW)
    found += [*axe(page, "narrow dark"), *sideways(page, "narrow dark")]
    page.emulate_media(color_scheme="light")
    found += [*sideways(page, "narrow light"), *first_buttons(page)]
    with visitor.reading("nl"):
        visitor.open(path)
        found += sideways(page, "narrow Dutch")
    assert not [*found, *visitor.problems], "\n".join([path, *found, *visitor.problems])


def axe(page: Page, how: str) -> list[str]:
    result = page.evaluate("(rules) => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES)
    assert len(result["passes"]) > 5, f"{page.url}: axe looked at nothing"
    return [
        f"{how}: {one['id']} ({one['help']}): {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in result["violations"]
    ]


def sideways(page: Page, how: str) -> list[str]:
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{how}: the page scrolls sideways by {too_wide} px"] if too_wide > 0 else []


def first_buttons(page: Page) -> list[str]:
    """A page has one thing that it is for: one button at most stands out."""
    words = page.evaluate("""[...document.querySelectorAll('main .btn-primary')].filter(
        (one) => one.offsetParent && !one.closest('details:not([open])')).map((one) => one.textContent.trim())""")
    return [f"more than one first button: {words}"] if len(words) > 1 else []


def test_list_of_addresses_without_a_page_has_no_stale_entry() -> None:
    assert set(NO_PAGE) <= {address.name for address in addresses()}
    assert len(PAGES) > 80

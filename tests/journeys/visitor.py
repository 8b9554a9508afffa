"""Somebody at a browser: finds things by their words, and notices what the browser complains about."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.conf import settings

from tests.factories import PASSWORD

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Response

    from accounts.models import User

LATE = 15_000
"""Milliseconds to wait for anything; a busy machine is slow, not broken."""

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error("CSP: " + event.violatedDirective + " " + event.blockedURI));
"""


class Visitor:
    """A browser context with one tab. `problems` fills with console errors, page errors and CSP reports."""

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        chosen = {
            "locale": "en-GB",
            "viewport": {"width": 1280, "height": 900},
            "reduced_motion": "reduce",
            **options,
        }
        self.base = base
        self.problems: list[str] = []
        self.context = browser.new_context(**chosen)
        self.context.set_default_timeout(LATE)
        if chosen.get("java_script_enabled", True):
            self.context.add_init_script(_TELL_VIOLATIONS)
        self.page = self.new_tab()

    def new_tab(self) -> Page:
        page = self.context.new_page()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.problems.append(f"{page.url}: {error}"))
        page.on("response", self._check)
        return page

    def _hear(self, message: ConsoleMessage) -> None:
        # The browser reports every answer of 400 and more as an error; `_check` judges those.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.problems.append(f"{self.page.url}: {message.text}")

    def _check(self, response: Response) -> None:
        if response.status in {404, 500} or (response.status == 403 and response.request.method == "POST"):
            self.problems.append(f"{response.request.method} {response.url}: {response.status}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    @contextmanager
    def reading(self, language: str) -> Iterator[None]:
        """Pages come in this language, as after a press on its name."""
        self.context.add_cookies([{"name": settings.LANGUAGE_COOKIE_NAME, "value": language, "url": self.base}])
        yield
        self.context.clear_cookies(name=settings.LANGUAGE_COOKIE_NAME)

    def sign_in(self, user: User) -> None:
        self.open("/account/login/")
        self.page.locator("input[name=login]").fill(user.email)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.get_by_role("main").get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(lambda url: "/login/" not in url)

    def press(self, name: str) -> None:
        """Press the first button with these words, and let the page that it leads to come to a stand."""
        self.page.get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        """Follow the first link with these words in the page, else anywhere, to a page that stands."""
        inside = self.page.get_by_role("main").get_by_role("link", name=name)
        (inside if inside.count() else self.page.get_by_role("link", name=name)).first.click()
        self.page.wait_for_load_state()

    def fill(self, label: str, value: str) -> None:
        self.page.get_by_role("main").get_by_label(label).first.fill(value)

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_role("main").get_by_label(label).first.select_option(label=option)

    @property
    def words(self) -> str:
        """What the page says, once it stands."""
        self.page.wait_for_load_state()
        return self.page.locator("main").inner_text()

    def sees(self, *texts: str) -> None:
        for text in texts:
            self.page.get_by_text(text).first.wait_for(state="attached")

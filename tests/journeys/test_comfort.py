"""Language, theme, the menu on a phone and the keys of the table."""

from __future__ import annotations

from collections.abc import Callable

from accounts.enums import RoleName
from tests.factories import PASSWORD, make_healthy_project, make_person, make_portfolio
from tests.journeys.visitor import Visitor


def open_menu(browser: Visitor) -> None:
    browser.page.locator("summary.avatar").click()


def test_language_goes_to_dutch_and_back(visit: Callable[..., Visitor]) -> None:
    browser = visit(make_person(RoleName.PMO_MANAGER, password=PASSWORD))
    browser.open("/reports/")
    open_menu(browser)
    browser.page.get_by_role("banner").get_by_role("button", name="Nederlands").click()
    browser.page.locator("html[lang=nl]").wait_for()
    assert browser.page.url.endswith("/reports/")
    open_menu(browser)
    browser.page.get_by_role("banner").get_by_role("button", name="English").click()
    browser.page.locator("html[lang^=en]").wait_for()


def test_theme_is_chosen_and_kept(visit: Callable[..., Visitor]) -> None:
    browser = visit(make_person(RoleName.PMO_MANAGER, password=PASSWORD))
    theme = "document.documentElement.dataset.bsTheme"
    open_menu(browser)
    browser.press("Dark")
    assert browser.page.evaluate(theme) == "dark"
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = browser.page.evaluate(ground)
    browser.open("/projects/")
    assert browser.page.evaluate(theme) == "dark"
    open_menu(browser)
    browser.press("Light")
    assert browser.page.evaluate(theme) == "light"
    assert browser.page.evaluate(ground) != dark


def test_menu_opens_and_closes_on_a_phone(visit: Callable[..., Visitor]) -> None:
    browser = visit(
        make_person(RoleName.PMO_MANAGER, password=PASSWORD), viewport={"width": 390, "height": 844}, has_touch=True
    )
    menu = browser.page.get_by_role("navigation", name="Main menu")
    assert not menu.is_visible()
    browser.page.get_by_role("navigation", name="Quick menu").get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Reports").wait_for()
    browser.press("Close menu")
    menu.wait_for(state="hidden")
    browser.page.get_by_role("navigation", name="Quick menu").get_by_role("button", name="Menu").click()
    menu.get_by_role("link", name="Reports").click()
    browser.page.wait_for_url("**/reports/")


def test_keys_walk_the_rows_of_the_table(visit: Callable[..., Visitor]) -> None:
    portfolio = make_portfolio()
    for name in ("Alpha", "Beta", "Gamma"):
        make_healthy_project(name, portfolio=portfolio, refresh=True)
    browser = visit(make_person(RoleName.PMO_MANAGER, password=PASSWORD))
    browser.open("/projects/?sort=name")
    focused = "document.activeElement.textContent.trim()"
    browser.page.get_by_role("link", name="Alpha", exact=True).focus()
    for key, name in (("j", "Beta"), ("j", "Gamma"), ("j", "Gamma"), ("k", "Beta")):
        browser.page.keyboard.press(key)
        assert browser.page.evaluate(focused) == name
    browser.page.keyboard.press("Control+k")
    assert browser.page.evaluate("document.activeElement.id") == "site-search"
    browser.page.keyboard.type("Gamma")
    browser.page.keyboard.press("Enter")
    browser.page.wait_for_url("**/search/?q=Gamma")
    browser.sees("Gamma")

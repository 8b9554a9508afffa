"""A rule from the first word to a finding, and back: written, tested, rehearsed, put in force by a second person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from urllib.parse import quote_plus

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common import jobs
from governance.models import Finding, RuleVersion
from projects.services import rules
from tests import factories as make
from tests.factories import PASSWORD
from tests.journeys.visitor import Visitor

_CHOOSE_AS_SOON_AS_DRAWN = """
({name, value}) => new MutationObserver((_, observer) => {
  const field = document.getElementsByName(name)[0];
  if (!field) return;
  observer.disconnect();
  field.value = value;
  field.dispatchEvent(new Event("change", {bubbles: true}));
}).observe(document.body, {childList: true, subtree: true})
"""


def _person(name: str, role: str) -> User:
    person = make.make_person(role, name=name)
    person.set_password(PASSWORD)
    person.save()
    return person


def drawn(pmo: Visitor) -> None:
    """The builder has come back from the server, with what was asked."""
    pmo.page.locator("#builder:not([aria-busy])").wait_for()


def pick(pmo: Visitor, name: str, value: str, *, scripts: bool) -> None:
    """Choose in the builder; the fields that fit come by themselves, or by a button."""
    field = pmo.page.locator(f"[name='{name}']")
    if not scripts:
        field.select_option(value)
        pmo.press("Show the fields that fit")
        return
    with pmo.page.expect_response(lambda response: f"{name}={quote_plus(value)}" in (response.request.post_data or "")):
        field.select_option(value)
    drawn(pmo)


def write(pmo: Visitor, *, scripts: bool) -> None:
    """The number of huge risks is at most 0: a count with a filter."""
    pmo.open("/rules/")
    pmo.follow("New rule")
    pick(pmo, "condition.0-what", "count:risks", scripts=scripts)
    pmo.page.locator("[name='condition.0-value']").fill("0")
    pmo.press("Only some of them")
    drawn(pmo)
    pick(pmo, "condition.0.where.0-what", "risk.score", scripts=scripts)
    pick(pmo, "condition.0.where.0-op", "ge", scripts=scripts)
    pmo.page.locator("[name='condition.0.where.0-value']").fill("20")
    pmo.fill("Code", "no-huge-risk")
    for language, title in (("English", "No huge risk"), ("Dutch", "Geen reusachtig risico")):
        pmo.fill(f"Title ({language})", title)
        pmo.fill(f"What a finding says ({language})", "There is one.")
        pmo.fill(f"What the remedy is called ({language})", "Shrink it")
    pmo.choose("In a controlling office", "stops until a waiver lifts it")
    pmo.press("Save the draft")
    pmo.page.wait_for_url("**/rules/no-huge-risk/?version=1")
    pmo.sees("Number of risks with (score: at least 20): at most 0")


def test_fields_that_have_just_come_answer_at_once(visit: Callable[..., Visitor]) -> None:
    """However fast the next choice follows, nothing lies between the drawing of a field and its answer."""
    pmo = visit(_person("Pia Pmo", RoleName.PMO_MANAGER))
    pmo.open("/rules/new/")
    pick(pmo, "condition.0-what", "count:risks", scripts=True)
    pmo.page.evaluate(_CHOOSE_AS_SOON_AS_DRAWN, {"name": "condition.0.where.0-what", "value": "risk.score"})
    pmo.press("Only some of them")
    pmo.page.locator("[name='condition.0.where.0-op']").wait_for()


def add_case(pmo: Visitor, name: str, score: int, expected: str) -> None:
    pmo.follow("Add a case")
    pmo.fill("Name of the case", name)
    pmo.choose("The rule must be", expected)
    pmo.page.locator("[name=state-risks]").select_option("known")
    pmo.page.locator("[name=fact-risks]").fill(f"- {{score: {score}}}")
    pmo.press("Save and run it")
    pmo.page.wait_for_url("**/rules/no-huge-risk/?version=*")
    pmo.sees(name)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_rule_is_written_tested_rehearsed_put_in_force_and_taken_back(
    visit: Callable[..., Visitor], scripts: bool
) -> None:
    author, second = _person("Pia Pmo", RoleName.PMO_MANAGER), _person("Eva Executive", RoleName.EXECUTIVE)
    project = make.make_healthy_project("Dam", refresh=True)
    make.make_risk(project, "Flood", probability=5, impact=5)
    pmo = visit(author, java_script_enabled=scripts)
    write(pmo, scripts=scripts)
    add_case(pmo, "Small", 3, "Kept")
    add_case(pmo, "Huge", 25, "Broken")
    pmo.press("Rehearse")
    pmo.page.wait_for_url("**/rehearsal/")
    jobs.run_next()
    pmo.open("/rules/no-huge-risk/rehearsal/")
    pmo.sees("Dam")
    pmo.sees("of 1 projects")

    pmo.open("/rules/no-huge-risk/activate/")
    pmo.press("Ask a second person")
    pmo.page.wait_for_url("**/ballots/*/")
    executive = visit(second, java_script_enabled=scripts)
    executive.open(pmo.page.url.removeprefix(pmo.base))
    executive.page.get_by_label("Approve", exact=True).check()
    executive.fill("Why", "Good practice")
    executive.press("Cast your vote")
    held = RuleVersion.objects.active().get(rule__code="no-huge-risk")
    assert (held.author, held.activated_by) == (author, second)

    rules.scan_all()
    pmo.open("/rules/no-huge-risk/")
    pmo.sees("Dam")
    assert Finding.objects.open().filter(rule=held.rule, subject_id=project.pk).exists()
    pmo.follow("Retire…")
    pmo.press("Retire")
    pmo.page.wait_for_url("**/rules/no-huge-risk/")
    rules.scan_all()
    assert not Finding.objects.open().filter(rule=held.rule).exists()
    pmo.press("Bring back")
    pmo.page.wait_for_url("**/?version=2")
    pmo.sees("Back to version 1")
    pmo.open("/rules/no-huge-risk/activate/")
    pmo.sees("Ask a second person")
    assert held.activated_at is not None
    assert held.activated_at - timezone.now() < dt.timedelta(minutes=5)

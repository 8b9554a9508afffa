"""An auditor reads the trail, verifies the chain and takes it out; who may see something is told on its own page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.enums import RoleName
from common import audit, jobs
from common.enums import AuditKind
from common.models import JobRun
from common.seals import chain, sealing, verifying
from tests.factories import PASSWORD, make_healthy_project, make_person, make_portfolio, make_risk, make_user
from tests.journeys.visitor import Visitor

scripts = pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])


@scripts
def test_an_auditor_filters_the_trail_and_verifies_the_chain(visit: Callable[..., Visitor], *, script: bool) -> None:
    auditor = make_person(RoleName.AUDITOR, name="Ada Auditor", password=PASSWORD)
    project = make_healthy_project("Bridge", portfolio=make_portfolio(), refresh=True)
    make_risk(project, "High water")
    for number in range(45):
        audit.record(AuditKind.ASKED, what="tea", reason=f"Cup {number}", actor=auditor)
    sealing.seal_new()
    browser = visit(auditor, java_script_enabled=script)
    browser.follow("Audit trail")
    page = browser.page
    page.get_by_text("Ada Auditor signed in").first.wait_for()
    browser.follow("Older")
    page.get_by_role("link", name="Newest").wait_for()
    page.get_by_text("Cup 0").wait_for()
    browser.follow("Newest")
    browser.choose("Kind", "Changes of records")
    browser.fill("About", project.key)
    browser.press("Show")
    page.get_by_text("added: Risk “High water”").wait_for()
    assert page.get_by_text("Cup 1").count() == 0
    browser.fill("About", "P-424242")
    browser.press("Show")
    page.get_by_text("Nothing matches").wait_for()
    browser.follow("Clear filters")
    with page.expect_download() as download:
        browser.follow("CSV")
    assert download.value.suggested_filename.startswith("audit-trail-")
    browser.press("Verify now")
    page.wait_for_url("**/runs/*/")
    jobs.run_now(JobRun.objects.get(kind=verifying.VERIFY))
    page.reload()
    browser.follow("Open the result")
    page.get_by_text("are as they were written").wait_for()
    page.get_by_text("took out the audit trail").first.wait_for()
    head = chain.head()
    assert head is not None
    page.get_by_text(head.hash[: chain.SHORT]).wait_for()


@scripts
def test_a_lead_sees_who_can_see_the_project(visit: Callable[..., Visitor], *, script: bool) -> None:
    lead = make_user("Lea Lead", password=PASSWORD)
    make_person(RoleName.AUDITOR, name="Ada Auditor")
    make_person(RoleName.EXECUTIVE, name="Ed Executive")
    project = make_healthy_project("Bridge", portfolio=make_portfolio(), lead=lead, is_confidential=True, refresh=True)
    browser = visit(lead, java_script_enabled=script)
    browser.open(f"/projects/{project.key}/")
    page = browser.page
    page.locator("#visibility summary").click()
    if not script:
        page.locator("#visibility").get_by_role("link", name="See the names").click()
        page.get_by_role("heading", name="Who can see this?").wait_for()
    page.get_by_text("Auditor for the whole organisation").wait_for()
    assert page.get_by_text("Ada Auditor").count() == 1
    assert page.get_by_text("Ed Executive").count() == 0

from __future__ import annotations

import pytest

from accounts.enums import RoleName
from projects.enums import ProjectStatus
from reporting.services import bulk
from reporting.services.bulk import BulkAction
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


def test_preview_changes_nothing_and_says_what_is_skipped_and_why() -> None:
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    running = factories.make_project("Running", refresh=True)
    done = factories.make_project("Done", status=ProjectStatus.COMPLETED, refresh=True)
    client = portfolios.signed_in(pmo)
    data = {"action": "hold", "selected": [running.pk, done.pk], "query": ""}
    page = client.post("/projects/bulk/", data).content.decode()
    assert "Changes 1 project" in page
    assert "1 project is skipped" in page
    running.refresh_from_db()
    assert running.status == ProjectStatus.ACTIVE
    client.post("/projects/bulk/", data | {"apply": "yes"})
    running.refresh_from_db()
    done.refresh_from_db()
    assert (running.status, done.status) == (ProjectStatus.ON_HOLD, ProjectStatus.COMPLETED)


def test_lead_is_changed_by_the_pmo_only() -> None:
    pmo, lead = factories.make_person(RoleName.PMO_MANAGER), factories.make_user()
    project = factories.make_project(lead=lead, refresh=True)
    refused = bulk.apply(actor=lead, ids=[project.pk], action=BulkAction.LEAD, value=factories.make_user())
    assert not refused.changes
    assert refused.skipped[0].reason
    successor = factories.make_user()
    assert bulk.apply(actor=pmo, ids=[project.pk], action=BulkAction.LEAD, value=successor).changes
    project.refresh_from_db()
    assert project.lead == successor


def test_project_that_one_may_not_see_is_neither_changed_nor_mentioned() -> None:
    executive = factories.make_person(RoleName.EXECUTIVE)
    secret = factories.make_project("Canary", is_confidential=True, refresh=True)
    plan = bulk.apply(actor=executive, ids=[secret.pk], action=BulkAction.HOLD)
    assert not plan.changes
    assert not plan.skipped


def test_nothing_ticked_is_said_in_words() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    answer = client.post("/projects/bulk/", {"action": "hold", "query": "stale=yes"}, follow=True)
    assert "Tick at least one project first." in answer.content.decode()

"""A lead is stopped by a rule, asks for a waiver, the PMO grants it; in a directive office a lead proposes a date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse
from django.utils import timezone

from governance.models import Ballot, Waiver
from tests.factories import PASSWORD
from tests.governance.test_waivers import Case
from tests.journeys.visitor import Visitor
from tests.projects.test_proposals import DAY, Directed

if TYPE_CHECKING:
    from accounts.models import User

JAVASCRIPT = pytest.mark.parametrize("java_script_enabled", [True, False], ids=["js", "no-js"])


def with_password(*people: User) -> None:
    for person in people:
        person.set_password(PASSWORD)
        person.save()


@JAVASCRIPT
def test_a_lead_is_stopped_at_closing_asks_for_a_waiver_and_closes(
    visit: Callable[..., Visitor], *, java_script_enabled: bool
) -> None:
    case = Case()
    with_password(case.lead, case.pmo)
    lead = visit(case.lead, java_script_enabled=java_script_enabled)
    lead.open(reverse("project-status", args=[case.project.key]))
    lead.page.get_by_label("Completed").check()
    lead.press("Change status")
    assert "Rules stop this step" in lead.page.content()
    lead.page.get_by_role("link", name="Ask for a waiver").first.click()
    lead.page.get_by_label("Why can the rule not be kept for now?").fill("The goals are set in spring.")
    lead.page.get_by_label("What is done instead?").fill("We report each month.")
    lead.page.get_by_label("Last day").fill(str(timezone.localdate() + dt.timedelta(days=30)))
    lead.press("Ask for a waiver")
    lead.page.get_by_role("heading", name="The waiver", exact=True).wait_for()

    pmo = visit(case.pmo, java_script_enabled=java_script_enabled)
    pmo.open(reverse("ballot", args=[Ballot.objects.open().get().pk]))
    pmo.page.get_by_label("Grant").check()
    pmo.page.get_by_label("Why", exact=True).fill("Until spring.")
    pmo.press("Cast your vote")
    assert Waiver.objects.get().state == "granted"

    lead.open(reverse("project-status", args=[case.project.key]))
    lead.page.get_by_label("Completed").check()
    lead.press("Change status")
    lead.page.get_by_text("The project is now “Completed”.").wait_for()


@JAVASCRIPT
def test_in_a_directive_office_a_lead_proposes_a_date_and_the_pmo_accepts(
    visit: Callable[..., Visitor], *, java_script_enabled: bool
) -> None:
    case = Directed()
    with_password(case.lead, case.pmo)
    lead = visit(case.lead, java_script_enabled=java_script_enabled)
    lead.open(reverse("milestone-edit", args=[case.project.key, case.milestone.pk]))
    lead.page.get_by_label("Forecast").fill(str(DAY))
    lead.page.get_by_label("Why? The PMO reads it.").fill("The pump comes late.")
    lead.press("Propose")
    lead.page.get_by_text("Proposed. The PMO accepts or refuses it").wait_for()

    pmo = visit(case.pmo, java_script_enabled=java_script_enabled)
    pmo.open(reverse("proposal-list"))
    pmo.page.get_by_role("button", name="Accept").click()
    pmo.page.get_by_text("Accepted and done.").wait_for()
    case.milestone.refresh_from_db()
    assert case.milestone.forecast_on == DAY

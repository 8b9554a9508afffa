"""What the review of a gate stopped is not taken up again by whoever must not decide on that gate."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.enums import RoleName
from projects.enums import ProjectStatus
from projects.models import Project
from projects.services.projects import StoppedAtAGate, change_status
from tests import factories as make
from tests.projects.gates import Scene

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("by_then", [ProjectStatus.STOPPED, ProjectStatus.LEFT, ProjectStatus.COMPLETED])
def test_what_a_gate_stopped_is_taken_up_by_the_pmo_and_never_by_who_leads_it(at_gate: Scene, by_then: str) -> None:
    """Also when the lead had closed it before the vote came in, so that there was nothing left to stop."""
    project, ballot = at_gate.project, at_gate.open()
    helper = make.make_user()
    make.join_team(project, helper, RoleName.PROJECT_LEAD)
    if by_then != ProjectStatus.STOPPED:
        change_status(actor=at_gate.lead, project_id=project.pk, version=None, status=by_then)
    at_gate.vote(ballot, at_gate.sponsor, "reject")
    Project.objects.filter(pk=project.pk).update(lead=at_gate.other_pmo)
    for who in (at_gate.lead, helper, at_gate.other_pmo, at_gate.sponsor):
        with pytest.raises(StoppedAtAGate, match="Gate 1"):
            change_status(actor=who, project_id=project.pk, version=None, status=ProjectStatus.ACTIVE)
    project.refresh_from_db()
    assert project.status == by_then
    change_status(actor=at_gate.pmo, project_id=project.pk, version=None, status=ProjectStatus.ACTIVE)
    for status in (ProjectStatus.ON_HOLD, ProjectStatus.ACTIVE):
        change_status(actor=at_gate.other_pmo, project_id=project.pk, version=None, status=status)
    assert at_gate.open().is_open, "and its gate is asked for again"


def test_the_page_says_who_takes_up_what_a_gate_stopped(at_gate: Scene, client: Client) -> None:
    at_gate.decide(0, "reject")
    at_gate.project.refresh_from_db()
    client.force_login(at_gate.lead)
    order = {"version": at_gate.project.version, "status": ProjectStatus.ACTIVE}
    answer = client.post(reverse("project-status", args=[at_gate.project.key]), order)
    assert answer.status_code == 422
    assert "The PMO takes it up again, and nobody who leads it" in answer.text

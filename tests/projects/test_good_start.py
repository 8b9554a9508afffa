"""Kick-off, class of data, owner of benefits, agreed places, post-mortem: kept on pages and seen by rules."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from accounts.services import RoleNotGrantable
from governance import subjects
from governance.models import Finding, RuleVersion
from governance.services import RulesNotKept
from intake import services as intake
from intake.services.rules import install_start_set
from projects.enums import DataClass, ProjectStatus
from projects.models import Project
from projects.services import projects, rules, team
from strategy.enums import ControlLevel
from strategy.forms.offices import OfficeForm
from strategy.models import Office
from strategy.services import edit_office
from tests import factories as make
from tests.intake.world import make_world
from tests.projects.record import get, post, words

pytestmark = pytest.mark.django_db

PLACE = "https://documents.example.org/"


def facts_of(project: Project) -> dict[str, Any]:
    return dict(next(iter(subjects.registered()["project"].facts([project.pk], timezone.localdate()))))


def found(project: Project, code: str) -> bool:
    """Whether a scan finds that the rule is not kept."""
    rules.scan([project.pk])
    return Finding.objects.open().filter(subject_id=project.pk, rule__code=code).exists()


@pytest.fixture
def project() -> Project:
    rules.install_start_set()
    made: Project = make.make_healthy_project(lead=make.make_user("Lena Lead"), benefits=9000, refresh=True)
    return made


def test_the_lead_keeps_kick_off_data_and_benefits_owner_on_the_page_and_the_rules_see_it(project: Project) -> None:
    codes = ("kick-off", "data-classification", "benefits-owner")
    assert all(found(project, code) for code in codes)
    assert project.lead is not None
    owner = make.make_user("Olga Owner")
    page = words(get(project.lead, "project-edit", project.key))
    for field in ("kick_off_on", "data_class", "benefits_owner"):
        assert f'name="{field}"' in page
    kept = {name: getattr(project, name) for name in ("name", "actual_start_on", "forecast_start_on",
            "forecast_finish_on", "baseline_start_on", "baseline_finish_on")}  # fmt: skip
    sent = {**kept, "version": project.version, "kick_off_on": "2026-10-08", "data_class": "confidential"}
    assert post(project.lead, "project-edit", project.key, **sent, benefits_owner=owner.pk).status_code == 302
    project.refresh_from_db()
    assert (project.kick_off_on, project.data_class, project.benefits_owner) == (
        date(2026, 10, 8), DataClass.CONFIDENTIAL, owner
    )  # fmt: skip
    assert not any(found(project, code) for code in codes)
    page = words(get(project.lead, "project", project.key))
    for told in ("Olga Owner", "8 Oct 2026", "Confidential", "Kick-off"):
        assert told in page
    history = words(get(project.lead, "project-history", project.key))
    assert "benefits owner" in history.lower()
    assert "classification of its data" in history.lower()


def test_a_kick_off_is_asked_for_after_ten_working_days_only(project: Project) -> None:
    today = timezone.localdate()
    for days, is_found in ((10, False), (15, True)):
        Project.objects.filter(pk=project.pk).update(actual_start_on=today - timedelta(days=days), kick_off_on=None)
        assert found(project, "kick-off") is is_found, days


def test_nobody_of_an_external_office_owns_benefits(project: Project) -> None:
    adviser = make.make_person(RoleName.STAKEHOLDER)
    type(adviser).objects.filter(pk=adviser.pk).update(external_until=timezone.localdate() + timedelta(days=9))
    adviser.refresh_from_db()
    with pytest.raises(RoleNotGrantable):
        projects.edit_project(
            actor=project.lead, project_id=project.pk, version=None,  # type: ignore[arg-type]  # the project has a lead
            changes={"benefits_owner": adviser},
        )  # fmt: skip


@pytest.mark.parametrize(("url", "is_found"), [
    (f"{PLACE}alpha/brief", False), ("https://elsewhere.example/brief", True),
    ("https://documents.example.org.evil.example/brief", True),
])  # fmt: skip
def test_documents_belong_where_the_office_wants_them(project: Project, url: str, is_found: bool) -> None:
    document = {"title": "Brief", "url": url, "kind": "Brief"}
    team.add_document(actor=project.lead, project=project, values=document)  # type: ignore[arg-type]  # the project has a lead
    assert facts_of(project)["documents"][0]["is_in_place"] is None, "nothing was agreed, so nobody can tell"
    assert not found(project, "agreed-place")
    office = project.portfolio.office
    edit_office(actor=make.make_person(), pk=office.pk, values={"document_places": f"https://a.example/\n{PLACE}"})
    assert found(project, "agreed-place") is is_found


@pytest.mark.parametrize(("typed", "kept"), [
    (" https://a.example \n\nhttps://b.example/x/\nhttps://a.example/", "https://a.example/\nhttps://b.example/x/"),
    ("", ""), ("documents", None), ("ftp://a.example/", None),
])  # fmt: skip
def test_agreed_places_are_addresses_that_end_in_a_slash(typed: str, kept: str | None) -> None:
    form = OfficeForm({"document_places": typed})
    form.is_valid()
    assert form.cleaned_data.get("document_places") == kept
    assert ("document_places" in form.errors) is (kept is None)


@pytest.mark.parametrize("kind", ["Post-mortem", "Evaluatie"])
def test_closing_asks_for_a_post_mortem_and_nothing_before(project: Project, kind: str) -> None:
    RuleVersion.objects.active().exclude(rule__code="post-mortem").update(state="retired")
    Office.objects.update(control=ControlLevel.CONTROLLING)
    assert not found(project, "post-mortem"), "nobody can keep it before the end"

    def close() -> Project:
        return projects.change_status(
            actor=project.lead, project_id=project.pk, version=None, status=ProjectStatus.COMPLETED,  # type: ignore[arg-type]  # the project has a lead
        )  # fmt: skip

    with pytest.raises(RulesNotKept, match="post-mortem"):
        close()
    document = {"title": "What we learned", "url": f"{PLACE}alpha/learned", "kind": kind}
    team.add_document(actor=project.lead, project=project, values=document)  # type: ignore[arg-type]  # the project has a lead
    assert close().status == ProjectStatus.COMPLETED


def test_who_would_own_the_benefits_is_asked_before_a_large_request_is_approved() -> None:
    world = make_world()
    make.make_office(control=ControlLevel.CONTROLLING).serves.add(world.unit)
    install_start_set()
    goal = make.make_goal()
    pitch = world.triaged(goal=goal)
    with pytest.raises(RulesNotKept, match="Benefits have an owner"):
        intake.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Yes.")
    owner = make.make_user("Olga Owner")
    named = world.triaged(goal=goal, proposed_benefits_owner=owner)
    assert "Olga Owner" in words(get(world.sponsor, "request-decide", named.key))
    project = intake.approve_request(actor=world.sponsor, pk=named.pk, reason="Yes.").project
    assert project is not None
    assert project.benefits_owner == owner
    assert 'name="proposed_benefits_owner"' in words(get(world.requester, "request-edit", world.draft().key, "size"))

"""The control level of an office: rehearsed, changed with a reason, one at a time."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from accounts.enums import RoleName
from common.errors import Conflict, NotAllowed
from governance.enums import Enforcement
from governance.models import ControlChange
from governance.selectors.control import rehearse
from governance.services.control import ReasonMissing, change_control
from projects.models import Project
from projects.services import rules
from strategy import services as strategy
from strategy.enums import ControlLevel
from tests import factories
from tests.governance.test_checks import check, put_in_force, under, waive

pytestmark = pytest.mark.django_db


def scan() -> None:
    """Hold all projects against the rules of the test alone: the start set is not installed."""
    rules.scan(list(Project.objects.values_list("pk", flat=True)))


def test_a_rehearsal_lists_what_starts_to_stop_and_changes_nothing() -> None:
    version, project = put_in_force(), under(ControlLevel.SUPPORTIVE)
    waived, outgrown = (factories.make_project(portfolio=project.portfolio) for _each in range(2))
    waive(version, waived, lifts=Enforcement.BLOCK)
    waive(version, outgrown)
    elsewhere = under(ControlLevel.SUPPORTIVE)
    hidden = factories.make_project(portfolio=project.portfolio, is_confidential=True)
    scan()
    office, pmo = project.portfolio.office, factories.make_person(RoleName.PMO_MANAGER)
    seen = rehearse(pmo, office, ControlLevel.DIRECTIVE)
    assert {one.finding.subject_id for one in seen.starts} == {project.pk, hidden.pk, outgrown.pk}
    assert {(one.before, one.after) for one in seen.starts} == {(Enforcement.ADVISE, Enforcement.BLOCK)}
    assert [one.finding.subject_id for one in seen.others] == [waived.pk]
    assert elsewhere.pk not in {one.finding.subject_id for one in seen.effects}
    assert check(project).demand().advice
    reader = factories.make_person(RoleName.EXECUTIVE)
    assert {one.finding.subject_id for one in rehearse(reader, office, "directive").starts} == {project.pk, outgrown.pk}
    assert not rehearse(pmo, office, ControlLevel.SUPPORTIVE).effects


def test_a_stricter_office_elsewhere_leaves_nothing_to_change() -> None:
    put_in_force()
    unit = factories.make_org_unit()
    factories.make_office(control=ControlLevel.DIRECTIVE).serves.add(unit)
    project = under(ControlLevel.SUPPORTIVE, org_unit=unit)
    scan()
    assert not rehearse(factories.make_person(), project.portfolio.office, ControlLevel.CONTROLLING).effects


def test_the_change_holds_at_once_and_is_kept_with_its_reason() -> None:
    put_in_force()
    project, pmo = under(ControlLevel.SUPPORTIVE), factories.make_person()
    scan()
    office = project.portfolio.office
    with pytest.raises(ReasonMissing):
        change_control(actor=pmo, office_id=office.pk, control="controlling", reason=" ", version=1)
    with pytest.raises(NotAllowed):
        change_control(actor=factories.make_user(), office_id=office.pk, control="controlling", reason="x", version=1)
    for _again in range(2):
        change_control(actor=pmo, office_id=office.pk, control="controlling", reason="Slips", version=None)
    kept = ControlChange.objects.get()
    assert (kept.old, kept.new, kept.reason, kept.stopped, kept.changed_by) == (
        "supportive", "controlling", "Slips", 1, pmo,
    )  # fmt: skip
    assert check(project).stopping
    with pytest.raises(Conflict):
        change_control(actor=pmo, office_id=office.pk, control="directive", reason="More", version=1)
    with pytest.raises(DatabaseError), transaction.atomic():
        ControlChange.objects.update(reason="Other")


def test_editing_an_office_does_not_change_its_control_level() -> None:
    office, pmo = factories.make_office(), factories.make_person()
    with pytest.raises(TypeError):
        strategy.edit_office(actor=pmo, pk=office.pk, values={"control": "directive"})


def test_the_page_rehearses_then_changes_and_keeps_what_was_typed() -> None:
    put_in_force()
    project, pmo = under(ControlLevel.SUPPORTIVE), factories.make_person()
    scan()
    office = project.portfolio.office
    client = Client()
    client.force_login(pmo)
    path = reverse("office-control", args=[office.slug])
    assert "1 check starts to stop" not in client.get(path).content.decode()
    page = client.get(path, {"to": "directive"}).content.decode()
    assert "1 check starts to stop" in page
    assert project.name in page
    refused = client.post(path, {"version": office.version, "control": "directive", "reason": ""})
    assert refused.status_code == 422
    lost = client.post(path, {"version": 99, "control": "directive", "reason": "Many slips"})
    assert lost.status_code == 409
    assert "Many slips" in lost.content.decode()
    done = client.post(path, {"version": office.version, "control": "directive", "reason": "Many slips"}, follow=True)
    assert "Directive" in done.content.decode()
    assert "Many slips" in client.get(path).content.decode()
    client.force_login(factories.make_user())
    assert client.get(path).status_code == 403

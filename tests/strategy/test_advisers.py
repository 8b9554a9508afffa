"""Who advises from outside, and what is open to them until when."""

from __future__ import annotations

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import RoleGrant, User
from common.errors import Conflict, NotAllowed, PortalError
from projects.models import Portfolio
from strategy.enums import OfficeKind
from strategy.models import Office
from strategy.services import advisers
from strategy.services import edit_office as change_office
from tests import factories as make
from tests.strategy.world import Visit, later


def test_the_pmo_lets_somebody_advise_and_opens_a_portfolio(
    visit: Visit, pmo: User, office: Office, home: Portfolio
) -> None:
    person, page = make.make_user("New Adviser"), visit(pmo)
    page.post(reverse("adviser-add", args=["outside"]), {"user": person.pk, "ends_on": later(50)})
    member = office.members.get()
    opened = {"holds_for": f"portfolio:{home.pk}", "ends_on": later(40)}
    answer = page.post(reverse("opening-add", args=["outside", member.pk]), opened, follow=True)
    for words in ("New Adviser", "Home", "Close now"):
        assert words in answer.text
    person = User.objects.get(pk=person.pk)
    assert person.external_until == later(50)
    assert set(Portfolio.objects.visible_to(person)) == {home}


def test_an_opening_is_extended_and_closed_on_the_page(visit: Visit, pmo: User, adviser: User) -> None:
    grant, page = adviser.grants.get(), visit(pmo)
    code = f"grant-{grant.pk}"
    assert page.post(reverse("opening-edit", args=["outside", code]), {"ends_on": later(45)}).status_code == 302
    grant.refresh_from_db()
    assert grant.ends_on == later(45)
    assert page.post(reverse("opening-edit", args=["outside", code]), {"ends_on": later(99)}).status_code == 422
    page.post(reverse("opening-end", args=["outside", code]))
    assert not RoleGrant.objects.filter(pk=grant.pk).exists()
    assert page.post(reverse("opening-end", args=["outside", code]), follow=True).status_code == 200


def test_a_project_is_opened_by_its_team_and_closed_on_the_page_of_the_office(
    visit: Visit, pmo: User, adviser: User
) -> None:
    project = make.make_project("Tunnel")
    place = make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
    page = visit(pmo)
    assert "Tunnel" in page.get(reverse("office", args=["outside"])).text
    code = f"place-{place.pk}"
    page.post(reverse("opening-edit", args=["outside", code]), {"ends_on": later(9)})
    place.refresh_from_db()
    assert place.ends_on == later(9)
    page.post(reverse("opening-end", args=["outside", code]))
    assert not project.team.exists()


def test_a_confidential_project_shows_to_none_but_who_may_know_it(visit: Visit, adviser: User) -> None:
    project = make.make_project("Zanzibar", is_confidential=True)
    make.join_team(project, adviser, role=RoleName.EXTERNAL_ADVISER, ends_on=later(3))
    page = visit(make.make_person(RoleName.ADMINISTRATOR)).get(reverse("office", args=["outside"]))
    assert "Ed External" in page.text
    assert "Zanzibar" not in page.text


def test_a_shorter_membership_shortens_what_is_open(pmo: User, office: Office, adviser: User) -> None:
    member = office.members.get()
    advisers.move_adviser(actor=pmo, office=office, member_id=member.pk, ends_on=later(10), version=member.version)
    assert adviser.grants.get().ends_on == later(10)
    with pytest.raises(Conflict):
        advisers.move_adviser(actor=pmo, office=office, member_id=member.pk, ends_on=later(11), version=member.version)
    advisers.end_adviser(actor=pmo, office=office, member_id=member.pk)
    advisers.end_adviser(actor=pmo, office=office, member_id=member.pk)
    assert not adviser.grants.exists()
    assert User.objects.get(pk=adviser.pk).has_left


def test_who_cannot_advise(pmo: User, office: Office, adviser: User) -> None:
    other = make.make_office(kind=OfficeKind.EXTERNAL)
    wrong = [
        (make.make_office(), make.make_user(), later()),
        (office, make.make_user(), timezone.localdate() - dt.timedelta(days=1)),
        (office, make.make_person(RoleName.EXECUTIVE), later()),
        (office, make.make_user(is_active=False), later()),
        (office, pmo, later()),
        (other, adviser, later()),
    ]
    for where, who, until in wrong:
        with pytest.raises(advisers.AdviserError):
            advisers.add_adviser(actor=pmo, office=where, user=who, ends_on=until)
    with pytest.raises(NotAllowed):
        advisers.add_adviser(actor=make.make_user(), office=office, user=make.make_user(), ends_on=later())
    with pytest.raises(PortalError, match="stays external"):
        change_office(actor=pmo, pk=office.pk, values={"kind": OfficeKind.INTERNAL})
    assert office.members.count() == 1

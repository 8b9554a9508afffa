"""The pages of waivers and findings: what a person reads, presses and is refused."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from governance.enums import WaiverState
from governance.models import Finding, Waiver
from projects.services import rules, state
from strategy.enums import ControlLevel
from tests import factories
from tests.governance.test_checks import under, waive
from tests.governance.test_waivers import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    found = Case()
    state.refresh([found.project.pk])
    rules.scan_all()
    return found


def visit(person: User, name: str, *args: object, **query: str) -> str:
    client = Client()
    client.force_login(person)
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200, answer.status_code
    return str(answer.content.decode())


def statements(person: User, name: str, *args: object) -> int:
    client = Client()
    client.force_login(person)
    client.get(reverse(name, args=args))
    with CaptureQueriesContext(connection) as queries:
        client.get(reverse(name, args=args))
    return len([query for query in queries if "SAVEPOINT" not in query["sql"]])


def test_closing_shows_the_rule_why_the_remedy_and_the_way_to_a_waiver(case: Case) -> None:
    client = Client()
    client.force_login(case.lead)
    path = reverse("project-status", args=[case.project.key])
    before = client.get(path).content.decode()
    assert "If you complete it now" in before
    assert "Rule goal" in before
    day = timezone.localdate().isoformat()
    answer = client.post(path, {"version": case.project.version, "status": "completed", "on": day})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "goal is missing." in page
    assert reverse("waiver-ask", args=["project", case.project.pk, "goal"]) in page
    assert f"{reverse('project-edit', args=[case.project.key])}#id_goal" in page
    assert f'value="{day}"' in page, "what was typed stays"
    assert "belongs to the office" in page


def test_advice_is_told_and_does_not_stop() -> None:
    Case()
    lead = factories.make_user()
    project = under(ControlLevel.SUPPORTIVE, lead=lead)
    client = Client()
    client.force_login(lead)
    data = {"version": project.version, "status": "completed", "on": timezone.localdate().isoformat()}
    page = client.post(reverse("project-status", args=[project.key]), data, follow=True).content.decode()
    project.refresh_from_db()
    assert project.status == "completed"
    assert "goal is missing." in page


def test_a_waiver_is_asked_on_its_form_and_found_in_the_register(case: Case) -> None:
    client = Client()
    client.force_login(case.lead)
    path = reverse("waiver-ask", args=["project", case.project.pk, "goal"])
    assert "stops until a waiver lifts it" in client.get(path).content.decode()
    data = {
        "reason": "In spring", "compensating_control": "A talk", "owner": case.lead.email,
        "expires_on": timezone.localdate() + dt.timedelta(days=400),
    }  # fmt: skip
    refused = client.post(path, data)
    assert refused.status_code == 422
    assert "within twelve months" in refused.content.decode()
    assert "In spring" in refused.content.decode()
    data["expires_on"] = timezone.localdate() + dt.timedelta(days=40)
    assert client.post(path, data).status_code == client.post(path, data).status_code == 302
    waiver = Waiver.objects.get()
    page = visit(case.lead, "waiver", waiver.pk)
    assert "In spring" in page
    assert "Take the question back" in page
    assert "Rule goal" in visit(case.pmo, "waiver-list")
    assert "Take the question back" not in visit(case.pmo, "waiver", waiver.pk)
    client.post(reverse("waiver-withdraw", args=[waiver.pk]))
    waiver.refresh_from_db()
    assert waiver.state == WaiverState.WITHDRAWN


def test_who_may_only_read_is_refused_and_who_may_not_know_finds_nothing(case: Case) -> None:
    path = reverse("waiver-ask", args=["project", case.project.pk, "goal"])
    waiver = case.vote(case.ask(), case.pmo)
    for person, status in ((case.sponsor, 403), (factories.make_user(), 404)):
        client = Client()
        client.force_login(person)
        assert client.get(path).status_code == client.post(path, {}).status_code == status
        assert client.post(reverse("waiver-end", args=[waiver.pk])).status_code == status
    waiver.refresh_from_db()
    assert waiver.state == WaiverState.GRANTED


def test_a_finding_explains_itself_with_facts_values_records_and_version(case: Case) -> None:
    finding = Finding.objects.open().get(rule__code="goal")
    page = visit(case.lead, "finding", finding.pk)
    for words in ("goal chosen", "not kept", "1, since", "Fill in goal", "Ask for a waiver", "Lena Lead",
                  reverse("project", args=[case.project.key])):  # fmt: skip
        assert words in page, words
    assert "Ask for a waiver" not in visit(case.sponsor, "finding", finding.pk)
    waiver = waive(case.version, case.project)
    assert reverse("waiver", args=[waiver.pk]) in visit(case.lead, "finding", finding.pk)
    client = Client()
    client.force_login(factories.make_user())
    assert client.get(reverse("finding", args=[finding.pk])).status_code == 404


def test_the_list_of_findings_filters_and_tells_what_happens(case: Case) -> None:
    page = visit(case.pmo, "finding-list")
    assert "Rule goal" in page
    assert "stops until a waiver lifts it" in page
    waive(case.version, case.project)
    assert "waived" in visit(case.pmo, "finding-list", waived="yes", rule="goal")
    for query, shown in (
        ({"waived": "no", "rule": "goal"}, False), ({"q": "zzz"}, False),
        ({"q": case.project.key, "rule": "goal"}, True),
        ({"office": str(case.project.portfolio.office_id), "rule": "goal"}, True),
        ({"weight": "low", "rule": "goal"}, False),
    ):  # fmt: skip
        assert (case.project.name in visit(case.pmo, "finding-list", **query)) is shown, query
    assert "Nothing found" in visit(factories.make_user(), "finding-list")


@pytest.mark.parametrize("name", ["finding-list", "waiver-list"])
def test_the_lists_take_as_many_statements_for_twelve_rows_as_for_two(case: Case, name: str) -> None:
    def more(number: int) -> None:
        for _each in range(number):
            project = factories.make_project(portfolio=case.project.portfolio, lead=case.lead)
            waive(case.version, project)
        rules.scan_all()

    more(2)
    few = statements(case.pmo, name)
    more(10)
    assert statements(case.pmo, name) == few <= 12


def test_the_page_of_a_project_says_how_far_rules_bind_it_and_why(case: Case) -> None:
    page = visit(case.lead, "project", case.project.key)
    assert "Controlling: its portfolio belongs to the office" in page
    assert "stops until a waiver lifts it" in page

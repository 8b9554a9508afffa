"""The audit page: who opens it, what it says, how it is paged and taken out, and what it never tells."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import openpyxl
import pypdf
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import RoleGrant, User
from common import audit, formats, jobs
from common.enums import AuditKind
from common.models import AuditEvent, JobRun, OutgoingMail
from common.seals import chain, sealing, verifying
from governance.models import Ballot
from playbooks.services import load_start_set
from projects.enums import UpdateState
from projects.models import Portfolio
from reporting.audit.query import TrailQuery
from reporting.demo.remove import remove_demo
from reporting.selectors import audit as selectors
from reporting.services import subscriptions
from reporting.weekly import build
from strategy.enums import OfficeKind
from strategy.models import Assessment
from tests import factories as make
from tests.projects.gates import scene
from tests.reporting import weeks
from tests.strategy.world import assess, make_adviser, open_portfolio

pytestmark = pytest.mark.django_db


def client_of(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def auditor() -> User:
    return make.make_person(RoleName.AUDITOR, name="Ada Auditor")


@pytest.fixture
def administrator() -> User:
    return make.make_person(RoleName.ADMINISTRATOR, name="Adam Admin", email="adam@example.org")


def texts(**query: Any) -> list[str]:
    return [f"{line.who} {line.sentence}" for line in selectors.trail(TrailQuery(**query)).lines]


@pytest.mark.parametrize("role", RoleName.values)
def test_only_auditors_and_the_pmo_of_the_whole_organisation_open_it(role: str) -> None:
    person = make.make_person(role)
    allowed = role in {RoleName.AUDITOR, RoleName.PMO_MANAGER}
    client = client_of(person)
    assert client.get(reverse("audit-trail")).status_code == (200 if allowed else 403)
    assert client.get(reverse("audit-export", args=["csv"])).status_code == (200 if allowed else 403)
    assert client.post(reverse("audit-verify")).status_code == (302 if allowed else 403)


def test_a_part_of_the_organisation_does_not_open_the_trail_of_all_of_it() -> None:
    person = make.make_person(RoleName.AUDITOR, make.make_portfolio())
    assert client_of(person).get(reverse("audit-trail")).status_code == 403


def test_role_changes_read_as_a_sentence_with_the_place(auditor: User, administrator: User) -> None:
    portfolio = make.make_portfolio("Bridges")
    bob = make.make_user("Bob Builder")
    data = {"role": "executive", "holds_for": f"portfolio:{portfolio.pk}"}
    client_of(administrator).post(reverse("grant-create", args=[bob.pk]), data)
    page = client_of(auditor).get(reverse("audit-trail"), {"kind": "roles", "person": "adam@"}).content.decode()
    assert "Adam Admin</b> added: Role grant “Bob Builder”" in page
    assert "Bridges" in page
    assert "Executive" in page


def test_every_filter_narrows(auditor: User) -> None:
    pmo = make.make_person(RoleName.PMO_MANAGER, name="Petra", email="petra@example.org")
    lead = make.make_user("Leo", email="leo@example.org")
    one, two = make.make_project("One", lead=lead), make.make_project("Two", lead=lead)
    for project in (one, two):
        client_of(lead).post(
            reverse("risk-create", args=[project.key]), {"title": "Rain", "probability": 2, "impact": 2}
        )
    client_of(lead).get(reverse("project-edit", args=["P-999999"]))
    client_of(pmo).get(reverse("project-export", args=["csv"]))
    assert [text for text in texts(person="leo@") if "Rain" in text] == ["Leo added: Risk “Rain”"] * 2
    assert [text for text in texts(about=one.key) if "Rain" in text] == ["Leo added: Risk “Rain”"]
    assert texts(kind="refused") == ["Leo was refused: nothing that they may see is at that address"]
    assert [text for text in texts(kind="exported") if "Petra" in text] == [
        "Petra took out the list of projects: 2 rows as CSV"
    ]
    assert texts(about="P-424242") == []
    assert texts(since=TrailQuery.parse({"since": "2999-01-01"}).since) == []
    everything = len(texts())
    assert len(texts(until=TrailQuery.parse({"until": "2999-01-01"}).until)) == everything > 8
    assert auditor


def test_nonsense_in_the_address_is_left_out(auditor: User) -> None:
    client = client_of(auditor)
    for query in (
        {"since": "2026-13-45", "until": "x"}, {"since": "0001-01-01", "until": "9999-12-31"}, {"kind": "zzz"},
        {"after": "2026-99-99T00:00:00Z~audit~1"}, {"after": "x~y~z"}, {"about": "P-99999999999999999999999"},
        {"after": "2026-01-01T00:00:00+00:00~no.such~1"}, {"person": "%"}, {"about": "=1"},
    ):  # fmt: skip
        assert client.get(reverse("audit-trail"), query).status_code == 200, query


def test_pages_follow_each_other_without_gap_or_double(auditor: User) -> None:
    for number in range(23):
        make.make_org_unit(f"Unit {number}")  # one transaction: every moment is the same
        audit.record(AuditKind.ASKED, what=str(number))
    whole = [line.source for line in selectors.trail(TrailQuery(), size=500).lines]
    walked: list[str] = []
    query = TrailQuery()
    while True:
        page = selectors.trail(query, size=7)
        walked += [line.source for line in page.lines]
        if page.next_after is None:
            break
        query = TrailQuery.parse({"after": str(page.next_after)})
    assert walked == whole
    assert len(set(walked)) == len(walked) == selectors.count(TrailQuery()) > 46
    first = client_of(auditor).get(reverse("audit-trail"))
    older = client_of(auditor).get(reverse("audit-trail") + first.context["older_href"])
    assert older.status_code == 200
    assert "Newest" in older.content.decode()


def test_the_number_of_statements_does_not_grow(auditor: User) -> None:
    def statements() -> int:
        client = client_of(auditor)
        with CaptureQueriesContext(connection) as found:
            assert client.get(reverse("audit-trail")).status_code == 200
        return len(found)

    project = make.make_project()
    make.make_risk(project, "One")
    make.grant(make.make_user(), RoleName.EXECUTIVE, project.portfolio)
    audit.record(AuditKind.ASKED, what="x")
    statements()
    few = statements()
    for number in range(12):
        make.make_risk(project, f"Risk {number}")
        make.grant(make.make_user(), RoleName.EXECUTIVE, project.portfolio)
        audit.record(AuditKind.ASKED, what="x")
    assert statements() == few <= 12


def test_drafts_stay_with_their_author(auditor: User) -> None:
    project = make.make_project()
    make.make_update(project, state=UpdateState.DRAFT, declared="", accomplished="Half a thought")
    for line in selectors.whole_trail(TrailQuery()):
        assert "Half a thought" not in str(line)
    assert "Half a thought" not in client_of(auditor).get(reverse("audit-trail")).content.decode()


DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx")


def test_the_take_out_is_recorded_holds_all_and_is_never_a_formula(auditor: User) -> None:
    for name in DANGEROUS:
        make.make_org_unit(name)
        audit.record(AuditKind.ASKED, what="x", reason=name, subject=name)
    client = client_of(auditor)
    query = {"kind": "records"}
    rows = selectors.count(TrailQuery(kind="records"))
    text = b"".join(client.get(reverse("audit-export", args=["csv"]), query).streaming_content).decode()
    found = list(csv.reader(io.StringIO(text)))
    assert len(found) == rows + 1
    assert not [cell for row in found for cell in row if cell.startswith(("=", "+", "-", "@", "\t"))]
    lines = b"".join(client.get(reverse("audit-export", args=["jsonl"]), query).streaming_content).decode().splitlines()
    assert len(lines) == rows
    assert {json.loads(line)["kind"] for line in lines} >= {"accounts.orgunit", "accounts.user"}
    book = openpyxl.load_workbook(
        io.BytesIO(b"".join(client.get(reverse("audit-export", args=["xlsx"])).streaming_content))
    )
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert any(cell.value == "=1+1" for cell in cells)
    taken = AuditEvent.objects.filter(kind=AuditKind.EXPORTED, what="audit").order_by("pk")
    assert [(one.person_id, one.detail["form"], one.detail.get("filters", "")) for one in taken] == [
        (auditor.pk, "csv", "kind=records"), (auditor.pk, "jsonl", "kind=records"), (auditor.pk, "xlsx", ""),
    ]  # fmt: skip
    assert [one.detail["rows"] for one in taken][:2] == [rows, rows]


def test_verify_now_walks_the_chain_and_the_page_tells(auditor: User) -> None:
    client = client_of(auditor)
    assert "first seal comes within minutes" in client.get(reverse("audit-trail")).content.decode()
    make.make_org_unit("North")
    sealing.seal_new()
    answer = client.post(reverse("audit-verify"))
    run = JobRun.objects.get(kind=verifying.VERIFY)
    assert answer.headers["Location"] == reverse("job-run", args=[run.pk])
    jobs.run_now(run)
    assert run.result["whole"] is True
    head = chain.head()
    assert head is not None
    page = client.get(reverse("audit-trail")).content.decode()
    assert head.hash[: chain.SHORT] in page
    assert "are as they were written" in page
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE accounts_orgunitevent DISABLE TRIGGER USER")
        cursor.execute("UPDATE accounts_orgunitevent SET name = 'South'")
        cursor.execute("ALTER TABLE accounts_orgunitevent ENABLE TRIGGER USER")
    client.post(reverse("audit-verify"))
    jobs.run_now(JobRun.objects.filter(kind=verifying.VERIFY).latest("pk"))
    page = client.get(reverse("audit-trail")).content.decode()
    assert "The history is not as it was written" in page
    assert "accounts_orgunitevent" in page


def test_the_daily_walk_asks_once_a_day() -> None:
    verifying.verify_daily()
    verifying.verify_daily()
    assert JobRun.objects.filter(kind=verifying.VERIFY).count() == 1


def test_a_weekly_report_carries_the_head_on_page_pdf_and_mail_and_keeps_it() -> None:
    pmo = make.make_person(RoleName.PMO_MANAGER)
    portfolio = make.make_portfolio()
    make.make_healthy_project(portfolio=portfolio, refresh=True)
    subscriptions.subscribe(portfolio=portfolio, actor=pmo)
    sealing.seal_new()
    head = chain.head()
    assert head is not None
    report = weeks.make_week(portfolio)
    make.make_org_unit("Later")
    sealing.seal_new()
    line = f"History sealed up to {formats.moment_short(head.sealed_at)}: {head.hash[: chain.SHORT]}"
    client = client_of(pmo)
    assert line in client.get(reverse("report", args=[report.pk])).content.decode()
    pdf = pypdf.PdfReader(io.BytesIO(client.get(reverse("report-pdf", args=[report.pk])).content))
    assert head.hash[: chain.SHORT] in pdf.pages[0].extract_text()
    mail = OutgoingMail.objects.get(to_user=pmo)
    assert line in mail.text
    assert line in mail.html
    assert list(verifying.verify(known_head=line.rpartition(" ")[2]))[-1].knows_head
    assert build.digest(build.build(report.slot)) == report.content_sha256


def test_inputs_that_were_frozen_before_there_were_seals_give_the_same_bytes() -> None:
    report = weeks.make_week(make.make_portfolio())
    frozen = {name: value for name, value in report.slot.frozen.items() if name != "history"}
    report.slot.frozen = frozen
    assert "history" not in build.build(report.slot)


def test_removing_the_demo_leaves_the_history_whole_and_tells_of_it() -> None:
    office = make.make_office(is_demo=True)
    lead = make.make_user("Dora Demo", is_demo=True)
    portfolio = make.make_portfolio("Demo", office=office, is_demo=True)
    project = make.make_healthy_project("Gone", portfolio=portfolio, lead=lead, is_demo=True, refresh=True)
    make.make_risk(project, "Rain")
    weeks.make_week(portfolio)
    sealing.seal_new()
    remove_demo()
    sealing.seal_new()
    found = list(verifying.verify())[-1]
    assert found.is_whole
    assert found.seals == 2
    auditor = make.make_person(RoleName.AUDITOR)
    page = client_of(auditor).get(reverse("audit-trail"), {"kind": "records"}).content.decode()
    assert "removed: Project “Gone”" in page
    assert AuditEvent.objects.get(kind=AuditKind.REMOVED).detail["projects"] == 1


def test_removing_the_demo_takes_decided_gates_submitted_assessments_and_what_people_gave_each_other() -> None:
    found = scene()
    found.decide()
    Portfolio.objects.filter(pk=found.project.portfolio_id).update(is_demo=True)
    office = make.make_office(kind=OfficeKind.EXTERNAL, is_demo=True)
    adviser = make_adviser(office)
    grant = open_portfolio(adviser, found.project.portfolio)
    RoleGrant.objects.filter(pk=grant.pk).update(granted_by=found.pmo)
    playbook = load_start_set(actor=make.make_person(RoleName.PMO_MANAGER))[0]
    assess(adviser, playbook, make.make_goal(), submit=True)
    User.objects.filter(pk__in=[one.pk for one in (adviser, found.lead, found.sponsor, found.payer, found.pmo)]).update(
        is_demo=True
    )
    assert remove_demo()["projects"] == 1
    assert not Ballot.objects.exists()
    assert not Assessment.objects.exists()
    assert not RoleGrant.objects.filter(pk=grant.pk).exists()
    assert not User.objects.filter(is_demo=True).exists()

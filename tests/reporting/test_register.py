"""The decision register: every kind of decision, now and as of a day, for whoever may see it."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common.enums import AuditKind
from common.models import AuditEvent
from governance.enums import Choice
from governance.models import Ballot
from governance.services import ballots
from projects.enums import DecisionState
from projects.models import Decision, Project
from projects.services import raid
from reporting.register import RegisterQuery, RegisterState
from reporting.selectors import register
from tests import factories
from tests.governance import matter
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db
TODAY = portfolios.TODAY
WEEK = dt.timedelta(days=7)


@pytest.fixture
def pmo() -> User:
    return factories.make_person(RoleName.PMO_MANAGER)


@pytest.fixture
def project(pmo: User) -> Project:
    return factories.make_project("Bridge", lead=pmo)


def _taken(project: Project, days_ago: int, **fields: Any) -> Decision:
    decided_at = timezone.now() - dt.timedelta(days=days_ago)
    return factories.make_decision(
        project, state=DecisionState.TAKEN, decided_at=decided_at, decided_by=project.lead, outcome="Steel",
        rationale="It lasts", **{"raised_on": TODAY - dt.timedelta(days=days_ago + 5), **fields},
    )  # fmt: skip


def _found(user: User, **filters: Any) -> list[Any]:
    query = RegisterQuery(**filters)
    return register.entries([line[:3] for line in register.lines_of(user, query)], query)


def _ballot(owner: User, voter: User, name: str = "Grow") -> Ballot:
    goal = factories.make_goal(name, owner=owner)
    return ballots.open_ballot(actor=owner, kind=matter.KIND, subject_id=goal.pk, question=f"{name}?")


def test_decisions_and_ballots_stand_together_wanted_ones_first(pmo: User, project: Project) -> None:
    voter = factories.make_user("Vera Voter")
    boards = matter.Boards()
    boards.seat("executive", voter)
    _taken(project, 3, question="Steel or wood?", options="Both")
    factories.make_decision(project, "Which colour?", holder=voter, needed_by=TODAY)
    with matter.decided_by(boards):
        asked = _ballot(pmo, voter)
        told = {one.question: one for one in _found(pmo)}
        assert [one.state for one in _found(pmo)] == ["wanted", "wanted", "decided"]
        assert told["Grow?"].who == "Board"
        assert told["Grow?"].about == "Grow"
        condition = ballots.NewCondition("Water it", voter, TODAY + WEEK)
        ballots.cast_vote(
            actor=voter, ballot_id=asked.pk, choice=Choice.CONDITIONAL, reason="It is dry",
            version=asked.version, conditions=[condition],
        )  # fmt: skip
        decided = {one.question: one for one in _found(pmo)}["Grow?"]
    assert (decided.state, decided.outcome, decided.choice) == ("decided", "Approve with conditions", "conditional")
    assert "It is dry" in decided.why
    assert [(one.text, one.is_met) for one in decided.conditions] == [("Water it", False)]
    assert told["Steel or wood?"].why == "It lasts"
    assert "Both" in told["Steel or wood?"].evidence


def test_reasons_are_told_in_paragraphs_and_nothing_of_them_is_markup(pmo: User, project: Project) -> None:
    _taken(project, 3, question="Steel or wood?", options="Wood\n\n<b>Steel</b>")
    client = Client()
    client.force_login(pmo)
    page = client.get(reverse("decision-list")).content.decode()
    assert "Wood</p><p>&lt;b&gt;Steel&lt;/b&gt;</p>" in page
    assert "&lt;p&gt;" not in page


@pytest.mark.parametrize(
    ("filters", "questions"),
    [
        ({}, {"Old?", "New?", "Gone?"}),
        ({"state": "wanted"}, {"New?"}),
        ({"state": "withdrawn"}, {"Gone?"}),
        ({"text": "old"}, {"Old?"}),
        ({"text": "bridge"}, {"Old?", "New?", "Gone?"}),
        ({"mine": True}, {"Old?"}),
        ({"kind": "request"}, set()),
        ({"kind": "decision"}, {"Old?", "New?", "Gone?"}),
        ({"until": TODAY - dt.timedelta(days=9)}, {"Old?"}),
        ({"since": TODAY - dt.timedelta(days=1)}, {"New?", "Gone?"}),
        ({"since": TODAY - dt.timedelta(days=9), "until": TODAY - dt.timedelta(days=6)}, set()),
    ],
)
def test_filters(pmo: User, project: Project, filters: dict[str, Any], questions: set[str]) -> None:
    _taken(project, 10, question="Old?")
    factories.make_decision(project, "New?")
    gone = factories.make_decision(project, "Gone?")
    Decision.objects.filter(pk=gone.pk).update(state=DecisionState.WITHDRAWN)
    assert {one.question for one in _found(pmo, **filters)} == questions


def test_as_of_a_day_it_is_open_what_was_decided_later(pmo: User, project: Project) -> None:
    _taken(project, 3, question="Steel or wood?")
    factories.make_decision(project, "Later?")
    (then,) = _found(pmo, as_of=TODAY - dt.timedelta(days=5))
    assert (then.state, then.outcome, then.why, then.decided_on) == (RegisterState.WANTED, "", "", None)
    assert "Written down later" in then.note
    (after,) = _found(pmo, as_of=TODAY - dt.timedelta(days=1))
    assert (after.state, after.outcome) == (RegisterState.DECIDED, "Steel")
    assert not _found(pmo, as_of=TODAY - dt.timedelta(days=30))


def test_when_a_question_was_taken_back_the_history_tells_or_nobody(pmo: User, project: Project) -> None:
    asked = factories.make_decision(project, "Which?", raised_on=TODAY - WEEK)
    raid.withdraw_decision(actor=pmo, project=project, decision_id=asked.pk)
    assert [one.state for one in _found(pmo, as_of=TODAY - dt.timedelta(days=1))] == [RegisterState.WANTED]
    assert [one.state for one in _found(pmo, as_of=TODAY)] == [RegisterState.WITHDRAWN]
    factories.make_decision(project, "Told?", raised_on=TODAY - WEEK, state=DecisionState.WITHDRAWN)
    told = {one.question: one.state for one in _found(pmo, as_of=TODAY - dt.timedelta(days=1))}
    assert told == {"Which?": RegisterState.WANTED, "Told?": RegisterState.UNTOLD}


def test_a_decision_of_a_confidential_project_shows_nowhere(project: Project) -> None:
    reader = factories.make_person(RoleName.EXECUTIVE)
    factories.make_decision(factories.make_project("Hidden", is_confidential=True), "Secret?")
    factories.make_decision(project, "Open?")
    client = portfolios.signed_in(reader)
    page = client.get("/decisions/").content.decode()
    assert "Open?" in page
    assert "Secret?" not in page
    assert "Secret?" not in _csv(client, "/decisions/export.csv")


def test_statements_do_not_grow_with_rows(pmo: User, project: Project) -> None:
    voter = factories.make_user()
    boards = matter.Boards()
    boards.seat("executive", voter)
    client = portfolios.signed_in(pmo)
    with matter.decided_by(boards):

        def more(number: int) -> int:
            for each in range(number):
                _taken(project, 3)
                factories.make_decision(factories.make_project(lead=pmo), holder=voter)
                _ballot(pmo, voter, f"Goal {number} {each}")
            return portfolios.statements(client, "/decisions/")[0]

        few = more(2)
        assert more(10) == few
        assert few <= 12


def _csv(client: Client, path: str) -> str:
    return b"".join(client.get(path).streaming_content).decode()  # type: ignore[attr-defined]  # of a streaming answer


def test_an_export_holds_the_filtered_rows_no_formula_and_is_in_the_trail(pmo: User, project: Project) -> None:
    _taken(project, 3, question="=1+1", options="@SUM(A1)")
    factories.make_decision(project, "Not this one")
    client = portfolios.signed_in(pmo)
    rows = list(csv.reader(io.StringIO(_csv(client, "/decisions/export.csv?state=decided"), newline="")))
    assert len(rows) == 2
    assert rows[1][1] == "'=1+1"
    assert not [cell for cell in rows[1] if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    event = AuditEvent.objects.get(kind=AuditKind.EXPORTED)
    assert (event.what, event.detail["rows"], event.detail["filters"]) == ("decisions", 1, "state=decided")
    answer = client.get("/decisions/export.xlsx?state=decided")
    content = io.BytesIO(b"".join(answer.streaming_content))  # type: ignore[attr-defined]  # of a streaming answer
    sheet = openpyxl.load_workbook(content).active
    assert sheet is not None
    assert sheet["B2"].data_type == "s"
    assert sheet["B2"].value == "=1+1"


@pytest.mark.parametrize("path", ["?as_of=yesterday&kind=x&state=y&page=zz", "?as_of=9999-99-99", "?until=0001-01-01"])
def test_an_address_that_makes_no_sense_still_opens(pmo: User, path: str) -> None:
    assert portfolios.signed_in(pmo).get(f"/decisions/{path}").status_code == 200

"""Risks, issues and decisions."""

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from projects.enums import DecisionState, IssueStatus, RiskStatus
from projects.services import raid
from projects.services.raid import RaidError
from tests import factories
from tests.projects.record import Cast, cast, get, post, words

pytestmark = pytest.mark.django_db


def test_list_shows_all_kinds_the_hottest_first_and_filters() -> None:
    people = cast()
    factories.make_risk(people.project, "Small risk", probability=1, impact=1)
    factories.make_issue(people.project, "Work stands still", is_blocker=True)
    factories.make_decision(people.project, "Go or no go?")
    page = words(get(people.executive, "project-raid", people.project.key))
    assert page.index("Work stands still") < page.index("Go or no go?") < page.index("Small risk")
    risks = words(get(people.executive, "project-raid", people.project.key, kind="risk"))
    assert "Small risk" in risks
    assert "Work stands still" not in risks
    cell = words(get(people.executive, "project-raid", people.project.key, probability="5", impact="5"))
    assert "Nothing matches this filter." in cell


def test_nonsense_in_the_filter_is_left_out() -> None:
    people = cast()
    answer = get(people.lead, "project-raid", people.project.key, kind="x", probability="9", impact="a", page="-1")
    assert answer.status_code == 200


def test_risk_closes_and_opens_again() -> None:
    people = cast()
    risk = factories.make_risk(people.project)
    post(people.lead, "risk-close", people.project.key, risk.pk, occurred="1")
    risk.refresh_from_db()
    assert (risk.status, risk.closed_on) == (RiskStatus.OCCURRED, timezone.localdate())
    with pytest.raises(RaidError):
        raid.close_risk(actor=people.lead, project=people.project, risk_id=risk.pk)
    post(people.lead, "risk-reopen", people.project.key, risk.pk)
    risk.refresh_from_db()
    assert (risk.status, risk.closed_on) == (RiskStatus.OPEN, None)


def test_issue_is_resolved_with_a_sentence() -> None:
    people = cast()
    issue = factories.make_issue(people.project, is_blocker=True)
    assert post(people.lead, "issue-resolve", people.project.key, issue.pk, resolution=" ").status_code == 422
    assert post(people.lead, "issue-resolve", people.project.key, issue.pk, resolution="Fixed").status_code == 302
    issue.refresh_from_db()
    assert issue.status == IssueStatus.RESOLVED
    people.project.state.refresh_from_db()
    assert people.project.state.blockers_open == 0


@pytest.mark.parametrize(
    "name", ["risk-edit", "risk-close", "issue-edit", "issue-resolve", "decision-edit", "decision-take"]
)
def test_item_of_another_project_is_not_found_here(name: str) -> None:
    people = cast()
    other = factories.make_project(lead=people.lead)
    item = {"risk": factories.make_risk, "issue": factories.make_issue, "decision": factories.make_decision}[
        name.split("-", maxsplit=1)[0]
    ](other)
    data = {
        "version": 1,
        "resolution": "x",
        "outcome": "x",
        "rationale": "x",
        "title": "x",
        "probability": 1,
        "impact": 1,
        "severity": 1,
        "opened_on": "2026-01-01",
        "question": "x",
    }
    assert post(people.lead, name, people.project.key, item.pk, **data).status_code == 404


def _take(people: Cast, who: str, decision_pk: int, **fields: str) -> int:
    data = {"version": 1, "outcome": "Yes", "rationale": "It pays", **fields}
    return int(post(getattr(people, who), "decision-take", people.project.key, decision_pk, **data).status_code)


@pytest.mark.parametrize(("who", "taken"), [("sponsor", True), ("executive", True), ("lead", False), ("pmo", False)])
def test_decision_is_for_the_holder_and_those_who_may_decide(who: str, taken: bool) -> None:
    people = cast()
    decision = factories.make_decision(people.project, holder=people.sponsor)
    assert _take(people, who, decision.pk) == (302 if taken else 422)
    decision.refresh_from_db()
    assert (decision.state == DecisionState.TAKEN) is taken


def test_who_asked_does_not_decide_unless_they_hold_it() -> None:
    people = cast()
    asked = factories.make_decision(people.project, raised_by=people.sponsor)
    assert _take(people, "sponsor", asked.pk) == 422
    held = factories.make_decision(people.project, raised_by=people.lead, holder=people.lead)
    assert _take(people, "lead", held.pk) == 302


def test_decision_needs_a_reason_and_a_form() -> None:
    people = cast()
    decision = factories.make_decision(people.project, holder=people.sponsor)
    assert _take(people, "sponsor", decision.pk, rationale="  ") == 422
    assert get(people.sponsor, "decision-take", people.project.key, decision.pk).status_code == 405
    decision.refresh_from_db()
    assert decision.state == DecisionState.WANTED


def test_decision_taken_never_changes() -> None:
    people = cast()
    decision = factories.make_decision(people.project, holder=people.sponsor)
    assert _take(people, "sponsor", decision.pk) == 302
    assert _take(people, "executive", decision.pk, outcome="No") == 409
    assert _take(people, "executive", decision.pk, outcome="No", version="2") == 422
    with pytest.raises(RaidError):
        raid.edit_decision(
            actor=people.lead, project=people.project, decision_id=decision.pk, version=None, changes={"question": "x"}
        )
    with pytest.raises(RaidError):
        raid.withdraw_decision(actor=people.lead, project=people.project, decision_id=decision.pk)
    decision.refresh_from_db()
    assert decision.outcome == "Yes"


def test_question_that_changed_meanwhile_is_not_decided_unread() -> None:
    people = cast()
    decision = factories.make_decision(people.project, "Buy one?", holder=people.sponsor)
    raid.edit_decision(
        actor=people.lead,
        project=people.project,
        decision_id=decision.pk,
        version=1,
        changes={"question": "Buy ten?", "holder": people.sponsor},
    )
    answer = post(
        people.sponsor, "decision-take", people.project.key, decision.pk, version=1, outcome="Yes", rationale="Cheap"
    )
    assert answer.status_code == 409
    assert "Buy ten?" in words(answer)
    assert "Cheap" in words(answer)


def test_holder_must_see_the_project() -> None:
    people = cast(is_confidential=True)
    outsider = factories.make_person(RoleName.EXECUTIVE)
    with pytest.raises(RaidError, match="cannot see this project"):
        raid.raise_decision(actor=people.lead, project=people.project, values={"question": "Go?", "holder": outsider})

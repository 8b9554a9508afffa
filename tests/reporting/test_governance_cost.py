"""The cost of governance: waiting, failures, outcomes, estimated hours, over what one may see."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.test import Client
from django.utils import timezone

from accounts.enums import RoleName
from common.errors import Conflict, NotAllowed
from governance.enums import Choice
from governance.models import Finding, Rule
from governance.services import ballots
from reporting.models import EffortEstimate
from reporting.selectors import governance_cost as selectors
from reporting.services import estimates
from reporting.waiting import ENOUGH
from tests import factories
from tests.governance import matter
from tests.governance.test_checks import put_in_force
from tests.governance.test_waivers import Case, in_days
from tests.intake.world import make_world
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db
PAGE = "/governance-cost/"
FORM = {"vote": 10, "waiver": 40, "update": 25, "request": 60}


def _finding(rule: Rule, kind: str, pk: int, *, days: int | None = None) -> Finding:
    found = Finding.objects.create(
        rule=rule, rule_version=rule.versions.get(state="active"), subject_kind=kind, subject_id=pk
    )
    if days is not None:
        Finding.objects.filter(pk=found.pk).update(closed_at=found.opened_at + dt.timedelta(days=days))
    return found


def test_gates_tell_cases_shares_and_waiting_only_when_there_are_enough() -> None:
    owner, voter, asker = (factories.make_user() for _each in range(3))
    boards = matter.Boards()
    boards.seat("executive", voter)
    outcomes = [Choice.APPROVE, Choice.CONDITIONAL, Choice.HOLD, Choice.REJECT, Choice.APPROVE]
    with matter.decided_by(boards):

        def line() -> selectors.GateLine:
            return next(one for one in selectors.cost_of_governance(owner).gates if one.label == "Goal")

        for number, choice in enumerate(outcomes):
            goal = factories.make_goal(owner=owner)
            asked = ballots.open_ballot(actor=asker, kind=matter.KIND, subject_id=goal.pk, question="Grow?")
            told = line()
            assert (told.cases, told.waited.n, told.waited.median) == (number + 1, number, None)
            condition = [ballots.NewCondition("Water", owner, in_days(5))]
            ballots.cast_vote(
                actor=voter, ballot_id=asked.pk, choice=choice, reason="So",
                conditions=condition if choice == Choice.CONDITIONAL else [],
            )  # fmt: skip
        told = line()
        assert (told.cases, told.failed, told.changed) == (5, 2, 3)
        assert told.waited.median == pytest.approx(0, abs=0.01)
        assert not [one for one in selectors.cost_of_governance(factories.make_user()).gates if one.label == "Goal"]


def test_requests_wait_from_submitted_to_decided() -> None:
    world = make_world()
    world.approved()
    world.rejected()
    world.submitted(title="Waits")
    line = selectors.cost_of_governance(world.pmo).gates[-1]
    assert (line.cases, line.failed, line.waited.n, line.waited.median) == (3, 1, 2, None)


def test_a_rule_tells_findings_days_and_waivers_but_not_of_confidential_projects() -> None:
    case = Case()
    case.ask()
    rule = case.version.rule
    for days in (1, 2, 3, 4, 10):
        _finding(rule, "project", factories.make_project(portfolio=case.project.portfolio).pk, days=days)
    secret = factories.make_project("Secret", is_confidential=True, portfolio=case.project.portfolio)
    _finding(rule, "project", secret.pk)
    reader = factories.make_person(RoleName.EXECUTIVE)
    line = next(one for one in selectors.cost_of_governance(reader).rules if one.code == rule.code)
    assert (line.findings, line.open, line.waivers, line.lasted.n) == (5, 0, 1, 5)
    assert (line.lasted.median, line.lasted.p80) == (pytest.approx(3), pytest.approx(4))
    assert not line.never_failed
    chief = next(one for one in selectors.cost_of_governance(case.pmo).rules if one.code == rule.code)
    assert (chief.findings, chief.open) == (6, 1)


def test_a_rule_that_never_failed_in_enough_cases_is_proposed_for_retirement() -> None:
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    version = put_in_force()
    portfolio = portfolios.many(selectors.CASES_TO_RETIRE - 1)
    client = portfolios.signed_in(pmo)
    assert "Never failed" not in _page(client)
    portfolios.many(1, portfolio)
    assert f"Never failed in {selectors.CASES_TO_RETIRE} cases" in _page(client)
    assert f"/rules/{version.rule.code}/" in _page(client)
    _finding(version.rule, "project", portfolio.projects.first().pk, days=1)  # type: ignore[union-attr]  # it was just made
    assert "Never failed" not in _page(client)


@pytest.mark.parametrize("is_approved", [True, False])
def test_a_rule_whose_findings_never_changed_a_decision_is_proposed_too(is_approved: bool) -> None:
    world = make_world()
    version = put_in_force()
    Rule.objects.filter(pk=version.rule_id).update(subject_kind="request")
    for _each in range(ENOUGH):
        pitch = world.triaged(title="One")
        finding = _finding(version.rule, "request", pitch.pk)
        ballot = selectors.Ballot.objects.open().about("request", pitch.pk).get()
        choice = Choice.APPROVE if is_approved else Choice.REJECT
        ballots.cast_vote(actor=world.executive, ballot_id=ballot.pk, choice=choice, reason="So")
        Finding.objects.filter(pk=finding.pk).update(closed_at=timezone.now() + dt.timedelta(days=1))
    late = world.triaged(title="After it was closed")
    _finding(version.rule, "request", late.pk, days=0)
    line = next(one for one in selectors.cost_of_governance(world.pmo).rules if one.code == version.rule.code)
    assert (line.judged, line.changed) == (ENOUGH, 0 if is_approved else ENOUGH)
    assert line.never_mattered is is_approved


def test_hours_are_counts_times_the_estimate_per_project_and_budget_with_coverage() -> None:
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    portfolio = factories.make_portfolio()
    known = factories.make_project(portfolio=portfolio, currency="EUR", baseline_cost=Decimal(200_000))
    other = factories.make_project(portfolio=portfolio, currency="EUR")
    for project in (known, other):
        for _each in range(3):
            factories.make_update(project, author=pmo, published_at=timezone.now(), state="superseded")
    estimates.save_estimates(actor=pmo, minutes={**FORM, "update": 30}, version=1)
    found = selectors.cost_of_governance(pmo).overhead
    assert (found.hours, found.projects, found.known, found.currency) == (3.0, 2, 1, "EUR")
    assert (found.per_project, found.per_100k) == (1.5, 0.75)
    nothing = selectors.cost_of_governance(factories.make_user()).overhead
    assert (nothing.per_project, nothing.per_100k) == (None, None)


def test_estimates_are_saved_once_and_a_lost_race_shows_both() -> None:
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    assert (selectors.estimate_now().vote, EffortEstimate.objects.count()) == (15, 0)
    client = portfolios.signed_in(pmo)
    first = client.post("/governance-cost/estimates/", {**FORM, "version": 1})
    assert (first.status_code, selectors.estimate_now().vote) == (302, 10)
    again = client.post("/governance-cost/estimates/", {**FORM, "vote": 99, "version": 1})
    assert again.status_code == 409
    assert "99" in again.content.decode()
    assert selectors.estimate_now().vote == 10
    assert EffortEstimate.objects.get().version == 2
    with pytest.raises(Conflict):
        estimates.save_estimates(actor=pmo, minutes=FORM, version=1)
    estimates.save_estimates(actor=pmo, minutes=FORM, version=2)
    assert EffortEstimate.objects.get().version == 2
    assert client.post("/governance-cost/estimates/", {**FORM, "vote": -1, "version": 2}).status_code == 422
    with pytest.raises(NotAllowed):
        estimates.save_estimates(actor=factories.make_user(), minutes=FORM, version=None)


def test_statements_do_not_grow_with_rows() -> None:
    pmo = factories.make_person(RoleName.PMO_MANAGER)
    version = put_in_force()
    client = portfolios.signed_in(pmo)

    def more(number: int) -> int:
        for _each in range(number):
            project = factories.make_project()
            factories.make_update(project, author=pmo, published_at=timezone.now())
            _finding(version.rule, "project", project.pk, days=3)
        return portfolios.statements(client, PAGE)[0]

    few = more(2)
    assert more(10) == few
    assert few <= 12


def _page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()

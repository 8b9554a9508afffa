"""Rules that bite: what a check at a checkpoint tells, stops and lets pass."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from common.clock import pretending
from governance import services as rulebook
from governance import subjects
from governance.enums import Checkpoint, Enforcement, SubjectKind, VersionState, WaiverState, Weight
from governance.models import Rule, RuleVersion, Waiver
from governance.services import NewRule, RulesNotKept
from intake import services as intake
from intake.models import Request
from projects.enums import ProjectStatus
from projects.models import Project, Update
from projects.services import plan, projects, updates
from strategy.enums import ControlLevel
from tests import factories
from tests.projects.record import post, words

pytestmark = pytest.mark.django_db

BY_LEVEL = {
    ControlLevel.SUPPORTIVE.value: Enforcement.ADVISE.value,
    ControlLevel.CONTROLLING.value: Enforcement.REQUIRE_WAIVER.value,
    ControlLevel.DIRECTIVE.value: Enforcement.BLOCK.value,
}
HAS_GOAL: dict[str, Any] = {"fact": "project.has_goal", "op": "eq", "value": True}


def put_in_force(
    code: str = "goal", condition: dict[str, Any] | None = None, *, at: tuple[str, ...] | None = None,
    kind: str = SubjectKind.PROJECT.value, applies: dict[str, Any] | None = None,
    scope: dict[str, list[Any]] | None = None,
) -> RuleVersion:  # fmt: skip
    """A rule that advises, asks for a waiver or stops, by the control level."""
    texts = {"title": f"Rule {code}", "message": f"{code} is missing.", "remedy": f"Fill in {code}"}
    rulebook.add_rules([
        NewRule(code, kind, {
            "weight": Weight.HIGH.value, "condition": condition or HAS_GOAL, "applies": applies,
            "texts": {"en": texts, "nl": texts}, "enforcement": BY_LEVEL,
            "checkpoints": at or subjects.registered()[kind].checkpoints or Checkpoint.values,
            "remedy_page": "project-edit#id_goal" if kind == "project" else "request-edit#id_budget",
        })
    ])  # fmt: skip
    version = RuleVersion.objects.get(rule__code=code)
    if scope is not None:
        version = RuleVersion.objects.create(
            rule=version.rule, number=2, state=VersionState.DRAFT, condition=version.condition, texts=version.texts,
            checkpoints=version.checkpoints, enforcement=version.enforcement, weight=version.weight, scope=scope,
        )  # fmt: skip
        RuleVersion.objects.filter(rule=version.rule, number=1).update(state=VersionState.RETIRED)
        RuleVersion.objects.filter(pk=version.pk).update(state=VersionState.ACTIVE)
        version.refresh_from_db()
    return version


def under(level: str, **fields: Any) -> Project:
    """A project without goal in a portfolio whose office has this control level."""
    portfolio = factories.make_portfolio(office=factories.make_office(control=level))
    return factories.make_healthy_project(portfolio=portfolio, **fields)


def check(project: Project, at: str = Checkpoint.CLOSE_PROJECT) -> rulebook.CheckResult:
    return rulebook.check(kind=SubjectKind.PROJECT, subject_id=project.pk, checkpoint=at)


def waive(version: RuleVersion, project: Project, **fields: Any) -> Waiver:
    today = timezone.localdate()
    given = {
        "rule": version.rule, "rule_version": version, "subject_kind": "project", "subject_id": project.pk,
        "lifts": Enforcement.REQUIRE_WAIVER, "reason": "No goal yet", "compensating_control": "Monthly talk",
        "owner": factories.make_user(), "asked_by": factories.make_user(), "asked_on": today,
        "expires_on": today + dt.timedelta(days=30), "state": WaiverState.GRANTED, "granted_at": timezone.now(),
        "granted_by": factories.make_user(), **fields,
    }  # fmt: skip
    return Waiver.objects.create(**given)


@pytest.mark.parametrize(("level", "does"), [(level, Enforcement(does)) for level, does in BY_LEVEL.items()])
def test_the_control_level_says_what_a_broken_rule_does(level: str, does: Enforcement) -> None:
    put_in_force()
    result = check(under(level))
    (found,) = result.judged
    assert found.enforcement is does
    assert found.stops is (level != ControlLevel.SUPPORTIVE)
    assert (found.title, found.message, found.remedy) == ("Rule goal", "goal is missing.", "Fill in goal")
    assert [(one.label, one.value) for one in found.evidence] == [("goal chosen", False)]
    assert found.remedy_href.endswith("/edit/#id_goal")
    assert result.control.level == level
    assert bool(result.advice) is (level == ControlLevel.SUPPORTIVE)


def test_a_rule_that_stops_names_itself_why_and_the_remedy() -> None:
    put_in_force()
    with pytest.raises(RulesNotKept, match=r"“Rule goal”: goal is missing\. Fill in goal\.") as raised:
        check(under(ControlLevel.CONTROLLING)).demand()
    assert [one.version.rule.code for one in raised.value.result.stopping] == ["goal"]


def test_what_is_kept_is_not_told() -> None:
    put_in_force()
    assert check(under(ControlLevel.DIRECTIVE, goal=factories.make_goal())).demand().judged == ()


def test_only_rules_of_the_moment_are_asked() -> None:
    put_in_force(at=(Checkpoint.PASS_GATE.value,))
    project = under(ControlLevel.DIRECTIVE)
    assert check(project).judged == ()
    assert check(project, Checkpoint.PASS_GATE).stopping


def test_what_is_not_known_is_told_and_never_stops() -> None:
    put_in_force("slip", {"fact": "project.slip_days", "op": "le", "value": 10})
    portfolio = factories.make_portfolio(office=factories.make_office(control=ControlLevel.DIRECTIVE))
    result = check(factories.make_project(portfolio=portfolio)).demand()
    assert [one.version.rule.code for one in result.unknown] == ["slip"]
    assert not result.advice
    assert not result.stopping


def test_a_rule_that_does_not_apply_stops_nothing() -> None:
    put_in_force(applies={"fact": "project.has_lead", "op": "eq", "value": True})
    assert check(under(ControlLevel.DIRECTIVE, lead=None)).judged == ()
    assert check(under(ControlLevel.DIRECTIVE, lead=factories.make_user())).stopping


def test_a_rule_for_a_portfolio_holds_in_its_programmes_and_nowhere_else() -> None:
    office = factories.make_office(control=ControlLevel.DIRECTIVE)
    top = factories.make_portfolio(office=office)
    inside = factories.make_project(portfolio=factories.make_portfolio(parent=top))
    outside = factories.make_project(portfolio=factories.make_portfolio(office=office))
    put_in_force(scope={"portfolio": [top.slug]})
    assert check(inside).stopping
    assert check(outside).judged == ()


def test_of_two_offices_the_stricter_holds_and_the_reason_says_so() -> None:
    ministry = factories.make_org_unit("Ministry")
    team = factories.make_org_unit("Team", parent=ministry)
    mild = factories.make_office("Mild office", control=ControlLevel.SUPPORTIVE)
    factories.make_office("Strict office", control=ControlLevel.DIRECTIVE).serves.add(ministry)
    project = factories.make_project(portfolio=factories.make_portfolio(office=mild), org_unit=team)
    put_in_force()
    control = check(project).control
    assert control.level == ControlLevel.DIRECTIVE
    assert "“Strict office” serves “Ministry”" in control.reason
    assert "the strictest holds" in control.reason
    alone = check(factories.make_project(portfolio=project.portfolio)).control
    assert alone.level == ControlLevel.SUPPORTIVE
    assert "belongs to the office “Mild office”" in alone.reason


def test_a_waiver_lifts_its_rule_for_its_project_until_its_last_day() -> None:
    version, project = put_in_force(), under(ControlLevel.CONTROLLING)
    other = factories.make_project(portfolio=project.portfolio)
    today = timezone.localdate()
    waiver = waive(version, project, asked_on=today - dt.timedelta(days=9), expires_on=today)
    assert [one.waiver for one in check(project).demand().waived] == [waiver]
    assert check(other).stopping
    with pretending(timezone.now() + dt.timedelta(days=1)):
        assert check(project).stopping, "the day after, without any worker"


@pytest.mark.parametrize("state", [WaiverState.ASKED, WaiverState.REFUSED, WaiverState.WITHDRAWN, WaiverState.ENDED])
def test_only_a_granted_waiver_lifts(state: str) -> None:
    version, project = put_in_force(), under(ControlLevel.CONTROLLING)
    granted = {} if state == WaiverState.ENDED else {"granted_at": None, "granted_by": None}
    closed = {} if state == WaiverState.ASKED else {"closed_at": timezone.now()}
    waive(version, project, state=state, **granted, **closed)
    assert check(project).stopping


def test_a_waiver_for_a_milder_consequence_does_not_lift_a_stricter_one() -> None:
    version, project = put_in_force(), under(ControlLevel.CONTROLLING)
    waive(version, project)
    office = project.portfolio.office
    office.control = ControlLevel.DIRECTIVE
    office.save()
    assert check(project).stopping


def test_a_rule_that_asks_something_else_than_was_waived_bites_again() -> None:
    version, project = put_in_force(), under(ControlLevel.CONTROLLING)
    waive(version, project)
    RuleVersion.objects.filter(pk=version.pk).update(state=VersionState.RETIRED)
    copy = {"rule": version.rule, "texts": version.texts, "checkpoints": version.checkpoints,
            "enforcement": version.enforcement, "state": VersionState.ACTIVE}  # fmt: skip
    again = RuleVersion.objects.create(number=2, condition=version.condition, **copy)
    assert check(project).waived, "the same question in new words"
    RuleVersion.objects.filter(pk=again.pk).update(state=VersionState.RETIRED)
    stricter = {"all": [HAS_GOAL, {"fact": "project.has_sponsor", "op": "eq", "value": True}]}
    RuleVersion.objects.create(number=3, condition=stricter, **copy)
    assert check(project).stopping


def test_a_check_takes_one_query_without_rules_and_as_many_for_ten_as_for_one() -> None:
    project = under(ControlLevel.CONTROLLING)

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            check(project)
        return len(queries)

    assert asked() == 1
    put_in_force("goal-0")
    check(project)  # translates the reading of facts
    one = asked()
    for number in range(1, 10):
        put_in_force(f"goal-{number}")
    assert asked() == one <= 5


# the checkpoints that exist


def stopped(step: Any, *, code: str = "goal") -> None:
    with pytest.raises(RulesNotKept) as raised, transaction.atomic():
        step()
    assert [one.version.rule.code for one in raised.value.result.stopping] == [code]


def test_closing_is_stopped_and_nothing_changes_until_the_rule_is_kept() -> None:
    put_in_force(at=(Checkpoint.CLOSE_PROJECT.value,))
    project, lead = under(ControlLevel.CONTROLLING), factories.make_user()

    def close() -> Project:
        return projects.change_status(
            actor=lead, project_id=project.pk, version=None, status=ProjectStatus.COMPLETED
        )  # fmt: skip

    stopped(close)
    project.refresh_from_db()
    assert (project.status, project.actual_finish_on) == (ProjectStatus.ACTIVE, None)
    projects.change_status(actor=lead, project_id=project.pk, version=None, status=ProjectStatus.ON_HOLD)
    projects.change_status(actor=lead, project_id=project.pk, version=None, status=ProjectStatus.ACTIVE)
    Project.objects.filter(pk=project.pk).update(goal=factories.make_goal())
    assert close().status == ProjectStatus.COMPLETED


def test_a_project_does_not_start_where_a_rule_stops_it() -> None:
    put_in_force(at=(Checkpoint.START_PROJECT.value,))
    strict = factories.make_portfolio(office=factories.make_office(control=ControlLevel.CONTROLLING))
    new = projects.NewProject(portfolio=strict, name="Quay wall")
    stopped(lambda: projects.create_project(actor=factories.make_user(), data=new))
    assert not Project.objects.exists()
    mild = projects.NewProject(portfolio=factories.make_portfolio(), name="Quay wall")
    assert projects.create_project(actor=factories.make_user(), data=mild).pk


def test_a_phase_is_not_entered_where_a_rule_stops_it() -> None:
    put_in_force(at=(Checkpoint.ENTER_PHASE.value,))
    project = under(ControlLevel.DIRECTIVE)
    phase = factories.make_phase(project)
    stopped(lambda: plan.set_current_phase(actor=factories.make_user(), project=project, version=None, phase=phase))
    project.refresh_from_db()
    assert project.phase is None


def test_the_page_of_a_refused_phase_tells_what_is_asked_and_how_to_mend_it() -> None:
    put_in_force(at=(Checkpoint.ENTER_PHASE.value,))
    project = under(ControlLevel.CONTROLLING)
    phase = factories.make_phase(project, "Build")
    answer = post(factories.make_person(RoleName.PMO_MANAGER), "phase-current", project.key, phase.pk)
    assert answer.status_code == 422
    page = words(answer)
    mended = f'href="{reverse("project-edit", args=[project.key])}#id_goal"'
    waived = reverse("waiver-ask", args=["project", project.pk, "goal"])
    for told in ("“Build” cannot become the current phase yet", "goal is missing.", mended, waived):
        assert told in page


def test_an_update_is_judged_with_what_it_says() -> None:
    asks_for_more = {
        "any": [
            {"fact": "project.declared", "op": "ne", "value": "red"},
            {"fact": "project.issues_open", "op": "gt", "value": 0},
        ]
    }
    put_in_force("red", asks_for_more, at=(Checkpoint.PUBLISH_UPDATE.value,))
    project, lead = under(ControlLevel.CONTROLLING), factories.make_user()

    def publish(colour: str) -> Update:
        values = {"declared": colour, "accomplished": "We drove piles."}
        return updates.publish_update(actor=lead, project=project, token=uuid.uuid4(), values=values)

    before = Update.objects.count()
    stopped(lambda: publish("red"), code="red")
    assert Update.objects.count() == before
    factories.make_issue(project)
    assert publish("red").declared == "red"


def test_a_request_is_stopped_at_submitting_and_nothing_is_lost() -> None:
    condition = {"fact": "request.has_goal", "op": "eq", "value": True}
    put_in_force("request-goal", condition, at=(Checkpoint.SUBMIT_REQUEST.value,), kind=SubjectKind.REQUEST)
    unit = factories.make_org_unit()
    factories.make_office(control=ControlLevel.CONTROLLING).serves.add(unit)
    asker = factories.make_user()
    answers = {
        "title": "Sluice", "problem": "Leaks", "wanted_result": "Dry", "org_unit": unit, "budget": 1000,
        "benefit_is_unknown": True,
    }  # fmt: skip
    pitch = intake.start_request(actor=asker, token=uuid.uuid4(), answers=answers)
    stopped(lambda: intake.submit_request(actor=asker, pk=pitch.pk), code="request-goal")
    kept = Request.objects.get(pk=pitch.pk)
    assert (kept.state, kept.problem) == ("draft", "Leaks")
    intake.save_answers(actor=asker, pk=pitch.pk, answers={"goal": factories.make_goal()})
    assert intake.submit_request(actor=asker, pk=pitch.pk).state == "submitted"


def test_the_database_keeps_who_asks_and_who_grants_apart() -> None:
    version, project, same = put_in_force(), under(ControlLevel.CONTROLLING), factories.make_user()
    with pytest.raises(Exception, match="waiver_granted_by_somebody_else"), transaction.atomic():
        waive(version, project, asked_by=same, granted_by=same)
    assert Rule.objects.count() == 1
    with pytest.raises(Exception, match="waiver_at_most_a_year"), transaction.atomic():
        waive(version, project, expires_on=timezone.localdate() + dt.timedelta(days=400))

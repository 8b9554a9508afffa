"""The rulebook over projects: what it finds, whom it tells, and how it is mended."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from django.db import InternalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.enums import RoleName
from governance import conditions
from governance import services as rulebook
from governance.cases import asked_words, enough, run
from governance.contents import concerns
from governance.enums import Checkpoint, SubjectKind
from governance.facts import catalogue
from governance.models import Finding, Rule, RuleVersion
from governance.words import in_words
from projects.facts import project_facts
from projects.models import DocumentLink, Project
from projects.services import rules, state
from projects.start_rules import start_set
from tests import factories
from tests.governance.test_checks import put_in_force
from tests.projects.record import cast, get, words

pytestmark = pytest.mark.django_db


def open_rules(project: Project) -> set[str]:
    about = Finding.objects.open().filter(subject_kind=SubjectKind.PROJECT, subject_id=project.pk)
    return set(about.values_list("rule__code", flat=True))


def test_the_start_set_is_complete_in_both_languages() -> None:
    rules_of_start = start_set()
    assert len({rule.code for rule in rules_of_start}) == len(rules_of_start) >= 30
    for rule in rules_of_start:
        texts = rule.content["texts"]
        assert set(texts) == {"en", "nl"}
        for part in ("title", "message", "remedy"):
            assert texts["en"][part] != texts["nl"][part], f"{rule.code} has no Dutch {part}"


def test_installing_twice_adds_nothing() -> None:
    first = rules.install_start_set()
    assert first == len(start_set())
    assert rules.install_start_set() == 0
    assert RuleVersion.objects.active().count() == Rule.objects.count() == first


@pytest.mark.parametrize(("bound", "words_of_refusal"), [("le", "asks nothing"), ("gt", "can hold for nobody")])
def test_a_rule_that_cannot_decide_is_refused_with_all_that_come_with_it(bound: str, words_of_refusal: str) -> None:
    slip = {"fact": "project.slip_days", "op": "gt", "value": 5}
    other = {"fact": "project.slip_days", "op": "le", "value": 7 if bound == "le" else 3}
    group = "any" if bound == "le" else "all"
    good = start_set()[0]
    bad = replace(good, code="odd-rule", content={**good.content, "condition": {group: [slip, other]}})
    with pytest.raises(conditions.ConditionError, match=f"odd-rule: .*{words_of_refusal}"):
        rulebook.add_rules([good, bad])
    assert not Rule.objects.exists()


def test_every_rule_is_said_in_words() -> None:
    rules.install_start_set()
    known = catalogue("project")
    said = {in_words(conditions.parse(one.condition, known), known) for one in RuleVersion.objects.active()}
    assert all(said)


def test_every_rule_of_the_start_set_does_what_its_examples_say() -> None:
    rules.install_start_set()
    known = catalogue("project")
    for version in RuleVersion.objects.active().select_related("rule").prefetch_related("cases"):
        applies, condition = concerns(version, "project"), conditions.parse(version.condition, known)
        found = list(version.cases.all())
        assert enough(found), f"{version.rule.code} has no example of each answer"
        for case in found:
            ran = run(applies, condition, case, known)
            assert ran.is_green, f"{version.rule.code}: {case.name} is {ran.outcome}"
            looked_at = set(asked_words(applies, condition)) - {"withheld"}
            assert looked_at <= set(case.facts) | {"withheld"}, f"{version.rule.code}: {case.name} leaves out facts"


def test_children_are_read_with_the_facts() -> None:
    project = factories.make_healthy_project(lead=factories.make_user(), sponsor=None)
    factories.join_team(project, factories.make_user())
    factories.make_risk(project, probability=5, impact=5, closed_on=timezone.localdate())
    factories.make_issue(project, is_blocker=True)
    DocumentLink.objects.create(project=project, title="Plan", url="https://docs.example.org:8443/plan?x=1")
    words = frozenset(one.word for one in project_facts.children.values())
    [facts] = project_facts.read_by_id(Project, [project.pk], timezone.localdate(), words)
    assert [(row["score"], row["is_open"]) for row in facts["risks"]] == [(2, True), (25, False)]
    assert facts["milestones"][0]["slip_days"] == 0
    assert isinstance(facts["milestones"][0]["forecast_on"], dt.date)
    assert [(row["role"], row["is_post"]) for row in facts["roles"]] == [("project_lead", True), ("stakeholder", False)]
    assert facts["documents"] == [{
        "title": "Plan", "kind": "", "place": "docs.example.org", "has_owner": False, "is_accepted": False,
        "is_in_place": None,
    }]  # fmt: skip
    assert facts["issues"][0]["is_blocker"] is True
    assert facts["decisions"] == []


def test_a_rule_over_children_is_judged_by_the_workers() -> None:
    project = factories.make_healthy_project()
    risk = factories.make_risk(project, "Flood", probability=5, impact=5)
    rules.scan_all()
    assert "high-risk-plans" in open_rules(project)
    finding = Finding.objects.get(rule__code="high-risk-plans", subject_id=project.pk)
    assert finding.evidence == [{"fact": "project.risks", "value": 1, "outcome": "fail", "place": ""}]
    risk.response_plan = "Build a dam"
    risk.save()
    state.refresh([project.pk])
    rules.scan_changed()
    assert "high-risk-plans" not in open_rules(project)


def test_a_rule_is_for_its_scope_only() -> None:
    office = factories.make_office()
    home = factories.make_portfolio("Home", office=office)
    programme, far = factories.make_portfolio("Below", parent=home), factories.make_portfolio("Far")
    near, below, away = (factories.make_project(portfolio=one) for one in (home, programme, far))
    good = start_set()[0]
    for facet, values in (("portfolio", [home.slug]), ("office", [office.slug])):
        rulebook.add_rules([replace(good, code=f"for-{facet}", content={**good.content, "scope": {facet: values}})])
    rules.scan_all()
    for code in ("for-portfolio", "for-office"):
        assert [code in open_rules(project) for project in (near, below, away)] == [True, True, False]


def test_a_missing_sponsor_is_found_and_the_finding_ends_when_it_is_mended() -> None:
    project = factories.make_healthy_project(sponsor=None)
    rules.scan_all()
    assert "sponsor" in open_rules(project)
    opened = Finding.objects.get(rule__code="sponsor", subject_id=project.pk)
    assert opened.evidence == [{"fact": "project.has_sponsor", "value": False, "outcome": "fail"}]
    project.sponsor = factories.make_user()
    project.save()
    state.refresh([project.pk])
    rules.scan_changed()
    assert "sponsor" not in open_rules(project)
    opened.refresh_from_db()
    assert opened.closed_at is not None


def test_scanning_again_opens_nothing_twice() -> None:
    factories.make_project()
    rules.scan_all()
    before = Finding.objects.count()
    assert before
    rules.scan_all()
    rules.scan_changed()
    assert Finding.objects.count() == before


def test_what_cannot_be_known_neither_opens_nor_closes_a_finding() -> None:
    project = factories.make_project(baseline_finish_on=None, forecast_finish_on=None)
    rules.scan_all()
    assert "drift" not in open_rules(project)
    assert "finish-forecast" in open_rules(project)


def test_a_rule_that_is_retired_and_a_project_that_ends_leave_no_open_finding() -> None:
    ended, running = (factories.make_project(sponsor=None, lead=None) for _ in range(2))
    rules.scan_all()
    RuleVersion.objects.filter(rule__code="sponsor").update(state="retired")
    Project.objects.filter(pk=ended.pk).update(status="stopped")
    rules.scan_all()
    assert open_rules(ended) == set()
    assert "sponsor" not in open_rules(running)
    assert "project-lead" in open_rules(running)


def test_a_version_that_held_never_changes() -> None:
    rules.install_start_set()
    with pytest.raises(InternalError, match="pgtrigger"), connection.cursor() as cursor:
        cursor.execute("UPDATE governance_ruleversion SET weight = 'low' WHERE weight = 'high'")


def test_a_scan_takes_the_same_statements_for_one_project_as_for_thirty() -> None:
    rules.install_start_set()
    one = [factories.make_project().pk]
    rules.scan(one)
    thirty = [factories.make_project().pk for _ in range(30)]
    counts = []
    for ids in ([factories.make_project().pk], thirty):
        with CaptureQueriesContext(connection) as queries:
            rules.scan(ids)
        counts.append(len([query for query in queries if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 5


def test_the_project_says_what_is_not_kept_and_offers_the_remedy_to_who_may() -> None:
    people = cast()
    Project.objects.filter(pk=people.project.pk).update(goal=None)
    rules.scan_all()
    mine = words(get(people.lead, "project", people.project.key))
    assert "Every project serves a goal" in mine
    assert f"/projects/{people.project.key}/edit/#id_goal" in mine
    theirs = words(get(people.executive, "project", people.project.key))
    assert "Every project serves a goal" in theirs
    assert "#id_goal" not in theirs.split("Rules that are not kept", 1)[1]


def test_a_remedy_is_only_offered_where_the_reader_may_mend() -> None:
    people = cast()
    Project.objects.filter(pk=people.project.pk).update(org_unit=None)
    rules.scan_all()
    link = f"/projects/{people.project.key}/edit/#id_org_unit"
    for person, offered in ((people.pmo, True), (people.lead, False)):
        page = words(get(person, "project", people.project.key)).split("Rules that are not kept", 1)[1]
        assert "Every project belongs to an org unit" in page
        assert (link in page.split("Key facts")[0]) is offered


def test_the_rulebook_counts_and_lists_only_what_the_reader_may_see() -> None:
    people = cast()
    secret = factories.make_project("Hidden harbour", portfolio=people.project.portfolio, is_confidential=True)
    far = factories.make_user()
    factories.grant(far, RoleName.EXECUTIVE, factories.make_portfolio())
    rules.scan_all()
    assert "goal" in open_rules(secret)
    for person in (people.executive, far):
        page = words(get(person, "rule", "goal"))
        assert "Every project serves a goal" in page
        assert "Hidden harbour" not in page
    assert "Nobody breaks this rule." in words(get(far, "rule", "goal"))
    assert "Every project serves a goal" in words(get(far, "rule-list"))
    assert get(far, "rule", "no-such-rule").status_code == 404


def test_a_rule_for_one_portfolio_and_one_that_the_scan_does_not_ask_are_found_nowhere_else() -> None:
    here, there = factories.make_project(goal=None), factories.make_project(goal=None)
    put_in_force("mine", scope={"portfolio": [here.portfolio.slug]})
    put_in_force("at-gates", at=(Checkpoint.PASS_GATE.value,))
    rules.scan_all()
    assert "mine" in open_rules(here)
    assert "mine" not in open_rules(there)
    assert "at-gates" not in open_rules(here)

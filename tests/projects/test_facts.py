"""Facts say what the records say, as of a day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import F
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.facts import Catalogue, Fact, FactKind, Source, UnknownFactError
from projects.enums import DecisionState
from projects.facts import project_facts
from projects.health import Thresholds, judge
from projects.models import FactRow, Issue, Milestone, Project, Risk, Update
from tests import factories
from tests.projects.test_health import MAY_BECOME

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 2)


def _days(number: int) -> date:
    return DAY + timedelta(days=number)


def _facts(project: Project, as_of: date = DAY) -> dict[str, Any]:
    return next(project_facts.read(Project.objects.filter(pk=project.pk), as_of))


def test_milestones_are_counted_as_of_the_day() -> None:
    project = factories.make_project()
    late = factories.make_milestone(project, "Late", forecast_on=_days(-12))
    factories.make_milestone(project, "Reached later", forecast_on=_days(-5), actual_on=_days(3))
    factories.make_milestone(project, "Reached", forecast_on=_days(-30), actual_on=_days(-30))
    factories.make_milestone(project, "Soon", forecast_on=_days(30))
    factories.make_milestone(project, "Undated")
    facts = _facts(project)
    assert (facts["milestones_total"], facts["milestones_reached"], facts["milestones_overdue"]) == (5, 1, 2)
    assert (facts["milestones_due_soon"], facts["milestones_undated"]) == (1, 1)
    assert facts["milestones_overdue_days"] == 12
    assert facts["milestones_overdue_ids"][0] == late.pk
    assert (facts["next_milestone_name"], facts["next_milestone_on"]) == ("Late", _days(-12))
    assert _facts(project, _days(4))["milestones_overdue"] == 1


def test_finish_and_money_are_held_against_the_baseline() -> None:
    project = factories.make_project(
        baseline_finish_on=_days(10),
        forecast_finish_on=_days(40),
        actual_start_on=_days(-60),
        baseline_cost=200,
        forecast_cost=230,
        actual_cost=115,
        benefits_withheld="Section 43",
    )
    facts = _facts(project)
    assert (facts["slip_days"], facts["finish_overdue_days"], facts["is_started"]) == (30, 0, True)
    assert facts["cost_variance_percent"] == Decimal("15.0")
    assert facts["spent_of_forecast_percent"] == Decimal("50.0")
    assert facts["spent_over_baseline_percent"] == Decimal("-42.5")
    assert facts["elapsed_percent"] == Decimal("60.0")
    assert facts["withheld"] == ["benefits"]
    assert _facts(project, _days(45))["finish_overdue_days"] == 5


def test_unknown_is_none_and_zero_is_zero() -> None:
    facts = _facts(factories.make_project())
    assert facts["cost_variance_percent"] is None
    assert facts["slip_days"] is None
    assert facts["finish_overdue_days"] is None
    assert facts["risks_open"] == facts["milestones_total"] == 0
    assert facts["declared"] == "not_assessed"
    zero = factories.make_project(baseline_cost=0, forecast_cost=Decimal(999999999999999999))
    assert _facts(zero)["cost_variance_percent"] is None
    huge = factories.make_project(baseline_cost=Decimal("0.01"), forecast_cost=Decimal(999999999999999999))
    assert _facts(huge)["cost_variance_percent"] == Decimal("99999999999.0")


def test_risks_issues_decisions_and_asks_are_as_of_the_day() -> None:
    project = factories.make_project()
    factories.make_risk(project, "Flood", probability=4, impact=5)
    factories.make_risk(project, probability=5, impact=5, closed_on=_days(-1))
    factories.make_issue(project, is_blocker=True, opened_on=_days(-9))
    factories.make_issue(project, opened_on=_days(1))
    factories.make_decision(project, raised_on=_days(-9), needed_by=_days(-1))
    midnight = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)  # the next day in Amsterdam
    factories.make_decision(
        project,
        raised_on=_days(-9),
        state=DecisionState.TAKEN,
        decided_at=midnight,
        decided_by=factories.make_user(),
    )
    factories.make_ask(project)
    facts = _facts(project)
    assert (facts["risks_registered"], facts["risks_open"], facts["top_risk_score"]) == (2, 1, 20)
    assert (facts["risk_exposure"], facts["top_risk_title"]) == (20, "Flood")
    assert (facts["issues_open"], facts["blockers_open"], facts["oldest_blocker_days"]) == (1, 1, 9)
    assert (facts["decisions_wanted"], facts["decisions_overdue"], facts["asks_open"]) == (2, 1, 1)
    with timezone.override("America/New_York"):
        assert _facts(project)["decisions_wanted"] == 2


def test_newest_published_update_of_the_day_counts() -> None:
    project = factories.make_project()
    factories.make_update(project, as_of=_days(-9), declared="red", scope="amber")
    factories.make_update(project, as_of=_days(1), declared="green")
    facts = _facts(project)
    assert (facts["declared"], facts["declared_scope"], facts["update_age_days"]) == ("red", "amber", 9)
    assert facts["last_update_on"] == _days(-9)


def test_all_facts_are_one_query_for_one_and_for_many(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    portfolio = factories.make_portfolio()
    for _ in range(12):
        factories.make_healthy_project(portfolio=portfolio)
    with django_assert_num_queries(1):
        assert len(list(project_facts.read(Project.objects.all(), DAY))) == 12


def test_the_translated_query_reads_the_same_on_any_day() -> None:
    project = factories.make_healthy_project(as_of=DAY)
    factories.make_milestone(project, forecast_on=_days(-3))
    other = factories.make_healthy_project(as_of=_days(40), benefits_withheld="secret")
    ids = [project.pk, other.pk]
    for day in (_days(-40), DAY, _days(7), _days(300)):
        plain = {row["pk"]: row for row in project_facts.read(Project.objects.filter(pk__in=ids), day)}
        translated = {row["pk"]: row for row in project_facts.read_by_id(Project, ids, day)}
        assert translated == plain
    assert list(project_facts.read_by_id(Project, [], DAY)) == []


def test_every_stored_fact_has_its_column_and_every_fact_its_sentence() -> None:
    columns = {field.name for field in FactRow._meta.get_fields()}
    assert {fact.column for fact in project_facts.columns()} <= columns
    assert len(project_facts.facts) > 50
    for fact in project_facts.facts.values():
        assert str(fact.sentence).endswith("."), fact.name
        assert fact.label, fact.name


def test_catalogue_refuses_what_it_cannot_hold() -> None:
    catalogue = Catalogue("project")
    fact = Fact("project.name", "name", FactKind.TEXT, Source("name", F("name")), "What it is called.")
    catalogue.declare(fact)
    with pytest.raises(ValueError, match=r"project\.name"):
        catalogue.declare(fact)
    with pytest.raises(UnknownFactError):
        catalogue.fact("nothing")


PROJECT_FIELDS = (
    "baseline_finish_on",
    "forecast_finish_on",
    "baseline_cost",
    "forecast_cost",
    "actual_cost",
    "actual_start_on",
)
REMOVALS = st.sets(
    st.sampled_from([*PROJECT_FIELDS, "withhold", "forecasts", "milestones", "risks", "updates"]),
    min_size=1,
)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    slip=st.integers(-5, 60),
    cost=st.integers(900, 1400),
    late=st.integers(-9, 30),
    score=st.integers(1, 5),
    age=st.integers(0, 20),
    spent=st.integers(0, 1500),
    removed=REMOVALS,
)
def test_taking_records_away_never_makes_a_colour_better(  # noqa: PLR0917 — one per sort of information
    slip: int, cost: int, late: int, score: int, age: int, spent: int, removed: set[str]
) -> None:
    project = factories.make_project(
        actual_start_on=_days(-100),
        forecast_start_on=_days(-100),
        baseline_finish_on=_days(20),
        forecast_finish_on=_days(20 + slip),
        baseline_cost=1000,
        forecast_cost=cost,
        actual_cost=spent,
    )
    factories.make_milestone(project, baseline_on=_days(5), forecast_on=_days(-late))
    factories.make_risk(project, probability=score, impact=score)
    factories.make_issue(project, is_blocker=True, opened_on=_days(-score))
    factories.make_update(project, as_of=_days(-age))
    before = _health(project)
    _remove(project, removed)
    after = _health(project)
    assert after.overall in MAY_BECOME[before.overall]
    for dimension, colour in after.dimensions.items():
        assert colour in MAY_BECOME[before.dimensions[dimension]], dimension


def _health(project: Project) -> Any:
    facts = {"has_previous": False, "moved_days": None, "previous_finish_on": None, **_facts(project)}
    return judge(facts, Thresholds.of(facts))


def _remove(project: Project, removed: set[str]) -> None:
    Project.objects.filter(pk=project.pk).update(**dict.fromkeys(removed & set(PROJECT_FIELDS)))
    if "withhold" in removed:
        Project.objects.filter(pk=project.pk).update(forecast_cost=None, forecast_cost_withheld="secret")
    if "forecasts" in removed:
        Milestone.objects.filter(project=project).update(forecast_on=None)
    for name, model in (("milestones", Milestone), ("risks", Risk), ("updates", Update)):
        if name in removed:
            model.objects.filter(project=project).delete()
    assert Issue.objects.filter(project=project).exists()

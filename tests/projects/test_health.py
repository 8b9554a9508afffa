"""Less information never makes anything greener."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from projects.enums import Colour, Dimension
from projects.health import Thresholds, is_worse, judge, need_of_attention, shown_declared
from projects.health.portfolio import portfolio_health
from projects.health.sentences import SENTENCES, sentence

DAY = date(2026, 3, 2)
WELL: dict[str, Any] = {
    "status": "active",
    "declared": "green",
    "declared_scale": 3,
    "currency": "EUR",
    "withheld": [],
    "milestones_total": 5,
    "milestones_overdue": 0,
    "milestones_undated": 0,
    "milestones_overdue_days": None,
    "milestones_overdue_ids": None,
    "slip_days": 0,
    "baseline_finish_on": DAY,
    "forecast_finish_on": DAY,
    "actual_finish_on": None,
    "has_previous": True,
    "moved_days": 0,
    "previous_finish_on": DAY,
    "finish_overdue_days": 0,
    "cost_variance_percent": Decimal(0),
    "spent_of_forecast_percent": Decimal(50),
    "spent_over_baseline_percent": Decimal(-50),
    "elapsed_percent": Decimal(50),
    "is_started": True,
    "cost_is_whole": True,
    "baseline_cost": Decimal(100),
    "forecast_cost": Decimal(100),
    "actual_cost": Decimal(50),
    "risks_registered": 2,
    "risks_open": 1,
    "top_risk_score": 4,
    "risk_exposure": 0,
    "risks_high": 0,
    "risks_high_ids": None,
    "top_risk_title": "Rain",
    "blockers_open": 0,
    "oldest_blocker_days": None,
    "blocker_ids": None,
    "oldest_blocker_title": None,
    "update_age_days": 1,
    "update_id": 7,
    "last_update_on": DAY,
}
NUMBER = st.one_of(st.none(), st.integers(0, 80))
PERCENT = st.one_of(st.none(), st.decimals(-50, 200, places=1))
MAYBE = st.one_of(st.none(), st.booleans())
FACTS = st.fixed_dictionaries(
    {name: st.just(value) for name, value in WELL.items()}
    | {
        "status": st.sampled_from(["active", "on_hold", "completed"]),
        "declared": st.sampled_from(Colour.values),
        "milestones_total": st.one_of(st.none(), st.integers(0, 3)),
        "milestones_overdue": st.one_of(st.none(), st.integers(0, 3)),
        "milestones_undated": st.one_of(st.none(), st.integers(0, 1)),
        "milestones_overdue_days": NUMBER,
        "slip_days": NUMBER,
        "moved_days": NUMBER,
        "has_previous": MAYBE,
        "finish_overdue_days": st.one_of(st.none(), st.integers(0, 2)),
        "cost_variance_percent": PERCENT,
        "spent_of_forecast_percent": PERCENT,
        "spent_over_baseline_percent": PERCENT,
        "elapsed_percent": PERCENT,
        "is_started": MAYBE,
        "cost_is_whole": MAYBE,
        "risks_registered": st.one_of(st.none(), st.integers(0, 2)),
        "risks_open": st.one_of(st.none(), st.integers(0, 2)),
        "top_risk_score": st.one_of(st.none(), st.integers(1, 25)),
        "risk_exposure": NUMBER,
        "blockers_open": st.one_of(st.none(), st.integers(0, 2)),
        "oldest_blocker_days": NUMBER,
        "update_age_days": NUMBER,
    }
)
UNHURRIED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
MAY_BECOME = {
    "red": {"red", "grey"},
    "amber": {"amber", "grey"},
    "green": {"green", "grey"},
    "grey": {"grey"},
}


def _judged(**changes: Any) -> Any:
    return judge({**WELL, **changes}, Thresholds())


@UNHURRIED
@given(FACTS, st.sets(st.sampled_from(sorted(WELL))))
def test_an_unknown_fact_only_ever_turns_a_colour_grey(facts: dict[str, Any], removed: set[str]) -> None:
    known = judge(facts, Thresholds())
    less = judge({**facts, **dict.fromkeys(removed)}, Thresholds())
    assert less.overall in MAY_BECOME[known.overall]
    for dimension in Dimension.values:
        assert less.dimensions[dimension] in MAY_BECOME[known.dimensions[dimension]], dimension


@UNHURRIED
@given(FACTS)
def test_every_told_signal_has_a_sentence_with_its_numbers(facts: dict[str, Any]) -> None:
    for signal in judge(facts, Thresholds()).signal_data():
        assert signal["code"] in SENTENCES
        assert sentence(signal).endswith(".")
        assert "None" not in sentence(signal)


def test_that_property_looks_at_every_colour() -> None:
    seen = {_judged().overall, _judged(slip_days=20).overall, _judged(slip_days=90).overall}
    assert seen | {_judged(slip_days=None).overall} == {"green", "amber", "red", "grey"}


@pytest.mark.parametrize(
    ("changes", "dimension", "colour"),
    [
        ({"milestones_overdue": 1, "milestones_overdue_days": 3}, "schedule", "amber"),
        ({"milestones_overdue": 1, "milestones_overdue_days": 15}, "schedule", "red"),
        ({"milestones_total": 0}, "schedule", "grey"),
        ({"milestones_undated": 1}, "schedule", "grey"),
        ({"slip_days": 14}, "schedule", "green"),
        ({"slip_days": 15}, "schedule", "amber"),
        ({"slip_days": 43}, "schedule", "red"),
        ({"moved_days": 15}, "schedule", "amber"),
        ({"has_previous": False, "moved_days": None}, "schedule", "green"),
        ({"finish_overdue_days": 1}, "schedule", "red"),
        ({"cost_variance_percent": Decimal("10.0")}, "cost", "green"),
        ({"cost_variance_percent": Decimal("10.1")}, "cost", "amber"),
        ({"cost_variance_percent": Decimal("30.1")}, "cost", "red"),
        ({"spent_of_forecast_percent": Decimal(101)}, "cost", "amber"),
        ({"spent_of_forecast_percent": Decimal(111)}, "cost", "red"),
        ({"spent_over_baseline_percent": Decimal(31)}, "cost", "red"),
        ({"spent_of_forecast_percent": Decimal(71)}, "cost", "amber"),
        ({"spent_of_forecast_percent": Decimal(71), "cost_is_whole": False}, "cost", "green"),
        ({"actual_cost": None, "spent_of_forecast_percent": None}, "cost", "grey"),
        ({"is_started": False, "spent_of_forecast_percent": None}, "cost", "green"),
        ({"elapsed_percent": None}, "cost", "grey"),
        ({"elapsed_percent": None, "cost_variance_percent": Decimal(20)}, "cost", "amber"),
        ({"risks_registered": 0, "risks_open": 0, "top_risk_score": None}, "risk", "grey"),
        ({"risks_open": 0, "top_risk_score": None}, "risk", "green"),
        ({"top_risk_score": 12, "risk_exposure": 12}, "risk", "amber"),
        ({"top_risk_score": 20, "risk_exposure": 20}, "risk", "red"),
        ({"top_risk_score": 12, "risk_exposure": 60}, "risk", "red"),
        ({"blockers_open": 1, "oldest_blocker_days": 7}, "risk", "green"),
        ({"blockers_open": 1, "oldest_blocker_days": 8}, "risk", "amber"),
        ({"blockers_open": 1, "oldest_blocker_days": 22}, "risk", "red"),
        ({"update_age_days": 8}, "freshness", "amber"),
        ({"update_age_days": 15}, "freshness", "grey"),
        ({"update_age_days": None}, "freshness", "grey"),
        ({"update_age_days": None, "status": "completed"}, "freshness", "green"),
    ],
)
def test_signal_colours_its_dimension(changes: dict[str, Any], dimension: str, colour: str) -> None:
    assert _judged(**changes).dimensions[dimension] == colour


def test_grey_tells_that_it_is_at_least_amber() -> None:
    health = _judged(slip_days=20, risks_registered=0)
    assert health.overall == "grey"
    floors = [one for one in health.signals if one.code == "floor"]
    assert [(one.dimension, one.params["floor"]) for one in floors] == [("overall", "amber")]
    assert need_of_attention("green", health) == 3


def test_gap_between_declared_and_computed_is_told_and_colours_nothing() -> None:
    health = _judged(slip_days=90)
    assert any(one.code == "declared.gap" and one.colour == "" for one in health.signals)
    assert all(one.code != "declared.gap" for one in _judged(slip_days=90, declared_scale=5).signals)


def test_withheld_money_is_named_as_withheld() -> None:
    facts = {"forecast_cost": None, "withheld": ["forecast_cost"], "cost_variance_percent": None}
    told = [sentence(one) for one in _judged(**facts).signal_data() if one["code"] == "cost.amount_unknown"]
    assert told == ["Withheld: forecast cost."]


def test_stale_green_is_shown_grey_and_stale_red_stays() -> None:
    assert shown_declared("green", is_stale=True) == "grey"
    assert shown_declared("amber_green", is_stale=True) == "grey"
    assert shown_declared("red", is_stale=True) == "red"
    assert shown_declared("green", is_stale=False) == "green"


def test_colours_are_compared_on_one_scale_and_never_with_unknown() -> None:
    assert is_worse("amber", "green")
    assert not is_worse("grey", "green")
    assert not is_worse("amber_red", "amber")
    assert is_worse("amber_red", "amber", scale=5)


COUNTS = st.fixed_dictionaries({colour: st.integers(0, 30) for colour in ("red", "amber", "green", "grey")})


@UNHURRIED
@given(COUNTS, st.sampled_from(["red", "amber", "green"]), st.integers(1, 30))
def test_a_project_that_becomes_unknown_only_ever_turns_a_portfolio_grey(
    counts: dict[str, int], hidden: str, number: int
) -> None:
    number = min(number, counts[hidden])
    less = {**counts, hidden: counts[hidden] - number, "grey": counts["grey"] + number}
    assert portfolio_health(less).colour in MAY_BECOME[portfolio_health(counts).colour]


def test_portfolio_says_its_rule() -> None:
    health = portfolio_health({"red": 2, "amber": 1, "green": 6, "grey": 1})
    with translation.override("en"):
        assert health.colour == "red"
        assert health.sentence.startswith("Of 10 projects 2 are red, 1 amber and 1 unknown.")
        assert "20 % red" in health.sentence
    assert portfolio_health({"green": 9, "grey": 1}).colour == "green"
    assert portfolio_health({"green": 8, "grey": 2}).colour == "grey"
    assert portfolio_health({}).colour == "grey"

"""The signals: each looks at a few facts and says a colour, or that it cannot tell.

Every signal keeps the promise behind the rule of `model.combine`: a fact that becomes unknown turns its
colour to grey or leaves it as it is. "Does not apply" (None) is only said on the ground of known facts.

Tolerances are the portfolio's. Beyond one tolerance is amber, beyond three is red, as the US IT Dashboard
rates cost and schedule variance (amber from 10 %, red from 30 %).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Final, TypeAlias

from governance.facts import FactValue
from projects.enums import LIVE_STATUSES, Dimension
from projects.facts.sources import HIGH_RISK_SCORE
from projects.health.model import AMBER, GREEN, GREY, RED, Signal, Thresholds

Facts: TypeAlias = Mapping[str, Any]
Judge: TypeAlias = Callable[[Facts, Thresholds], Signal | None]

RED_TOLERANCES: Final = 3
RED_RISK_SCORE: Final = 20
RED_EXPOSURE: Final = 60
BLOCKER_AMBER_DAYS: Final = 7
BLOCKER_RED_DAYS: Final = 21
SPENT_AMBER_PERCENT: Final = 100
AHEAD_AMBER_POINTS: Final = 20
STALE_CADENCES: Final = 2

SCHEDULE, COST, RISK, FRESHNESS = (
    Dimension.SCHEDULE.value,
    Dimension.COST.value,
    Dimension.RISK.value,
    Dimension.FRESHNESS.value,
)


def _beyond(value: FactValue, amber: int, red: int) -> str:
    """Green up to and including `amber`, amber up to and including `red`, red beyond."""
    if value > red:
        return RED
    return AMBER if value > amber else GREEN


def _plain(value: FactValue) -> FactValue:
    """A value as JSON keeps it: days as ISO, decimals as text."""
    if value is None or isinstance(value, bool | int | str):
        return value
    return value.isoformat() if isinstance(value, date) else str(value)


def _signal(
    code: str,
    dimension: str,
    colour: str,
    *,
    could_be: str = RED,
    records: Iterable[dict[str, Any]] = (),
    **params: FactValue,
) -> Signal:
    # nobody is told about a green one, so its numbers need no writing down
    plain = {} if colour == GREEN else {name: _plain(value) for name, value in params.items()}
    return Signal(code, dimension, colour, plain, list(records), could_be)


def _records(model: str, ids: list[int] | None) -> list[dict[str, Any]]:
    return [{"model": model, "id": pk} for pk in ids or ()]


def milestones_overdue(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """Red when one is late beyond the tolerance, amber when any is late; unknown without a dated plan."""
    total, overdue, undated = facts["milestones_total"], facts["milestones_overdue"], facts["milestones_undated"]
    days = facts["milestones_overdue_days"]
    records = _records("milestone", facts["milestones_overdue_ids"])
    code = "schedule.milestones_overdue"
    if overdue and days is not None and days > thresholds.schedule_tolerance_days:
        return _signal(code, SCHEDULE, RED, count=overdue, days=days, records=records)
    if total is None or overdue is None or undated is None or (overdue and days is None):
        return _signal("schedule.milestones_unknown", SCHEDULE, GREY, records=records)
    if total == 0:
        return _signal("schedule.no_milestones", SCHEDULE, GREY)
    if undated:
        return _signal("schedule.milestones_undated", SCHEDULE, GREY, count=undated, overdue=overdue, records=records)
    if overdue:
        return _signal(code, SCHEDULE, AMBER, count=overdue, days=days, records=records)
    return _signal(code, SCHEDULE, GREEN, count=0)


def finish_against_baseline(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """How much later than agreed the project finishes: beyond one tolerance amber, beyond three red."""
    slip, tolerance = facts["slip_days"], thresholds.schedule_tolerance_days
    if slip is None:
        missing = "baseline" if facts["baseline_finish_on"] is None else "forecast"
        return _signal("schedule.finish_unknown", SCHEDULE, GREY, missing=missing)
    colour = _beyond(slip, tolerance, RED_TOLERANCES * tolerance)
    return _signal(
        "schedule.finish_slipped",
        SCHEDULE,
        colour,
        days=slip,
        tolerance=tolerance,
        baseline=facts["baseline_finish_on"],
        finish=facts["actual_finish_on"] or facts["forecast_finish_on"],
    )


def finish_against_previous(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """Whether the forecast moved since the snapshot before, beyond the tolerance: amber, never red."""
    has_previous, moved = facts["has_previous"], facts["moved_days"]
    if has_previous is False:
        return None
    if has_previous is None or moved is None:
        return _signal("schedule.move_unknown", SCHEDULE, GREY, could_be=AMBER)
    colour = AMBER if moved > thresholds.schedule_tolerance_days else GREEN
    return _signal(
        "schedule.finish_moved",
        SCHEDULE,
        colour,
        could_be=AMBER,
        days=moved,
        finish=facts["forecast_finish_on"],
        previous=facts["previous_finish_on"],
    )


def finish_passed(facts: Facts, _thresholds: Thresholds) -> Signal | None:
    """Red when the expected finish lies behind us and the project has not finished."""
    days = facts["finish_overdue_days"]
    if days is None:
        return _signal("schedule.end_unknown", SCHEDULE, GREY)
    colour = RED if days > 0 else GREEN
    return _signal("schedule.finish_passed", SCHEDULE, colour, days=days, finish=facts["forecast_finish_on"])


def _amounts_missing(facts: Facts, *measures: str) -> dict[str, Any]:
    withheld = facts["withheld"] or ()
    return {
        "missing": [measure for measure in measures if facts[measure] is None],
        "is_started": facts["is_started"],
        "withheld": [measure for measure in measures if measure in withheld],
    }


def _cost_unknown(facts: Facts, *measures: str, could_be: str = RED) -> Signal:
    """The one code for "an amount is missing", so that three signals do not say it three times."""
    return Signal("cost.amount_unknown", COST, GREY, _amounts_missing(facts, *measures), [], could_be)


def forecast_over_baseline(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """How far the forecast cost is over what was agreed: beyond one tolerance amber, beyond three red."""
    percent, tolerance = facts["cost_variance_percent"], thresholds.cost_tolerance_percent
    if percent is None:
        return _cost_unknown(facts, "forecast_cost", "baseline_cost")
    return _signal(
        "cost.forecast_over_baseline",
        COST,
        _beyond(percent, tolerance, RED_TOLERANCES * tolerance),
        percent=percent,
        tolerance=tolerance,
        forecast=facts["forecast_cost"],
        baseline=facts["baseline_cost"],
        currency=facts["currency"],
    )


def spent_over_baseline(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """What is spent cannot be forecast away: spending over the baseline counts like the forecast does."""
    if facts["is_started"] is False:
        return None
    percent, tolerance = facts["spent_over_baseline_percent"], thresholds.cost_tolerance_percent
    if percent is None or facts["is_started"] is None:
        return _cost_unknown(facts, "actual_cost", "baseline_cost")
    return _signal(
        "cost.spent_over_baseline",
        COST,
        _beyond(percent, tolerance, RED_TOLERANCES * tolerance),
        percent=percent,
        tolerance=tolerance,
        actual=facts["actual_cost"],
        baseline=facts["baseline_cost"],
        currency=facts["currency"],
    )


def spent_over_forecast(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """Amber when more is spent than the whole forecast, red beyond it by more than the tolerance."""
    if facts["is_started"] is False:
        return None
    percent = facts["spent_of_forecast_percent"]
    if percent is None or facts["is_started"] is None:
        return _cost_unknown(facts, "actual_cost", "forecast_cost")
    colour = _beyond(percent, SPENT_AMBER_PERCENT, SPENT_AMBER_PERCENT + thresholds.cost_tolerance_percent)
    return _signal(
        "cost.spent_over_forecast",
        COST,
        colour,
        percent=percent,
        actual=facts["actual_cost"],
        forecast=facts["forecast_cost"],
        currency=facts["currency"],
    )


def spent_ahead_of_time(facts: Facts, _thresholds: Thresholds) -> Signal | None:
    """Amber when the share spent is more than 20 points ahead of the share of time; never red."""
    if facts["is_started"] is False or facts["cost_is_whole"] is False:
        return None
    spent, elapsed = facts["spent_of_forecast_percent"], facts["elapsed_percent"]
    if spent is None:
        return _cost_unknown(facts, "actual_cost", "forecast_cost", could_be=AMBER)
    if elapsed is None or facts["is_started"] is None or facts["cost_is_whole"] is None:
        return _signal("cost.time_unknown", COST, GREY, could_be=AMBER, spent=spent)
    colour = AMBER if spent - elapsed > AHEAD_AMBER_POINTS else GREEN
    return _signal("cost.spent_ahead_of_time", COST, colour, could_be=AMBER, spent=spent, elapsed=elapsed)


def risk_exposure(facts: Facts, _thresholds: Thresholds) -> Signal | None:
    """By the worst open risk and by the sum of the high ones; no register at all is unknown, not green."""
    registered, top, exposure = facts["risks_registered"], facts["top_risk_score"], facts["risk_exposure"]
    count = facts["risks_open"]
    if registered is None or count is None or exposure is None or (count and top is None):
        return _signal("risk.unknown", RISK, GREY)
    if registered == 0:
        return _signal("risk.none_registered", RISK, GREY)
    if count == 0:
        return _signal("risk.exposure", RISK, GREEN, top=0, exposure=0, high=0)
    is_red = top >= RED_RISK_SCORE or exposure >= RED_EXPOSURE
    colour = RED if is_red else AMBER if top >= HIGH_RISK_SCORE else GREEN
    records = _records("risk", facts["risks_high_ids"])
    return _signal(
        "risk.exposure",
        RISK,
        colour,
        top=top,
        exposure=exposure,
        high=facts["risks_high"],
        title=facts["top_risk_title"],
        records=records,
    )


def blockers(facts: Facts, _thresholds: Thresholds) -> Signal | None:
    """A blocker that is open for more than a week is amber, for more than three weeks red."""
    count, days = facts["blockers_open"], facts["oldest_blocker_days"]
    if count is None or (count and days is None):
        return _signal("risk.blockers_unknown", RISK, GREY)
    colour = _beyond(days, BLOCKER_AMBER_DAYS, BLOCKER_RED_DAYS) if count else GREEN
    return _signal(
        "risk.blockers",
        RISK,
        colour,
        count=count,
        days=days if count else 0,
        title=facts["oldest_blocker_title"] if count else "",
        records=_records("issue", facts["blocker_ids"]),
    )


def freshness(facts: Facts, thresholds: Thresholds) -> Signal | None:
    """How old the newest update is: over one cadence amber, over two nobody knows, so grey."""
    if facts["status"] is None:
        return _signal("freshness.unknown", FRESHNESS, GREY)
    if facts["status"] not in LIVE_STATUSES:
        return _signal("freshness.closed", FRESHNESS, GREEN)
    age, cadence = facts["update_age_days"], thresholds.update_cadence_days
    if age is None:
        return _signal("freshness.never", FRESHNESS, GREY)
    colour = GREY if age > STALE_CADENCES * cadence else AMBER if age > cadence else GREEN
    records = _records("update", [facts["update_id"]] if facts["update_id"] else [])
    code = "freshness.stale" if colour == GREY else "freshness.age"
    return _signal(code, FRESHNESS, colour, days=age, cadence=cadence, on=facts["last_update_on"], records=records)


SIGNALS: Final[tuple[Judge, ...]] = (
    milestones_overdue,
    finish_passed,
    finish_against_baseline,
    finish_against_previous,
    forecast_over_baseline,
    spent_over_baseline,
    spent_over_forecast,
    spent_ahead_of_time,
    risk_exposure,
    blockers,
    freshness,
)

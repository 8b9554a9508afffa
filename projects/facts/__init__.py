"""The facts about a project. All are as of a day; None always means that the value is not known.

No fact falls back on a second-best value (a missing forecast is not replaced by the baseline): a
fall-back would let somebody improve a colour by leaving something out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import (
    BooleanField,
    Case,
    F,
    Q,
    Value,
    When,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from governance.facts import Fact, FactKind, FactValue, Source, catalogue
from projects.enums import Colour, MoneyMeasure
from projects.facts.sources import (
    ASKS,
    CHANGES,
    DECISIONS,
    DELIVERABLES,
    GATE_CONDITIONS,
    GATES,
    ISSUES,
    MILESTONES,
    RISKS,
    UPDATE,
    drift,
    elapsed,
    finish_overdue,
    finished,
    is_set,
    is_started,
    share,
    slip,
    withheld,
)

if TYPE_CHECKING:
    from governance.facts import Text, Timed

_K = FactKind
project_facts = catalogue("project")


def _own(  # noqa: PLR0913 — a fact has as many sides
    word: str,
    label: Text,
    kind: FactKind,
    sentence: Text,
    expression: Timed | None = None,
    *,
    stored: bool = True,
    unit: Text = "",
) -> None:
    """Declare a fact that stands in the project's own row."""
    source = Source(word, F(word) if expression is None else expression)
    name = f"project.{word}"
    project_facts.declare(Fact(name, label, kind, source, sentence, unit, column=word if stored else ""))


def _item(  # noqa: PLR0913 — see above
    word: str,
    label: Text,
    kind: FactKind,
    sentence: Text,
    source: Source,
    key: str,
    *,
    stored: bool = True,
    absent: FactValue = None,
    unit: Text = "",
) -> None:
    """Declare a fact that is summed up from a child table."""
    name = f"project.{word}"
    column = word if stored else ""
    project_facts.declare(Fact(name, label, kind, source, sentence, unit, column, key, absent))


DAYS = _("days")

_own("name", _("name"), _K.TEXT, _("What the project is called."), stored=False)
_own("portfolio_id", _("portfolio"), _K.NUMBER, _("The portfolio that the project is in."), stored=False)
_own(
    "office_id",
    _("office"),
    _K.NUMBER,
    _("The office that owns the project's portfolio."),
    F("portfolio__office"),
    stored=False,
)
_own(
    "playbook_id", _("playbook"), _K.NUMBER, _("The playbook that the project was made from; 0 for none."),
    Coalesce(F("playbook_version__playbook"), Value(0)), stored=False,
)  # fmt: skip
_own(
    "org_unit_name",
    _("org unit"),
    _K.TEXT,
    _("The org unit that the project is done for."),
    Coalesce(F("org_unit__name"), Value("")),
    stored=False,
)
_own("imported_as_of", _("record as of"), _K.DATE, _("The day that the imported record speaks of."), stored=False)
for _post, _label, _sentence in (
    ("lead", _("project lead named"), _("Whether somebody leads the project.")),
    ("sponsor", _("sponsor named"), _("Whether somebody answers for the project towards the organisation.")),
    ("budget_owner", _("budget owner named"), _("Whether somebody answers for the project's money.")),
    ("benefits_owner", _("benefits owner named"), _("Whether somebody sees to it that the benefits come.")),
    ("goal", _("goal chosen"), _("Whether the project serves a goal.")),
    ("org_unit", _("org unit chosen"), _("Whether the project belongs to an org unit.")),
):
    _own(f"has_{_post}", _label, _K.YES_NO, _sentence, is_set(_post), stored=False)
_own(
    "lead_is_sponsor",
    _("lead and sponsor are one person"),
    _K.YES_NO,
    _("Whether the project lead and the sponsor are the same person; unknown while one of them is missing."),
    Case(
        When(lead__isnull=True, then=None),
        When(sponsor__isnull=True, then=None),
        When(lead=F("sponsor"), then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    ),
    stored=False,
)
_own("kick_off_on", _("kick-off"), _K.DATE, _("The day on which the team began together."), stored=False)
_own("actual_start_on", _("actual start"), _K.DATE, _("The day on which work began."), stored=False)
_own(
    "data_class", _("classification of its data"), _K.CHOICE,
    _("How closely the data that it works with must be kept."), stored=False,
)  # fmt: skip
_own(
    "has_agreed_places", _("places for documents agreed"), _K.YES_NO,
    _("Whether the office of its portfolio says where documents belong."),
    Case(
        When(portfolio__office__document_places="", then=Value(False)), default=Value(True),
        output_field=BooleanField(),
    ),
    stored=False,
)  # fmt: skip
_own("status", _("status"), _K.CHOICE, _("Whether the project runs, is paused, completed or stopped."))
_own("category", _("category"), _K.TEXT, _("The category that the portfolio puts the project in."))
_own("phase_name", _("phase"), _K.TEXT, _("The phase that the project is in."), Coalesce(F("phase__name"), Value("")))

_own(
    "schedule_tolerance",
    _("schedule tolerance"),
    _K.DAYS,
    _("How late the portfolio still calls on track."),
    F("portfolio__schedule_tolerance_days"),
    stored=False,
    unit=DAYS,
)
_own(
    "cost_tolerance",
    _("cost tolerance"),
    _K.PERCENT,
    _("How far over baseline the portfolio still calls on track."),
    F("portfolio__cost_tolerance_percent"),
    stored=False,
    unit="%",
)
_own(
    "update_cadence",
    _("update cadence"),
    _K.DAYS,
    _("How often the portfolio wants a status update."),
    F("portfolio__update_cadence_days"),
    stored=False,
    unit=DAYS,
)

_item(
    "declared",
    _("declared"),
    _K.CHOICE,
    _("The colour that the lead declared last."),
    UPDATE,
    "declared",
    absent=Colour.NOT_ASSESSED.value,
)
_item(
    "declared_scale",
    _("scale"),
    _K.NUMBER,
    _("How many points the scale of the declared colour has."),
    UPDATE,
    "scale",
    absent=3,
)
for _dimension, _label in (
    ("schedule", _("declared schedule")),
    ("cost", _("declared cost")),
    ("scope", _("declared scope")),
    ("risk", _("declared risk")),
):
    _item(
        f"declared_{_dimension}",
        _label,
        _K.CHOICE,
        _("The colour that the lead declared for this dimension."),
        UPDATE,
        _dimension,
        absent="",
    )
_item(
    "last_update_on", _("last update"), _K.DATE, _("The day that the newest published update speaks of."), UPDATE, "on"
)
_item("update_age_days", _("age of the update"), _K.DAYS, _("How many days ago that was."), UPDATE, "age", unit=DAYS)
_item("update_id", _("newest update"), _K.NUMBER, _("The newest published update."), UPDATE, "id", stored=False)

_own(
    "start_on",
    _("start"),
    _K.DATE,
    _("When the project started, or is expected to."),
    Coalesce("actual_start_on", "forecast_start_on", "baseline_start_on"),
)
_own(
    "is_started",
    _("has started"),
    _K.YES_NO,
    _("Whether the project has started: it has a start, or has spent money."),
    is_started,
    stored=False,
)
_own("baseline_finish_on", _("baseline finish"), _K.DATE, _("The finish that was agreed."))
_own("forecast_finish_on", _("forecast finish"), _K.DATE, _("The finish that is expected now."))
_own("actual_finish_on", _("actual finish"), _K.DATE, _("When the project finished."), finished)
_own("slip_days", _("slip"), _K.DAYS, _("How much later than the baseline the project finishes."), slip, unit=DAYS)
_own(
    "finish_overdue_days",
    _("past its finish"),
    _K.DAYS,
    _("How long ago the project should have finished; 0 when it has, or need not yet."),
    finish_overdue,
    stored=False,
    unit=DAYS,
)
_own(
    "elapsed_percent",
    _("time elapsed"),
    _K.PERCENT,
    _("The share of the project's time that has passed."),
    elapsed,
    stored=False,
    unit="%",
)

_own("currency", _("currency"), _K.TEXT, _("The currency of the project's amounts."))
for _measure in MoneyMeasure:
    _own(
        _measure.value,
        _measure.label,
        _K.MONEY,
        _("An amount in the project's currency; unknown and withheld are empty."),
    )
_own("withheld", _("withheld amounts"), _K.LIST, _("The amounts that are kept secret, with a reason."), withheld())
_own(
    "cost_variance_percent",
    _("cost variance"),
    _K.PERCENT,
    _("How far the forecast cost is over the baseline cost."),
    share(
        F("forecast_cost") - F("baseline_cost"), F("baseline_cost"), Q(baseline_cost__gt=0, forecast_cost__isnull=False)
    ),
    unit="%",
)
_own(
    "spent_of_forecast_percent",
    _("spent of forecast"),
    _K.PERCENT,
    _("The actual cost as a share of the forecast."),
    share(F("actual_cost"), F("forecast_cost"), Q(forecast_cost__gt=0, actual_cost__isnull=False)),
    stored=False,
    unit="%",
)
_own(
    "spent_over_baseline_percent",
    _("spent over baseline"),
    _K.PERCENT,
    _("How far the actual cost is over the baseline cost."),
    share(F("actual_cost") - F("baseline_cost"), F("baseline_cost"), Q(baseline_cost__gt=0, actual_cost__isnull=False)),
    stored=False,
    unit="%",
)
_own(
    "cost_is_whole",
    _("cost covers the whole project"),
    _K.YES_NO,
    _("Whether the costs cover the whole project and not one period of it."),
    Case(When(cost_period="", then=Value(True)), default=Value(False)),
    stored=False,
)

_item("milestones_total", _("milestones"), _K.NUMBER, _("All milestones of the plan."), MILESTONES, "total", absent=0)
_item(
    "milestones_reached",
    _("milestones reached"),
    _K.NUMBER,
    _("Those that are reached."),
    MILESTONES,
    "reached",
    absent=0,
)
_item(
    "milestones_overdue",
    _("milestones overdue"),
    _K.NUMBER,
    _("Those whose forecast has passed unreached."),
    MILESTONES,
    "overdue",
    absent=0,
)
_item(
    "milestones_overdue_days",
    _("longest overdue"),
    _K.DAYS,
    _("How long the most overdue milestone is late."),
    MILESTONES,
    "overdue_days",
    stored=False,
    unit=DAYS,
)
_item(
    "milestones_overdue_ids",
    _("overdue milestones"),
    _K.LIST,
    _("The overdue milestones, longest first."),
    MILESTONES,
    "overdue_ids",
    stored=False,
)
_item(
    "milestones_undated",
    _("milestones without date"),
    _K.NUMBER,
    _("Open milestones without a forecast date."),
    MILESTONES,
    "undated",
    stored=False,
    absent=0,
)
_item(
    "milestones_due_soon",
    _("milestones due soon"),
    _K.NUMBER,
    _("Those that are due within 30 days."),
    MILESTONES,
    "due_soon",
    absent=0,
)
_item(
    "next_milestone_name",
    _("next milestone"),
    _K.TEXT,
    _("The open milestone that comes first."),
    MILESTONES,
    "next_name",
)
_item("next_milestone_on", _("next milestone on"), _K.DATE, _("When it is expected."), MILESTONES, "next_on")

_item(
    "risks_registered",
    _("risks"),
    _K.NUMBER,
    _("All risks in the register, closed ones too."),
    RISKS,
    "registered",
    stored=False,
    absent=0,
)
_item("risks_open", _("open risks"), _K.NUMBER, _("Risks that may still happen."), RISKS, "open", absent=0)
_item(
    "risks_without_owner",
    _("open risks without owner"),
    _K.NUMBER,
    _("Open risks that belong to nobody."),
    RISKS,
    "ownerless",
    stored=False,
    absent=0,
)
_item(
    "risks_review_overdue",
    _("open risks past their review"),
    _K.NUMBER,
    _("Open risks whose day of review has passed."),
    RISKS,
    "unreviewed",
    stored=False,
    absent=0,
)
_item(
    "top_risk_score",
    _("top risk"),
    _K.NUMBER,
    _("The highest probability times impact of the open risks."),
    RISKS,
    "top",
)
_item(
    "risk_exposure",
    _("exposure"),
    _K.NUMBER,
    _("The sum of the scores of the high open risks."),
    RISKS,
    "exposure",
    stored=False,
    absent=0,
)
_item(
    "risks_high",
    _("high risks"),
    _K.NUMBER,
    _("Open risks with a score of 12 or more."),
    RISKS,
    "high",
    stored=False,
    absent=0,
)
_item(
    "risks_high_ids", _("the high risks"), _K.LIST, _("The high open risks, worst first."), RISKS, "ids", stored=False
)
_item(
    "top_risk_title", _("worst risk"), _K.TEXT, _("The open risk with the highest score."), RISKS, "title", stored=False
)

_item("issues_open", _("open issues"), _K.NUMBER, _("Issues that are not solved."), ISSUES, "open", absent=0)
_item("blockers_open", _("open blockers"), _K.NUMBER, _("Open issues that stop work."), ISSUES, "blockers", absent=0)
_item(
    "oldest_blocker_days",
    _("oldest blocker"),
    _K.DAYS,
    _("How long the oldest blocker is open."),
    ISSUES,
    "oldest_days",
    unit=DAYS,
)
_item("blocker_ids", _("the blockers"), _K.LIST, _("The open blockers, oldest first."), ISSUES, "ids", stored=False)
_item(
    "oldest_blocker_title",
    _("the oldest blocker"),
    _K.TEXT,
    _("The blocker that is open longest."),
    ISSUES,
    "title",
    stored=False,
)

_item(
    "decisions_wanted",
    _("decisions wanted"),
    _K.NUMBER,
    _("Decisions that somebody waits for."),
    DECISIONS,
    "wanted",
    absent=0,
)
_item(
    "decisions_overdue",
    _("decisions overdue"),
    _K.NUMBER,
    _("Those that are past the day they were needed by."),
    DECISIONS,
    "overdue",
    absent=0,
)
_item("asks_open", _("open asks"), _K.NUMBER, _("Asks that nobody has answered."), ASKS, "open", absent=0)
_item(
    "changes_open",
    _("open change requests"),
    _K.NUMBER,
    _("Requests to change the baseline that wait for a decision."),
    CHANGES,
    "open",
    absent=0,
)
_own(
    "drift_without_change",
    _("drifts without a change request"),
    _K.YES_NO,
    _("Whether finish or cost is forecast beyond tolerance and nobody asked to change what was agreed."),
    drift,
    stored=False,
)

for _word, _label, _sentence in (
    ("total", _("gates"), _("All gates of the plan.")),
    ("passed", _("gates passed"), _("Those that were passed.")),
    (
        "out_of_order",
        _("gates out of order"),
        _("Gates that were passed before an earlier one, or while an earlier one is still open."),
    ),
):
    _item(f"gates_{_word}", _label, _K.NUMBER, _sentence, GATES, _word, stored=False, absent=0)
_item(
    "next_gate_on",
    _("next gate on"),
    _K.DATE,
    _("When the next gate is expected."),
    GATES,
    "next_on",
    stored=False,
)
_item(
    "released_cost",
    _("released cost"),
    _K.MONEY,
    _("The stage money that gate decisions have released; not known when no gate has stage money."),
    GATES,
    "released",
    stored=False,
)
for _word, _label, _sentence in (
    ("open", _("conditions to meet"), _("Conditions under which gates were passed and that are not met yet.")),
    ("overdue", _("conditions overdue"), _("Those whose day has passed: they hold up the next gate and phase.")),
):
    _item(f"conditions_{_word}", _label, _K.NUMBER, _sentence, GATE_CONDITIONS, _word, stored=False, absent=0)
for _word, _label, _sentence, _key in (
    ("deliverables_total", _("deliverables"), _("All deliverables of the plan."), "total"),
    ("deliverables_accepted", _("deliverables accepted"), _("Those that are accepted."), "accepted"),
    (
        "deliverables_overdue",
        _("deliverables overdue"),
        _("Those whose due date has passed without being delivered."),
        "overdue",
    ),
    (
        "deliverables_without_accountable",
        _("deliverables without accountable"),
        _("Deliverables, not yet accepted, for which nobody was made accountable."),
        "unanswered",
    ),
):
    _item(_word, _label, _K.NUMBER, _sentence, DELIVERABLES, _key, stored=False, absent=0)

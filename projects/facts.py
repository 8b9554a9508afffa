"""The facts about a project. All are as of a day; None always means that the value is not known.

No fact falls back on a second-best value (a missing forecast is not replaced by the baseline): a
fall-back would let somebody improve a colour by leaving something out.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.aggregates import ArrayAgg
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    BooleanField,
    Case,
    CharField,
    Count,
    DateField,
    DecimalField,
    Exists,
    F,
    Func,
    IntegerField,
    Max,
    Min,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest, JSONObject, Least, NullIf, Round, TruncDate
from django.db.models.lookups import GreaterThan
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.enums import BallotState, Choice
from governance.facts import Fact, FactKind, FactValue, Source, catalogue
from governance.models import DecisionCondition
from projects.enums import ChangeKind, Colour, DecisionState, MoneyMeasure, UpdateState
from projects.models import (
    Ask,
    ChangeRequest,
    Decision,
    Deliverable,
    DeliverableAssignment,
    Gate,
    Issue,
    Milestone,
    Risk,
    Update,
)
from projects.models.gates import gate_place

if TYPE_CHECKING:
    from django.db.models import Expression, QuerySet
    from django.db.models.expressions import Combinable

    from governance.facts import Text, Timed

DUE_SOON_DAYS: Final = 30
HIGH_RISK_SCORE: Final = 12
RECORDS_NAMED: Final = 20
"""A signal names at most this many records; its sentence always gives the full number."""
PERCENT_LIMIT: Final = Decimal("99999999999.0")
ANY_COST: Final = Decimal("1E18")


class Days(Func):
    """The whole days from the second date to the first."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


class FirstOf(Func):
    """The first element of an array."""

    template = "(%(expressions)s)[1]"


class Named(Func):
    """As many ids of an array as a signal names."""

    template = f"(%(expressions)s)[1:{RECORDS_NAMED}]"


def _day(as_of: date) -> Cast:
    return Cast(Value(as_of), DateField())


def _per_project(items: QuerySet[Any], **values: Expression) -> Subquery:
    """One JSON object about the rows of a child table that belong to the project; null without rows."""
    rows = items.filter(project=OuterRef("pk")).order_by().values("project")
    return Subquery(rows.annotate(data=JSONObject(**values)).values("data"))


def _after(moment: str, as_of: date) -> Q:
    """The moment lies on a later day. Days are the organisation's, whatever time zone a reader has on."""
    return Q(GreaterThan(TruncDate(moment, tzinfo=timezone.get_default_timezone()), as_of))


def _milestones(as_of: date) -> Subquery:
    is_open = Q(actual_on__isnull=True) | Q(actual_on__gt=as_of)
    overdue = is_open & Q(forecast_on__lt=as_of)
    dated = is_open & Q(forecast_on__isnull=False)
    soon = is_open & Q(forecast_on__range=(as_of, as_of + timedelta(days=DUE_SOON_DAYS)))
    by_date = ["forecast_on", "pk"]
    return _per_project(
        Milestone.objects.all(),
        total=Count("pk"),
        reached=Count("pk", filter=Q(actual_on__lte=as_of)),
        overdue=Count("pk", filter=overdue),
        overdue_days=Days(_day(as_of), Min("forecast_on", filter=overdue)),
        overdue_ids=Named(ArrayAgg("pk", filter=overdue, order_by=by_date)),
        undated=Count("pk", filter=is_open & Q(forecast_on__isnull=True)),
        due_soon=Count("pk", filter=soon),
        next_name=FirstOf(ArrayAgg("name", filter=dated, order_by=by_date)),
        next_on=Min("forecast_on", filter=dated),
    )


def _risks(as_of: date) -> Subquery:
    is_open = Q(closed_on__isnull=True) | Q(closed_on__gt=as_of)
    high = is_open & Q(score__gte=HIGH_RISK_SCORE)
    return _per_project(
        Risk.objects.all(),
        registered=Count("pk"),
        open=Count("pk", filter=is_open),
        top=Max("score", filter=is_open),
        exposure=Coalesce(Sum("score", filter=high), 0),
        high=Count("pk", filter=high),
        ids=Named(ArrayAgg("pk", filter=high, order_by=["-score", "pk"])),
        title=FirstOf(ArrayAgg("title", filter=is_open, order_by=["-score", "pk"])),
        ownerless=Count("pk", filter=is_open & Q(owner__isnull=True)),
        unreviewed=Count("pk", filter=is_open & Q(review_on__lt=as_of)),
    )


def _issues(as_of: date) -> Subquery:
    is_open = Q(opened_on__lte=as_of) & (Q(resolved_on__isnull=True) | Q(resolved_on__gt=as_of))
    blocking = is_open & Q(is_blocker=True)
    oldest = ["opened_on", "pk"]
    return _per_project(
        Issue.objects.all(),
        open=Count("pk", filter=is_open),
        blockers=Count("pk", filter=blocking),
        oldest_days=Days(_day(as_of), Min("opened_on", filter=blocking)),
        ids=Named(ArrayAgg("pk", filter=blocking, order_by=oldest)),
        title=FirstOf(ArrayAgg("title", filter=blocking, order_by=oldest)),
    )


def _decisions(as_of: date) -> Subquery:
    waiting = Q(state=DecisionState.WANTED) | Q(state=DecisionState.TAKEN) & _after("decided_at", as_of)
    wanted = Q(raised_on__lte=as_of) & waiting
    return _per_project(
        Decision.objects.all(),
        wanted=Count("pk", filter=wanted),
        overdue=Count("pk", filter=wanted & Q(needed_by__lt=as_of)),
    )


def _asks(as_of: date) -> Subquery:
    is_open = Q(answered_at__isnull=True) | _after("answered_at", as_of)
    return _per_project(Ask.objects.all(), open=Count("pk", filter=is_open))


def _gates(as_of: date) -> Subquery:
    """Gates stand in the order of their phases; one that is passed while an earlier one is not is out of order."""
    passed = Q(milestone__actual_on__lte=as_of)
    gates = Gate.objects.in_force().annotate(place=gate_place())
    earlier = gates.filter(project=OuterRef("project"), place__lt=OuterRef("place"))
    open_then = Q(milestone__actual_on__isnull=True) | Q(milestone__actual_on__gt=OuterRef("milestone__actual_on"))
    is_early = Exists(earlier.filter(open_then))
    return _per_project(
        gates.annotate(is_early=is_early),
        total=Count("pk"),
        passed=Count("pk", filter=passed),
        next_on=Min("milestone__forecast_on", filter=~passed | Q(milestone__actual_on__isnull=True)),
        out_of_order=Count("pk", filter=passed & Q(is_early=True)),
        released=Case(
            When(
                GreaterThan(Count("stage_money"), 0), then=Coalesce(Sum("released", filter=passed), Value(Decimal(0)))
            ),
            default=None,
            output_field=_decimal(),
        ),
    )


def _gate_conditions(as_of: date) -> Subquery:
    """What gates were passed under, as long as it is not met."""
    gates = Gate.objects.filter(project=OuterRef(OuterRef("pk"))).values("pk")
    unmet = Q(met_at__isnull=True) | _after("met_at", as_of)
    rows = (
        DecisionCondition.objects.filter(
            ballot__subject_kind="gate_review", ballot__subject_id__in=gates, ballot__state=BallotState.DECIDED,
            ballot__outcome=Choice.CONDITIONAL, vote__voided_at__isnull=True,
        )
        .order_by()
        .values("ballot__subject_kind")
    )  # fmt: skip
    data = JSONObject(open=Count("pk", filter=unmet), overdue=Count("pk", filter=unmet & Q(due_on__lt=as_of)))
    return Subquery(rows.annotate(data=data).values("data"))


def _open_changes(as_of: date) -> QuerySet[Any]:
    """The change requests of the baseline that waited for a decision on the day."""
    still = Q(closed_on__isnull=True) | Q(closed_on__gt=as_of)
    return ChangeRequest.objects.filter(still, submitted_on__lte=as_of)


def _changes(as_of: date) -> Subquery:
    return _per_project(_open_changes(as_of), open=Count("pk"))


def _asked(as_of: date, farthest: Expression | F) -> Subquery:
    changes = _open_changes(as_of).filter(project=OuterRef("pk")).order_by().values("project")
    return Subquery(changes.annotate(farthest=Max(farthest)).values("farthest"))


def _drift(as_of: date) -> Case:
    """Whether finish or cost is beyond tolerance of what was agreed or of what an open change request asks for.

    An accepted request has moved the baseline itself, so it covers just what it was about. One that leaves the
    cost effect open covers any cost. Unknown as long as one of the two is not known and the other does not drift.
    """
    unknown = Q(kinds__contains=[ChangeKind.COST], cost_delta__isnull=True)
    asked_cost = Case(
        When(unknown, then=Value(ANY_COST)), default=F("cost_from") + F("cost_delta"), output_field=_decimal()
    )
    finish = Greatest(F("baseline_finish_on"), _asked(as_of, F("finish_to")))
    late = Days(Coalesce(_finished(as_of), F("forecast_finish_on")), finish)
    cost = Greatest(Cast(F("baseline_cost"), _decimal()), _asked(as_of, asked_cost))
    limit = cost * (Value(100) + F("portfolio__cost_tolerance_percent")) / Value(100)
    over = Cast(F("forecast_cost"), _decimal()) - Cast(limit, _decimal())
    dated = Q(baseline_finish_on__isnull=False) & (Q(forecast_finish_on__isnull=False) | Q(actual_finish_on__lte=as_of))
    priced = Q(baseline_cost__isnull=False, forecast_cost__isnull=False)
    drifts = dated & Q(GreaterThan(late, F("portfolio__schedule_tolerance_days")))
    overruns = priced & Q(GreaterThan(over, Value(Decimal(0))))
    return Case(
        When(drifts | overruns, then=Value(True)),
        When(dated & priced, then=Value(False)),
        default=None,
        output_field=BooleanField(),
    )


def _deliverables(as_of: date) -> Subquery:
    delivered = Q(delivered_at__isnull=False) & ~_after("delivered_at", as_of)
    accepted = Q(accepted_at__isnull=False) & ~_after("accepted_at", as_of)
    answered = Exists(DeliverableAssignment.objects.accountable().filter(deliverable=OuterRef("pk")))
    return _per_project(
        Deliverable.objects.annotate(is_answered=answered),
        total=Count("pk"),
        accepted=Count("pk", filter=accepted),
        overdue=Count("pk", filter=~delivered & Q(due_on__lt=as_of)),
        unanswered=Count("pk", filter=~accepted & Q(is_answered=False)),
    )


def _update(as_of: date) -> Subquery:
    """The newest published update of the day or before."""
    columns = ("declared", "scale", "schedule", "cost", "scope", "risk", "rationale")
    newest = Update.objects.filter(project=OuterRef("pk"), state=UpdateState.PUBLISHED, as_of__lte=as_of)
    data = JSONObject(id=F("pk"), on=F("as_of"), age=Days(_day(as_of), F("as_of")), **{c: F(c) for c in columns})
    return Subquery(newest.order_by("-as_of", "-id").annotate(data=data).values("data")[:1])


def _finished(as_of: date) -> Case:
    return Case(When(actual_finish_on__lte=as_of, then=F("actual_finish_on")), output_field=DateField())


def _slip(as_of: date) -> Days:
    return Days(Coalesce(_finished(as_of), F("forecast_finish_on")), F("baseline_finish_on"))


def _finish_overdue(as_of: date) -> Case:
    return Case(
        When(actual_finish_on__lte=as_of, then=Value(0)),
        When(forecast_finish_on__isnull=True, then=None),
        default=Greatest(Days(_day(as_of), F("forecast_finish_on")), Value(0)),
        output_field=IntegerField(),
    )


def _is_started(as_of: date) -> Case:
    return Case(
        When(Q(actual_start_on__lte=as_of) | Q(actual_cost__gt=0), then=Value(True)),
        When(forecast_start_on__gt=as_of, then=Value(False)),
        default=None,
        output_field=BooleanField(),
    )


def _decimal() -> DecimalField[Any, Any]:
    return DecimalField(max_digits=30, decimal_places=6)


def _share(part: Combinable, whole: Combinable, known: Q) -> Case:
    """100 times part by whole with one decimal. `known` keeps nulls out: LEAST and GREATEST pass over them."""
    share = Cast(part, _decimal()) * Value(Decimal(100)) / NullIf(Cast(whole, _decimal()), Value(Decimal(0)))
    limited = Greatest(Least(share, Value(PERCENT_LIMIT)), Value(-PERCENT_LIMIT))
    rounded = Round(limited, 1, output_field=_decimal())
    return Case(When(known, then=rounded), default=None, output_field=_decimal())


def _elapsed(as_of: date) -> Case:
    whole = Days(F("forecast_finish_on"), F("actual_start_on"))
    passed = Days(Least(_day(as_of), F("forecast_finish_on")), F("actual_start_on"))
    known = Q(actual_start_on__lte=as_of, forecast_finish_on__gt=F("actual_start_on"))
    return _share(passed, whole, known)


def _is_set(field: str) -> Case:
    return Case(
        When(**{f"{field}__isnull": False}, then=Value(True)), default=Value(False), output_field=BooleanField()
    )


def _withheld() -> Expression:
    names = [
        Case(When(~Q(**{f"{measure}_withheld": ""}), then=Value(measure)), default=None, output_field=CharField())
        for measure in MoneyMeasure.values
    ]
    array: ArrayField[Any, Any] = ArrayField(CharField(max_length=20))
    return Func(*names, template="ARRAY_REMOVE(ARRAY[%(expressions)s]::text[], NULL)", output_field=array)


MILESTONES = Source("milestones", _milestones)
RISKS = Source("risks", _risks)
ISSUES = Source("issues", _issues)
DECISIONS = Source("decisions", _decisions)
ASKS = Source("asks", _asks)
UPDATE = Source("update", _update)
GATES = Source("gates", _gates)
GATE_CONDITIONS = Source("gate_conditions", _gate_conditions)
CHANGES = Source("changes", _changes)
DELIVERABLES = Source("deliverables", _deliverables)

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
    _own(f"has_{_post}", _label, _K.YES_NO, _sentence, _is_set(_post), stored=False)
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
    _is_started,
    stored=False,
)
_own("baseline_finish_on", _("baseline finish"), _K.DATE, _("The finish that was agreed."))
_own("forecast_finish_on", _("forecast finish"), _K.DATE, _("The finish that is expected now."))
_own("actual_finish_on", _("actual finish"), _K.DATE, _("When the project finished."), _finished)
_own("slip_days", _("slip"), _K.DAYS, _("How much later than the baseline the project finishes."), _slip, unit=DAYS)
_own(
    "finish_overdue_days",
    _("past its finish"),
    _K.DAYS,
    _("How long ago the project should have finished; 0 when it has, or need not yet."),
    _finish_overdue,
    stored=False,
    unit=DAYS,
)
_own(
    "elapsed_percent",
    _("time elapsed"),
    _K.PERCENT,
    _("The share of the project's time that has passed."),
    _elapsed,
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
_own("withheld", _("withheld amounts"), _K.LIST, _("The amounts that are kept secret, with a reason."), _withheld())
_own(
    "cost_variance_percent",
    _("cost variance"),
    _K.PERCENT,
    _("How far the forecast cost is over the baseline cost."),
    _share(
        F("forecast_cost") - F("baseline_cost"), F("baseline_cost"), Q(baseline_cost__gt=0, forecast_cost__isnull=False)
    ),
    unit="%",
)
_own(
    "spent_of_forecast_percent",
    _("spent of forecast"),
    _K.PERCENT,
    _("The actual cost as a share of the forecast."),
    _share(F("actual_cost"), F("forecast_cost"), Q(forecast_cost__gt=0, actual_cost__isnull=False)),
    stored=False,
    unit="%",
)
_own(
    "spent_over_baseline_percent",
    _("spent over baseline"),
    _K.PERCENT,
    _("How far the actual cost is over the baseline cost."),
    _share(
        F("actual_cost") - F("baseline_cost"), F("baseline_cost"), Q(baseline_cost__gt=0, actual_cost__isnull=False)
    ),
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
    _drift,
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

"""Where the facts about a project come from: its own row, and what is summed up from the rows of its children."""

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

from common.expressions import Days, yes_when
from governance.enums import BallotState, Choice
from governance.facts import Source
from governance.models import DecisionCondition
from projects.enums import (
    GATE_MATTER,
    LIVE_STATUSES,
    ChangeKind,
    DecisionState,
    MoneyMeasure,
    PromiseState,
    UpdateState,
)
from projects.models import (
    Ask,
    ChangeRequest,
    Decision,
    Deliverable,
    DeliverableAssignment,
    Gate,
    Issue,
    Milestone,
    Promise,
    Risk,
    Update,
)
from projects.models.gates import gate_place

if TYPE_CHECKING:
    from django.db.models import Expression, QuerySet
    from django.db.models.expressions import Combinable


DUE_SOON_DAYS: Final = 30
HIGH_RISK_SCORE: Final = 12
RECORDS_NAMED: Final = 20
"""A signal names at most this many records; its sentence always gives the full number."""
PERCENT_LIMIT: Final = Decimal("99999999999.0")
ANY_COST: Final = Decimal("1E18")


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
            ballot__subject_kind=GATE_MATTER, ballot__subject_id__in=gates, ballot__state=BallotState.DECIDED,
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


def drift(as_of: date) -> Case:
    """Whether finish or cost is beyond tolerance of what was agreed or of what an open change request asks for.

    An accepted request has moved the baseline itself, so it covers just what it was about. One that leaves the
    cost effect open covers any cost. Unknown as long as one of the two is not known and the other does not drift.
    """
    unknown = Q(kinds__contains=[ChangeKind.COST], cost_delta__isnull=True)
    asked_cost = Case(
        When(unknown, then=Value(ANY_COST)), default=F("cost_from") + F("cost_delta"), output_field=_decimal()
    )
    finish = Greatest(F("baseline_finish_on"), _asked(as_of, F("finish_to")))
    late = Days(Coalesce(finished(as_of), F("forecast_finish_on")), finish)
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


def _promises(as_of: date) -> Subquery:
    """What the project needs from others and what is not promised, by a project that still can, or late."""
    is_open = Q(closed_on__isnull=True) | Q(closed_on__gt=as_of)
    return _per_project(
        Promise.objects.filter(asked_on__lte=as_of),
        open=Count("pk", filter=is_open),
        loose=Count("pk", filter=is_open & ~promised()),
        late=Count("pk", filter=is_open & _overdue(as_of)),
    )


def promised() -> Q:
    """Whether a day was agreed on, and it is delivered or still to come from a project that is not over.

    A promise holds while another day is asked for or offered.
    """
    can_come = Q(delivered_on__isnull=False) | Q(giver__status__in=LIVE_STATUSES)
    return can_come & Q(promised_on__isnull=False)


def _promises_given(as_of: date) -> Subquery:
    """What other projects, as far as they still run, need from this one."""
    is_open = Q(closed_on__isnull=True) | Q(closed_on__gt=as_of)
    unanswered = is_open & Q(waits_since__lte=as_of)
    asked = Promise.objects.filter(giver=OuterRef("pk"), asked_on__lte=as_of, project__status__in=LIVE_STATUSES)
    rows = asked.order_by().values("giver")
    data = JSONObject(
        open=Count("pk", filter=is_open & ~Q(state=PromiseState.REFUSED)),
        late=Count("pk", filter=is_open & _overdue(as_of)),
        unanswered=Count("pk", filter=unanswered),
        unanswered_days=Days(_day(as_of), Min("waits_since", filter=unanswered)),
    )
    return Subquery(rows.annotate(data=data).values("data"))


def _overdue(as_of: date) -> Q:
    return Q(promised_on__lt=as_of) & (Q(delivered_on__isnull=True) | Q(delivered_on__gt=as_of))


def _update(as_of: date) -> Subquery:
    """The newest published update of the day or before."""
    columns = ("declared", "scale", "schedule", "cost", "scope", "risk", "rationale")
    newest = Update.objects.filter(project=OuterRef("pk"), state=UpdateState.PUBLISHED, as_of__lte=as_of)
    data = JSONObject(id=F("pk"), on=F("as_of"), age=Days(_day(as_of), F("as_of")), **{c: F(c) for c in columns})
    return Subquery(newest.order_by("-as_of", "-id").annotate(data=data).values("data")[:1])


def finished(as_of: date) -> Case:
    return Case(When(actual_finish_on__lte=as_of, then=F("actual_finish_on")), output_field=DateField())


def slip(as_of: date) -> Days:
    return Days(Coalesce(finished(as_of), F("forecast_finish_on")), F("baseline_finish_on"))


def finish_overdue(as_of: date) -> Case:
    return Case(
        When(actual_finish_on__lte=as_of, then=Value(0)),
        When(forecast_finish_on__isnull=True, then=None),
        default=Greatest(Days(_day(as_of), F("forecast_finish_on")), Value(0)),
        output_field=IntegerField(),
    )


def is_started(as_of: date) -> Case:
    return Case(
        When(Q(actual_start_on__lte=as_of) | Q(actual_cost__gt=0), then=Value(True)),
        When(forecast_start_on__gt=as_of, then=Value(False)),
        default=None,
        output_field=BooleanField(),
    )


def _decimal() -> DecimalField[Any, Any]:
    return DecimalField(max_digits=30, decimal_places=6)


def share(part: Combinable, whole: Combinable, known: Q) -> Case:
    """100 times part by whole with one decimal. `known` keeps nulls out: LEAST and GREATEST pass over them."""
    percent = Cast(part, _decimal()) * Value(Decimal(100)) / NullIf(Cast(whole, _decimal()), Value(Decimal(0)))
    limited = Greatest(Least(percent, Value(PERCENT_LIMIT)), Value(-PERCENT_LIMIT))
    rounded = Round(limited, 1, output_field=_decimal())
    return Case(When(known, then=rounded), default=None, output_field=_decimal())


def elapsed(as_of: date) -> Case:
    whole = Days(F("forecast_finish_on"), F("actual_start_on"))
    passed = Days(Least(_day(as_of), F("forecast_finish_on")), F("actual_start_on"))
    known = Q(actual_start_on__lte=as_of, forecast_finish_on__gt=F("actual_start_on"))
    return share(passed, whole, known)


def is_set(field: str) -> Case:
    return yes_when(Q(**{f"{field}__isnull": False}))


def withheld() -> Expression:
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
PROMISES = Source("promises", _promises)
PROMISES_GIVEN = Source("promises_given", _promises_given)

"""What governance costs and what it changes: waiting, failures, outcomes and estimated hours, of what one may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Aggregate, CharField, Count, Exists, F, FloatField, Func, OuterRef, Q, QuerySet, Sum, Value
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _

from governance import matters
from governance.enums import BallotState, Choice, SubjectKind
from governance.models import Ballot, Finding, RuleVersion, Vote, Waiver
from intake.enums import RequestState
from intake.models import Request
from projects.enums import LIVE_STATUSES, UpdateState
from projects.models import Project, Update
from reporting.enums import EFFORT_FORMS
from reporting.models import EffortEstimate
from reporting.waiting import ENOUGH, Spread

if TYPE_CHECKING:
    from accounts.models import User

PERIOD: Final = dt.timedelta(days=365)
CASES_TO_RETIRE: Final = 20
"""A rule that found nothing in so many cases, or whose findings changed nothing in ENOUGH decisions, is doubtful."""
_NOT_A_PLAIN_YES: Final = (Choice.CONDITIONAL, Choice.HOLD, Choice.REJECT)


class Days(Func):
    """A duration in days."""

    template = "(EXTRACT(EPOCH FROM %(expressions)s) / 86400.0)"
    arg_joiner = " - "
    output_field = FloatField()


class Median(Aggregate):
    template = "PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


class P80(Aggregate):
    """Four fifths lie at or below it, by nearest rank."""

    template = "PERCENTILE_DISC(0.8) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()


def _took(until: Any, since: Any) -> dict[str, Any]:
    took = Days(until, since)
    return {"ended": Count(took), "half": Median(took), "most": P80(took)}


def _spread(row: dict[str, Any]) -> Spread:
    """What the database worked out, or that it is too little to tell."""
    n = row["ended"]
    return Spread(n, row["half"], row["most"]) if n >= ENOUGH else Spread(n)


@dataclass(frozen=True, slots=True)
class GateLine:
    """A kind of decision or request: cases, how long they waited, how many ended in no, and in other than a plain yes.

    `changed` is None where the outcome cannot be anything else than yes or no.
    """

    label: str
    cases: int
    waited: Spread
    failed: int
    changed: int | None


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule in force: things of its kind, how many findings it ever had, how long they stayed open, its waivers.

    `judged` findings were open when somebody decided on that very thing; of `changed` the outcome was not a plain yes.
    """

    code: str
    title: str
    cases: int
    findings: int
    open: int
    lasted: Spread
    waivers: int
    judged: int
    changed: int

    @property
    def never_failed(self) -> bool:
        return self.cases >= CASES_TO_RETIRE and self.findings == 0

    @property
    def never_mattered(self) -> bool:
        return self.judged >= ENOUGH and self.changed == 0 and self.waivers == 0


@dataclass(frozen=True, slots=True)
class FormLine:
    """A form: how many were filled in within a year, and the minutes that each takes by estimate."""

    name: str
    count: int
    minutes: int

    @property
    def hours(self) -> float:
        return self.count * self.minutes / 60


@dataclass(frozen=True, slots=True)
class Overhead:
    """The hours of all forms beside the live projects and their budgets; coverage: budgets known in `currency`."""

    hours: float
    projects: int
    budget: Decimal
    currency: str
    known: int

    @property
    def per_project(self) -> float | None:
        return self.hours / self.projects if self.projects else None

    @property
    def per_100k(self) -> float | None:
        """Hours of the projects whose budget is known, taken as their share of all, per 100,000 of budget."""
        if not self.budget or not self.projects:
            return None
        return self.hours * self.known / self.projects / (float(self.budget) / 100_000)


@dataclass(frozen=True, slots=True)
class GovernanceCost:
    gates: list[GateLine]
    rules: list[RuleLine]
    forms: list[FormLine]
    overhead: Overhead
    estimate: EffortEstimate

    @property
    def never_failed(self) -> list[RuleLine]:
        return [one for one in self.rules if one.never_failed]

    @property
    def never_mattered(self) -> list[RuleLine]:
        return [one for one in self.rules if one.never_mattered]


def estimate_now() -> EffortEstimate:
    """The estimates of the office, or the usual ones. One query."""
    return EffortEstimate.objects.first() or EffortEstimate()


def cost_of_governance(user: User) -> GovernanceCost:
    """Everything on the page, over what the person may see. Ten queries, whatever there is."""
    since = timezone.now() - PERIOD
    by_currency = _budgets(user)
    live = sum(row["projects"] for row in by_currency)
    requests, request_line = _requests(user, since)
    estimate = estimate_now()
    forms = _forms(user, since, request_line.cases, estimate)
    most = max(by_currency, key=lambda row: (row["known"], row["currency"]), default=None)
    overhead = Overhead(
        sum(one.hours for one in forms), live, (most and most["budget"]) or Decimal(0),
        most["currency"] if most else "", most["known"] if most else 0,
    )  # fmt: skip
    cases = {SubjectKind.PROJECT.value: live, SubjectKind.REQUEST.value: requests}
    return GovernanceCost([*_ballots(user, since), request_line], _rules(user, cases), forms, overhead, estimate)


def _budgets(user: User) -> list[dict[str, Any]]:
    live = Project.objects.visible_to(user).filter(status__in=LIVE_STATUSES)
    sums: QuerySet[Any] = live.order_by().values("currency").annotate(
        projects=Count("pk"), known=Count("baseline_cost"), budget=Sum("baseline_cost")
    )  # fmt: skip
    return list(sums)


def _ballots(user: User, since: dt.datetime) -> list[GateLine]:
    asked = Ballot.objects.visible_to(user).filter(created_at__gte=since).exclude(state=BallotState.WITHDRAWN)
    rows: QuerySet[Any] = asked.order_by().values("subject_kind").annotate(
        cases=Count("pk"), failed=Count("pk", filter=Q(outcome__in=[Choice.HOLD, Choice.REJECT])),
        changed=Count("pk", filter=Q(outcome__in=_NOT_A_PLAIN_YES)), **_took(F("decided_at"), F("created_at")),
    )  # fmt: skip
    known = matters.registered()
    return [
        GateLine(str(known[row["subject_kind"]].label), row["cases"], _spread(row), row["failed"], row["changed"])
        for row in rows.order_by("subject_kind")
        if row["subject_kind"] in known
    ]


def _requests(user: User, since: dt.datetime) -> tuple[int, GateLine]:
    """How many were ever submitted, and the line of those of the last year: from submitted to decided."""
    submitted = Request.objects.visible_to(user).filter(submitted_at__isnull=False)
    recent = Q(submitted_at__gte=since)
    row = submitted.aggregate(
        ever=Count("pk"), cases=Count("pk", filter=recent),
        failed=Count("pk", filter=recent & Q(state=RequestState.REJECTED)),
        ended=Count("decided_at", filter=recent),
        half=Median(Days(F("decided_at"), F("submitted_at")), filter=recent),
        most=P80(Days(F("decided_at"), F("submitted_at")), filter=recent),
    )  # fmt: skip
    return row["ever"], GateLine(
        _("Request, from submitted to decided"), row["cases"], _spread(row), row["failed"], None
    )


def _rules(user: User, cases: dict[str, int]) -> list[RuleLine]:
    """The rules in force, those with the most findings first. Three queries."""
    while_open = Ballot.objects.filter(
        subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id"),
        decided_at__range=(OuterRef("opened_at"), Coalesce(OuterRef("closed_at"), timezone.now())),
    )  # fmt: skip
    found = Finding.objects.visible_to(user).annotate(
        is_judged=Exists(while_open), is_changed=Exists(while_open.filter(outcome__in=_NOT_A_PLAIN_YES))
    )  # fmt: skip
    rows: QuerySet[Any] = found.order_by().values("rule").annotate(
        findings=Count("pk"), open=Count("pk", filter=Q(closed_at=None)),
        judged=Count("pk", filter=Q(is_judged=True)), changed=Count("pk", filter=Q(is_changed=True)),
        **_took(F("closed_at"), F("opened_at")),
    )  # fmt: skip
    by_rule: dict[int, dict[str, Any]] = {row["rule"]: row for row in rows}
    asked = Waiver.objects.visible_to(user).order_by().values("rule").annotate(n=Count("pk"))
    waived = dict(asked.values_list("rule", "n"))
    nothing: dict[str, Any] = {
        "findings": 0,
        "open": 0,
        "judged": 0,
        "changed": 0,
        "ended": 0,
        "half": None,
        "most": None,
    }
    lines = []
    for version in RuleVersion.objects.active().select_related("rule"):
        row = by_rule.get(version.rule_id, nothing)
        lines.append(
            RuleLine(
                version.rule.code, version.text("title"), cases.get(version.rule.subject_kind, 0), row["findings"],
                row["open"], _spread(row), waived.get(version.rule_id, 0), row["judged"], row["changed"],
            )
        )  # fmt: skip
    return sorted(lines, key=lambda one: (-one.findings, one.title))


def _forms(user: User, since: dt.datetime, requests: int, estimate: EffortEstimate) -> list[FormLine]:
    """How many of each form in the last year. One query; the requests were counted before."""
    ballots = Ballot.objects.visible_to(user).values("pk")
    updates = Update.objects.visible_to(user).filter(published_at__gte=since).exclude(state=UpdateState.DRAFT)
    parts = [
        _count("vote", Vote.objects.filter(ballot__in=ballots, cast_at__gte=since)),
        _count("waiver", Waiver.objects.visible_to(user).filter(created_at__gte=since)),
        _count("update", updates),
    ]
    counts = {"request": requests, **dict(parts[0].union(*parts[1:], all=True))}
    return [FormLine(name, counts.get(name, 0), getattr(estimate, name)) for name in EFFORT_FORMS]


def _count(name: str, found: QuerySet[Any]) -> QuerySet[Any, tuple[str, int]]:
    """One row with the name and how many; no row when there are none."""
    named: QuerySet[Any] = found.order_by().values(name=Value(name, CharField())).annotate(n=Count("pk"))
    counted: QuerySet[Any, tuple[str, int]] = named.values_list("name", "n")
    return counted

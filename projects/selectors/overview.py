"""The short lists on the first page of a project, in one statement that is translated to SQL once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, JSONField, Model, OuterRef, QuerySet
from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import User
from common.prepared import Prepared
from governance.models import Ballot
from projects.models import (
    Ask,
    Decision,
    DocumentLink,
    Gate,
    GateCriterion,
    Issue,
    Milestone,
    Phase,
    Project,
    Risk,
    Update,
)
from projects.selectors.gates import KIND as GATE_REVIEW
from projects.selectors.projects import milestone_day

M = TypeVar("M", bound=Model)

SHOWN: Final = 5
"""How many items a card of the overview shows before it links to the full list."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The short lists of the first page of a project; each holds one more than is shown when there is more.

    The items are read in part: what the page shows of them, and nothing that could be saved.
    """

    update: Update | None
    milestones: list[Milestone]
    risks: list[Risk]
    blockers: list[Issue]
    decisions: list[Decision]
    asks: list[Ask]
    phases: list[Phase]
    documents: list[DocumentLink]
    gates: list[Gate]

    @property
    def next_milestones(self) -> list[Milestone]:
        return [one for one in self.milestones if one.actual_on is None]


def overview_of(project: Project) -> Overview:
    """What the overview of a project shows. One query, whatever the number of items."""
    lists = dict(zip(_SHORT, next(_LISTS.rows([project.pk], timezone.localdate())), strict=True))
    on_plan = _all(Milestone, [*lists["coming"], *lists["reached"], *lists["gate_days"]])
    return Overview(
        update=next(iter(_all(Update, lists["updates"])), None),
        milestones=sorted({one.pk: one for one in on_plan}.values(), key=_by_day),
        risks=_all(Risk, lists["risks"]),
        blockers=_all(Issue, lists["blockers"]),
        decisions=_all(Decision, lists["decisions"]),
        asks=_all(Ask, lists["asks"]),
        phases=_all(Phase, lists["phases"]),
        documents=_all(DocumentLink, lists["documents"]),
        gates=[_gate(row) for row in lists["gates"]],
    )


@dataclass(frozen=True, slots=True)
class _Short:
    """What a list takes of the items of every project: the first of them, and what the page shows of each."""

    items: QuerySet[Any]
    fields: tuple[str, ...]
    person: str = ""
    most: int | None = SHOWN + 1

    def rows(self) -> Func:
        """The items as JSON; the person of each, if it has one, as an object of their own."""
        name = self.person
        person = {name: JSONObject(pk=f"{name}__pk", name=f"{name}__name", email=f"{name}__email")} if name else {}
        row = JSONObject(**{field: field for field in self.fields}, **person)
        items = self.items.filter(project=OuterRef("pk"))[: self.most].values(row=row)
        return Func(ArraySubquery(items), function="TO_JSONB", output_field=JSONField())


_PLAN: Final = ("pk", "name", "phase_id", "is_gate", "baseline_on", "forecast_on", "actual_on")
_TOLD: Final = (
    "pk", "as_of", "declared", "schedule", "cost", "scope", "risk", "computed", "scale", "rationale", "accomplished",
    "next_steps", "asks_text", "published_at", "is_imported",
)  # fmt: skip
_OF_GATE: Final = ("pk", "name", "baseline_on", "forecast_on", "actual_on")
_MILESTONES: Final[QuerySet[Any]] = Milestone.objects.annotate(day=milestone_day())
_BY_DAY: Final = (F("day").asc(nulls_last=True), "pk")
_SOONEST: Final = (F("needed_by").asc(nulls_last=True), "pk")

_SHORT: Final = {
    "coming": _Short(_MILESTONES.filter(actual_on=None).order_by(*_BY_DAY), _PLAN),
    "reached": _Short(_MILESTONES.exclude(actual_on=None).order_by("-day", "pk"), _PLAN, most=3),
    "gate_days": _Short(_MILESTONES.filter(is_gate=True).order_by(*_BY_DAY), _PLAN, most=8),
    "risks": _Short(
        Risk.objects.open().order_by("-score", "pk"), ("pk", "title", "probability", "impact", "score"), "owner"
    ),
    "blockers": _Short(Issue.objects.blockers().order_by("opened_on", "pk"), ("pk", "title", "opened_on"), "owner"),
    "decisions": _Short(Decision.objects.wanted().order_by(*_SOONEST), ("pk", "question", "needed_by"), "holder"),
    "asks": _Short(Ask.objects.open().order_by(*_SOONEST), ("pk", "text", "needed_by"), "asked_of"),
    "phases": _Short(Phase.objects.order_by("position"), ("pk", "name", "start_on", "finish_on"), most=None),
    "documents": _Short(DocumentLink.objects.order_by("title", "pk"), ("pk", "title", "url", "kind")),
    "updates": _Short(Update.objects.in_force().order_by("-as_of", "-pk"), _TOLD, "author", most=1),
    "gates": _Short(
        Gate.objects.in_order().annotate(
            asked=Exists(GateCriterion.objects.filter(gate=OuterRef("pk"))),
            reviewed=Exists(Ballot.objects.open().filter(subject_kind=GATE_REVIEW, subject_id=OuterRef("pk"))),
        ),
        ("pk", "outcome", "asked", "reviewed", *(f"milestone__{name}" for name in _OF_GATE)),
        most=None,
    ),
}
"""What comes next, what was just reached and the gates; then the worst and the first of everything else."""


def _with_lists(projects: QuerySet[Project], _day: dt.date) -> QuerySet[Project, Any]:
    lists = {f"short_{name}": short.rows() for name, short in _SHORT.items()}
    return projects.annotate(**lists).values_list(*lists)


def _all(model: type[M], rows: list[dict[str, Any]]) -> list[M]:
    return [_made(model, row) for row in rows]


def _made(model: type[M], row: Mapping[str, Any]) -> M:
    """The item that a row tells of."""
    item = model()
    for name, value in row.items():
        if isinstance(value, dict):
            setattr(item, name, User(**value) if value["pk"] else None)
        elif name == "pk" or value is None:
            setattr(item, name, value)
        else:
            setattr(item, name, model._meta.get_field(name).to_python(value))  # type: ignore[union-attr]  # a column
    return item


def _gate(row: dict[str, Any]) -> Gate:
    """A gate with its milestone; `is_asked`: it has criteria, `in_review`: its ballot is open."""
    gate = Gate(pk=row["pk"], outcome=row["outcome"])
    gate.milestone = _made(Milestone, {name: row[f"milestone__{name}"] for name in _OF_GATE})
    gate.is_asked, gate.in_review = row["asked"], row["reviewed"]
    return gate


def _by_day(one: Milestone) -> tuple[bool, dt.date, int]:
    day = one.actual_on or one.forecast_on or one.baseline_on
    return day is None, day or dt.date.max, one.pk


_LISTS: Final = Prepared(Project, _with_lists)

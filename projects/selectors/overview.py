"""The short lists on the first page of a project, in one statement that is translated to SQL once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, JSONField, Model, OuterRef, QuerySet, Subquery
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

_REACHED, _GATES = 3, 8
_OF_GATE: Final = ("pk", "name", "baseline_on", "forecast_on", "actual_on")


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
    lists = next(_LISTS.rows([project.pk], timezone.localdate()))
    (coming, reached, gates, risks, blockers, decisions, asks, phases, documents, update, closing) = lists
    milestones = {one.pk: one for one in _all(Milestone, [*coming, *reached, *gates])}.values()
    return Overview(
        update=_made(Update, update) if update else None,
        milestones=sorted(milestones, key=_by_day),
        risks=_all(Risk, risks),
        blockers=_all(Issue, blockers),
        decisions=_all(Decision, decisions),
        asks=_all(Ask, asks),
        phases=_all(Phase, phases),
        documents=_all(DocumentLink, documents),
        gates=[_gate(row) for row in closing],
    )


def _with_lists(projects: QuerySet[Project], _day: dt.date) -> QuerySet[Project, Any]:
    """The next milestones, those just reached and the gates; then the worst and the first of everything else."""
    ours = {"project": OuterRef("pk")}
    milestones: QuerySet[Any] = Milestone.objects.filter(**ours).annotate(day=milestone_day())
    by_day, soonest = F("day").asc(nulls_last=True), F("needed_by").asc(nulls_last=True)
    plan = ("pk", "name", "phase_id", "is_gate", "baseline_on", "forecast_on", "actual_on")
    told = (
        "pk", "as_of", "declared", "schedule", "cost", "scope", "risk", "computed", "scale", "rationale",
        "accomplished", "next_steps", "asks_text", "published_at", "is_imported",
    )  # fmt: skip
    lists = {
        "coming": _rows(milestones.filter(actual_on=None).order_by(by_day, "pk")[: SHOWN + 1], *plan),
        "reached": _rows(milestones.exclude(actual_on=None).order_by("-day", "pk")[:_REACHED], *plan),
        "gate_rows": _rows(milestones.filter(is_gate=True).order_by(by_day, "pk")[:_GATES], *plan),
        "risk_rows": _rows(
            Risk.objects.open().filter(**ours).order_by("-score", "pk")[: SHOWN + 1],
            "pk", "title", "probability", "impact", "score", person="owner",
        ),
        "blocker_rows": _rows(
            Issue.objects.blockers().filter(**ours).order_by("opened_on", "pk")[: SHOWN + 1],
            "pk", "title", "opened_on", person="owner",
        ),
        "decision_rows": _rows(
            Decision.objects.wanted().filter(**ours).order_by(soonest, "pk")[: SHOWN + 1],
            "pk", "question", "needed_by", person="holder",
        ),
        "ask_rows": _rows(
            Ask.objects.open().filter(**ours).order_by(soonest, "pk")[: SHOWN + 1],
            "pk", "text", "needed_by", person="asked_of",
        ),
        "phase_rows": _rows(Phase.objects.filter(**ours).order_by("position"), "pk", "name", "start_on", "finish_on"),
        "document_rows": _rows(
            DocumentLink.objects.filter(**ours).order_by("title", "pk")[: SHOWN + 1], "pk", "title", "url", "kind"
        ),
        "in_force": Subquery(
            Update.objects.in_force().filter(**ours).order_by("-as_of", "-pk").values(row=_row(told, "author"))[:1]
        ),
        "gates_in_order": _rows(
            Gate.objects.in_order().filter(**ours).annotate(
                asked=Exists(GateCriterion.objects.filter(gate=OuterRef("pk"))),
                reviewed=Exists(Ballot.objects.open().filter(subject_kind=GATE_REVIEW, subject_id=OuterRef("pk"))),
            ),
            "pk", "outcome", "asked", "reviewed", *(f"milestone__{name}" for name in _OF_GATE),
        ),
    }  # fmt: skip
    return projects.annotate(**lists).values_list(*lists)


def _rows(queryset: QuerySet[Any], *fields: str, person: str = "") -> Func:
    rows = ArraySubquery(queryset.values(row=_row(fields, person)))
    return Func(rows, function="TO_JSONB", output_field=JSONField())


def _row(fields: Iterable[str], person: str) -> JSONObject:
    """An item as JSON; its person, if it has one, as an object of their own."""
    of_person = {person: JSONObject(pk=f"{person}__pk", name=f"{person}__name", email=f"{person}__email")}
    return JSONObject(**{name: name for name in fields}, **(of_person if person else {}))


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

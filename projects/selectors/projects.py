"""What the pages of one project read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import DateField, Exists, F, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject
from django.utils.dateparse import parse_date

from accounts.enums import Permission
from projects.models import Ask, Decision, DocumentLink, Issue, Milestone, Phase, Project, Risk, Update
from projects.policies import RIGHTS, ProjectRights

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models.project import ProjectQuerySet

SHOWN = 5
"""How many items a card of the overview shows before it links to the full list."""


def for_page(user: User) -> ProjectQuerySet:
    """Projects with what the head of each project page needs, rights included. Adds no query."""
    projects = Project.objects.defer("search").select_related(
        "portfolio__office", "org_unit", "goal", "lead", "sponsor", "budget_owner", "phase", "state"
    )
    return projects.annotate(**{f"may_{_name(code)}": _may(user, code) for code in RIGHTS})


def for_overview(user: User) -> ProjectQuerySet:
    """Projects with the short lists of their overview read along in the same statement."""
    phases = Phase.objects.filter(project=OuterRef("pk")).order_by("position")
    documents = DocumentLink.objects.filter(project=OuterRef("pk")).order_by("title", "pk")
    return for_page(user).annotate(
        phase_rows=ArraySubquery(
            phases.values(row=JSONObject(pk="pk", name="name", start="start_on", finish="finish_on"))
        ),
        document_rows=ArraySubquery(
            documents.values(row=JSONObject(title="title", url="url", kind="kind"))[: SHOWN + 1]
        ),
    )


def _name(code: Permission) -> str:
    return code.value.replace(".", "_")


def _may(user: User, code: Permission) -> Value | Exists:
    if not user.is_active:
        return Value(value=False)
    if user.access.reach(code).everywhere and user.access.reach(Permission.PROJECT_VIEW_CONFIDENTIAL).everywhere:
        return Value(value=True)
    return Exists(Project.objects.allowed(user, code).filter(pk=OuterRef("pk")))


def rights_of(user: User, project: Project) -> ProjectRights:
    """The rights that `for_page` has read with the project; no query."""
    held = {code.value for code in RIGHTS if getattr(project, f"may_{_name(code)}")}
    return ProjectRights(user.pk, frozenset(held))


def rights_for(user: User, project: Project) -> ProjectRights:
    """What the person may do with this project. One query, none when it came by `for_page` for them."""
    if hasattr(project, f"may_{_name(RIGHTS[0])}"):
        return rights_of(user, project)
    found = for_page(user).filter(pk=project.pk).first()
    return rights_of(user, found) if found else ProjectRights(user.pk)


@dataclass(frozen=True, slots=True)
class PhaseRow:
    """A phase as the overview draws it."""

    pk: int
    name: str
    start_on: dt.date | None
    finish_on: dt.date | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The short lists of the first page of a project; each holds one more than is shown when there is more."""

    update: Update | None
    milestones: list[Milestone]
    risks: list[Risk]
    blockers: list[Issue]
    decisions: list[Decision]
    asks: list[Ask]
    phases: list[PhaseRow]
    documents: list[dict[str, str]]

    @property
    def next_milestones(self) -> list[Milestone]:
        return [one for one in self.milestones if one.actual_on is None]

    @property
    def gates(self) -> list[Milestone]:
        return [one for one in self.milestones if one.is_gate]


def overview_of(project: Project) -> Overview:
    """What the overview of a project from `for_overview` shows. Six queries, whatever the number of items."""
    return Overview(
        update=latest_update(project),
        milestones=_milestones_around_now(project),
        risks=list(project.risks.open().select_related("owner").order_by("-score", "pk")[: SHOWN + 1]),
        blockers=list(project.issues.blockers().select_related("owner").order_by("opened_on", "pk")[: SHOWN + 1]),
        decisions=list(
            project.decisions.wanted()
            .select_related("holder")
            .order_by(F("needed_by").asc(nulls_last=True), "pk")[: SHOWN + 1]
        ),
        asks=list(
            project.asks.open()
            .select_related("asked_of")
            .order_by(F("needed_by").asc(nulls_last=True), "pk")[: SHOWN + 1]
        ),
        phases=[_phase_row(row) for row in getattr(project, "phase_rows", [])],
        documents=list(getattr(project, "document_rows", [])),
    )


def _phase_row(row: dict[str, Any]) -> PhaseRow:
    return PhaseRow(row["pk"], row["name"], _day(row["start"]), _day(row["finish"]))


def _day(text: str | None) -> dt.date | None:
    return parse_date(text) if text else None


def latest_update(project: Project) -> Update | None:
    """The published update that holds now. One query."""
    return project.updates.in_force().select_related("author").order_by("-as_of", "-pk").first()


def milestone_day() -> Coalesce:
    """When a milestone is, was or was to be reached, as an expression to sort by."""
    return Coalesce("actual_on", "forecast_on", "baseline_on", output_field=DateField())


def _milestones_around_now(project: Project) -> list[Milestone]:
    """The next ones, the ones just reached and the gates, by date. One query."""
    ours: QuerySet[Any] = Milestone.objects.filter(project=project).annotate(day=milestone_day())
    coming = ours.filter(actual_on__isnull=True).order_by(F("day").asc(nulls_last=True), "pk")[: SHOWN + 1]
    reached = ours.filter(actual_on__isnull=False).order_by("-day", "pk")[:3]
    gates = ours.filter(is_gate=True).order_by(F("day").asc(nulls_last=True), "pk")[:8]
    found = coming.union(reached, gates)
    return sorted(found, key=lambda one: (one.day is None, one.day or dt.date.max, one.pk))


def people_in_posts(project: Project) -> list[tuple[str, User | None]]:
    """Lead, sponsor and budget owner with the name of the post; no query after `for_page`."""
    return [
        (str(Project._meta.get_field(name).verbose_name).capitalize(), getattr(project, name))  # type: ignore[union-attr]
        for name in ("lead", "sponsor", "budget_owner")
    ]

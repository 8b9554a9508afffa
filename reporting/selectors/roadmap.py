"""The rows of the roadmap: one query for the projects, one for their phases, one for their milestones."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from projects.models import Milestone, Phase
from reporting.selectors import table

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from reporting.columns import Source
    from reporting.query import TableQuery

PAGE_SIZE: Final = 100
GROUPS: Final = {
    "portfolio": ("project.portfolio__path", "project.portfolio__name"),
    "goal": ("project.goal__name", "project.goal__name"),
    "org_unit": ("project.org_unit__path", "project.org_unit__name"),
    "phase": ("fact.phase_name", "fact.phase_name"),
}
_FACTS: Final = (
    "project.pk", "project.name", "fact.start_on", "fact.forecast_finish_on", "fact.actual_finish_on", "fact.computed",
    "fact.phase_name", "fact.milestones_reached", "fact.milestones_total", "fact.next_milestone_name",
    "fact.next_milestone_on", "fact.declared",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mark:
    """A milestone, or a gate: when it is expected or was reached."""

    day: dt.date
    name: str
    is_gate: bool
    is_reached: bool


@dataclass(slots=True)
class Row:
    """One project on the roadmap. `starts` are the first days of its phases after the first one."""

    pk: int
    name: str
    start: dt.date | None
    finish: dt.date | None
    colour: str
    declared: str
    phase: str
    reached: int
    total: int
    next_name: str
    next_on: dt.date | None
    group: str = ""
    starts: list[dt.date] = field(default_factory=list)
    marks: list[Mark] = field(default_factory=list)

    @property
    def href(self) -> str:
        return f"/projects/P-{self.pk}/plan/"


@dataclass(frozen=True, slots=True)
class RoadmapPage:
    rows: list[Row]
    count: int
    number: int


def roadmap_page(user: User, query: TableQuery, group: str) -> RoadmapPage:
    """A page of a hundred projects with phases and milestones. Four queries, the count included.

    The page is cut in the query's order (exceptions first) and grouped after that: sorting all projects
    by group would cost more the more there are.
    """
    found = table.projects_of(user, query)
    count = found.count()
    number = min(query.page, max(-(-count // PAGE_SIZE), 1))
    source = query.source
    order, label = GROUPS.get(group, ("", ""))
    paths = [source.path(path) for path in _FACTS]
    paths += [source.path(path) for path in (order, label) if path]
    start = (number - 1) * PAGE_SIZE
    values = list(table.in_order(found, query).values_list(*paths)[start : start + PAGE_SIZE])
    if order:
        values.sort(key=lambda one: (one[-2] is None, one[-2] or ""))
    rows = [_row(one, grouped=bool(order)) for one in values]
    if not source.is_past:
        add_plan(rows)
    return RoadmapPage(rows, count, number)


def _row(values: tuple[Any, ...], *, grouped: bool) -> Row:
    pk, name, start, forecast, actual, colour, phase, reached, total, next_name, next_on, declared = values[
        : len(_FACTS)
    ]
    group = (values[-1] or "–") if grouped else ""
    return Row(pk, name, start, actual or forecast, colour, declared, phase, reached, total, next_name, next_on, group)


def paths_of(source: Source) -> list[str]:
    """The lookups that `rows_of` wants, in its order."""
    return [source.path(path) for path in _FACTS]


def rows_of(values: Iterable[tuple[Any, ...]]) -> list[Row]:
    """Rows, not grouped, from values read by `paths_of`."""
    return [_row(one, grouped=False) for one in values]


def add_plan(rows: list[Row]) -> None:
    """Add phases and milestones to rows of projects that were found for their reader. Two queries."""
    by_id = {row.pk: row for row in rows}
    if by_id:
        phases = Phase.objects.filter(project__in=by_id, position__gt=1, start_on__isnull=False)
        for pk, start in phases.values_list("project_id", "start_on"):
            by_id[pk].starts += [start] if start else []
        add_marks(rows)


def add_marks(rows: list[Row], *, gates_only: bool = False) -> None:
    """Add milestones (or only gates) to rows of projects that were found for their reader. One query."""
    by_id = {row.pk: row for row in rows}
    marks = Milestone.objects.filter(project__in=by_id).order_by()
    if gates_only:
        marks = marks.filter(is_gate=True)
    values = marks.values_list("project_id", "name", "is_gate", "forecast_on", "actual_on")
    for pk, name, is_gate, forecast, actual in values:
        if day := actual or forecast:
            by_id[pk].marks.append(Mark(day, name, is_gate, actual is not None))
    for row in rows:
        row.marks.sort(key=lambda mark: mark.day)

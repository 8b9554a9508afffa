"""Writing a plan into a portfolio: one transaction, set-based, a fixed number of statements per thousand rows."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import OrgUnit, User
from projects.enums import ProjectStatus
from projects.imports import changes, history, org_units, present
from projects.imports.changes import Change, ChangeSet, folded_name
from projects.imports.records import Plan, Planned
from projects.models import Phase, Portfolio, Project
from projects.services import baselines, rollups, state
from projects.services.bulk import write_rows

BATCH: Final = 1000
Step: TypeAlias = Callable[[str, int, int], None]

_COLUMNS: Final = tuple(
    (str(field.column), field.attname) for field in Project._meta.concrete_fields
    if not field.generated and field.name != "created_at"
)  # fmt: skip


@dataclass(slots=True)
class Applied:
    """What was written: how the projects were sorted, the ids by external id, sets and updates made."""

    found: ChangeSet
    ids: dict[str, int] = field(default_factory=dict)
    sets: int = 0
    updates: int = 0
    warnings: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Origin:
    """Who imports, and from which file."""

    actor: User | None
    source: str


@transaction.atomic
def apply_plan(portfolio_id: int, plan: Plan, *, actor: User | None, step: Step, source: str = "") -> Applied:
    """Write the plan and return what it did. `source` names the file in the baselines that it brings.

    Holds the portfolio's row: two imports come one after the other, and the second finds what the first has made.
    """
    portfolio = Portfolio.objects.select_for_update().get(pk=portfolio_id)
    step(_("Comparing with the portfolio"), 0, len(plan.records))
    there = present.present_projects(portfolio, lock=True)
    sets = present.import_sets(portfolio)
    complete = [as_of for as_of, is_complete, _scale in sets if is_complete]
    done = Applied(changes.compare(plan, there, complete))
    done.warnings = follow_scale(portfolio, plan, sets)
    units = org_units.units_by_name({record.org_unit for record in plan.records if record.org_unit}, actor=actor)
    step(_("Writing projects"), 0, len(plan.records))
    touched = _write_projects(portfolio, done, there, units, _Origin(actor, source))
    done.updates = _write_history(portfolio, plan, done, units, touched, step)
    step(_("Judging health"), 0, len(touched))
    state.count_anew()
    state.refresh(touched)
    rollups.refresh_rollups([portfolio_id])
    return done


def follow_scale(portfolio: Portfolio, plan: Plan, sets: Sequence[tuple[dt.date, bool, int]]) -> list[str]:
    """Let the portfolio have the colour scale of the newest file, saying so; nothing is ever converted."""
    if not plan.has_colours:
        return []
    scales = {as_of: scale for as_of, _is_complete, scale in sets}
    is_newest = not scales or plan.dates[-1] >= max(scales)
    others = sorted({scale for as_of, scale in scales.items() if scale != plan.scale and as_of not in plan.dates})
    if is_newest and portfolio.colour_scale != plan.scale:
        portfolio.colour_scale = plan.scale
        portfolio.version += 1
        portfolio.save(update_fields=["colour_scale", "version", "updated_at"])
    if not others:
        return []
    return [
        _(
            "The file uses %(points)s colours; other dates of this portfolio use %(others)s. They are kept as they "
            "are and never converted, so colours cannot be compared between them."
        )
        % {"points": plan.scale, "others": ", ".join(map(str, others))}
    ]


# --- projects ----------------------------------------------------------------------------------------------


def _write_projects(
    portfolio: Portfolio,
    done: Applied,
    there: Mapping[str, changes.Present],
    units: Mapping[str, int],
    origin: _Origin,
) -> set[int]:
    """Make and change projects; the ids of those whose record was touched."""
    found = done.found
    fresh = _new_ids(len(found.make))
    done.ids = {external_id: one.pk for external_id, one in there.items()}
    done.ids |= {record.external_id: pk for record, pk in zip(found.make, fresh, strict=True)}
    moved = [change for change in (*found.change, *found.unchanged) if _is_news(change, there)]
    phases = _phases([*found.make, *(change.record for change in moved)], done.ids)
    blank = _row(Project(portfolio=portfolio, currency=portfolio.currency))
    made = [_new_row(blank, record, done, units, phases) for record in found.make]
    changed = _changed_projects(moved, found.leave, units, phases)
    new = [Project(**{name: row[column] for column, name in _COLUMNS}) for row in made]
    baselines.record_imported(new, actor=origin.actor, note=origin.source, fresh=True)
    baselines.record_imported(changed, actor=origin.actor, note=origin.source)
    _write_rows(made)
    _write_rows([_row(project) for project in changed])
    return {*fresh, *(change.project_id for change in moved), *found.leave}


def _new_ids(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('projects_project', 'id')) FROM generate_series(1, %s)", [count]
        )
        return [pk for (pk,) in cursor.fetchall()]


def _row(project: Project) -> dict[str, Any]:
    return {column: getattr(project, name) for column, name in _COLUMNS}


def _write_rows(rows: Sequence[dict[str, Any]]) -> None:
    """Insert projects, or overwrite those that are there; the triggers see each as an insert or an update."""
    for start in range(0, len(rows), BATCH):
        write_rows(Project, rows[start : start + BATCH], key="id")


def _is_news(change: Change, there: Mapping[str, changes.Present]) -> bool:
    return bool(change.fields) or there[change.record.external_id].as_of != change.record.as_of


def _new_row(
    blank: Mapping[str, Any], record: Planned, done: Applied, units: Mapping[str, int], phases: Mapping[int, int]
) -> dict[str, Any]:
    """A project that the file brings, by column; `blank` is one of which nothing is known."""
    pk = done.ids[record.external_id]
    left_on = done.found.left_on.get(record.external_id)
    status = ProjectStatus.LEFT if left_on else ProjectStatus.ACTIVE
    return {
        **blank, **record.fields, "id": pk, "external_id": record.external_id, "imported_as_of": record.as_of,
        "source_texts": record.texts, "org_unit_id": units.get(folded_name(record.org_unit)), "left_on": left_on,
        "status": status.value, "phase_id": phases.get(pk), "updated_at": timezone.now(),
    }  # fmt: skip


def _changed_projects(
    moved: Sequence[Change], leave: Mapping[int, dt.date], units: Mapping[str, int], phases: Mapping[int, int]
) -> list[Project]:
    """The projects that change or leave, as they become. One query."""
    records = {change.project_id: change for change in moved}
    rows = list(Project.objects.filter(pk__in={*records, *leave}).defer("search"))
    for project in rows:
        change = records.get(project.pk)
        if change is not None:
            _take_over(project, change, units, phases)
        if project.pk in leave:
            project.status, project.left_on = ProjectStatus.LEFT, leave[project.pk]
        project.version += 1
        project.updated_at = timezone.now()
    return rows


def _take_over(project: Project, change: Change, units: Mapping[str, int], phases: Mapping[int, int]) -> None:
    for name, (_before, after) in change.fields.items():
        if name == "org_unit":
            project.org_unit_id = units.get(folded_name(after))
        elif name == "phase":
            project.phase_id = phases.get(project.pk)
        else:
            setattr(project, name, after)
    if project.status != ProjectStatus.LEFT:
        project.left_on = None
    project.imported_as_of = change.record.as_of


def _phases(records: Iterable[Planned], ids: Mapping[str, int]) -> dict[int, int]:
    """The phase of each project that the file names one for, made at the end of its phases when it is new."""
    wanted = {ids[record.external_id]: record.phase for record in records if record.phase}
    if not wanted:
        return {}
    known: dict[int, dict[str, int]] = defaultdict(dict)
    last: dict[int, int] = defaultdict(int)
    for pk, project_id, name, position in (
        Phase.objects.filter(project__in=wanted)
        .order_by("-position")
        .values_list("pk", "project_id", "name", "position")
    ):
        known[project_id][folded_name(name)] = pk
        last[project_id] = max(last[project_id], position)
    new = [
        Phase(project_id=project_id, name=name, position=last[project_id] + 1)
        for project_id, name in wanted.items() if folded_name(name) not in known[project_id]
    ]  # fmt: skip
    for phase in Phase.objects.bulk_create(new, batch_size=BATCH):
        known[phase.project_id][folded_name(phase.name)] = phase.pk
    return {project_id: known[project_id][folded_name(name)] for project_id, name in wanted.items()}


# --- history -----------------------------------------------------------------------------------------------


def _write_history(
    portfolio: Portfolio, plan: Plan, done: Applied, units: Mapping[str, int], touched: set[int], step: Step
) -> int:
    """Updates and sets, date by date, oldest first; projects whose history changed are judged anew."""
    by_date: dict[dt.date, list[Planned]] = defaultdict(list)
    for record in plan.records:
        by_date[record.as_of].append(record)
    names = _unit_names(units)
    written = 0
    for place, (as_of, records) in enumerate(sorted(by_date.items()), 1):
        step(_("Writing the history"), place, len(by_date))
        updates = history.write_updates(records, done.ids, plan.scale)
        made = history.write_snapshots(
            portfolio, as_of, records, done.ids, names, scale=plan.scale, is_complete=plan.is_complete
        )
        _count_earlier(done.found, as_of, {project for project, _date in updates} if made is None else None)
        touched |= {project for project, _date in updates}
        written += len(updates)
        if made is not None:
            done.sets += 1
            rollups.write_set_rollups([made.pk])
    return written


def _unit_names(units: Mapping[str, int]) -> dict[str, str]:
    by_id: Mapping[int, Any] = dict(OrgUnit.objects.filter(pk__in=units.values()).values_list("pk", "name"))
    return {folded: by_id[pk] for folded, pk in units.items()}


def _count_earlier(found: ChangeSet, as_of: dt.date, news: set[int] | None) -> None:
    """An older file that adds nothing to the history left its projects unchanged. `news` None: the set is new."""
    if news is None:
        return
    again = [one for one in found.earlier if one.record.as_of == as_of and one.project_id not in news]
    found.unchanged += again
    found.earlier = [one for one in found.earlier if one not in again]

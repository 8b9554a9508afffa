"""Keeping what was agreed, in versions: the first baseline, what is filled in later, and what an import brings.

A version is written before the columns move: the database compares the two (triggers of Project and Milestone).
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from projects.enums import BaselineSource
from projects.models import Baseline, Milestone, Project
from projects.services.bulk import write_rows

if TYPE_CHECKING:
    from accounts.models import User
    from common.models import Record
    from projects.models import ChangeRequest

COLUMNS: Final = {
    "start_on": "baseline_start_on",
    "finish_on": "baseline_finish_on",
    "cost": "baseline_cost",
    "cost_withheld": "baseline_cost_withheld",
}
"""Where a baseline's values stand in the project's own row."""

_COPIED: Final = {
    **COLUMNS,
    "scope": "description",
    "currency": "currency",
    "cost_period": "cost_period",
    "benefits": "benefits",
    "benefits_withheld": "benefits_withheld",
}


class BaselineStays(NotAllowed):
    """A baseline that was agreed moves by an accepted change request only."""


class NothingToAgree(PortalError):
    """A baseline without a date or an amount says nothing."""


def newest(project_id: int) -> Baseline | None:
    """The baseline in force; None when nothing was agreed yet. One query."""
    return Baseline.objects.filter(project=project_id).order_by("-number").first()


@transaction.atomic
def agree_baseline(*, actor: User, project_id: int, version: int | None = None, note: str = "") -> Baseline:
    """Freeze what stands in the project's baseline as its first version. Agreed already: that one is returned.

    Raises: Conflict, NotAllowed (only the PMO agrees), NothingToAgree.
    """
    project = versions.claim(Project.objects.all(), pk=project_id, version=None)
    if (agreed := newest(project_id)) is not None:
        return agreed
    if version is not None and version != project.version:
        versions.claim(Project.objects.all(), pk=project_id, version=version)
    if not manages(actor, project):
        raise NotAllowed(_("The PMO agrees the first baseline. Ask your PMO."))
    made = freeze_first(project=project, actor=actor, note=note)
    if made is None:
        raise NothingToAgree(_("Fill in a baseline date or a baseline cost first; an empty baseline says nothing."))
    return made


def freeze_first(*, project: Project, actor: User | None, note: str = "") -> Baseline | None:
    """Write version 1 from the locked project; None when there is nothing to agree. Two queries."""
    milestones = milestones_of(project.pk)
    if not _says_something(_values(project), milestones):
        return None
    return Baseline.objects.create(
        **_values(project), project=project, number=1, source=BaselineSource.FIRST, milestones=milestones,
        agreed_at=timezone.now(), agreed_by=actor, note=note[:300],
    )  # fmt: skip


def next_version(
    before: Baseline,
    *,
    actor: User | None,
    source: BaselineSource,
    changes: Mapping[str, Any],
    change_request: ChangeRequest | None = None,
    note: str = "",
) -> Baseline:
    """Write the version after `before`, equal to it but for `changes` (by column of Baseline)."""
    kept = {name: getattr(before, name) for name in (*_COPIED, "milestones")}
    return Baseline.objects.create(
        **{**kept, **changes}, project_id=before.project_id, number=before.number + 1, source=source,
        change_request=change_request, agreed_at=timezone.now(), agreed_by=actor, note=note[:300],
    )  # fmt: skip


def keep_baseline(
    *, actor: User, project: Project, record: Record, changes: Mapping[str, Any], names: Iterable[str]
) -> None:
    """Refuse to move a baseline that was agreed; call it on locked records, before the columns are written.

    What was empty may be filled in: before it is agreed by anybody who edits the project, afterwards by the PMO,
    which makes a new version. One that is set but not agreed is moved by the PMO. No query when nothing moves.
    Raises: BaselineStays.
    """
    touched = {name: changes[name] for name in names if name in changes and changes[name] != getattr(record, name)}
    if not touched:
        return
    moves = any(not _is_empty(getattr(record, name)) for name in touched)
    agreed = newest(project.pk)
    if agreed is None:
        if moves and not manages(actor, project):
            raise BaselineStays(
                _("A baseline stays as it was agreed; only the PMO changes it. Change the forecast instead.")
            )
        return
    if moves:
        raise BaselineStays(
            _("Baseline %(number)s was agreed; only an accepted change request moves it. Write one, or change the "
              "forecast.") % {"number": agreed.number}
        )  # fmt: skip
    require_filler(actor, project, agreed)
    next_version(agreed, actor=actor, source=BaselineSource.FILLED, changes=_filled(agreed, record, touched))


def note_new_milestone(*, actor: User, project: Project, milestone: Milestone) -> None:
    """A milestone just added with a baseline joins the agreed one, if the PMO added it. Raises: BaselineStays."""
    agreed = newest(project.pk) if milestone.baseline_on else None
    if agreed is not None:
        require_filler(actor, project, agreed)
        changes = _filled(agreed, milestone, {"baseline_on": milestone.baseline_on})
        next_version(agreed, actor=actor, source=BaselineSource.FILLED, changes=changes)


def require_filler(actor: User, project: Project, agreed: Baseline) -> None:
    if not manages(actor, project):
        raise BaselineStays(
            _("Baseline %(number)s was agreed; only the PMO fills in what it left open. Give a forecast instead.")
            % {"number": agreed.number}
        )


def manages(actor: User, project: Project) -> bool:
    """Whether the person looks after the project for the PMO. One query."""
    return Project.objects.allowed(actor, Permission.PROJECT_CREATE).filter(pk=project.pk).exists()


def milestones_of(project_id: int) -> list[dict[str, Any]]:
    """The milestones that have a baseline, as a version keeps them. One query."""
    return _milestones([project_id])[project_id]


def with_milestone(
    milestones: Iterable[dict[str, Any]], pk: int, name: str, on: dt.date | None
) -> list[dict[str, Any]]:
    """The milestones of a version with this one at that day; without it for None."""
    rest = [one for one in milestones if one["id"] != pk]
    own = [] if on is None else [_kept(pk, name, on)]
    return sorted([*rest, *own], key=lambda one: (one["on"], one["id"]))


def _kept(pk: int, name: str, on: Any) -> dict[str, Any]:
    return {"id": pk, "name": name, "on": on.isoformat()}


def _filled(agreed: Baseline, record: Record, touched: Mapping[str, Any]) -> dict[str, Any]:
    if isinstance(record, Milestone):
        return {"milestones": with_milestone(agreed.milestones, record.pk, record.name, touched["baseline_on"])}
    names = {column: name for name, column in COLUMNS.items()}
    return {names[column]: value for column, value in touched.items()}


def _is_empty(value: object) -> bool:
    return value is None or value == ""


def _values(project: Project) -> dict[str, Any]:
    return {name: getattr(project, column) for name, column in _COPIED.items()}


def _says_something(values: Mapping[str, Any], milestones: Collection[Any]) -> bool:
    return bool(milestones) or any(not _is_empty(values[name]) for name in COLUMNS)


def _milestones(project_ids: Collection[int]) -> dict[int, list[dict[str, Any]]]:
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    dated = Milestone.objects.filter(project__in=project_ids, baseline_on__isnull=False).order_by("baseline_on", "pk")
    for one in dated.values("project_id", "pk", "name", "baseline_on"):
        found[one["project_id"]].append(_kept(one["pk"], one["name"], one["baseline_on"]))
    return found


# --- imports -------------------------------------------------------------------------------------------------------


def record_imported(projects: Collection[Project], *, actor: User | None, note: str, fresh: bool = False) -> int:
    """Write the versions that an import brings, before it writes these projects as they become.

    A project gets a version when its baseline differs from the newest one, or when it has none yet and now says
    something. `fresh`: projects that are made now, so there is nothing to compare with. Returns how many; three
    statements, whatever the number.
    """
    if not projects:
        return 0
    ids = [one.pk for one in projects]
    there: dict[int, Baseline] = {}
    if not fresh:
        newest_first = Baseline.objects.filter(project__in=ids).order_by("project_id", "-number")
        there = {one.project_id: one for one in newest_first.distinct("project_id")}
    milestones = {} if fresh else _milestones(ids)
    rows = [
        row for one in projects if (row := _imported(one, there.get(one.pk), milestones.get(one.pk, []))) is not None
    ]
    now = timezone.now()
    by = actor.pk if actor else None
    write_rows(Baseline, ({**row, "agreed_at": now, "agreed_by_id": by, "note": note[:300]} for row in rows))
    return len(rows)


def _imported(project: Project, before: Baseline | None, milestones: list[dict[str, Any]]) -> dict[str, Any] | None:
    values = _values(project)
    if before is None:
        if not _says_something(values, milestones):
            return None
    elif all(values[name] == getattr(before, name) for name in COLUMNS):
        return None
    kept = before.milestones if before else milestones
    return {
        **values, "project_id": project.pk, "number": before.number + 1 if before else 1, "milestones": kept,
        "source": BaselineSource.IMPORT.value, "change_request_id": None,
    }  # fmt: skip

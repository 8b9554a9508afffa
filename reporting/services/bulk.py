"""One change for many projects: first what would happen, then doing it.

Each project goes through the same service as when it is changed alone, so the same rules hold; what cannot be
changed is skipped with the reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeAlias

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import PortalError
from projects.enums import PROJECT_TRANSITIONS, ProjectStatus
from projects.models import Project
from projects.services import projects as project_services

if TYPE_CHECKING:
    from accounts.models import OrgUnit, User

    Value: TypeAlias = User | OrgUnit | str | None

MOST: Final = 200


class BulkAction(StrEnum):
    LEAD = "lead"
    ORG_UNIT = "org_unit"
    CATEGORY = "category"
    HOLD = "hold"
    RESUME = "resume"


STATUS_OF: Final = {BulkAction.HOLD: ProjectStatus.ON_HOLD, BulkAction.RESUME: ProjectStatus.ACTIVE}
FIELD_OF: Final = {BulkAction.LEAD: "lead", BulkAction.ORG_UNIT: "org_unit", BulkAction.CATEGORY: "category"}
_NEEDS: Final = {
    BulkAction.LEAD: Permission.PROJECT_CREATE,
    BulkAction.ORG_UNIT: Permission.PROJECT_CREATE,
}
"""Appointments are made by who looks after projects for the PMO; the rest by whoever may edit the project."""


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one project: from and to in words, or why it is skipped."""

    project: Project
    before: str = ""
    after: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a change does: the projects that change and those that are skipped, each in the order of the list."""

    changes: list[Step] = field(default_factory=list)
    skipped: list[Step] = field(default_factory=list)


def plan(*, actor: User, ids: Sequence[int], action: BulkAction, value: Value = None) -> Plan:
    """What the change would do. Projects that the person may not see are not mentioned. Two queries."""
    steps = [_step(project, action, value, may=may) for project, may in _with_rights(actor, ids, action)]
    return Plan([s for s in steps if not s.reason], [s for s in steps if s.reason])


def apply(*, actor: User, ids: Sequence[int], action: BulkAction, value: Value = None) -> Plan:
    """Do what `plan` shows; each project in a transaction of its own, so one refusal does not stop the others."""
    planned = plan(actor=actor, ids=ids, action=action, value=value)
    done, skipped = [], list(planned.skipped)
    for step in planned.changes:
        try:
            _change(actor, step.project, action, value)
        except PortalError as error:
            skipped.append(Step(step.project, reason=str(error)))
        else:
            done.append(step)
    return Plan(done, skipped)


def _with_rights(actor: User, ids: Sequence[int], action: BulkAction) -> list[tuple[Project, bool]]:
    wanted = list(ids)[:MOST]
    seen = Project.objects.visible_to(actor).filter(pk__in=wanted).select_related("lead", "org_unit").defer("search")
    needed = _NEEDS.get(action, Permission.PROJECT_EDIT)
    allowed = set(Project.objects.allowed(actor, needed).filter(pk__in=wanted).values_list("pk", flat=True))
    found = {project.pk: project for project in seen}
    return [(found[pk], pk in allowed) for pk in dict.fromkeys(wanted) if pk in found]


def _step(project: Project, action: BulkAction, value: Value, *, may: bool) -> Step:
    if not may:
        return Step(project, reason=_("Your role does not allow this change on this project."))
    if action in STATUS_OF:
        return _status_step(project, STATUS_OF[action])
    name = FIELD_OF[action]
    before, after = str(getattr(project, name) or ""), str(value or "")
    if not project.is_live:
        return Step(
            project, reason=_("It is no longer running: %(status)s.") % {"status": project.get_status_display()}
        )
    if getattr(project, name) == value:
        return Step(project, reason=_("It is like this already."))
    return Step(project, before, after)


def _status_step(project: Project, status: ProjectStatus) -> Step:
    before = project.get_status_display()
    if project.status == status:
        return Step(project, reason=_("It is like this already."))
    if status not in PROJECT_TRANSITIONS[project.status]:
        return Step(project, reason=_("That is not possible from “%(status)s”.") % {"status": before})
    return Step(project, str(before), str(status.label))


def _change(actor: User, project: Project, action: BulkAction, value: Value) -> None:
    with transaction.atomic():
        if action in STATUS_OF:
            project_services.change_status(
                actor=actor, project_id=project.pk, version=project.version, status=STATUS_OF[action]
            )
        else:
            project_services.edit_project(
                actor=actor, project_id=project.pk, version=project.version, changes={FIELD_OF[action]: value}
            )

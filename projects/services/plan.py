"""Changing the plan of a project: its phases and milestones.

Where a directive office looks after the project only the PMO does (OnlyThePmo); that a milestone was reached is for
whoever edits the project to say.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any, Final

import pghistory
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from common import versions
from common.errors import PortalError
from governance.enums import Checkpoint
from projects.models import Milestone, Phase, Project
from projects.services import state
from projects.services.baselines import keep_baseline, note_new_milestone
from projects.services.gates.order import demand_entry, keep_gated_phase, keep_gates
from projects.services.projects import allowed_changes, hold_against_rules, leave_to_the_pmo, lock_project

if TYPE_CHECKING:
    from accounts.models import User

MILESTONE_FIELDS: Final = frozenset({"name", "phase", "is_gate", "baseline_on", "forecast_on", "actual_on"})
PHASE_FIELDS: Final = frozenset({"name", "start_on", "finish_on"})


class PlanError(PortalError):
    """A plan that cannot be."""


@transaction.atomic
def add_milestone(*, actor: User, project: Project, values: Mapping[str, Any]) -> Milestone:
    """Add a milestone with any of MILESTONE_FIELDS. Raises: PlanError, BaselineStays, NotAllowed (a gate that is
    passed).
    """
    lock_project(project)
    leave_to_the_pmo(actor, project)
    keep_gates(actor=actor, project=project, milestone=None, changes=values)
    milestone = Milestone(project=project, **allowed_changes(values, MILESTONE_FIELDS))
    if milestone.forecast_on is None:
        milestone.forecast_on = milestone.baseline_on
    _check_milestone(milestone)
    milestone.save(force_insert=True)
    note_new_milestone(actor=actor, project=project, milestone=milestone)
    state.refresh([project.pk])
    return milestone


@transaction.atomic
def edit_milestone(
    *,
    actor: User,
    project: Project,
    milestone_id: int,
    version: int | None,
    changes: Mapping[str, Any],
    reason: str = "",
) -> Milestone:
    """Change a milestone; `reason` says why a date moves and stands in the slip ledger.

    Raises: Conflict, PlanError, BaselineStays, NotAllowed and GateClosed (around a gate), Milestone.DoesNotExist.
    """
    lock_project(project)
    leave_to_the_pmo(actor, project)
    milestone = versions.claim(project.milestones.select_related("phase"), pk=milestone_id, version=version)
    changes = allowed_changes(changes, MILESTONE_FIELDS)
    keep_gates(actor=actor, project=project, milestone=milestone, changes=changes)
    keep_baseline(actor=actor, project=project, record=milestone, changes=changes, names=("baseline_on",))
    _check_milestone(
        Milestone(project=project, **{name: changes.get(name, getattr(milestone, name)) for name in MILESTONE_FIELDS})
    )
    with pghistory.context(date_reason=reason.strip()[:300]) if reason.strip() else nullcontext():
        written = versions.apply(milestone, changes)
    if written:
        state.refresh([project.pk])
    return milestone


@transaction.atomic
def reach_milestone(*, actor: User, project: Project, milestone_id: int, on: dt.date | None = None) -> Milestone:
    """Note that a milestone was reached, today or on a day before. Reached again on the same day: nothing happens.

    Raises: PlanError when it lies ahead or was reached on another day; NotAllowed and GateClosed for a gate.
    """
    lock_project(project)
    milestone = versions.claim(project.milestones.all(), pk=milestone_id, version=None)
    on = on or timezone.localdate()
    keep_gates(actor=actor, project=project, milestone=milestone, changes={"actual_on": on})
    if milestone.actual_on is not None and milestone.actual_on != on:
        raise PlanError(_("This milestone was already reached. Edit it to change the date."))
    if on > timezone.localdate():
        raise PlanError(_("A milestone cannot be reached in the future. Change its forecast instead."))
    if versions.apply(milestone, {"actual_on": on}):
        state.refresh([project.pk])
    return milestone


@transaction.atomic
def delete_milestone(*, actor: User, project: Project, milestone_id: int) -> None:
    """Take a milestone out of the plan; history keeps it. Gone already: nothing happens.

    Raises: BaselineStays, NotAllowed and GateClosed for a gate.
    """
    lock_project(project)
    leave_to_the_pmo(actor, project)
    milestone = project.milestones.select_for_update().filter(pk=milestone_id).first()
    if milestone is None:
        return
    keep_baseline(actor=actor, project=project, record=milestone, changes={"baseline_on": None}, names=("baseline_on",))
    keep_gates(actor=actor, project=project, milestone=milestone, changes={"is_gate": False})
    milestone.delete()
    state.refresh([project.pk])


def _check_milestone(milestone: Milestone) -> None:
    if milestone.actual_on is not None and milestone.actual_on > timezone.localdate():
        raise PlanError(_("A milestone cannot be reached in the future. Change its forecast instead."))
    if milestone.phase is not None and milestone.phase.project_id != milestone.project_id:
        raise PlanError(_("Choose a phase of this project."))


@transaction.atomic
def add_phase(*, actor: User, project: Project, values: Mapping[str, Any]) -> Phase:
    """Add a phase behind the others. Raises: PlanError."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    last = project.phases.aggregate(last=Max("position"))["last"] or 0
    phase = Phase(project=project, position=last + 1, **allowed_changes(values, PHASE_FIELDS))
    _check_phase(phase)
    phase.save(force_insert=True)
    state.refresh([project.pk])
    return phase


@transaction.atomic
def edit_phase(
    *, actor: User, project: Project, phase_id: int, version: int | None, changes: Mapping[str, Any]
) -> Phase:
    """Change a phase. Raises: Conflict, PlanError, Phase.DoesNotExist."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    phase = versions.claim(project.phases.all(), pk=phase_id, version=version)
    changes = allowed_changes(changes, PHASE_FIELDS)
    _check_phase(Phase(**{name: changes.get(name, getattr(phase, name)) for name in PHASE_FIELDS}))
    if versions.apply(phase, changes):
        state.refresh([project.pk])
    return phase


@transaction.atomic
def move_phase(*, actor: User, project: Project, phase_id: int, earlier: bool) -> None:
    """Change places with the phase before or after; the first and the last stay where they are."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    phases = list(project.phases.select_for_update().order_by("position"))
    place = next((index for index, phase in enumerate(phases) if phase.pk == phase_id), None)
    other = None if place is None else place + (-1 if earlier else 1)
    if place is None or other is None or not 0 <= other < len(phases):
        return
    keep_gated_phase(actor=actor, project=project, phases=[phases[place], phases[other]])
    first, second = phases[place].position, phases[other].position
    versions.apply(phases[place], {"position": second})
    versions.apply(phases[other], {"position": first})


@transaction.atomic
def delete_phase(*, actor: User, project: Project, phase_id: int) -> None:
    """Take a phase out; its milestones stay, without a phase. Raises: PlanError for the current one."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    if Project.objects.filter(pk=project.pk, phase=phase_id).exists():
        raise PlanError(_("This is the current phase. Make another phase the current one first."))
    phases = list(project.phases.filter(pk=phase_id))
    keep_gated_phase(actor=actor, project=project, phases=phases)
    if phases:
        phases[0].delete()
        state.refresh([project.pk])


@transaction.atomic
def set_current_phase(*, actor: User, project: Project, version: int | None, phase: Phase | None) -> Project:
    """Say in which phase the project is; a further one only past the gates before it.

    Raises: Conflict, PlanError, GateClosed, RulesNotKept.
    """
    lock_project(project)
    if phase is not None and phase.project_id != project.pk:
        raise PlanError(_("Choose a phase of this project."))
    locked = versions.claim(Project.objects.select_related("phase"), pk=project.pk, version=version)
    if phase is not None:
        demand_entry(project=locked, phase=phase)
    if versions.apply(locked, {"phase": phase}):
        hold_against_rules(actor, project.pk, Checkpoint.ENTER_PHASE)
        state.refresh([project.pk])
    return locked


def _check_phase(phase: Phase) -> None:
    if phase.start_on and phase.finish_on and phase.finish_on < phase.start_on:
        raise PlanError(_("A phase cannot finish before it starts."))

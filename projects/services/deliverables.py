"""Deliverables of a project: plan, deliver, send back, accept; and who has which part in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import versions
from common.errors import NotAllowed, PortalError
from projects import policies
from projects.enums import DELIVERABLE_TRANSITIONS, DeliverableState
from projects.models import Deliverable, DeliverableAssignment, Project, TeamMember
from projects.selectors.projects import rights_for
from projects.services import state
from projects.services.projects import allowed_changes, lock_project
from strategy.models.raci import PERSON
from strategy.raci.cells import Wanted
from strategy.services.raci import MatrixError, new_assignments, write_matrix

if TYPE_CHECKING:
    from accounts.models import User

DELIVERABLE_FIELDS: Final = frozenset({"name", "acceptance", "phase", "due_on"})


class DeliverableError(PortalError):
    """A deliverable that cannot be, or a step that it cannot take."""


@transaction.atomic
def add_deliverable(
    *, actor: User, project: Project, values: Mapping[str, Any], letters: Mapping[str, str] | None = None
) -> Deliverable:
    """Plan a deliverable with any of DELIVERABLE_FIELDS, and parts in it by seat. Raises: DeliverableError."""
    lock_project(project)
    deliverable = Deliverable(project=project, **allowed_changes(values, DELIVERABLE_FIELDS))
    _check_phase(deliverable)
    deliverable.save(force_insert=True)
    DeliverableAssignment.objects.bulk_create(new_assignments(DeliverableAssignment, deliverable.pk, letters or {}))
    state.refresh([project.pk])
    return deliverable


@transaction.atomic
def edit_deliverable(
    *, actor: User, project: Project, deliverable_id: int, version: int | None, changes: Mapping[str, Any]
) -> Deliverable:
    """Change a deliverable that is not yet accepted. Raises: Conflict, DeliverableError, Deliverable.DoesNotExist."""
    lock_project(project)
    deliverable = versions.claim(project.deliverables.all(), pk=deliverable_id, version=version)
    _refuse_accepted(deliverable)
    changes = allowed_changes(changes, DELIVERABLE_FIELDS)
    _check_phase(Deliverable(project=project, phase=changes.get("phase", deliverable.phase)))
    if versions.apply(deliverable, changes):
        state.refresh([project.pk])
    return deliverable


@transaction.atomic
def delete_deliverable(*, actor: User, project: Project, deliverable_id: int) -> None:
    """Take a deliverable out of the plan; history keeps it. Gone already: nothing happens.

    Raises: DeliverableError for one that is accepted.
    """
    lock_project(project)
    deliverable = project.deliverables.select_for_update(of=("self",)).filter(pk=deliverable_id).first()
    if deliverable is None:
        return
    _refuse_accepted(deliverable)
    deliverable.delete()
    state.refresh([project.pk])


@transaction.atomic
def deliver(*, actor: User, project: Project, deliverable_id: int) -> Deliverable:
    """Say that it is delivered. Delivered or accepted already: nothing happens. Raises: NotAllowed."""
    lock_project(project)
    deliverable = versions.claim(project.deliverables.all(), pk=deliverable_id, version=None)
    parts = deliverable.assignments.with_holder().answering()
    verdict = policies.can_deliver(actor.pk, rights_for(actor, project), parts.values_list("holder_id", flat=True))
    if not verdict:
        raise NotAllowed(verdict.reason)
    if deliverable.state == DeliverableState.PLANNED:
        _move(deliverable, DeliverableState.DELIVERED, delivered_at=timezone.now(), delivered_by=actor)
    return deliverable


@transaction.atomic
def accept(*, actor: User, project: Project, deliverable_id: int, version: int | None) -> Deliverable:
    """Accept what was delivered; it never changes from then on. Accepted by the same person already: nothing happens.

    Raises: NotAllowed (who delivered it does not accept it), Conflict, DeliverableError.
    """
    deliverable = _claim_delivered(actor, project, deliverable_id)
    if deliverable.state == DeliverableState.ACCEPTED and deliverable.accepted_by_id == actor.pk:
        return deliverable
    deliverable = versions.claim(project.deliverables.all(), pk=deliverable_id, version=version)
    _move(deliverable, DeliverableState.ACCEPTED, accepted_at=timezone.now(), accepted_by=actor)
    return deliverable


@transaction.atomic
def send_back(*, actor: User, project: Project, deliverable_id: int, version: int | None) -> Deliverable:
    """Do not accept it: it is planned again. Planned already: nothing happens.

    Raises: NotAllowed, Conflict, DeliverableError for one that is accepted.
    """
    deliverable = _claim_delivered(actor, project, deliverable_id)
    if deliverable.state == DeliverableState.PLANNED:
        return deliverable
    deliverable = versions.claim(project.deliverables.all(), pk=deliverable_id, version=version)
    _move(deliverable, DeliverableState.PLANNED, delivered_at=None, delivered_by=None)
    return deliverable


@transaction.atomic
def set_raci(*, actor: User, project: Project, wanted: Mapping[int, Wanted]) -> None:
    """Give out the parts in these deliverables (by id); the same again changes nothing.

    People who are newly named must be in the team, so that they can see what they answer for.
    Raises: MatrixConflict, MatrixError.
    """
    lock_project(project)
    subjects = {one.pk: one for one in project.deliverables.select_for_update(of=("self",)).filter(pk__in=wanted)}
    changed = write_matrix(model=DeliverableAssignment, subjects=subjects, wanted=wanted)
    if fixed := [subjects[pk].name for pk in changed if not subjects[pk].is_open]:
        raise MatrixError(_("“%(name)s” is accepted; the parts in it stay as they were.") % {"name": fixed[0]})
    _check_named(project, {seat for cells in changed.values() for seat, code in cells.items() if code})
    if changed:
        state.refresh([project.pk])


def lay_out_deliverables(project: Project, planned: Sequence[tuple[Deliverable, Mapping[str, str]]]) -> None:
    """Save new deliverables of a new project with their letters by seat. Two statements."""
    made = Deliverable.objects.bulk_create(one for one, _letters in planned)
    DeliverableAssignment.objects.bulk_create(
        row
        for one, (_same, letters) in zip(made, planned, strict=True)
        for row in new_assignments(DeliverableAssignment, one.pk, letters)
    )


def _claim_delivered(actor: User, project: Project, deliverable_id: int) -> Deliverable:
    """The locked deliverable, when this person may accept it or send it back."""
    lock_project(project)
    deliverable = versions.claim(project.deliverables.all(), pk=deliverable_id, version=None)
    row = deliverable.assignments.with_holder().accountable().first()
    accountable = row.holder_id if row is not None else None
    verdict = policies.can_accept(actor.pk, rights_for(actor, project), deliverable.delivered_by_id, accountable)
    if not verdict:
        raise NotAllowed(verdict.reason)
    return deliverable


def _move(deliverable: Deliverable, to: str, **values: Any) -> None:
    if to not in DELIVERABLE_TRANSITIONS[deliverable.state]:
        words = {"name": deliverable.name, "state": deliverable.get_state_display()}
        raise DeliverableError(_("“%(name)s” is “%(state)s”; this step is not open now.") % words)
    versions.apply(deliverable, {"state": to, **values})
    state.refresh([deliverable.project_id])


def _refuse_accepted(deliverable: Deliverable) -> None:
    if not deliverable.is_open:
        raise DeliverableError(_("“%(name)s” is accepted and stays as it was.") % {"name": deliverable.name})


def _check_phase(deliverable: Deliverable) -> None:
    if deliverable.phase is not None and deliverable.phase.project_id != deliverable.project_id:
        raise DeliverableError(_("Choose a phase of this project."))


def _check_named(project: Project, seats: set[str]) -> None:
    people = {int(seat.removeprefix(PERSON)) for seat in seats if seat.startswith(PERSON)}
    if not people:
        return
    present = TeamMember.objects.in_force().filter(project=project, user__in=people, user__is_active=True)
    if present.values("user").distinct().count() != len(people):
        raise MatrixError(_("Name people of the team. Add somebody else to the team first."))

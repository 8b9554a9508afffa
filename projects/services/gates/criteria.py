"""What a gate asks for, and what people say about it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import Max, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from common import versions
from common.errors import NotAllowed, PortalError
from governance.services import ballots
from playbooks.enums import CriterionKind
from playbooks.services import check_criterion
from projects.enums import Judgement
from projects.models import Gate, GateCriterion, Project
from projects.selectors.electors import people_with_role
from projects.selectors.gates import KIND
from projects.services import state
from projects.services.baselines import manages
from projects.services.projects import lock_project

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accounts.models import User
    from playbooks.selectors import CriterionOutline


class CriterionError(PortalError):
    """A criterion that cannot be, or that no longer changes."""


def copy_criteria(milestones: Mapping[int, Iterable[CriterionOutline]]) -> None:
    """Give the gates of these milestones (by id) the criteria of their playbook. One statement."""
    GateCriterion.objects.bulk_create(
        GateCriterion(gate_id=_gate_of(milestone), position=at, is_of_playbook=True, **one.columns())
        for milestone, outlines in milestones.items()
        for at, one in enumerate(outlines, 1)
    )


def _gate_of(milestone: int) -> Any:
    """The gate that the database made with a milestone, looked up while inserting."""
    return Subquery(Gate.objects.filter(milestone=milestone).values("pk")[:1])


@transaction.atomic
def add_criterion(*, actor: User, project: Project, gate_id: int, outline: CriterionOutline) -> GateCriterion:
    """Ask for one thing more at a gate of this project. Votes cast so far become void.

    Raises: NotAllowed, CriterionError (gate passed), BadCriterion, ConditionError, Gate.DoesNotExist.
    """
    gate = _claim(actor, project, gate_id)
    check_criterion(outline)
    last = gate.criteria.aggregate(last=Max("position"))["last"] or 0
    criterion = GateCriterion(gate=gate, position=last + 1, **outline.columns())
    criterion.save(force_insert=True)
    _edited(gate)
    return criterion


@transaction.atomic
def edit_criterion(
    *, actor: User, project: Project, criterion_id: int, version: int | None, outline: CriterionOutline
) -> GateCriterion:
    """Change what a criterion asks for; a judgement about it is gone with that. Votes cast so far become void.

    Raises: NotAllowed, Conflict, CriterionError, BadCriterion, ConditionError, GateCriterion.DoesNotExist.
    """
    gate_id = GateCriterion.objects.values_list("gate", flat=True).get(pk=criterion_id, gate__project=project)
    gate = _claim(actor, project, gate_id)
    criterion = versions.claim(gate.criteria.all(), pk=criterion_id, version=version)
    check_criterion(outline)
    changes = outline.columns()
    changes["texts"] = {**criterion.texts, **outline.texts}
    if any(getattr(criterion, name) != value for name, value in changes.items()):
        changes |= {"judged": "", "sentence": "", "judged_at": None, "judged_by": None}
    if versions.apply(criterion, changes):
        _edited(gate)
    return criterion


@transaction.atomic
def remove_criterion(*, actor: User, project: Project, criterion_id: int) -> None:
    """Ask for one thing less; history keeps it. Gone already: nothing happens. Votes cast so far become void.

    Raises: NotAllowed, CriterionError.
    """
    there = GateCriterion.objects.filter(pk=criterion_id, gate__project=project)
    gate_id = there.values_list("gate", flat=True).first()
    if gate_id is None:
        return
    gate = _claim(actor, project, gate_id)
    if there.delete()[0]:
        _edited(gate)


@transaction.atomic
def set_stage_money(
    *, actor: User, project: Project, gate_id: int, version: int | None, amount: Decimal | None
) -> Gate:
    """Say how much a yes releases for what comes next. Votes cast so far become void.

    Raises: NotAllowed, Conflict, CriterionError.
    """
    gate = _claim(actor, project, gate_id, version)
    if amount is not None and amount < 0:
        raise CriterionError(_("Stage money cannot be negative."))
    if versions.apply(gate, {"stage_money": amount}):
        ballots.void_votes(kind=KIND, subject_id=gate.pk)
        state.refresh([project.pk])
    return gate


@transaction.atomic
def judge_criterion(
    *, actor: User, project: Project, criterion_id: int, version: int | None, judged: str, sentence: str
) -> GateCriterion:
    """Say whether a criterion is met and why: whoever holds the role that judges it, never who leads the project
    unless the role is theirs. Votes stay: what is judged is evidence, and the pack shows that it moved.

    Raises: NotAllowed, Conflict, CriterionError, GateCriterion.DoesNotExist.
    """
    lock_project(project)
    criteria = GateCriterion.objects.filter(gate__project=project).select_related("gate__milestone")
    criterion = versions.claim(criteria, pk=criterion_id, version=version)
    if criterion.kind != CriterionKind.JUDGEMENT:
        raise CriterionError(_("Nobody judges this: it is found out from the record."))
    if criterion.gate.is_passed:
        raise CriterionError(_("This gate is passed; what was said stays as it is."))
    if actor.pk not in people_with_role(project.pk, criterion.role):
        raise NotAllowed(_("This is judged by: %(role)s.") % {"role": RoleName(criterion.role).label})
    if judged not in Judgement.values or not sentence.strip():
        raise CriterionError(_("Say whether it is met, and in one sentence why."))
    if (criterion.judged, criterion.sentence, criterion.judged_by_id) == (judged, sentence.strip(), actor.pk):
        return criterion
    said = {"judged": judged, "sentence": sentence.strip()[:300], "judged_at": timezone.now(), "judged_by": actor}
    versions.apply(criterion, said)
    return criterion


def _claim(actor: User, project: Project, gate_id: int, version: int | None = None) -> Gate:
    """Lock a gate that may still be edited. Raises: NotAllowed, Conflict, CriterionError, Gate.DoesNotExist."""
    if not manages(actor, project):
        raise NotAllowed(_("The PMO says what a gate asks for."))
    lock_project(project)
    gate = versions.claim(project.gates.select_related("milestone"), pk=gate_id, version=version)
    if gate.is_passed:
        raise CriterionError(_("This gate is passed; what was decided stays as it is."))
    return gate


def _edited(gate: Gate) -> None:
    versions.touch(gate)
    ballots.void_votes(kind=KIND, subject_id=gate.pk)

"""What the pages of assessments read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.http import Http404

from accounts.enums import Permission
from strategy import records
from strategy.enums import GAP_BELOW, SERVED_FROM, SUBJECT_KINDS, AssessmentState
from strategy.models import Assessment, Goal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User
    from strategy.models import Rating
    from strategy.models.assessments import AssessmentQuerySet


def assessments(user: User, state: str = "") -> AssessmentQuerySet:
    """The assessments that the person may read, newest first; drafts are one's own."""
    found = Assessment.objects.visible_to(user).select_related("office", "assessor")
    if state in AssessmentState.values:
        found = found.filter(state=state)
    return found.order_by("-created_at", "-pk")


def get_assessment(user: User, pk: int) -> Assessment:
    """One that the person may read. Raises: Http404."""
    found = Assessment.objects.visible_to(user).select_related("office", "assessor").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def get_draft(user: User, pk: int) -> Assessment:
    """One of the person's own that is not submitted; a submitted one is for reading only. Raises: Http404."""
    found = get_assessment(user, pk)
    if found.assessor_id != user.pk or found.is_submitted:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class WorkflowRow:
    """A workflow with its cells, one for each goal in the order of the matrix."""

    name: str
    cells: Sequence[Rating]

    @property
    def average(self) -> float | None:
        """The mean of the scores; None when none was given yet."""
        scores = [cell.score for cell in self.cells if cell.score is not None]
        return sum(scores) / len(scores) if scores else None


@dataclass(frozen=True, slots=True)
class Matrix:
    """All cells of an assessment, workflows down and goals across."""

    goals: Sequence[Goal]
    rows: Sequence[WorkflowRow]

    @property
    def cells(self) -> list[Rating]:
        return [cell for row in self.rows for cell in row.cells]

    @property
    def rated(self) -> int:
        """Cells with a score and its evidence."""
        return sum(1 for cell in self.cells if cell.score is not None and cell.evidence)

    @property
    def gaps(self) -> list[Rating]:
        """Cells whose workflow does not serve the goal dependably (a score below GAP_BELOW), lowest first."""
        low = [cell for cell in self.cells if cell.score is not None and cell.score < GAP_BELOW]
        return sorted(low, key=lambda cell: (cell.score or 0, cell.position))

    @property
    def unserved(self) -> list[Goal]:
        """Goals that no workflow reaches SERVED_FROM for, once all cells of the goal are rated."""
        found = []
        for at, goal in enumerate(self.goals):
            scores = [row.cells[at].score for row in self.rows]
            known = [score for score in scores if score is not None]
            if len(known) == len(scores) and max(known) < SERVED_FROM:
                found.append(goal)
        return found


def matrix_of(assessment: Assessment) -> Matrix:
    """The cells in their order. One query."""
    cells = list(assessment.ratings.select_related("goal").order_by("position", "goal__name", "goal_id"))
    goals = list({cell.goal_id: cell.goal for cell in cells}.values())
    names = list(dict.fromkeys(cell.workflow for cell in cells))
    by_place = {(cell.workflow, cell.goal_id): cell for cell in cells}
    return Matrix(goals, [WorkflowRow(name, [by_place[name, goal.pk] for goal in goals]) for name in names])


def subjects_for(user: User) -> list[tuple[StrOrPromise, list[tuple[str, str]]]]:
    """What the person can assess, as choices of a form."""
    return records.choices(user, SUBJECT_KINDS)


def subjects_of(user: User, found: Sequence[Assessment]) -> dict[records.Ref, records.Described]:
    """The subjects of these that the person may know, by kind and id."""
    return records.described(user, {(one.subject_kind, one.subject_id) for one in found})


def may_run(user: User) -> bool:
    """Whether the person starts assessments."""
    return user.can(Permission.ASSESSMENT_RUN)

"""An external adviser assesses workflows against goals: a draft with its cells, then submitted for good."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from strategy import records
from strategy.enums import SUBJECT_KINDS, AssessmentState
from strategy.models import Assessment, OfficeMember, Rating
from strategy.selectors.advisers import membership_of

if TYPE_CHECKING:
    from accounts.models import User

MOST_WORKFLOWS = 8
MOST_GOALS = 6


class AssessmentError(PortalError):
    """An assessment that cannot be like this."""


class AssessmentStays(PortalError):
    """It was submitted, so it does not change."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What is assessed against what. `subject` is a record by kind and id, `goals` are ids."""

    title: str
    subject: records.Ref
    workflows: Sequence[str]
    goals: Collection[int]


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score from 1 to 5 (None: not yet) and what was seen."""

    score: int | None
    evidence: str


def member_who_may(actor: User, permission: str) -> OfficeMember:
    """The membership of an adviser who may do this. Raises: NotAllowed."""
    member = membership_of(actor) if actor.can(permission) else None
    if member is None:
        raise NotAllowed(_("Only the people of an external office assess and recommend."))
    return member


@transaction.atomic
def start_assessment(*, actor: User, token: UUID, frame: Frame) -> Assessment:
    """A draft with an empty cell for each workflow and goal. The same form sent twice is one draft.

    Raises: NotAllowed; AssessmentError for a subject that is not open to the actor, or too much or too little to rate.
    """
    member = member_who_may(actor, Permission.ASSESSMENT_RUN)
    _check(actor, frame)
    kind, pk = frame.subject
    with pghistory.context(user=actor.pk):
        assessment, is_new = Assessment.objects.get_or_create(
            form_token=token,
            defaults={
                "office": member.office, "assessor": actor, "title": frame.title.strip(), "subject_kind": kind,
                "subject_id": pk,
            },
        )  # fmt: skip
        if assessment.assessor_id != actor.pk:
            raise NotAllowed(_("This form was already used. Open a new one."))
        if is_new:
            _lay_out(assessment, frame)
    return assessment


@transaction.atomic
def reframe_assessment(*, actor: User, pk: int, version: int | None, frame: Frame) -> Assessment:
    """Change what a draft assesses; cells that stay keep their judgement.

    Raises: NotAllowed, AssessmentStays, AssessmentError, Conflict, Assessment.DoesNotExist.
    """
    _check(actor, frame)
    with pghistory.context(user=actor.pk):
        assessment = _own_draft(actor, pk, version)
        kind, subject_id = frame.subject
        versions.apply(assessment, {"title": frame.title.strip(), "subject_kind": kind, "subject_id": subject_id})
        _lay_out(assessment, frame)
    return assessment


@transaction.atomic
def rate(
    *, actor: User, pk: int, version: int | None, conclusion: str, judgements: Mapping[int, Judgement]
) -> Assessment:
    """Keep judgements (by id of the cell) of a draft; unknown cells are left alone.

    Raises: NotAllowed, AssessmentStays, Conflict, Assessment.DoesNotExist.
    """
    with pghistory.context(user=actor.pk):
        assessment = _own_draft(actor, pk, version)
        changed = []
        for cell in assessment.ratings.filter(pk__in=judgements):
            found = judgements[cell.pk]
            if (cell.score, cell.evidence) != (found.score, found.evidence.strip()):
                cell.score, cell.evidence = found.score, found.evidence.strip()
                changed.append(cell)
        Rating.objects.bulk_update(changed, ["score", "evidence"])
        if not versions.apply(assessment, {"conclusion": conclusion.strip()}) and changed:
            assessment.version += 1
            assessment.save(update_fields=["version", "updated_at"])
    return assessment


@transaction.atomic
def submit_assessment(*, actor: User, pk: int) -> Assessment:
    """Hand it in: from now on the organisation's PMO reads it and nothing of it changes. Twice is once.

    Raises: NotAllowed; AssessmentError when a cell lacks its score or evidence, or the conclusion is missing.
    """
    with pghistory.context(user=actor.pk):
        member_who_may(actor, Permission.ASSESSMENT_RUN)
        assessment = Assessment.objects.select_for_update(of=("self",)).get(pk=pk, assessor=actor)
        if assessment.is_submitted:
            return assessment
        if not records.is_open_to(actor, (assessment.subject_kind, assessment.subject_id)):
            raise AssessmentError(_("What you assessed is not open to you any more. Ask the PMO."))
        lacking = assessment.ratings.filter(score__isnull=True) | assessment.ratings.filter(evidence="")
        if count := lacking.count():
            raise AssessmentError(
                _("%(n)d cells still lack a score or its evidence. Fill them in first.") % {"n": count}
            )
        if not assessment.conclusion:
            raise AssessmentError(_("Write the conclusion first: what should the organisation remember?"))
        versions.apply(assessment, {"state": AssessmentState.SUBMITTED, "submitted_at": timezone.now()})
    return assessment


def _own_draft(actor: User, pk: int, version: int | None) -> Assessment:
    member_who_may(actor, Permission.ASSESSMENT_RUN)
    assessment = versions.claim(Assessment.objects.filter(assessor=actor), pk=pk, version=version)
    if assessment.is_submitted:
        raise AssessmentStays(_("This assessment is submitted, so it stays as it is. Start another one."))
    return assessment


def _check(actor: User, frame: Frame) -> None:
    kind, _pk = frame.subject
    if kind not in SUBJECT_KINDS or not records.is_open_to(actor, frame.subject):
        raise AssessmentError(_("Choose what you assess among what is open to you."))
    if not 1 <= len(frame.workflows) <= MOST_WORKFLOWS:
        raise AssessmentError(_("Name one to %(n)d workflows, each on a line.") % {"n": MOST_WORKFLOWS})
    if not 1 <= len(frame.goals) <= MOST_GOALS:
        raise AssessmentError(_("Choose one to %(n)d goals.") % {"n": MOST_GOALS})


def _lay_out(assessment: Assessment, frame: Frame) -> None:
    """A cell for each workflow and goal; those that are there keep their judgement, the others go."""
    kept = {(cell.workflow, cell.goal_id): cell for cell in assessment.ratings.all()}
    wanted = {(name, goal): place for place, name in enumerate(frame.workflows, 1) for goal in frame.goals}
    assessment.ratings.exclude(pk__in=[kept[key].pk for key in wanted if key in kept]).delete()
    moved = []
    for key, place in wanted.items():
        if key in kept and kept[key].position != place:
            kept[key].position = place
            moved.append(kept[key])
    Rating.objects.bulk_update(moved, ["position"])
    Rating.objects.bulk_create(
        Rating(assessment=assessment, workflow=name, goal_id=goal, position=place)
        for (name, goal), place in wanted.items()
        if (name, goal) not in kept
    )

"""Proposals for the plan: somebody who may not edit it says what it should be, and the PMO takes that over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import versions
from common.errors import NotAllowed
from projects import policies
from projects.enums import ChangeKind, ChangeNature, ChangeState
from projects.models import ChangeRequest, Milestone, Project
from projects.selectors.projects import rights_for
from projects.services import plan, state
from projects.services.changes.deciding import StaleChange
from projects.services.changes.writing import ChangeError, next_number, require_requester, step
from projects.services.projects import edit_project, lock_project

if TYPE_CHECKING:
    from accounts.models import User

PROJECT_EDITS: Final = frozenset({"forecast_start_on", "forecast_finish_on"})
MILESTONE_EDITS: Final = frozenset({"name", "forecast_on", "actual_on"})


@dataclass(frozen=True, slots=True)
class PlanEdit:
    """One field as it should be: of the project (PROJECT_EDITS), or of one of its milestones (MILESTONE_EDITS)."""

    field: str
    to: dt.date | str | None
    milestone_id: int | None = None


@transaction.atomic
def propose_change(
    *, actor: User, project: Project, title: str, reason: str, edits: Sequence[PlanEdit]
) -> ChangeRequest:
    """Propose edits of forecast dates and milestones. The PMO accepts them as a whole, with one press.

    Nothing in the plan changes before that, and the baseline never does by this. What is so already is left out.
    Raises: NotAllowed (`policies.may_request_change`), ChangeError.
    """
    lock_project(project)
    require_requester(actor, project)
    if not title.strip() or not reason.strip():
        raise ChangeError(_("Say what should change, and why."))
    kept = [row for row in _rows(project, edits) if row["from"] != row["to"]]
    if not kept:
        raise ChangeError(_("The plan says that already; there is nothing to propose."))
    change = ChangeRequest(
        project=project, number=next_number(project), nature=ChangeNature.PROPOSAL, title=title.strip()[:200],
        reason=reason.strip(), kinds=[ChangeKind.SCHEDULE.value], edits=kept, requested_by=actor,
        author_ids=[actor.pk], state=ChangeState.SUBMITTED, submitted_on=timezone.localdate(),
    )  # fmt: skip
    change.save(force_insert=True)
    return change


@transaction.atomic
def accept_proposal(*, actor: User, project: Project, change_id: int) -> ChangeRequest:
    """Take the proposed edits over into the plan. Accepted already: nothing happens.

    Raises: NotAllowed (`policies.can_settle_proposal`), StaleChange when the plan says something else by now, and
    what the plan itself refuses.
    """
    lock_project(project)
    change = versions.claim(project.change_requests.all(), pk=change_id, version=None)
    if change.state == ChangeState.ACCEPTED:
        return change
    _require_settler(actor, project, change)
    present = {_place(row): row["from"] for row in _rows(project, [_edit(row) for row in change.edits])}
    moved = [row["name"] for row in change.edits if present[_place(row)] != row["from"]]
    if moved:
        raise StaleChange(
            _("The plan changed after %(key)s was written: %(names)s. Ask for a new proposal.")
            % {"key": change.key, "names": ", ".join(dict.fromkeys(moved))}
        )
    with state.put_off():
        _take_over(actor, project, change)
        _settle(change, ChangeState.ACCEPTED, actor, "")
    return change


@transaction.atomic
def reject_proposal(*, actor: User, project: Project, change_id: int, reason: str) -> ChangeRequest:
    """Leave the plan as it is, and say why. Rejected already: nothing happens. Raises: NotAllowed, ChangeError."""
    lock_project(project)
    change = versions.claim(project.change_requests.all(), pk=change_id, version=None)
    if change.state == ChangeState.REJECTED:
        return change
    _require_settler(actor, project, change)
    if not reason.strip():
        raise ChangeError(_("Say why, so that whoever proposed it understands."))
    _settle(change, ChangeState.REJECTED, actor, reason.strip())
    return change


def _require_settler(actor: User, project: Project, change: ChangeRequest) -> None:
    verdict = policies.can_settle_proposal(rights_for(actor, project), change)
    if not verdict:
        raise ChangeError(verdict.reason) if verdict.is_state else NotAllowed(verdict.reason)


def _settle(change: ChangeRequest, to: ChangeState, actor: User, reason: str) -> None:
    step(
        change, to, closed_on=timezone.localdate(), decided_at=timezone.now(), decided_by=actor, decision_reason=reason
    )


def _take_over(actor: User, project: Project, change: ChangeRequest) -> None:
    own: dict[str, Any] = {}
    of_milestones: dict[int, dict[str, Any]] = {}
    for row in change.edits:
        target = own if row["record"] == "project" else of_milestones.setdefault(row["id"], {})
        target[row["field"]] = _value(row["field"], row["to"])
    if own:
        edit_project(actor=actor, project_id=project.pk, version=None, changes=own)
    for pk, changes in of_milestones.items():
        plan.edit_milestone(actor=actor, project=project, milestone_id=pk, version=None, changes=changes)


def _rows(project: Project, edits: Sequence[PlanEdit]) -> list[dict[str, Any]]:
    """The edits as they are kept, with what stands there now. Two queries. Raises: ChangeError, ValueError."""
    for edit in edits:
        if edit.field not in (PROJECT_EDITS if edit.milestone_id is None else MILESTONE_EDITS):
            msg = f"A proposal cannot change {edit.field}"
            raise ValueError(msg)
    fresh = Project.objects.get(pk=project.pk)
    wanted = {edit.milestone_id for edit in edits if edit.milestone_id is not None}
    milestones = {one.pk: one for one in project.milestones.filter(pk__in=wanted)}
    if len(milestones) != len(wanted):
        raise ChangeError(_("A milestone of this proposal is not in the plan any more. Open it again."))
    return [_row(fresh if edit.milestone_id is None else milestones[edit.milestone_id], edit) for edit in edits]


def _row(record: Project | Milestone, edit: PlanEdit) -> dict[str, Any]:
    kind = "project" if edit.milestone_id is None else "milestone"
    return {
        "record": kind, "id": record.pk, "name": record.name, "field": edit.field,
        "from": _plain(getattr(record, edit.field)), "to": _plain(edit.to),
    }  # fmt: skip


def _plain(value: dt.date | str | None) -> str | None:
    return value.isoformat() if isinstance(value, dt.date) else (value or None)


def _edit(row: dict[str, Any]) -> PlanEdit:
    return PlanEdit(row["field"], row["to"], None if row["record"] == "project" else row["id"])


def _place(row: dict[str, Any]) -> tuple[str, int, str]:
    return row["record"], row["id"], row["field"]


def _value(field: str, text: str | None) -> dt.date | str | None:
    return dt.date.fromisoformat(text) if text and field != "name" else text

"""Who may do what with a project: pure rules over what is already known. A refusal says why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.policies import why_not_appointed
from accounts.roles import PROJECT_ROLES, ROLES
from common.verdict import YES, Verdict, no, too_late
from projects.enums import GIVER_MOVES, MOVES_WITH_DAY, PROMISE_MOVES, ChangeKind, ChangeSize, DecisionState
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models import ChangeRequest, Decision, DocumentLink, Promise

RIGHTS: tuple[Permission, ...] = (
    Permission.PROJECT_EDIT,
    Permission.PROJECT_CREATE,
    Permission.UPDATE_WRITE,
    Permission.DECISION_TAKE,
    Permission.HISTORY_VIEW,
)
"""The permissions that the pages of a project ask about."""


@dataclass(frozen=True, slots=True)
class ProjectRights:
    """What one person may do with one project; found once per page (`selectors.projects.rights_for`)."""

    user_id: int
    permissions: frozenset[str] = frozenset()
    baseline: int = 0
    """The number of the baseline in force; 0 while none was agreed."""

    def _has(self, permission: Permission) -> bool:
        return permission.value in self.permissions

    @property
    def edit(self) -> bool:
        return self._has(Permission.PROJECT_EDIT)

    @property
    def manage(self) -> bool:
        """Whether they look after the project for the PMO: appointments, baselines, confidentiality."""
        return self._has(Permission.PROJECT_CREATE)

    @property
    def write_update(self) -> bool:
        return self._has(Permission.UPDATE_WRITE)

    @property
    def decide(self) -> bool:
        return self._has(Permission.DECISION_TAKE)

    @property
    def history(self) -> bool:
        return self._has(Permission.HISTORY_VIEW)


def can_appoint(rights: ProjectRights) -> Verdict:
    """Lead, sponsor, budget owner and confidentiality decide who may do what, so the PMO sets them."""
    if rights.manage:
        return YES
    return no(_("The PMO sets the lead, sponsor, budget owner, org unit and confidentiality. Ask your PMO."))


def can_rebaseline(rights: ProjectRights, *, is_set: bool) -> Verdict:
    """A baseline that its own lead moves measures nothing; one that was agreed moves by a change request only."""
    if rights.baseline and is_set:
        return no(
            _("Baseline %(number)s was agreed; only an accepted change request moves it. Change the forecast.")
            % {"number": rights.baseline}
        )
    if rights.manage or (not is_set and not rights.baseline):
        return YES
    if rights.baseline:
        return no(_("Only the PMO fills in what the agreed baseline left open."))
    return no(_("A baseline stays as it was agreed; only the PMO changes it. Change the forecast."))


def can_direct(level: str, *, manages: Callable[[], bool]) -> Verdict:
    """Plan dates, allocations and risks: in a directive office the PMO's alone, else whoever edits the project."""
    if level != ControlLevel.DIRECTIVE or manages():
        return YES
    return no(_("The PMO itself changes plan dates and risks here. Propose your change."))


def may_request_change(rights: ProjectRights, *, in_team: bool) -> Verdict:
    """Whoever works on the project may ask to change what was agreed; whoever only advises may not."""
    if rights.edit or in_team:
        return YES
    return no(_("The project lead, the team and the PMO ask for changes."))


def can_edit_change(rights: ProjectRights, change: ChangeRequest) -> Verdict:
    """Its author or who edits the project, until it is closed."""
    if change.is_closed:
        return too_late(_("%(key)s is closed; it stays as it is.") % {"key": change.key})
    if rights.edit or change.requested_by_id == rights.user_id:
        return YES
    return no(_("Only who asked for it and the project lead edit a change request."))


def size_of(change: ChangeRequest, tolerance_days: int, tolerance_percent: int) -> ChangeSize:
    """How far a change reaches. Days count late or early alike, money up or down alike; what is unknown is far."""
    reach = [_reach_of_days(change, tolerance_days), _reach_of_cost(change, tolerance_percent)]
    return max(reach, key=list(ChangeSize).index)


def _reach_of_days(change: ChangeRequest, tolerance: int) -> ChangeSize:
    moves: list[tuple[dt.date | None, dt.date | None]] = []
    if change.finish_to:
        moves.append((change.finish_from, change.finish_to))
    moves += [(day_of(one["from"]), day_of(one["to"])) for one in change.milestones]
    if not moves:
        return ChangeSize.BEYOND if ChangeKind.SCHEDULE in change.kinds else ChangeSize.NONE
    if any(before is None or after is None for before, after in moves):
        return ChangeSize.BEYOND
    days = max(abs((after - before).days) for before, after in moves if before is not None and after is not None)
    return ChangeSize.NONE if not days else ChangeSize.WITHIN if days <= tolerance else ChangeSize.BEYOND


def _reach_of_cost(change: ChangeRequest, tolerance: int) -> ChangeSize:
    if ChangeKind.COST not in change.kinds:
        return ChangeSize.NONE
    if change.cost_delta is None or change.cost_from is None:
        return ChangeSize.BEYOND
    if change.cost_delta == 0:
        return ChangeSize.NONE
    within = abs(change.cost_delta) * 100 <= abs(change.cost_from) * tolerance
    return ChangeSize.WITHIN if within else ChangeSize.BEYOND


def day_of(text: str | None) -> dt.date | None:
    """A day as JSON keeps it."""
    return dt.date.fromisoformat(text) if text else None


def roles_to_give(rights: ProjectRights) -> list[str]:
    """The roles a person may give in the team: the PMO every one, others none that decides."""
    if rights.manage:
        return list(PROJECT_ROLES)
    own = rights.permissions | {Permission.PROJECT_VIEW.value, Permission.REPORT_VIEW.value}
    return [name for name in PROJECT_ROLES if _codes(ROLES[name].permissions) <= own]


def _codes(permissions: Iterable[Permission]) -> set[str]:
    return {permission.value for permission in permissions}


def can_take(user: User, decision: Decision, rights: ProjectRights) -> Verdict:
    """The holder decides; somebody else with the right to decide may, but never on what they asked themselves."""
    if decision.state != DecisionState.WANTED:
        return no(_("This decision is closed; what was decided stays as it is."))
    if refusal := why_not_appointed(user):
        return no(refusal)
    if decision.holder_id == user.pk:
        return YES
    if not rights.decide:
        return no(_("Only the person who holds this decision, a sponsor or a budget owner takes it."))
    if decision.raised_by_id == user.pk:
        return no(_("You asked for this decision, so somebody else takes it."))
    return YES


def can_accept_document(rights: ProjectRights, document: DocumentLink) -> Verdict:
    """Whoever decides on the project, and who edits it, accepts its documents, but nobody their own."""
    if not (rights.edit or rights.decide):
        return no(_("Only the sponsor, the budget owner, the project lead and the PMO accept documents."))
    if document.owner_id == rights.user_id:
        return no(_("This document is yours, so somebody else accepts it."))
    return YES


def can_deliver(user_id: int, rights: ProjectRights, answering: Iterable[int]) -> Verdict:
    """Who edits the project delivers, and so does whoever is responsible or accountable for it (`answering`)."""
    if rights.edit or user_id in set(answering):
        return YES
    return Verdict(
        allowed=False,
        reason=_("Only who is responsible for it, the project lead and the PMO say that it is delivered."),
    )


def can_accept(user_id: int, rights: ProjectRights, delivered_by: int | None, accountable: int | None) -> Verdict:
    """The accountable person accepts, or a sponsor, budget owner or the PMO; never who delivered it."""
    if user_id == delivered_by:
        return Verdict(allowed=False, reason=_("You delivered this, so somebody else accepts it."))
    if user_id == accountable or rights.manage or rights.decide:
        return YES
    return Verdict(
        allowed=False, reason=_("Only who is accountable for it, a sponsor, a budget owner or the PMO accepts it.")
    )


def can_move(user_id: int, promise: Promise, move: str, *, edits: Callable[[int], bool]) -> Verdict:
    """Whether this person may say this about a promise. `edits` tells whether they edit a project, by its id.

    Each side speaks for itself, and who spoke last for one does not speak for the other: who asked does not promise,
    who promised does not agree. The promise comes with both its projects.
    """
    gives = move in GIVER_MOVES
    if not edits(promise.giver_id if gives else promise.project_id):
        return no(
            _("The lead and the PMO of the project that gives it say this.")
            if gives
            else _("The lead and the PMO of the project that needs it say this.")
        )
    if move not in PROMISE_MOVES[promise.state]:
        return too_late(_("“%(name)s” is “%(state)s”; this step is not open now.") % {
            "name": promise.name, "state": promise.get_state_display(),
        })  # fmt: skip
    if user_id == (promise.asked_by_id if gives else promise.answered_by_id):
        return no(_("You spoke for the other project, so somebody else speaks for this one."))
    if move in MOVES_WITH_DAY and not (promise.project.is_live and promise.giver.is_live):
        return too_late(_("One of the two projects is over, so no other day can be promised."))
    return YES

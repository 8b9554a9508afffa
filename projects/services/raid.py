"""Changing risks, issues and decisions of a project.

Where a directive office looks after the project only the PMO changes its risks (OnlyThePmo).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policies import why_not_appointed
from common import versions
from common.errors import NotAllowed, PortalError
from projects import policies
from projects.enums import DecisionState, IssueStatus, RiskStatus
from projects.models import Decision, Issue, Project, Risk
from projects.selectors.projects import rights_for
from projects.services import state
from projects.services.projects import allowed_changes, leave_to_the_pmo, lock_project

if TYPE_CHECKING:
    from accounts.models import User

RISK_FIELDS: Final = frozenset(
    {"title", "description", "probability", "impact", "response", "response_plan", "owner", "review_on"}
)
ISSUE_FIELDS: Final = frozenset({"title", "description", "severity", "is_blocker", "owner", "opened_on", "due_on"})
DECISION_FIELDS: Final = frozenset({"question", "options", "recommendation", "holder", "needed_by"})


class RaidError(PortalError):
    """A step that a risk, issue or decision cannot take."""


@transaction.atomic
def add_risk(*, actor: User, project: Project, values: Mapping[str, Any]) -> Risk:
    """Add an open risk with any of RISK_FIELDS; probability and impact are needed."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    risk = Risk(project=project, **allowed_changes(values, RISK_FIELDS))
    risk.save(force_insert=True)
    state.refresh([project.pk])
    return risk


@transaction.atomic
def edit_risk(*, actor: User, project: Project, risk_id: int, version: int | None, changes: Mapping[str, Any]) -> Risk:
    """Change a risk. Raises: Conflict, Risk.DoesNotExist."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    risk = versions.claim(project.risks.all(), pk=risk_id, version=version)
    if versions.apply(risk, allowed_changes(changes, RISK_FIELDS)):
        state.refresh([project.pk])
    return risk


@transaction.atomic
def close_risk(*, actor: User, project: Project, risk_id: int, occurred: bool = False) -> Risk:
    """Close a risk: it can no longer happen, or it did. Closed already the same way: nothing happens.

    Raises: RaidError when it was closed the other way.
    """
    lock_project(project)
    leave_to_the_pmo(actor, project)
    risk = versions.claim(project.risks.all(), pk=risk_id, version=None)
    status = RiskStatus.OCCURRED if occurred else RiskStatus.CLOSED
    if risk.status == status:
        return risk
    if risk.status != RiskStatus.OPEN:
        raise RaidError(_("This risk is already closed. Open it again first."))
    versions.apply(risk, {"status": status, "closed_on": timezone.localdate()})
    state.refresh([project.pk])
    return risk


@transaction.atomic
def reopen_risk(*, actor: User, project: Project, risk_id: int) -> Risk:
    """Open a closed risk again."""
    lock_project(project)
    leave_to_the_pmo(actor, project)
    risk = versions.claim(project.risks.all(), pk=risk_id, version=None)
    if versions.apply(risk, {"status": RiskStatus.OPEN, "closed_on": None}):
        state.refresh([project.pk])
    return risk


@transaction.atomic
def add_issue(*, actor: User, project: Project, values: Mapping[str, Any]) -> Issue:
    """Add an open issue with any of ISSUE_FIELDS; without `opened_on` it was opened today."""
    lock_project(project)
    fields = {"opened_on": timezone.localdate(), **allowed_changes(values, ISSUE_FIELDS)}
    issue = Issue(project=project, **fields)
    issue.save(force_insert=True)
    state.refresh([project.pk])
    return issue


@transaction.atomic
def edit_issue(
    *, actor: User, project: Project, issue_id: int, version: int | None, changes: Mapping[str, Any]
) -> Issue:
    """Change an issue. Raises: Conflict, Issue.DoesNotExist."""
    lock_project(project)
    issue = versions.claim(project.issues.all(), pk=issue_id, version=version)
    if versions.apply(issue, allowed_changes(changes, ISSUE_FIELDS)):
        state.refresh([project.pk])
    return issue


@transaction.atomic
def resolve_issue(*, actor: User, project: Project, issue_id: int, resolution: str) -> Issue:
    """Say how an issue was solved. Resolved already: nothing happens. Raises: RaidError without words."""
    lock_project(project)
    if not resolution.strip():
        raise RaidError(_("Say in a sentence how the issue was solved."))
    issue = versions.claim(project.issues.all(), pk=issue_id, version=None)
    if issue.status == IssueStatus.RESOLVED:
        return issue
    today = timezone.localdate()
    versions.apply(issue, {"status": IssueStatus.RESOLVED, "resolved_on": today, "resolution": resolution.strip()})
    state.refresh([project.pk])
    return issue


@transaction.atomic
def reopen_issue(*, actor: User, project: Project, issue_id: int) -> Issue:
    """Open a resolved issue again; what was said about it stays until it is resolved anew."""
    lock_project(project)
    issue = versions.claim(project.issues.all(), pk=issue_id, version=None)
    if versions.apply(issue, {"status": IssueStatus.OPEN, "resolved_on": None}):
        state.refresh([project.pk])
    return issue


@transaction.atomic
def raise_decision(*, actor: User, project: Project, values: Mapping[str, Any]) -> Decision:
    """Ask for a decision with any of DECISION_FIELDS. Raises: RaidError when the holder cannot see the project."""
    lock_project(project)
    fields = allowed_changes(values, DECISION_FIELDS)
    _check_holder(project, fields.get("holder"))
    decision = Decision(project=project, raised_by=actor, raised_on=timezone.localdate(), **fields)
    decision.save(force_insert=True)
    state.refresh([project.pk])
    return decision


@transaction.atomic
def edit_decision(
    *, actor: User, project: Project, decision_id: int, version: int | None, changes: Mapping[str, Any]
) -> Decision:
    """Change a decision that is still wanted. Raises: Conflict, RaidError, Decision.DoesNotExist."""
    lock_project(project)
    decision = versions.claim(project.decisions.all(), pk=decision_id, version=version)
    if decision.state != DecisionState.WANTED:
        raise RaidError(_("This decision is closed; what was decided stays as it is."))
    changes = allowed_changes(changes, DECISION_FIELDS)
    if changes.get("holder") != decision.holder:
        _check_holder(project, changes.get("holder"))
    if versions.apply(decision, changes):
        state.refresh([project.pk])
    return decision


@transaction.atomic
def take_decision(
    *, actor: User, project: Project, decision_id: int, version: int | None, outcome: str, rationale: str
) -> Decision:
    """Decide, with a reason; a decision taken never changes. The record is locked before it is judged, so one wins.

    Raises: Conflict, NotAllowed (`policies.can_take`), RaidError without outcome or reason.
    """
    lock_project(project)
    if not outcome.strip() or not rationale.strip():
        raise RaidError(_("Write what is decided and why."))
    decision = versions.claim(project.decisions.all(), pk=decision_id, version=version)
    verdict = policies.can_take(actor, decision, rights_for(actor, project))
    if not verdict:
        raise NotAllowed(verdict.reason)
    changes = {
        "state": DecisionState.TAKEN, "outcome": outcome.strip(), "rationale": rationale.strip(),
        "decided_at": timezone.now(), "decided_by": actor,
    }  # fmt: skip
    versions.apply(decision, changes)
    state.refresh([project.pk])
    return decision


@transaction.atomic
def withdraw_decision(*, actor: User, project: Project, decision_id: int) -> Decision:
    """Take a question back. Withdrawn already: nothing happens. Raises: RaidError when it was taken."""
    lock_project(project)
    decision = versions.claim(project.decisions.all(), pk=decision_id, version=None)
    if decision.state == DecisionState.TAKEN:
        raise RaidError(_("This decision is closed; what was decided stays as it is."))
    if versions.apply(decision, {"state": DecisionState.WITHDRAWN}):
        state.refresh([project.pk])
    return decision


def _check_holder(project: Project, holder: User | None) -> None:
    """A person who cannot open the project cannot decide on it, and would learn of it by the question."""
    if refusal := why_not_appointed(holder):
        raise RaidError(refusal)
    if holder is not None and not Project.objects.visible_to(holder).filter(pk=project.pk).exists():
        raise RaidError(
            _("%(name)s cannot see this project. Add them to the team first, or choose somebody else.")
            % {"name": holder}
        )

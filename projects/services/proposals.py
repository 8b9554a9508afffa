"""Proposals: a lead says what should change, the PMO accepts it in one press or refuses it with a reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import versions
from common.errors import Conflict, NotAllowed, PortalError
from projects.enums import ProposalState, ProposalTarget
from projects.models import Project, Proposal
from projects.selectors.proposals import MODELS
from projects.services import letters, plan, projects, raid
from projects.services.baselines import manages
from projects.services.projects import lock_project

if TYPE_CHECKING:
    from accounts.models import User
    from common.models import Record


class ProposalError(PortalError):
    """A proposal that says nothing, or whose time has passed."""


@transaction.atomic
def propose(
    *, actor: User, project: Project, target: str, record: Record | None, changes: Mapping[str, Any], why: str
) -> Proposal:
    """Propose what differs from the record (or a new one, when it is None); the PMO of the project gets a mail. The
    same proposal by the same person, still open: nothing happens.

    Raises: NotAllowed, ProposalError.
    """
    lock_project(project)
    if not Project.objects.allowed(actor, "project.edit").filter(pk=project.pk).exists():
        raise NotAllowed(_("Only the project lead and the PMO edit this project."))
    if not why.strip():
        raise ProposalError(_("Write why, so that the PMO can decide."))
    told = _differences(MODELS[target], record, changes)
    if not told:
        raise ProposalError(_("Nothing differs from what is there. Change something to propose it."))
    title = str(record) if record is not None else str(changes.get("name") or changes.get("title") or "")
    there = Proposal.objects.open().filter(
        project=project, target=target, target_id=record.pk if record else None, proposed_by=actor, changes=told
    )
    if (found := there.first()) is not None:
        return found
    proposal = Proposal.objects.create(
        project=project, target=target, target_id=record.pk if record else None,
        target_version=record.version if record else None, title=title[:300], changes=told, why=why.strip(),
        proposed_by=actor,
    )  # fmt: skip
    letters.proposed(proposal)
    return proposal


def _differences(
    model: type[models.Model], record: models.Model | None, changes: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    told = {}
    for name, value in changes.items():
        before = _plain(getattr(record, name)) if record is not None else _plain(model().__dict__.get(name))
        after = _plain(value)
        if before != after:
            told[name] = {"from": before, "to": after}
    return told


def _plain(value: Any) -> Any:
    if isinstance(value, models.Model):
        return value.pk
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return None if value == "" else value


@transaction.atomic
def accept_proposal(*, actor: User, proposal_id: int) -> Proposal:
    """Do what was proposed, through the order that the PMO itself would give; whoever proposed it gets a mail. Accepted
    already by the same person: nothing happens.

    Raises: NotAllowed (also for who proposed it), ProposalError, Conflict when the record moved on, and what the order
    raises.
    """
    proposal = _claimed(actor, proposal_id)
    if proposal.state == ProposalState.ACCEPTED and proposal.decided_by_id == actor.pk:
        return proposal
    _demand_open(proposal)
    try:
        _apply(actor, proposal)
    except models.ObjectDoesNotExist as error:
        raise ProposalError(_("What this was about is gone. Refuse it, with a word to who proposed it.")) from error
    except Conflict as error:
        raise Conflict(
            _("This was changed after it was proposed. Compare the two; refuse it, or change it yourself."),
            current_version=error.current_version,
        ) from error
    versions.apply(proposal, {"state": ProposalState.ACCEPTED, "decided_at": timezone.now(), "decided_by": actor})
    letters.decided(proposal)
    return proposal


@transaction.atomic
def refuse_proposal(*, actor: User, proposal_id: int, answer: str) -> Proposal:
    """Say no, with a reason that the lead gets by mail. Raises: NotAllowed, ProposalError."""
    proposal = _claimed(actor, proposal_id)
    if proposal.state == ProposalState.REFUSED and proposal.decided_by_id == actor.pk:
        return proposal
    _demand_open(proposal)
    if not answer.strip():
        raise ProposalError(_("Write why not, so that the lead can propose something better."))
    versions.apply(
        proposal,
        {
            "state": ProposalState.REFUSED, "answer": answer.strip(), "decided_at": timezone.now(),
            "decided_by": actor,
        },
    )  # fmt: skip
    letters.decided(proposal)
    return proposal


@transaction.atomic
def withdraw_proposal(*, actor: User, proposal_id: int) -> Proposal:
    """Take a proposal back. Taken back already: nothing happens. Raises: NotAllowed, ProposalError."""
    proposal = versions.claim(Proposal.objects.all(), pk=proposal_id, version=None)
    if proposal.proposed_by_id != actor.pk:
        raise NotAllowed(_("Only who proposed it takes it back."))
    if proposal.state != ProposalState.WITHDRAWN:
        _demand_open(proposal)
        versions.apply(proposal, {"state": ProposalState.WITHDRAWN})
    return proposal


def _claimed(actor: User, proposal_id: int) -> Proposal:
    """The proposal, locked after its project. Raises: NotAllowed."""
    project = Project.objects.select_for_update(of=("self",), no_key=True).get(proposals=proposal_id)
    proposal = versions.claim(Proposal.objects.select_related("proposed_by"), pk=proposal_id, version=None)
    if not manages(actor, project):
        raise NotAllowed(_("The PMO of this project accepts or refuses what is proposed."))
    if proposal.proposed_by_id == actor.pk:
        raise NotAllowed(_("You proposed this yourself; a colleague of the PMO decides on it."))
    proposal.project = project
    return proposal


def _demand_open(proposal: Proposal) -> None:
    if proposal.state != ProposalState.OPEN:
        raise ProposalError(
            _("This cannot be done any more: the proposal is now “%(state)s”.")
            % {"state": proposal.get_state_display()}
        )


def _apply(actor: User, proposal: Proposal) -> None:
    model = MODELS[proposal.target]
    changes = {name: _value(model, name, told["to"]) for name, told in proposal.changes.items()}
    _ORDERS[proposal.target](actor, proposal, changes)


def _value(model: type[models.Model], name: str, plain: Any) -> Any:
    """A value of a field out of plain JSON."""
    field: Any = model._meta.get_field(name)
    if field.is_relation:
        return None if plain is None else field.related_model._default_manager.get(pk=plain)
    if plain is None:
        return None if field.null else ""
    return field.to_python(plain)


Order = Callable[["User", Proposal, dict[str, Any]], object]


def _project(actor: User, one: Proposal, changes: dict[str, Any]) -> object:
    return projects.edit_project(actor=actor, project_id=one.project_id, version=one.target_version, changes=changes)


def _milestone(actor: User, one: Proposal, changes: dict[str, Any]) -> object:
    if one.target_id is None:
        return plan.add_milestone(actor=actor, project=one.project, values=changes)
    return plan.edit_milestone(
        actor=actor, project=one.project, milestone_id=one.target_id, version=one.target_version, changes=changes
    )


def _phase(actor: User, one: Proposal, changes: dict[str, Any]) -> object:
    if one.target_id is None:
        return plan.add_phase(actor=actor, project=one.project, values=changes)
    return plan.edit_phase(
        actor=actor, project=one.project, phase_id=one.target_id, version=one.target_version, changes=changes
    )


def _risk(actor: User, one: Proposal, changes: dict[str, Any]) -> object:
    if one.target_id is None:
        return raid.add_risk(actor=actor, project=one.project, values=changes)
    return raid.edit_risk(
        actor=actor, project=one.project, risk_id=one.target_id, version=one.target_version, changes=changes
    )


_ORDERS: Final[dict[str, Order]] = {
    ProposalTarget.PROJECT.value: _project, ProposalTarget.MILESTONE.value: _milestone,
    ProposalTarget.PHASE.value: _phase, ProposalTarget.RISK.value: _risk,
}  # fmt: skip

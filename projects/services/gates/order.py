"""What a gate holds back: the next phase, and a plan that would go around it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from common.errors import NotAllowed, PortalError
from projects.models import Gate, Milestone, Phase, Project
from projects.selectors.gates import gates_closing_before, unmet_conditions
from projects.services.baselines import manages

if TYPE_CHECKING:
    from accounts.models import User


class GateClosed(PortalError):
    """A gate, or a condition of one, stands before this."""


def demand_entry(*, project: Project, phase: Phase) -> None:
    """Refuse a further phase while a gate before it is not passed, or a condition is past its day unmet.

    Going back is free, and so is everything in a project without gates. Call it with the project locked and its
    phase read with it. At most two queries. Raises: GateClosed.
    """
    now = project.phase
    if now is not None and phase.position <= now.position:
        return
    closed = gates_closing_before(project, phase.position)
    if closed:
        raise GateClosed(
            _("“%(phase)s” comes after the gate “%(gate)s”, which is not passed yet. Ask for its review.")
            % {"phase": phase.name, "gate": closed[0]}
        )
    demand_conditions(project)


def demand_conditions(project: Project) -> None:
    """Refuse while a condition of an earlier gate is past its day unmet. One query. Raises: GateClosed."""
    late = unmet_conditions(project)
    if late:
        raise GateClosed(
            _("A condition of an earlier gate is past its day and not met: “%(condition)s” (%(owner)s).")
            % {"condition": late[0].text, "owner": late[0].owner}
        )


def keep_gates(*, actor: User, project: Project, milestone: Milestone | None, changes: Mapping[str, Any]) -> None:
    """Refuse to walk around a gate by editing the plan.

    Passing one by a date is for the PMO, who notes what was decided before the portal; a gate that was ever put to
    a review is passed by that alone. Only the PMO takes a gate out of the plan or moves it to another phase.
    No query for a milestone that is no gate. Raises: NotAllowed, GateClosed.
    """
    is_gate = milestone is not None and milestone.is_gate
    becomes = bool(changes.get("is_gate", is_gate))
    touched = [
        name for name in ("actual_on", "is_gate", "phase")
        if name in changes and changes[name] != (getattr(milestone, name) if milestone else None)
    ]  # fmt: skip
    if not (is_gate or (becomes and changes.get("actual_on"))) or not touched:
        return
    if milestone is not None and set(touched) & {"actual_on", "is_gate"} and was_reviewed(milestone):
        raise GateClosed(_("This gate was put to a review, so only that passes it, and it stays in the plan."))
    if not manages(actor, project):
        raise NotAllowed(_("A gate is passed by its review. Only the PMO notes one that was decided elsewhere."))


def keep_gated_phase(*, actor: User, project: Project, phases: list[Phase]) -> None:
    """Refuse to move or delete phases that gates close, unless for the PMO. At most two queries. Raises: NotAllowed."""
    if Gate.objects.in_force().filter(milestone__phase__in=phases).exists() and not manages(actor, project):
        raise NotAllowed(_("A gate closes this phase, so only the PMO moves it or takes it out."))


def was_reviewed(milestone: Milestone) -> bool:
    """Whether a gate was ever put to a review. One query."""
    return Gate.objects.filter(milestone=milestone, packs__isnull=False).exists()

"""What the pages about proposals read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.http import Http404

from accounts.enums import Permission
from projects.enums import ProposalState, ProposalTarget
from projects.models import Milestone, Phase, Project, Proposal, Risk
from projects.models.proposals import ProposalQuerySet
from projects.selectors import history
from projects.selectors.governing import control_of
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db import models

    from accounts.models import User
    from common.models import Record

    Names: TypeAlias = Mapping[tuple[str, int], str]

MODELS: Final[dict[str, type[Record]]] = {
    ProposalTarget.PROJECT.value: Project, ProposalTarget.MILESTONE.value: Milestone,
    ProposalTarget.PHASE.value: Phase, ProposalTarget.RISK.value: Risk,
}  # fmt: skip
"""What a proposal can be about."""


def is_directed(project: Project) -> bool:
    """Whether a directive office looks after the project. One query."""
    control = control_of([project.pk]).get(project.pk)
    return control is not None and control.level == ControlLevel.DIRECTIVE


def proposals_of(user: User, *, state: str, key: str) -> ProposalQuerySet:
    """The proposals that a person may see, of a state and of a project when they name one; the oldest open first."""
    found = Proposal.objects.visible_to(user).select_related("project", "proposed_by", "decided_by")
    if state in ProposalState.values:
        found = found.filter(state=state)
    if key:
        found = found.filter(project__in=Project.objects.by_key(key))
    return found.order_by("created_at", "pk") if state == ProposalState.OPEN else found.order_by("-created_at", "-pk")


def get_proposal_for(user: User, pk: int) -> Proposal:
    """The one door to a proposal. Raises: Http404."""
    proposal = Proposal.objects.visible_to(user).select_related("project").filter(pk=pk).first()
    if proposal is None:
        raise Http404
    return proposal


def managed_by(user: User, proposals: list[Proposal]) -> set[int]:
    """The projects of these proposals that the person looks after for the PMO. One query."""
    ids = {one.project_id for one in proposals}
    return set(Project.objects.allowed(user, Permission.PROJECT_CREATE).filter(pk__in=ids).values_list("pk", flat=True))


def waiting_for(user: User) -> ProposalQuerySet:
    """The open proposals that the person accepts or refuses for the PMO, the oldest first: not their own."""
    managed = Project.objects.allowed(user, Permission.PROJECT_CREATE).values("pk")
    found = Proposal.objects.open().filter(project__in=managed).exclude(proposed_by=user)
    return found.order_by("created_at", "pk")


def count_waiting_for(user: User) -> int:
    """The badge of the menu. One query, none for who manages no project."""
    return waiting_for(user).count() if user.can(Permission.PROJECT_CREATE) else 0


@dataclass(frozen=True, slots=True)
class Change:
    """A field of a proposal as people read it."""

    label: str
    before: str
    after: str


def names_in(proposals: list[Proposal]) -> Names:
    """The names of what proposals point at, in any language. One query, none when they point at nothing."""
    wanted: set[tuple[str, int]] = set()
    for one in proposals:
        for name, told in one.changes.items():
            pointed = _pointed(MODELS[one.target], name)
            wanted |= {(pointed, value) for value in told.values() if pointed and value is not None}
    return history.names_of(wanted)


def changes_in_words(proposals: list[Proposal], names: Names) -> dict[int, list[Change]]:
    """The changes of proposals in the language of now, by id, with the `names_in` them."""

    def words(one: Proposal, name: str, value: Any) -> str:
        return history.words_for(MODELS[one.target], name, value, names)

    return {
        one.pk: [
            Change(history.label_of(MODELS[one.target], name), words(one, name, told["from"]),
                   words(one, name, told["to"]))
            for name, told in one.changes.items()
        ]
        for one in proposals
    }  # fmt: skip


def _pointed(model: type[models.Model], name: str) -> str:
    field: Any = model._meta.get_field(name)
    return str(field.related_model._meta.label) if field.is_relation else ""

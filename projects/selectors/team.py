"""Who works on a project, and who can see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant
from accounts.roles import ROLES
from projects.models import DocumentLink, Portfolio, TeamMember

if TYPE_CHECKING:
    from projects.models import Project

LONGEST = 200


@dataclass(frozen=True, slots=True)
class Watcher:
    """A person who sees the project by a role given elsewhere, and where that role holds."""

    name: str
    role: str
    scope: str


def team_of(project: Project) -> list[TeamMember]:
    """The places in the team, those that ended too. One query."""
    return list(project.team.select_related("user").order_by("role", "user__name", "pk")[:LONGEST])


def documents_of(project: Project) -> list[DocumentLink]:
    """The documents by title. One query."""
    return list(project.documents.select_related("owner", "accepted_by").order_by("title", "pk")[:LONGEST])


def watchers_of(project: Project) -> list[Watcher]:
    """The people whose role elsewhere lets them see this project, confidential or not. Three queries."""
    needed = {Permission.PROJECT_VIEW} | ({Permission.PROJECT_VIEW_CONFIDENTIAL} if project.is_confidential else set())
    roles = [name for name, role in ROLES.items() if needed <= role.permissions]
    units = _above(OrgUnit, project.org_unit)
    portfolios = _above(Portfolio, project.portfolio)
    here = (
        Q(scope=ScopeKind.ORGANISATION)
        | Q(scope=ScopeKind.ORG_UNIT, scope_id__in=list(units))
        | Q(scope=ScopeKind.PORTFOLIO, scope_id__in=list(portfolios))
    )
    grants = RoleGrant.objects.in_force().filter(here, role__in=roles, user__is_active=True).select_related("user")
    return [
        Watcher(str(grant.user), str(RoleName(grant.role).label), _scope(grant, units, portfolios))
        for grant in grants.order_by("user__name", "pk")[:LONGEST]
    ]


def _above(model: type[OrgUnit | Portfolio], node: OrgUnit | Portfolio | None) -> dict[int, str]:
    """A node and all above it, by id, with their names."""
    if node is None:
        return {}
    paths = [node.path[:end] for end in range(node.steplen, len(node.path) + 1, node.steplen)]
    return dict(model.objects.filter(path__in=paths).values_list("pk", "name"))


def _scope(grant: RoleGrant, units: dict[int, str], portfolios: dict[int, str]) -> str:
    if grant.scope == ScopeKind.ORGANISATION or grant.scope_id is None:
        return str(ScopeKind.ORGANISATION.label)
    return (units if grant.scope == ScopeKind.ORG_UNIT else portfolios).get(grant.scope_id, "")

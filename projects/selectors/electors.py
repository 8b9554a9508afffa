"""Who holds a role towards a project: the people of its posts and team, and those whose grants reach it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from accounts.roles import ROLES
from projects.models import Portfolio, Project, TeamMember

if TYPE_CHECKING:
    from treebeard.mp_tree import MP_Node

POSTS: Final = {
    RoleName.PROJECT_LEAD.value: "lead",
    RoleName.SPONSOR.value: "sponsor",
    RoleName.BUDGET_OWNER.value: "budget_owner",
}


def people_with_role(project_id: int, role: str) -> list[int]:
    """The ids of who holds a role towards a project now, and may sign in.

    A post of the project itself goes before the same role given elsewhere: the sponsor of this project decides, not
    every sponsor of the portfolio. A grant reaches a confidential project only with a role that sees those.
    At most four queries. Raises: Project.DoesNotExist.
    """
    facts: Any = Project.objects.values(
        "lead_id", "sponsor_id", "budget_owner_id", "is_confidential", "portfolio__path", "org_unit__path"
    ).get(pk=project_id)
    post = facts[f"{POSTS[role]}_id"] if role in POSTS else None
    places = TeamMember.objects.in_force().filter(project=project_id, role=role).values_list("user", flat=True)
    own = _active({*places, *([post] if post else [])})
    if own and role in POSTS:
        return own
    if facts["is_confidential"] and Permission.PROJECT_VIEW_CONFIDENTIAL not in ROLES[role].permissions:
        return own
    reaching = Q(scope=ScopeKind.ORGANISATION) | _below(ScopeKind.PORTFOLIO, Portfolio, facts["portfolio__path"])
    if facts["org_unit__path"]:
        reaching |= _below(ScopeKind.ORG_UNIT, OrgUnit, facts["org_unit__path"])
    granted = RoleGrant.objects.in_force().filter(
        reaching, role=role, user__is_active=True, user__external_until__isnull=True
    )
    return sorted({*own, *granted.values_list("user", flat=True)})


def _active(ids: set[int]) -> list[int]:
    """Those of them who may sign in and are of no external office."""
    people = User.objects.filter(pk__in=ids, is_active=True, external_until__isnull=True)
    return sorted(people.values_list("pk", flat=True)) if ids else []


def _below(kind: ScopeKind, tree: type[MP_Node], path: str) -> Q:
    """Grants for this node of a tree or for one above it."""
    paths = [path[:end] for end in range(tree.steplen, len(path) + 1, tree.steplen)]
    return Q(scope=kind, scope_id__in=tree._base_manager.filter(path__in=paths).values("pk"))

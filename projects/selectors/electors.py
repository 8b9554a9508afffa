"""Who holds a role towards a project now: by its posts or a place in its team, else by a grant that reaches it."""

from __future__ import annotations

from typing import Final

from django.db.models import Q

from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from accounts.roles import ROLES
from projects.models import Portfolio, Project, TeamMember

POSTS: Final = {RoleName.PROJECT_LEAD: "lead", RoleName.SPONSOR: "sponsor", RoleName.BUDGET_OWNER: "budget_owner"}


def holders_of(project: Project, role: str) -> list[int]:
    """The ids of the active people who hold the role towards this project. Three queries."""
    post = POSTS.get(RoleName(role))
    ids = set(TeamMember.objects.in_force().filter(project=project, role=role).values_list("user_id", flat=True))
    if post is not None and getattr(project, f"{post}_id"):
        ids.add(getattr(project, f"{post}_id"))
    if not ids:
        ids.update(_granted(project, role))
    return list(User.objects.filter(pk__in=ids, is_active=True).order_by("pk").values_list("pk", flat=True))


def _granted(project: Project, role: str) -> list[int]:
    """Those whose grant of the role reaches the project; a confidential one only with a role that sees such."""
    if project.is_confidential and Permission.PROJECT_VIEW_CONFIDENTIAL not in ROLES[role].permissions:
        return []
    above = Portfolio.objects.filter(path__in=_prefixes(project.portfolio.path, Portfolio.steplen))
    reaches = Q(scope=ScopeKind.ORGANISATION) | Q(scope=ScopeKind.PORTFOLIO, scope_id__in=above.values("pk"))
    if project.org_unit is not None:
        units = OrgUnit.objects.filter(path__in=_prefixes(project.org_unit.path, OrgUnit.steplen))
        reaches |= Q(scope=ScopeKind.ORG_UNIT, scope_id__in=units.values("pk"))
    return list(RoleGrant.objects.in_force().filter(reaches, role=role).values_list("user_id", flat=True))


def _prefixes(path: str, step: int) -> list[str]:
    """The places in a tree from its root down to this one."""
    return [path[:end] for end in range(step, len(path) + 1, step)]

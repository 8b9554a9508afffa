"""Who holds a role towards a project: those who may be asked to decide about it."""

from __future__ import annotations

from typing import Final

from accounts.enums import Permission, RoleName
from accounts.models import User
from accounts.roles import ROLES
from accounts.selectors import holders_of
from projects.models import Portfolio, Project, TeamMember

_POSTS: Final = {
    RoleName.PROJECT_LEAD: "lead_id",
    RoleName.SPONSOR: "sponsor_id",
    RoleName.BUDGET_OWNER: "budget_owner_id",
}


def holders(project_id: int, role: str) -> set[int]:
    """The people who hold a role towards a project now, by post, by team place or by a grant that reaches it, and who
    may sign in. On a confidential project a grant counts only for those who may see such projects. Four queries.
    """
    project = Project.objects.select_related("portfolio", "org_unit").filter(pk=project_id).first()
    if project is None:
        return set()
    post = getattr(project, _POSTS[RoleName(role)]) if role in _POSTS else None
    placed = TeamMember.objects.in_force().filter(project=project, role=role).values_list("user_id", flat=True)
    named = {pk for pk in (post, *placed) if pk is not None}
    granted = holders_of(role, org_unit=project.org_unit, portfolios=Portfolio.objects.at_or_above(project.portfolio))
    if project.is_confidential and granted:
        granted &= _unveiled(project)
    people = User.objects.filter(pk__in=named | granted, is_active=True, external_until__isnull=True)
    return set(people.values_list("pk", flat=True))


def _unveiled(project: Project) -> set[int]:
    """Those whose grants let them see a confidential project."""
    roles = [name for name, role in ROLES.items() if Permission.PROJECT_VIEW_CONFIDENTIAL in role.permissions]
    found: set[int] = set()
    for role in roles:
        found |= holders_of(
            role, org_unit=project.org_unit, portfolios=Portfolio.objects.at_or_above(project.portfolio)
        )
    return found

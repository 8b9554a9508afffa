"""Who holds a role towards a project: the people of its posts and team, and those whose grants reach it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from accounts.enums import Permission, RoleName
from accounts.models import RoleGrant, User
from accounts.roles import ROLES
from accounts.selectors import grants_reaching, holders_by_role
from projects.models import Portfolio, Project, TeamMember
from projects.models.project import POSTS

if TYPE_CHECKING:
    from collections.abc import Collection

    from projects.models.project import ProjectQuerySet

FIELD_OF: Final = {role.value: field for field, role in POSTS}
"""By role that a post gives, the field of a project that names who holds it."""


def with_electors(projects: ProjectQuerySet) -> ProjectQuerySet:
    """These projects with what `people_with_roles` and `roles_held` read of them."""
    return projects.select_related("portfolio", "org_unit", *FIELD_OF.values())


def people_with_role(project_id: int, role: str) -> list[int]:
    """`people_with_roles` for one role of a project by its id. Three queries. Raises: Project.DoesNotExist."""
    return people_with_roles(with_electors(Project.objects.all()).get(pk=project_id), [role])[role]


def leads_of(project: Project) -> set[int]:
    """The ids of who leads a project, also of one who may not sign in just now. One query."""
    places = TeamMember.objects.in_force().filter(project=project, role=RoleName.PROJECT_LEAD)
    return {*places.values_list("user", flat=True), *([project.lead_id] if project.lead_id else [])}


def people_with_roles(project: Project, roles: Collection[str]) -> dict[str, list[int]]:
    """By role, the ids of who holds it towards a project (`with_electors`) now, and may sign in.

    A post of the project itself goes before the same role given elsewhere: the sponsor of this project decides, not
    every sponsor of the portfolio. A grant reaches a confidential project only with a role that sees those.
    Two queries.
    """
    own = _own(project)
    wanted = [
        role for role in roles
        if _grants_count(role, has_own=bool(own[role]), is_confidential=project.is_confidential)
    ]  # fmt: skip
    above = Portfolio.objects.at_or_above(project.portfolio)
    granted = holders_by_role(wanted, org_unit=project.org_unit, portfolios=above)
    return {role: sorted(own[role] | granted.get(role, set())) for role in roles}


def roles_held(user: User, project: Project) -> set[str]:
    """The roles that a person holds towards a project (`with_electors`).

    The same answer as asking `people_with_roles` for each role. Two queries.
    """
    if not user.is_active or user.external_until is not None:
        return set()
    own = _own(project)
    above = Portfolio.objects.at_or_above(project.portfolio)
    reaching = grants_reaching(org_unit=project.org_unit, portfolios=above)
    granted = RoleGrant.objects.in_force().filter(reaching, user=user).values_list("role", flat=True)
    return {role for role, people in own.items() if user.pk in people} | {
        role
        for role in granted
        if _grants_count(role, has_own=bool(own[role]), is_confidential=project.is_confidential)
    }


def _own(project: Project) -> defaultdict[str, set[int]]:
    """By role, the people of the project's own posts and team who may sign in and are of no external office."""
    own: defaultdict[str, set[int]] = defaultdict(set)
    for role, field in FIELD_OF.items():
        holder: User | None = getattr(project, field)
        if holder is not None and holder.is_active and holder.external_until is None:
            own[role].add(holder.pk)
    places = TeamMember.objects.in_force().filter(
        project=project, user__is_active=True, user__external_until__isnull=True
    )
    for role, person in places.values_list("role", "user"):
        own[role].add(person)
    return own


def _grants_count(role: str, *, has_own: bool, is_confidential: bool) -> bool:
    """Whether a role that is given elsewhere counts for a project."""
    if has_own and role in FIELD_OF:
        return False
    return not is_confidential or Permission.PROJECT_VIEW_CONFIDENTIAL in ROLES[role].permissions

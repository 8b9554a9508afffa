"""Who holds a role towards a project: the people of its posts and team, and those whose grants reach it."""

from __future__ import annotations

from collections import defaultdict
from typing import Final

from accounts.enums import Permission, RoleName
from accounts.models import RoleGrant, User
from accounts.roles import ROLES
from accounts.selectors import grants_reaching, holders_of
from projects.models import Portfolio, Project, TeamMember

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
    project = Project.objects.select_related("portfolio", "org_unit").get(pk=project_id)
    post = getattr(project, f"{POSTS[role]}_id") if role in POSTS else None
    places = TeamMember.objects.in_force().filter(project=project_id, role=role).values_list("user", flat=True)
    own = _active({*places, *([post] if post else [])})
    if not _grants_count(role, has_own=bool(own), is_confidential=project.is_confidential):
        return own
    above = Portfolio.objects.at_or_above(project.portfolio)
    return sorted({*own, *holders_of(role, org_unit=project.org_unit, portfolios=above)})


def roles_held(user: User, project: Project) -> set[str]:
    """The roles that a person holds towards a project that came with its posts, portfolio and org unit.

    The same answer as asking `people_with_role` for each role. Two queries.
    """
    if not user.is_active or user.external_until is not None:
        return set()
    own: dict[str, set[int]] = defaultdict(set)
    for role, field in POSTS.items():
        holder: User | None = getattr(project, field)
        if holder is not None and holder.is_active and holder.external_until is None:
            own[role].add(holder.pk)
    places = TeamMember.objects.in_force().filter(
        project=project, user__is_active=True, user__external_until__isnull=True
    )
    for role, person in places.values_list("role", "user"):
        own[role].add(person)
    above = Portfolio.objects.at_or_above(project.portfolio)
    reaching = grants_reaching(org_unit=project.org_unit, portfolios=above)
    granted = RoleGrant.objects.in_force().filter(reaching, user=user).values_list("role", flat=True)
    return {role for role, people in own.items() if user.pk in people} | {
        role
        for role in granted
        if _grants_count(role, has_own=bool(own[role]), is_confidential=project.is_confidential)
    }


def _grants_count(role: str, *, has_own: bool, is_confidential: bool) -> bool:
    """Whether a role that is given elsewhere counts for a project."""
    if has_own and role in POSTS:
        return False
    return not is_confidential or Permission.PROJECT_VIEW_CONFIDENTIAL in ROLES[role].permissions


def _active(ids: set[int]) -> list[int]:
    """Those of them who may sign in and are of no external office."""
    people = User.objects.filter(pk__in=ids, is_active=True, external_until__isnull=True)
    return sorted(people.values_list("pk", flat=True)) if ids else []

"""Who can see a project or a portfolio: the answer of `visible_to` for everybody at once, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Count, Exists, OuterRef, Q, Value
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audience import Audience, Places, Reason, Seer, add_grants, grants_reaching, roles_with
from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from projects.models import Portfolio, Project, TeamMember
from projects.models.project import POSTS

if TYPE_CHECKING:
    from django.db.models import QuerySet


def may_ask_about_project(user: User, project: Project) -> bool:
    """Whether the person may know who sees this project: its lead, and whoever sees confidential ones in its reach
    (the PMO and auditors). Needs the lead's id only; at most one query.
    """
    return project.lead_id == user.pk or _unveils(user, Q(pk=project.pk))


def may_ask_about_portfolio(user: User, portfolio: Portfolio) -> bool:
    """The PMO and auditors whose grants reach the whole portfolio. At most one query."""
    reach = user.access.reach(Permission.PROJECT_VIEW_CONFIDENTIAL)
    if not reach or reach.everywhere:
        return reach.everywhere
    return bool(
        Portfolio.objects.reached_by(user, Permission.PROJECT_VIEW_CONFIDENTIAL).filter(pk=portfolio.pk).exists()
    )


def _unveils(user: User, which: Q) -> bool:
    reach = user.access.reach(Permission.PROJECT_VIEW_CONFIDENTIAL)
    if not reach or reach.everywhere:
        return reach.everywhere
    return Project.objects.allowed(user, Permission.PROJECT_VIEW_CONFIDENTIAL).filter(which).exists()


def audience_of_project(project: Project) -> list[Seer]:
    """Everybody who can see the project now, with every reason. Five queries.

    Of a confidential project those grants count that may see confidential ones; a person who has one of those and
    another that would not be enough alone is told with the one that is.
    """
    audience = Audience()
    for name, role in POSTS:
        if TeamMember.role_gives(role, Permission.PROJECT_VIEW):
            audience.add(getattr(project, name), Reason(str(RoleName(role).label)), role)
    for member in project.team.in_force().select_related("user"):
        if TeamMember.role_gives(member.role, Permission.PROJECT_VIEW):
            audience.add(member.user, _place_in_team(member), member.role)
    places = Places(above(OrgUnit, project.org_unit), above(Portfolio, project.portfolio))
    add_grants(audience, places, grants_reaching(places, _roles(is_confidential=project.is_confidential)))
    return audience.seers()


def _place_in_team(member: TeamMember) -> Reason:
    words = {"role": RoleName(member.role).label}
    return Reason(_("%(role)s in the team") % words, ends_on=member.ends_on)


def _roles(*, is_confidential: bool) -> list[str]:
    """The roles that open a project. Whatever role may see confidential ones may see the others, too."""
    extra = (Permission.PROJECT_VIEW_CONFIDENTIAL,) if is_confidential else ()
    return roles_with(Permission.PROJECT_VIEW, *extra)


def above(model: type[OrgUnit | Portfolio], node: OrgUnit | Portfolio | None) -> dict[int, str]:
    """A node and all above it, by id, with their names. One query."""
    if node is None:
        return {}
    paths = [node.path[:end] for end in range(node.steplen, len(node.path) + 1, node.steplen)]
    return dict(model.objects.filter(path__in=paths).values_list("pk", "name"))


def audience_of_portfolio(portfolio: Portfolio) -> list[Seer]:
    """Everybody who can see the portfolio now: by a grant that reaches it, or because they see one of its projects.
    Seven queries, whatever the number of projects.
    """
    audience = Audience()
    places = Places(portfolios=above(Portfolio, portfolio))
    add_grants(audience, places, grants_reaching(places, _roles(is_confidential=False)))
    units = _unit_grants(portfolio)
    unit_places = Places(
        org_units=dict(OrgUnit.objects.filter(pk__in={g.scope_id for g in units}).values_list("pk", "name"))
    )
    add_grants(audience, unit_places, units)
    for user, role, label, count in _through_projects(portfolio):
        words = {"n": count}
        place = ngettext("%(n)d project of it", "%(n)d projects of it", count) % words
        audience.add(user, Reason(label, place), role)
    return audience.seers()


def _unit_grants(portfolio: Portfolio) -> list[RoleGrant]:
    """Grants for an org unit that open at least one project of the portfolio."""
    below = Project.objects.filter(portfolio=portfolio)
    unit = OrgUnit.objects.filter(pk=OuterRef("scope_id"))
    grants = (
        RoleGrant.objects.in_force()
        .filter(scope=ScopeKind.ORG_UNIT, user__is_active=True, role__in=_roles(is_confidential=False))
        .annotate(unit_path=unit.values("path")[:1])
    )
    within = below.filter(org_unit__path__startswith=OuterRef("unit_path"))
    opened = Q(Exists(within.filter(is_confidential=False)))
    unveiled = Q(role__in=_roles(is_confidential=True)) & Q(Exists(within))
    return list(grants.filter(opened | unveiled).select_related("user").order_by("user__name", "pk"))


def _through_projects(portfolio: Portfolio) -> list[tuple[User, str, str, int]]:
    """Who sees projects of the portfolio by a post or a place in the team, as what, and how many."""
    counts: list[tuple[int, str, str, int]] = []
    parts: list[QuerySet[Any]] = []
    for name, role in POSTS:
        if TeamMember.role_gives(role, Permission.PROJECT_VIEW):
            held = Project.objects.filter(portfolio=portfolio, **{f"{name}__is_active": True}).order_by()
            parts.append(held.values_list(name, Value(role, CharField())).annotate(n=Count("pk")))
    posts = parts[0].union(*parts[1:], all=True) if parts else ()
    counts += [(pk, role, str(RoleName(role).label), n) for pk, role, n in posts]
    giving = [role for role in RoleName.values if TeamMember.role_gives(role, Permission.PROJECT_VIEW)]
    team = TeamMember.objects.in_force().filter(project__portfolio=portfolio, role__in=giving, user__is_active=True)
    rows = team.order_by().values_list("user", "role").annotate(n=Count("project", distinct=True))
    counts += [(pk, role, _("%(role)s in the team") % {"role": RoleName(role).label}, n) for pk, role, n in rows]
    people: QuerySet[User] = User.objects.filter(pk__in={entry[0] for entry in counts})
    known = {person.pk: person for person in people}
    return [(known[pk], role, label, n) for pk, role, label, n in counts if pk in known]

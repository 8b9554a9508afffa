"""What the pages of one project read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, DateField, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce, Left, Length

from accounts.enums import Permission
from accounts.models import OrgUnit
from common.prepared import PreparedRecord
from projects.models import Baseline, Portfolio, Project, TeamMember
from projects.models.project import POSTS
from projects.policies import RIGHTS, ProjectRights

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from projects.models.project import ProjectQuerySet


def for_page(user: User) -> ProjectQuerySet:
    """Projects with what the head of each project page needs, and what `rights_of` asks. Adds no query."""
    return _wide().annotate(**ties(user))


def _wide() -> ProjectQuerySet:
    projects = Project.objects.defer("search").select_related(
        "portfolio__office",
        "org_unit",
        "goal",
        "lead",
        "sponsor",
        "budget_owner",
        "benefits_owner",
        "phase",
        "state",
    )
    agreed = Baseline.objects.filter(project=OuterRef("pk")).order_by("-number").values("number")[:1]
    return projects.annotate(baseline_number=Coalesce(Subquery(agreed), 0))


PAGE: Final = PreparedRecord(_wide, told=("team_roles", "unit_roots", "portfolio_roots"))
"""`for_page` for one project behind a door that annotates `ties`; translated once."""


def ties(user: User) -> dict[str, ArraySubquery | Value]:
    """What binds a person to a project: their places in its team, and the roots of their grants that it lies under."""
    places = TeamMember.objects.in_force().filter(user=user, project=OuterRef("pk"))
    reaches = [user.access.reach(code) for code in (*RIGHTS, Permission.PROJECT_VIEW_CONFIDENTIAL)]
    units: frozenset[int] = frozenset().union(*(reach.org_unit_ids for reach in reaches))
    portfolios: frozenset[int] = frozenset().union(*(reach.portfolio_ids for reach in reaches))
    return {
        "team_roles": ArraySubquery(places.values("role")),
        "unit_roots": _roots(OrgUnit.objects.get_queryset(), units, "org_unit__path"),
        "portfolio_roots": _roots(Portfolio.objects.get_queryset(), portfolios, "portfolio__path"),
    }


def _roots(nodes: QuerySet[Any], ids: frozenset[int], path: str) -> ArraySubquery | Value:
    if not ids:
        return Value([], output_field=ArrayField(BigIntegerField()))
    above = nodes.filter(pk__in=ids, path=Left(OuterRef(path), Length("path")))
    return ArraySubquery(above.order_by().values("pk"))


def rights_of(user: User, project: Project) -> ProjectRights:
    """The rights on a project that came by `for_page` for this person, as `allowed` tells them; no query."""
    held = {code.value for code in RIGHTS if user.is_active and _may(user, project, code)}
    return ProjectRights(user.pk, frozenset(held), project.baseline_number)  # type: ignore[attr-defined]  # annotated


def _may(user: User, project: Any, code: Permission) -> bool:
    is_unveiled = not project.is_confidential or _reaches(user, project, Permission.PROJECT_VIEW_CONFIDENTIAL)
    if is_unveiled and _reaches(user, project, code):
        return True
    posts = [role for field, role in POSTS if getattr(project, f"{field}_id") == user.pk]
    return any(TeamMember.role_gives(role, code) and user.access.counts(role) for role in (*posts, *project.team_roles))


def _reaches(user: User, project: Any, code: Permission) -> bool:
    """Whether a grant that allows this holds where the project lies."""
    reach = user.access.reach(code)
    return (
        reach.everywhere
        or not reach.org_unit_ids.isdisjoint(project.unit_roots)
        or not reach.portfolio_ids.isdisjoint(project.portfolio_roots)
    )


def rights_for(user: User, project: Project) -> ProjectRights:
    """What the person may do with this project. One query, none when it came by `for_page` for them."""
    if hasattr(project, "team_roles"):
        return rights_of(user, project)
    found = for_page(user).filter(pk=project.pk).first()
    return rights_of(user, found) if found else ProjectRights(user.pk)


def milestone_day() -> Coalesce:
    """When a milestone is, was or was to be reached, as an expression to sort by."""
    return Coalesce("actual_on", "forecast_on", "baseline_on", output_field=DateField())


def people_in_posts(project: Project) -> list[tuple[str, User | None]]:
    """Lead, sponsor and budget owner with the name of the post; no query after `for_page`."""
    return [
        (str(Project._meta.get_field(name).verbose_name).capitalize(), getattr(project, name))  # type: ignore[union-attr]
        for name in ("lead", "sponsor", "budget_owner")
    ]

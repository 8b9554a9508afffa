"""What the pages of one project read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import DateField, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Coalesce

from accounts.enums import Permission
from projects.models import Baseline, Project
from projects.policies import RIGHTS, ProjectRights

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models.project import ProjectQuerySet


def for_page(user: User) -> ProjectQuerySet:
    """Projects with what the head of each project page needs, rights included. Adds no query."""
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
    return projects.annotate(
        baseline_number=Coalesce(Subquery(agreed), 0), **{f"may_{_name(code)}": _may(user, code) for code in RIGHTS}
    )


def _name(code: Permission) -> str:
    return code.value.replace(".", "_")


def _may(user: User, code: Permission) -> Value | Exists:
    if not user.is_active:
        return Value(value=False)
    if user.access.reach(code).everywhere and user.access.reach(Permission.PROJECT_VIEW_CONFIDENTIAL).everywhere:
        return Value(value=True)
    return Exists(Project.objects.allowed(user, code).filter(pk=OuterRef("pk")))


def rights_of(user: User, project: Project) -> ProjectRights:
    """The rights that `for_page` has read with the project; no query."""
    held = {code.value for code in RIGHTS if getattr(project, f"may_{_name(code)}")}
    return ProjectRights(user.pk, frozenset(held), getattr(project, "baseline_number", 0))


def rights_for(user: User, project: Project) -> ProjectRights:
    """What the person may do with this project. One query, none when it came by `for_page` for them."""
    if hasattr(project, f"may_{_name(RIGHTS[0])}"):
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

"""The one door to each object: 404 when the person may not know of it, 403 when they may only read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.enums import Permission
from projects.models import Portfolio, Project
from projects.selectors.projects import PAGE, ties

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models.project import ProjectQuerySet


def get_project_for(
    user: User, key: str, permission: str = Permission.PROJECT_VIEW, *, queryset: ProjectQuerySet | None = None
) -> Project:
    """The project of this key, if the person has the permission on it. One query, two when refused.

    `queryset` brings the select_related that the page needs. Raises: Http404, PermissionDenied.
    """
    projects = Project.objects.all() if queryset is None else queryset
    return _let_in(user, key, permission, projects.by_key(key).allowed(user, permission).first())


def get_project_page(user: User, key: str, permission: str = Permission.PROJECT_VIEW) -> Project:
    """The same with all that a project page shows of it, as `for_page` gives it. Raises: Http404, PermissionDenied."""
    door = Project.objects.by_key(key).allowed(user, permission).annotate(**ties(user))
    return _let_in(user, key, permission, PAGE.behind(door))


def _let_in(user: User, key: str, permission: str, project: Project | None) -> Project:
    if project is not None and (permission == Permission.PROJECT_VIEW or _sees(user, key)):
        return project
    if permission != Permission.PROJECT_VIEW and _sees(user, key):
        raise PermissionDenied
    raise Http404


def _sees(user: User, key: str) -> bool:
    return Project.objects.by_key(key).visible_to(user).exists()


def get_portfolio_for(user: User, slug: str, permission: str = Permission.PROJECT_VIEW) -> Portfolio:
    """The portfolio of this short name. To read it, seeing one of its projects is enough; for anything
    else the person's grant must reach the whole portfolio. Raises: Http404, PermissionDenied.
    """
    visible = Portfolio.objects.visible_to(user)
    portfolio: Portfolio | None = visible.select_related("office", "owner").filter(slug=slug).first()
    if permission != Permission.PROJECT_VIEW:
        reached = Portfolio.objects.reached_by(user, permission).filter(slug=slug).first()
        if reached is None and portfolio is not None:
            raise PermissionDenied
        portfolio = reached
    if portfolio is None:
        raise Http404
    return portfolio

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.views import AudiencePage
from projects.models import Project
from projects.selectors import audience
from projects.selectors.doors import get_portfolio_for, get_project_for

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

    from accounts.models import User
    from common.views import PortalRequest
    from projects.models import Portfolio

_RELATED = ("portfolio", "org_unit", "lead", "sponsor", "budget_owner")


class ProjectAudience(AudiencePage):
    permission: ClassVar[str] = Permission.PROJECT_VIEW

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a signed-in request
        self.project  # noqa: B018  404 and 403 come before the page
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def project(self) -> Project:
        projects = Project.objects.defer("search").select_related(*_RELATED)
        project = get_project_for(self.user, self.kwargs["key"], self.permission, queryset=projects)
        if not audience.may_ask_about_project(self.user, project):
            raise PermissionDenied(_("Only its lead, the PMO and auditors are told who can see a project."))
        return project

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        project = self.project
        confidential = _("This project is confidential; for everybody else it does not exist.")
        return self.show(
            audience.audience_of_project(project),
            crumbs=[(project.name, reverse("project", args=[project.key])), (_("Who can see this?"), "")],
            about=project.key,
            sentence=confidential if project.is_confidential else "",
        )


class PortfolioAudience(AudiencePage):
    permission: ClassVar[str] = Permission.PROJECT_VIEW

    def get(self, _request: PortalRequest, slug: str) -> HttpResponse:
        portfolio = get_portfolio_for(self.user, slug, self.permission)
        if not audience.may_ask_about_portfolio(self.user, portfolio):
            raise PermissionDenied(_("Only the PMO and auditors are told who can see a portfolio."))
        return self.show(
            audience.audience_of_portfolio(portfolio),
            crumbs=[(portfolio.name, reverse("portfolio", args=[portfolio.slug])), (_("Who can see this?"), "")],
            about=portfolio.name,
            sentence=_(
                "Whoever sees one project of a portfolio sees the portfolio, but only the projects that are theirs."
            ),
        )


def project_href(user: User, project: Project) -> str:
    """Where the person is told who sees the project; "" for whoever is not told."""
    return reverse("project-audience", args=[project.key]) if audience.may_ask_about_project(user, project) else ""


def portfolio_href(user: User, portfolio: Portfolio) -> str:
    """Where the person is told who sees the portfolio; "" for whoever is not told."""
    may = audience.may_ask_about_portfolio(user, portfolio)
    return reverse("portfolio-audience", args=[portfolio.slug]) if may else ""

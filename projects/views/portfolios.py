from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import CONFLICT, INVALID, SIGNED_IN, PortalView
from projects.enums import ColourScale
from projects.forms.portfolios import NewPortfolioForm, PortfolioForm
from projects.forms.records import new_token
from projects.models import Portfolio
from projects.selectors import history
from projects.selectors import portfolios as selectors
from projects.selectors.doors import get_portfolio_for
from projects.services import portfolios
from projects.views.audience import portfolio_href
from projects.views.editing import differences_of, same, values_of
from projects.views.sending import sent_once

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from common.views import PortalRequest
    from projects.models import Project


class PortfolioList(PortalView):
    permission: ClassVar[str] = SIGNED_IN  # whoever sees one project sees its portfolio; the list is what they see
    template_name: ClassVar[str] = "projects/portfolio_list.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        rows = selectors.tree_for(self.user)
        context = {
            "table": tree_table(rows, _("Portfolios")),
            "is_empty": not rows,
            "may_create": bool(self.user.access.reach(Permission.PORTFOLIO_EDIT)),
        }
        return self.render(context)


class PortfolioPage(PortalView):
    permission: ClassVar[str] = Permission.PROJECT_VIEW
    on_object: ClassVar[bool] = True
    template_name: ClassVar[str] = "projects/portfolio.html"

    @cached_property
    def portfolio(self) -> Portfolio:
        return get_portfolio_for(self.user, self.kwargs["slug"], self.permission)

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        portfolio = self.portfolio
        projects = selectors.worst_projects_of(self.user, portfolio)
        context = {
            "portfolio": portfolio,
            "crumbs": crumbs_of(selectors.ancestors_of(self.user, portfolio), portfolio),
            "programmes": tree_table(below, _("Programmes"))
            if (below := selectors.tree_for(self.user, portfolio))
            else "",
            "projects": project_table(projects[: selectors.SHOWN]),
            "has_more": len(projects) > selectors.SHOWN,
            "settings": settings_of(portfolio),
            "audience_href": portfolio_href(self.user, portfolio),
            "may_edit": selectors.may_edit(self.user, portfolio, Permission.PORTFOLIO_EDIT),
            "may_create": selectors.may_edit(self.user, portfolio, Permission.PROJECT_CREATE),
        }
        return self.render(context)


def crumbs_of(above: Sequence[Portfolio], portfolio: Portfolio) -> list[tuple[str, str]]:
    trail = [(one.name, reverse("portfolio", args=[one.slug])) for one in above]
    return [(_("Portfolios"), reverse("portfolio-list")), *trail, (portfolio.name, "")]


def tree_table(rows: Sequence[selectors.PortfolioRow], caption: str) -> SafeString:
    head = [
        Column(_("Portfolio")),
        Column(_("Office")),
        Column(_("Owner"), hide_on_phone=True),
        Column(_("Live projects"), align="end"),
        Column(_("Closed or left"), align="end"),
    ]
    body = [
        Row(
            [
                cells.title_cell(
                    one.portfolio.name,
                    reverse("portfolio", args=[one.portfolio.slug]),
                    _("Programme") if one.portfolio.is_programme else "",
                ),
                one.portfolio.office.name,
                cells.person(str(one.portfolio.owner or "")),
                str(one.live),
                str(one.others),
            ],
            level=min(one.level, 3),
        )
        for one in rows
    ]
    return data_table(head, body, caption=caption)


def project_table(projects: Sequence[Project]) -> SafeString:
    head = [Column(_("Project")), Column(_("Declared")), Column(_("Computed")), Column(_("Lead"))]
    body = []
    for one in projects:
        state = getattr(one, "state", None)
        body.append(
            Row(
                [
                    cells.title_cell(one.name, reverse("project", args=[one.key]), one.key),
                    cells.status_badge(state.declared if state else None),
                    cells.status_badge(state.computed if state else None),
                    cells.person(str(one.lead or "")),
                ]
            )
        )
    return data_table(
        head, body, caption=_("Projects that need attention first"), empty=_("There are no live projects.")
    )


def settings_of(portfolio: Portfolio) -> list[tuple[str, Any]]:
    days = portfolio.update_cadence_days
    return [
        (_("Office"), portfolio.office.name),
        (_("Owner"), cells.person(str(portfolio.owner or ""))),
        (_("Currency"), portfolio.currency),
        (_("Colour scale"), str(ColourScale(portfolio.colour_scale).label)),
        (_("Updates"), ngettext("every day", "every %(days)d days", days) % {"days": days}),
        (_("Cost tolerance"), f"{portfolio.cost_tolerance_percent}%"),
        (
            _("Schedule tolerance"),
            ngettext("%(days)d day", "%(days)d days", portfolio.schedule_tolerance_days)
            % {"days": portfolio.schedule_tolerance_days},
        ),
    ]


class PortfolioCreate(PortalView):
    permission: ClassVar[str] = Permission.PORTFOLIO_EDIT
    template_name: ClassVar[str] = "projects/portfolio_form.html"

    def form(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> NewPortfolioForm:
        reach = self.user.access.reach(self.permission)
        parents = Portfolio.objects.reached_by(self.user, self.permission)
        return NewPortfolioForm(data, initial=initial or {}, parents=parents, may_be_root=reach.everywhere)

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        parent = (
            Portfolio.objects.reached_by(self.user, self.permission).filter(slug=request.GET.get("parent", "")).first()
        )
        inherited = {name: getattr(parent, name) for name in _INHERITED} if parent else {}
        return self.show(self.form(initial={**inherited, "parent": parent, "token": new_token()}))

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=INVALID)

        def make() -> str:
            made = portfolios.create_portfolio(actor=self.user, data=form.new_portfolio())
            return reverse("portfolio", args=[made.slug])

        done = _("The portfolio is added.")
        return sent_once(self.user, form, make, show=self.show, told=lambda: messages.success(request, done))

    def show(self, form: NewPortfolioForm, *, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "heading": _("Add a portfolio or programme"),
            "verb": _("Add"),
            "cancel": reverse("portfolio-list"),
        }
        return self.render(context, status=status)


_INHERITED = (
    "office",
    "currency",
    "colour_scale",
    "update_cadence_days",
    "cost_tolerance_percent",
    "schedule_tolerance_days",
)


class PortfolioEdit(PortalView):
    permission: ClassVar[str] = Permission.PORTFOLIO_EDIT
    on_object: ClassVar[bool] = True
    template_name: ClassVar[str] = "projects/portfolio_form.html"

    @cached_property
    def portfolio(self) -> Portfolio:
        return get_portfolio_for(self.user, self.kwargs["slug"], self.permission)

    def initial(self) -> dict[str, Any]:
        return {**values_of(self.portfolio, PortfolioForm), "version": self.portfolio.version}

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self.show(PortfolioForm(initial=self.initial()))

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = PortfolioForm(request.POST, initial=self.initial())
        if not form.is_valid():
            return self.show(form, status=INVALID)
        try:
            portfolios.edit_portfolio(
                actor=self.user,
                portfolio_id=self.portfolio.pk,
                version=form.cleaned_data["version"] or 0,
                changes=form.changes(),
            )
        except Conflict as conflict:
            return self.conflict(form, conflict)
        except PortalError as error:
            form.add_error(None, str(error))
            return self.show(form, status=INVALID)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(reverse("portfolio", args=[self.portfolio.slug]))

    def conflict(self, form: PortfolioForm, conflict: Conflict) -> HttpResponse:
        mine = form.changes()
        del self.portfolio
        theirs = values_of(self.portfolio, PortfolioForm)
        before = history.at_version(self.portfolio, form.cleaned_data["version"] or 0) or {}
        merged = {
            name: theirs[name] if name in before and same(mine[name], before[name]) else mine[name] for name in mine
        }
        fresh = PortfolioForm(initial={**self.initial(), **merged})
        return self.show(
            fresh, status=CONFLICT, conflict=str(conflict), differences=differences_of(Portfolio, before, theirs, mine)
        )

    def show(self, form: PortfolioForm, *, status: int = 200, **context: Any) -> HttpResponse:
        back = reverse("portfolio", args=[self.portfolio.slug])
        heading = _("Edit %(name)s") % {"name": self.portfolio.name}
        return self.render(
            {"form": form, "heading": heading, "verb": _("Save"), "cancel": back, **context}, status=status
        )

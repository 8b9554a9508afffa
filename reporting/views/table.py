"""The portfolio table, its filters and columns, and its export."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from django.http import FileResponse, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import audit, formats
from common.views import SIGNED_IN, PortalView
from reporting import columns, filters, rows
from reporting.forms.bulk import ACTIONS
from reporting.query import ROADMAP_EXTRAS, Slice, TableQuery
from reporting.selectors import filter_options, saved_views, table
from reporting.services import exports

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


class ProjectList(PortalView):
    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/project_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = TableQuery.parse(request.GET)
        if query.view and len(request.GET) == 1 and (saved := saved_views.get_view_for(self.user, query.view)):
            return HttpResponseRedirect(f"?{saved.query}{'&' if saved.query else ''}view={saved.pk}")
        page = table.table_page(self.user, query)
        views = saved_views.views_for(self.user, query, page.count)
        may_edit = query.as_of is None and self.user.can(Permission.PROJECT_EDIT)
        return self.render(
            {
                "query": query,
                "views": views,
                "chips": query.chips(filter_options.names_of(self.user, query)),
                "table": rows.table(
                    page, query, caption=_("Projects"), select="selected" if may_edit else "", empty=self._empty(query)
                ),
                "count": page.count,
                "page": Slice(page.count, table.PAGE_SIZE).page(page.number),
                "may_edit": may_edit,
                "bulk_actions": ACTIONS,
                "may_share": self.user.can(Permission.VIEW_SHARE),
                "may_import": self.user.can(Permission.PORTFOLIO_IMPORT),
                "past_day": formats.date_short(query.as_of) if query.as_of else "",
                "now_href": query.href(without="as_of"),
            }
        )

    @staticmethod
    def _empty(query: TableQuery) -> str:
        if query.values:
            return _("No project matches these filters. Remove one to see more.")
        if query.as_of:
            return _("There are no snapshots of that date or before it.")
        return _("There are no projects that you may see yet.")


class ProjectFilters(PortalView):
    """All filters as a form that leads back to the list it was asked from."""

    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/project_filters.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = TableQuery.parse(request.GET, extra=ROADMAP_EXTRAS)
        options = filter_options.options_for(self.user, query)
        target = "roadmap" if request.GET.get("for") == "roadmap" else "project-list"
        return self.render(
            {"query": query, "fields": options, "target": target, "kept": self._kept(query)}, partial="form"
        )

    @staticmethod
    def _kept(query: TableQuery) -> list[tuple[str, str]]:
        rest = query.parameters()
        return [(name, value) for name, values in rest.items() if name not in filters.FILTERS for value in values]


class ProjectColumns(PortalView):
    """Which columns the table shows, in which order: a number beside each, so it works without dragging."""

    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/project_columns.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = TableQuery.parse(request.GET)
        if "column" in request.GET:
            return HttpResponseRedirect(reverse("project-list") + replace(query, cols=self._chosen(request)).href())
        shown = [column.name for column in columns.chosen(query.cols, query.source)]
        ordered = [*shown, *(name for name in columns.COLUMNS if name not in shown)]
        fields = [
            {"column": columns.COLUMNS[name], "on": name in shown, "place": place, "fixed": name == "project"}
            for place, name in enumerate(ordered, 1)
        ]
        kept = [(n, v) for n, values in query.parameters(without="cols").items() for v in values if n != "cols"]
        return self.render({"query": query, "fields": fields, "kept": kept}, partial="form")

    @staticmethod
    def _chosen(request: HttpRequest) -> tuple[str, ...]:
        places: dict[str, int] = {"project": 0}
        for name in request.GET.getlist("column"):
            place = request.GET.get(f"place_{name}", "")
            places[name] = int(place) if place.isdecimal() and len(place) < 5 else len(columns.COLUMNS)  # noqa: PLR2004  no table has so many columns
        names = tuple(sorted((name for name in places if name in columns.COLUMNS), key=lambda name: places[name]))
        return () if names == columns.DEFAULT else names


class ProjectExport(PortalView):
    """The whole filtered set as a file, with the same rights and columns as on screen."""

    permission: ClassVar[str] = SIGNED_IN

    def get(self, request: HttpRequest, kind: str) -> HttpResponseBase:
        query = TableQuery.parse(request.GET)
        every = request.GET.get("columns") == "all"
        rows_out = table.projects_of(self.user, query).count()
        audit.record_export("projects", rows=rows_out, form=kind, filters=query.href().removeprefix("?"))
        response: HttpResponseBase
        if kind == "csv":
            lines = exports.csv_lines(self.user, query, every_column=every)
            response = StreamingHttpResponse(lines, content_type=exports.CSV_TYPE)
        else:
            response = FileResponse(
                exports.xlsx_file(self.user, query, every_column=every), content_type=exports.XLSX_TYPE
            )
        name = exports.file_name(kind, query.as_of or timezone.localdate())
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

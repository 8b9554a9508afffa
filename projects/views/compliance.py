from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from common.svg.lines import Series, line_chart, line_table
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import PortalView
from projects.selectors.compliance import Kept, newest_of, weeks_of

if TYPE_CHECKING:
    import datetime as dt

    from django.utils.safestring import SafeString

    from common.views import PortalRequest

PAGE_SIZE = 50


class Compliance(PortalView):
    """How far each portfolio keeps the rules: this week, and over the last weeks."""

    permission = Permission.REPORT_VIEW
    template_name = "projects/compliance.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        weeks = weeks_of(self.user)
        page = Paginator(newest_of(self.user), PAGE_SIZE).get_page(request.GET.get("page"))
        context: dict[str, Any] = {"page": page, "table": _table(list(page)), **_trend(weeks)}
        if weeks:
            context |= {"week": formats.iso_week(weeks[-1][0]), "now": weeks[-1][1]}
        return self.render(context)


def _trend(weeks: list[tuple[dt.date, Kept]]) -> dict[str, Any]:
    labels = [f"{monday:%V}" for monday, _kept in weeks]
    series = [
        Series(_("Kept"), [one.percent for _monday, one in weeks]),
        Series(_("Coverage"), [one.coverage for _monday, one in weeks], "hold", "dash"),
    ]
    form = formats.percent
    return {
        "chart": line_chart(labels, series, _("Checks that are kept, by week"), width=1080, height=260, form=form),
        "chart_table": line_table(labels, series, form=form),
    }


def _table(rows: list[dict[str, Any]]) -> SafeString:
    head = [
        Column(_("Portfolio")),
        Column(_("Kept"), align="end"),
        Column(_("Not kept"), align="end"),
        Column(_("Waived"), align="end"),
        Column(_("Cannot be told"), align="end"),
        Column(_("Share kept"), align="end"),
        Column(_("Coverage"), align="end"),
    ]
    return data_table(head, [_row(row) for row in rows], caption=_("Compliance by portfolio"))


def _row(row: dict[str, Any]) -> Row:
    found = Kept(row["kept"], row["broken"], row["waived"], row["unknown"], row["projects"])
    return Row([
        cells.title_cell(
            row["portfolio__name"], reverse("portfolio", args=[row["portfolio__slug"]]), row["portfolio__office__name"]
        ),
        formats.number(found.kept),
        formats.number(found.broken),
        formats.number(found.waived),
        formats.number(found.unknown),
        formats.percent(found.percent) if found.percent is not None else cells.unknown(),
        formats.percent(found.coverage) if found.coverage is not None else cells.unknown(),
    ])  # fmt: skip

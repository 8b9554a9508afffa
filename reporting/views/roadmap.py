"""The roadmap of all projects that the filters find."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import formats
from common.ui.blocks import chart
from common.views import SIGNED_IN, PortalView
from reporting import filters, timeline
from reporting.query import ROADMAP_EXTRAS, Slice, TableQuery
from reporting.selectors import filter_options, roadmap

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

ZOOMS = (("quarter", gettext_lazy("Year")), ("year", gettext_lazy("Three years")), ("all", gettext_lazy("Everything")))
GROUPS = (
    ("portfolio", gettext_lazy("Portfolio")), ("goal", gettext_lazy("Goal")), ("org_unit", gettext_lazy("Org unit")),
    ("phase", gettext_lazy("Phase")), ("none", gettext_lazy("Not grouped")),
)  # fmt: skip


class Roadmap(PortalView):
    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/roadmap.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = TableQuery.parse(request.GET, extra=ROADMAP_EXTRAS)
        group, zoom = query.one_of("group", dict(GROUPS), "portfolio"), query.one_of("zoom", dict(ZOOMS), "quarter")
        page = roadmap.roadmap_page(self.user, query, group)
        today = query.as_of or timezone.localdate()
        shown = timeline.window(zoom, filters.day_of(query.extra.get("from", [""])[0]), page.rows, today)
        picture = timeline.roadmap(page.rows, shown, today, _("Roadmap"))
        return self.render(
            {
                "query": query,
                "count": page.count,
                "chips": query.chips(filter_options.names_of(self.user, query)),
                "chart": chart(picture, timeline.twin(page.rows), _("The roadmap as a table")) if page.rows else "",
                "page": Slice(page.count, roadmap.PAGE_SIZE).page(page.number),
                "zooms": _choices(query, "zoom", ZOOMS, zoom),
                "groups": _choices(query, "group", GROUPS, group),
                "earlier": query.href(without="from", **{"from": shown.moved(-1).isoformat()}) if zoom != "all" else "",
                "later": query.href(without="from", **{"from": shown.moved(1).isoformat()}) if zoom != "all" else "",
                "today_href": query.href(without="from"),
                "past_day": formats.date_short(query.as_of) if query.as_of else "",
                "now_href": query.href(without="as_of"),
            }
        )


def _choices(query: TableQuery, name: str, choices: tuple[tuple[str, object], ...], on: str) -> list[dict[str, object]]:
    return [
        {"label": label, "href": query.href(without=name, **{name: value}), "active": value == on}
        for value, label in choices
    ]

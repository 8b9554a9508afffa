"""The executive dashboard of one portfolio, or of all that the person may see."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from common import formats
from common.ui.blocks import chart
from common.views import SIGNED_IN, PortalView
from reporting import figures, rows, timeline
from reporting.query import TableQuery
from reporting.selectors import dashboard, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import HttpRequest, HttpResponse

    from projects.models import Portfolio


class Dashboard(PortalView):
    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/dashboard.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        asked = TableQuery.parse(request.GET)
        slug = asked.values.get("portfolio", [""])[-1]
        query = replace(asked, values={"portfolio": [slug]} if slug else {}, sort="-rank", cols=(), page=1, view=None)
        everything = table.portfolios_for(self.user)
        chosen = dashboard.portfolio_tree(everything, slug)
        if slug and not chosen:
            raise Http404
        data = dashboard.dashboard_for(self.user, chosen, query)
        return self.render(
            {
                "query": query,
                "portfolio": chosen[0] if slug else None,
                "choices": _choices(everything, slug, query),
                "data": data,
                "totals": data.sums.now,
                "past_day": formats.date_short(query.as_of) if query.as_of else "",
                "now_href": query.href(without="as_of"),
                **_words(data, query),
                **_pictures(data, query),
            }
        )


def _choices(portfolios: Sequence[Portfolio], slug: str, query: TableQuery) -> list[dict[str, Any]]:
    date = {"as_of": query.as_of.isoformat()} if query.as_of else {}
    whole = {"label": _("All portfolios"), "href": replace(query, values={}).href(), "active": not slug, "level": 0}
    return [
        whole,
        *(
            {"label": one.name, "href": TableQuery().href(portfolio=one.slug, **date), "active": one.slug == slug,
             "level": one.depth - 1}
            for one in portfolios
        ),
    ]  # fmt: skip


def _words(data: dashboard.Dashboard, query: TableQuery) -> dict[str, Any]:
    totals, moved = data.sums.now, data.movement
    return {
        "since": figures.since(totals),
        "movement": figures.movement(moved.joined, moved.left, moved.since) if moved else "",
        "worse": [figures.moved(one) for one in data.lists.worse[:3]],
        "honest": figures.honest(totals, data.sums.newest),
        "money": figures.money(totals),
        "fresh": totals["projects"] - totals["stale"],
        "fresh_share": figures.share(totals["projects"] - totals["stale"], totals["projects"]),
        "stale": [(one, _stale_words(one)) for one in data.lists.stale],
        "hrefs": {
            "all": figures.list_href(query), "worse": figures.list_href(query, worsened="yes"),
            "stale": figures.list_href(query, stale="yes"), "overdue": figures.list_href(query, overdue="yes"),
            "soon": figures.list_href(query, due_soon="yes"), "decisions": figures.list_href(query, decisions="yes"),
            "blocked": figures.list_href(query, blocked="yes"),
        },
    }  # fmt: skip


def _stale_words(one: dashboard.Listed) -> str:
    if one.last_update_on is None:
        return _("never an update")
    return _("%(days)s days old, of %(day)s") % {"days": one.age, "day": formats.date_short(one.last_update_on)}


def _pictures(data: dashboard.Dashboard, query: TableQuery) -> dict[str, Any]:
    totals, lists = data.sums.now, data.lists
    today = query.as_of or timezone.localdate()
    which = figures.main_colours(totals)
    strip = timeline.roadmap(lists.roadmap, timeline.window("quarter", None, lists.roadmap, today), today, _("Roadmap"))
    return {
        "health_computed": figures.health(totals["computed"], _("Computed by the portal"), "computed", query),
        "health_declared": figures.health(totals["declared"], _("Declared by the leads"), "declared", query),
        "history": figures.history(data.sums.history, which) if data.sums.history else "",
        "history_is_declared": which == "declared",
        "table": rows.table(
            lists.page, query, caption=_("Projects, exceptions first"), empty=_("There are no projects here.")
        ),
        "roadmap": chart(strip, timeline.twin(lists.roadmap), _("The roadmap as a table")) if lists.roadmap else "",
    }

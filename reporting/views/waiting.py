from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final

from django.core.paginator import Paginator
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.svg.bars import Bullet, bullet_bars
from common.ui import cells
from common.ui.blocks import chart
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from reporting.register import RegisterQuery, RegisterState
from reporting.selectors import register
from reporting.selectors import waiting as selectors
from reporting.waiting import ENOUGH, Spread

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.utils.safestring import SafeString

    from reporting.register import Entry

PAGE_SIZE: Final = 25
DRAWN: Final = 8
PEOPLE_SHOWN: Final = 25


class DecisionWaiting(PortalView):
    """What decisions wait for, what that costs, and how long each body takes."""

    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/decisions/decision_waiting.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = RegisterQuery(state=RegisterState.WANTED.value)
        page = Paginator(register.lines_of(self.user, query), PAGE_SIZE).get_page(request.GET.get("page"))
        found = register.entries([line[:3] for line in page.object_list], query)
        took = selectors.latencies(self.user)
        return self.render(
            {
                "trail": [(_("Decisions"), reverse("decision-list")), (_("How long decisions wait"), "")],
                "page": page,
                "has_rows": bool(found),
                "table": wanted_table(found, selectors.costs_of(found)),
                "chart": latency_chart(took.bodies),
                "bodies": spread_table(took.bodies, _("By body")) if took.bodies else "",
                "roles": spread_table(took.roles, _("By role")) if took.roles else "",
                "people": spread_table(took.people[:PEOPLE_SHOWN], _("By person")) if took.people else "",
                "enough": ENOUGH,
            }
        )


def wanted_table(found: list[Entry], costs: dict[tuple[str, int], int | None]) -> SafeString:
    head = [
        Column(_("Question")), Column(_("Who decides")), Column(_("Asked")), Column(_("Needed by")),
        Column(_("Cost of waiting"), align="end"),
    ]  # fmt: skip
    rows = [
        Row([
            cells.title_cell(one.question, one.href, " · ".join(filter(None, (one.kind_label, one.about)))),
            one.who or cells.person(""), cells.date(one.asked_on), cells.due(one.needed_by),
            cost_cell(one, costs[one.key]),
        ])
        for one in found
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Decisions that are wanted"))


def cost_cell(one: Entry, lost: int | None) -> SafeString:
    if lost is not None:
        words = ngettext("%(n)s day", "%(n)s days", lost) % {"n": formats.number(lost)}
        return format_html('<span class="num{}">{}</span>', " delta-bad" if lost else "", words)
    if one.project_id is None:
        return cells.unknown(_("It is not about the plan of a project"))
    return cells.unknown(_("No day by which it is needed, or no milestone after the question to tell it by"))


def latency_chart(bodies: list[tuple[str, Spread]]) -> SafeString | str:
    """Of the slowest bodies with enough cases: the dark bar is the median, the light area the 80th percentile."""
    said = _("half within %(half)s, 80%% within %(most)s")
    drawn = [
        Bullet(name, one.p80 or 0.0, one.median, None, "", said % {"half": days(one.median), "most": days(one.p80)})
        for name, one in bodies
        if one.median is not None
    ][:DRAWN]
    if not drawn:
        return ""
    title = _("Days from asked to decided, by body")
    return chart(bullet_bars(drawn, title, width=560), spread_rows(bodies), title)


def days(value: float | None) -> str:
    if value is None:
        return formats.unknown()
    return _("%(n)s d") % {"n": formats.number(value, 1 if value < 10 else 0)}  # noqa: PLR2004  a tenth matters to few days


def spread_rows(found: list[tuple[str, Spread]]) -> tuple[list[str], list[list[str]]]:
    head = [_("Name"), _("Cases"), _("Median"), _("80% within")]
    rows = []
    for name, one in found:
        half, most = (_("Not enough to tell"), "–") if one.p80 is None else (days(one.median), days(one.p80))
        rows.append([name, formats.number(one.n), half, most])
    return head, rows


def spread_table(found: list[tuple[str, Spread]], caption: str) -> SafeString:
    """Names with how long they take; where there is too little to tell it says so."""
    head = [
        Column(_("Name")), Column(_("Cases"), align="end"), Column(_("Median"), align="end"),
        Column(_("80% within"), align="end"),
    ]  # fmt: skip
    few = format_html('<span class="unknown">{}</span>', _("Not enough to tell"))
    rows = [
        Row([name, formats.number(one.n), days(one.median), days(one.p80)]) if one.median is not None
        else Row([name, formats.number(one.n), few, "–"])
        for name, one in found
    ]  # fmt: skip
    return data_table(head, rows, caption=caption)

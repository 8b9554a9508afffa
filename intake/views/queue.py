"""The queue of requests."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Page
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import PortalView
from intake.forms import QueueForm
from intake.models import Request
from intake.selectors.lists import VIEWS, QueueFilter, queue_counts, queue_page
from intake.selectors.standing import TONES, holder_of
from projects.models import Portfolio

PAGE_SIZE = 25
STALE_DAYS = 7


class RequestList(PortalView):
    permission = Permission.REQUEST_VIEW
    template_name = "intake/request_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = QueueForm(request.GET, portfolios=Portfolio.objects.visible_to(self.user))
        wanted = form.wanted()
        page = queue_page(self.user, wanted, request.GET.get("page"), PAGE_SIZE)
        context = {
            "form": form,
            "wanted": wanted,
            "page": page,
            "table": _table(page, wanted, request),
            "tabs": _tabs(wanted, queue_counts(self.user), request),
            "is_filtered": bool(wanted.text or wanted.portfolio or wanted.mine),
        }
        return self.render(context)


def _tabs(wanted: QueueFilter, counts: dict[str, int], request: HttpRequest) -> list[dict[str, Any]]:
    labels = {
        "triage": _("For the PMO"),
        "decision": _("For decision"),
        "returned": _("With the requester"),
        "decided": _("Decided"),
        "withdrawn": _("Withdrawn"),
        "all": _("All"),
    }
    keep = {key: value for key, value in request.GET.items() if key not in {"view", "page"}}
    return [
        {"label": labels[name], "href": f"?{urlencode({**keep, 'view': name})}", "active": name == wanted.view,
         "count": counts[name]}
        for name in VIEWS
    ]  # fmt: skip


def _table(page: Page[Request], wanted: QueueFilter, request: HttpRequest) -> SafeString:
    head = [
        Column(_("Request"), sort="title"),
        Column(_("State")),
        Column(_("Waits for")),
        Column(_("Since"), sort="age"),
        Column(_("For"), hide_on_phone=True),
        Column(_("Budget"), align="end", sort="budget"),
    ]
    return data_table(
        head, [_row(pitch) for pitch in page.object_list], caption=_("Requests"), sort=wanted.sort, query=request.GET
    )


def _row(pitch: Request) -> Row:
    where = " · ".join(str(part) for part in (pitch.org_unit, pitch.portfolio) if part)
    budget = cells.unknown() if pitch.budget is None else cells.money(pitch.budget, pitch.currency, compact=True)
    return Row(
        [
            cells.title_cell(pitch.title, reverse("request", args=[pitch.key]), f"{pitch.key} · {pitch.requester}"),
            cells.tag(pitch.get_state_display(), TONES[pitch.state]),
            holder_of(pitch),
            cells.date_ago(pitch.state_changed_at, STALE_DAYS if holder_of(pitch) else 0),
            where,
            budget,
        ],
        key=pitch.key,
        name=pitch.title,
    )

from __future__ import annotations

from typing import TYPE_CHECKING

from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.ui.cells import date, lines, status_badge, title_cell, trend_bars
from common.ui.tables import Column, data_table
from common.views import SIGNED_IN, PortalView
from intake.selectors.standing import standing_of
from reporting.selectors import my_work

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from common.views import PortalRequest
    from projects.models import ProjectState

PROJECTS_SHOWN = 8
REQUESTS_SHOWN = 4
MILESTONES_SHOWN = 6


class Home(PortalView):
    permission = SIGNED_IN
    template_name = "reporting/home.html"

    def get(self, _request: PortalRequest) -> HttpResponse:
        user = self.user
        if user.is_external:
            return redirect("assessment-list")
        states = list(my_work.my_projects(user)[:PROJECTS_SHOWN])
        requests = [(one, standing_of(one)) for one in my_work.my_requests(user)[:REQUESTS_SHOWN]]
        context = {
            "today": timezone.localdate(),
            "name": user.get_short_name(),
            "todos": my_work.todos(user),
            "projects": _projects_table(states) if states else "",
            "requests": requests,
            "milestones": my_work.coming_up(user)[:MILESTONES_SHOWN],
        }
        return self.render(context)


def _projects_table(states: list[ProjectState]) -> SafeString:
    trend = Column(_("Trend"), "center")
    head: list[Column | str] = [_("Project"), _("Declared"), _("Computed"), trend, _("Next milestone")]
    rows = [
        [
            title_cell(state.project.name, reverse("project", args=[state.project.key]), state.project.key),
            status_badge(state.declared),
            status_badge(state.computed),
            trend_bars(state.trend),
            lines(state.next_milestone_name, date(state.next_milestone_on)) if state.next_milestone_name else "–",
        ]
        for state in states
    ]
    return data_table(head, rows, caption=_("My projects"))

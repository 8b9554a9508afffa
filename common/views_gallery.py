"""The gallery: every component in every state on one page, for people who build screens."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views import View

from common import samples
from common.ui import cells, tables
from common.ui.status import STATUSES


def gallery_context(*, broken: bool) -> dict[str, Any]:
    """Return one of everything; ``broken`` shows the form with its errors."""
    return {
        **samples.LISTS,
        "colours": list(STATUSES),
        "charts": samples.charts(),
        "form": samples.SampleForm({"title": "", "benefit": "1.234.5"} if broken else None),
        "table": tables.data_table(
            samples.columns(),
            samples.projects(),
            caption="Projects, exceptions first",
            sort="-variance",
            query={"view": "exceptions"},
            select="selected",
        ),
        "nothing": tables.data_table(["Name", "Due"], [], caption="Actions", empty="No actions yet."),
        "heat": tables.heat_table(
            ["Team", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr"],
            [("Architecture", samples.HEAT), ("Data & BI", samples.HEAT[::-1])],
            "Load of teams",
        ),
        "page": Paginator(range(240), 20).get_page(4),
        "now": timezone.now(),
        "day": samples.TODAY,
        "icons": cells.icon_names(),
    }


@method_decorator(login_not_required, name="dispatch")
class Gallery(View):
    """Shows every component; only while developing."""

    def get(self, request: HttpRequest) -> HttpResponse:
        if not settings.DEBUG:
            raise Http404
        context = gallery_context(broken="errors" in request.GET)
        return TemplateResponse(request, "gallery.html", context)

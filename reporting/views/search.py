"""Search as a page: what the search field of every page leads to."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.http import HttpResponse, HttpResponseRedirect

from common.views import SIGNED_IN, PortalView
from reporting.selectors import search

if TYPE_CHECKING:
    from django.http import HttpRequest


class Search(PortalView):
    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/search.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        text = request.GET.get("q", "").strip()
        if target := search.jump_for(self.user, text):
            return HttpResponseRedirect(target)
        groups = search.search(self.user, text)
        return self.render(
            {"text": text, "groups": groups, "too_short": len(text) < search.SHORTEST}, partial="results"
        )

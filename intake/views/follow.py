"""Following a request: one's own, one page each, and taking it back."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import PortalError
from common.views import PortalView
from intake import policies, selectors, services
from intake.enums import RequestState
from intake.selectors.audience import may_ask_about_request
from intake.selectors.form import proposal_of, summary_of
from intake.selectors.standing import TRACK
from intake.views.trail import trail_of

PAGE_SIZE = 20


class MyRequests(PortalView):
    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_mine.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.my_requests(self.user), PAGE_SIZE).get_page(request.GET.get("page"))
        cards = [
            {"pitch": pitch, "standing": selectors.standing_of(pitch), "is_open": pitch.state in {"draft", "returned"}}
            for pitch in page
        ]
        return self.render({"page": page, "cards": cards, "track": TRACK})


class RequestPage(PortalView):
    permission = Permission.REQUEST_VIEW
    on_object = True
    template_name = "intake/request.html"

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key)
        user = self.user
        return self.render(
            {
                "pitch": pitch,
                "standing": selectors.standing_of(pitch),
                "track": TRACK,
                "trail": trail_of(user, pitch, below=False),
                "proposal": proposal_of(pitch),
                "sections": summary_of(pitch),
                "history": selectors.history_of(pitch),
                "may_edit": bool(policies.can_edit(user, pitch)),
                "may_withdraw": bool(policies.can_withdraw(user, pitch)) and pitch.state != RequestState.DRAFT,
                "may_triage": bool(policies.can_triage(user, pitch)),
                "may_return": bool(policies.can_return(user, pitch)),
                "audience_href": reverse("request-audience", args=[pitch.key])
                if may_ask_about_request(user, pitch)
                else "",
                "may_decide": bool(policies.can_decide(user, pitch)),
            }
        )


class RequestWithdraw(PortalView):
    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_withdraw.html"

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_withdraw)
        if not policies.can_withdraw(self.user, pitch):
            return redirect("request", key=pitch.key)
        return self.render({"pitch": pitch, "trail": trail_of(self.user, pitch)})

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_withdraw)
        try:
            services.withdraw_request(actor=self.user, pk=pitch.pk)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("%(key)s is withdrawn. It stays readable.") % {"key": pitch.key})
        return redirect("request", key=pitch.key)

"""Who can see a request."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.views import AudiencePage
from intake import selectors
from intake.selectors.audience import audience_of_request, may_ask_about_request
from intake.views.trail import trail_of


class RequestAudience(AudiencePage):
    permission = Permission.REQUEST_VIEW

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key)
        if not may_ask_about_request(self.user, pitch):
            raise PermissionDenied(_("Only the requester, the PMO and auditors are told who can see a request."))
        crumbs = [*trail_of(self.user, pitch), (_("Who can see this?"), "")]
        return self.show(audience_of_request(pitch), crumbs=crumbs, about=pitch.key)

"""The PMO's work on one request."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.views import PortalView
from common.views_errors import conflict
from intake import policies, selectors, services
from intake.forms import ReturnForm, TriageForm
from intake.models import Request
from intake.selectors.form import summary_of
from intake.services import WrongState
from intake.views.trail import trail_of
from projects.models import Portfolio


class TriagePage(PortalView):
    """What triage and sending back share: one page with both forms."""

    permission = Permission.REQUEST_TRIAGE
    template_name = "intake/request_triage.html"

    def page(self, pitch: Request, *, triage: TriageForm | None = None, back: ReturnForm | None = None) -> HttpResponse:
        bound = [form for form in (triage, back) if form is not None and form.is_bound]
        return self.render(
            {
                "pitch": pitch,
                "form": triage or self.triage_form(pitch),
                "return_form": back or ReturnForm(initial={"version": pitch.version}),
                "wrong_form": bound[0] if bound else None,
                "may_triage": bool(policies.can_triage(self.user, pitch)),
                "trail": trail_of(self.user, pitch),
                "sections": summary_of(pitch),
                "lookalikes": selectors.lookalikes_of(self.user, pitch),
            },
            status=422 if bound else 200,
        )

    def triage_form(self, pitch: Request, data: object = None) -> TriageForm:
        portfolios = Portfolio.objects.visible_to(self.user)
        if data is None:
            return TriageForm(initial=TriageForm.initial_of(pitch), portfolios=portfolios)
        return TriageForm(data, portfolios=portfolios)

    def lost(self, pitch: Request, error: PortalError, typed: str) -> HttpResponse:
        """The page for whoever came too late, with what they typed."""
        fresh = selectors.get_request_for(self.user, pitch.key)
        changes = {_("State"): (fresh.get_state_display(), ""), _("Note"): (fresh.triage_note, typed)}
        return conflict(self.request, str(error), changes, reverse("request", args=[pitch.key]))


class RequestTriage(TriagePage):
    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_return)
        if not policies.can_return(self.user, pitch):
            return redirect("request", key=pitch.key)
        return self.page(pitch)

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_triage)
        form = self.triage_form(pitch, request.POST)
        if not form.is_valid():
            return self.page(pitch, triage=form)
        try:
            services.triage_request(
                actor=self.user, pk=pitch.pk, data=form.triage(), version=form.cleaned_data["version"]
            )
        except (Conflict, WrongState) as error:
            return self.lost(pitch, error, form.cleaned_data["note"])
        except PortalError as error:
            form.add_error(None, str(error))
            return self.page(pitch, triage=form)
        messages.success(request, _("%(key)s is ready for a decision.") % {"key": pitch.key})
        return redirect("request-list")


class RequestReturn(TriagePage):
    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_return)
        form = ReturnForm(request.POST)
        if not form.is_valid():
            return self.page(pitch, back=form)
        note = form.cleaned_data["note"]
        try:
            services.return_request(actor=self.user, pk=pitch.pk, note=note, version=form.cleaned_data["version"])
        except (Conflict, WrongState) as error:
            return self.lost(pitch, error, note)
        except PortalError as error:
            form.add_error(None, str(error))
            return self.page(pitch, back=form)
        messages.success(request, _("%(key)s is back with its requester.") % {"key": pitch.key})
        return redirect("request-list")

"""Deciding on a request."""

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
from governance.enums import Checkpoint
from governance.selectors.waivers import works_on
from governance.services import CheckResult, RulesNotKept
from intake import policies, selectors, services
from intake.enums import RequestState
from intake.forms import DecisionForm
from intake.models import Request
from intake.selectors.form import proposal_of, summary_of
from intake.selectors.governing import rules_at
from intake.selectors.plan import plan_of
from intake.services import WrongState
from intake.views.trail import trail_of


class RequestDecide(PortalView):
    """The proposed sponsor may decide without a grant, so the door of the request asks for the right."""

    permission = Permission.REQUEST_DECIDE
    on_object = True
    template_name = "intake/request_decide.html"

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_decide)
        if not policies.can_decide(self.user, pitch):
            return redirect("request", key=pitch.key)
        return self._page(pitch, DecisionForm(initial={"version": pitch.version}))

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_decide)
        form = DecisionForm(request.POST)
        if not form.is_valid():
            return self._page(pitch, form, status=422)
        try:
            decided = services.decide_request(
                actor=self.user, pk=pitch.pk, decision=form.decision(), version=form.cleaned_data["version"]
            )
        except (Conflict, WrongState) as error:
            return self._lost(pitch, error, form)
        except RulesNotKept as error:
            told = _("This vote would approve it, and rules stop that. It was not cast, and those before it stay.")
            form.add_error(None, f"{told} {error}")
            return self._page(pitch, form, status=422, stopped_by=error.result)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(pitch, form, status=422)
        messages.success(request, _told(decided))
        return redirect("request", key=pitch.key)

    def _page(
        self, pitch: Request, form: DecisionForm, status: int = 200, stopped_by: CheckResult | None = None
    ) -> HttpResponse:
        check = stopped_by or rules_at(self.user, pitch, Checkpoint.APPROVE_REQUEST)
        context = {
            "check": check if check.judged else None,
            "may_ask_waiver": works_on(self.user, check),
            "only_reads": True,
            "pitch": pitch,
            "form": form,
            "trail": trail_of(self.user, pitch),
            "proposal": proposal_of(pitch),
            "sections": summary_of(pitch),
            "plan": plan_of(pitch),
        }
        return self.render(context, status=status)

    def _lost(self, pitch: Request, error: PortalError, form: DecisionForm) -> HttpResponse:
        fresh = selectors.get_request_for(self.user, pitch.key)
        by = f"{fresh.get_state_display()} ({fresh.decided_by})" if fresh.decided_by else fresh.get_state_display()
        chosen = dict(form.fields["outcome"].choices)[form.cleaned_data["outcome"]]  # type: ignore[attr-defined]  # a choice field
        changes = {_("Decision"): (by, str(chosen)), _("Why"): (fresh.reason, form.cleaned_data["reason"])}
        return conflict(self.request, str(error), changes, reverse("request", args=[pitch.key]))


def _told(decided: Request) -> str:
    if decided.state == RequestState.TRIAGED:
        return _("Your vote is counted; others still have to vote.")
    if decided.project is None:
        return _("%(key)s is not approved. The requester gets a mail with your reason.") % {"key": decided.key}
    return _("%(key)s is approved and is now project %(project)s.") % {
        "key": decided.key,
        "project": decided.project.key,
    }

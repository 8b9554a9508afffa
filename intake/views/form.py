"""Writing a request: three short pages, check answers, handed in."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.models import User
from common.errors import PortalError
from common.views import PortalView
from governance.enums import Checkpoint
from governance.services import RulesNotKept
from intake import policies, selectors, services
from intake.completeness import Step, next_step
from intake.forms import FORMS, IdeaForm, StepForm
from intake.models import Request
from intake.selectors.form import progress_of, summary_of
from intake.selectors.governing import rules_at
from intake.views.trail import trail_of

AUTOSAVE = "X-Autosave"


class RequestCreate(PortalView):
    """The first page. Its one-time token makes a form that is sent twice one draft."""

    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_edit.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(IdeaForm(), uuid.uuid4())

    def post(self, request: HttpRequest) -> HttpResponse:
        token, form = _token(request.POST.get("token", "")), IdeaForm(request.POST)
        is_valid = form.is_valid()
        if "title" not in form.cleaned_data:
            return self._page(form, token, status=422)
        pitch = services.start_request(actor=self.user, token=token, answers=form.answers())
        if AUTOSAVE in request.headers:
            return HttpResponse(status=204)
        if not is_valid and "later" not in request.POST:
            return self._page(form, token, status=422)
        return _onward(request, pitch, Step.IDEA)

    def _page(self, form: IdeaForm, token: uuid.UUID, status: int = 200) -> HttpResponse:
        context = {
            "form": form,
            "token": token,
            "step": Step.IDEA,
            "number": 1,
            "progress": progress_of(None, Step.IDEA),
            "trail": trail_of(self.user, None),
        }
        return self.render(context, status=status)


def _token(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.uuid4()


def _onward(request: HttpRequest, pitch: Request, step: Step) -> HttpResponse:
    if "later" in request.POST:
        messages.success(
            request, _("Saved. You find %(key)s under “My requests” and can go on at any time.") % {"key": pitch.key}
        )
        return redirect("request-mine")
    following = next_step(step)
    if following is None or "back" in request.POST:
        return redirect("request-check", key=pitch.key)
    return redirect("request-edit", key=pitch.key, step=following.value)


class RequestEdit(PortalView):
    """One page of the form. Whatever could be read is kept, also when something else on the page is wrong."""

    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_edit.html"

    def get(self, _request: HttpRequest, key: str, step: str) -> HttpResponse:
        pitch, page = selectors.get_request_for(self.user, key, policies.can_edit), _step(step)
        if not policies.can_edit(self.user, pitch):
            return redirect("request", key=pitch.key)
        return self._page(pitch, page, FORMS[page].of(pitch))

    def post(self, request: HttpRequest, key: str, step: str) -> HttpResponse:
        pitch, page = selectors.get_request_for(self.user, key, policies.can_edit), _step(step)
        form = FORMS[page](request.POST)
        is_valid = form.is_valid()
        try:
            pitch = services.save_answers(actor=self.user, pk=pitch.pk, answers=form.answers())
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(pitch, page, form, status=409)
        if AUTOSAVE in request.headers:
            return HttpResponse(status=204)
        if not is_valid and "later" not in request.POST:
            return self._page(pitch, page, form, status=422)
        return _onward(request, pitch, page)

    def _page(self, pitch: Request, step: Step, form: StepForm, status: int = 200) -> HttpResponse:
        context = {
            "pitch": pitch,
            "form": form,
            "step": step,
            "number": list(Step).index(step) + 1,
            "is_returning": "back" in self.request.GET or "back" in self.request.POST,
            "progress": progress_of(pitch, step),
            "trail": trail_of(self.user, pitch),
        }
        return self.render(context, status=status)


def _step(text: str) -> Step:
    if text not in Step.values:
        raise Http404
    return Step(text)


class RequestCheck(PortalView):
    """All answers on one page, what looks like it, and what happens next."""

    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_check.html"

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_edit)
        if not policies.can_edit(self.user, pitch):
            return redirect("request", key=pitch.key)
        check = rules_at(self.user, pitch, Checkpoint.SUBMIT_REQUEST)
        told = {"check": check if check.judged else None, "may_ask_waiver": True}
        return self.render({**check_context(self.user, pitch), **told})


def check_context(user: User, pitch: Request) -> dict[str, Any]:
    return {
        "pitch": pitch,
        "sections": summary_of(pitch, with_links=True),
        "lookalikes": selectors.lookalikes_of(user, pitch),
        "progress": progress_of(pitch, None),
        "trail": trail_of(user, pitch),
    }


class RequestSubmit(PortalView):
    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_check.html"
    http_method_names = ["post"]

    def post(self, request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key, policies.can_submit)
        try:
            services.submit_request(actor=self.user, pk=pitch.pk)
        except services.IncompleteRequest as error:
            return self.render({**check_context(self.user, pitch), "error": str(error)}, status=422)
        except RulesNotKept as error:
            context = {
                **check_context(self.user, pitch), "check": error.result, "may_ask_waiver": True, "is_stopped": True,
            }  # fmt: skip
            return self.render(context, status=422)
        except PortalError as error:
            messages.error(request, str(error))
            return redirect("request", key=pitch.key)
        if advice := rules_at(self.user, pitch, Checkpoint.SUBMIT_REQUEST).advice_in_words():
            messages.info(request, advice)
        return redirect("request-sent", key=pitch.key)


class RequestSent(PortalView):
    permission = Permission.REQUEST_CREATE
    template_name = "intake/request_sent.html"

    def get(self, _request: HttpRequest, key: str) -> HttpResponse:
        pitch = selectors.get_request_for(self.user, key)
        return self.render(
            {"pitch": pitch, "standing": selectors.standing_of(pitch), "trail": trail_of(self.user, pitch)}
        )

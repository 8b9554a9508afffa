"""Recommendations: an adviser files, the organisation answers and follows up, the adviser sees it."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from common.views_errors import conflict
from strategy import policies
from strategy.enums import Priority, RecommendationState
from strategy.forms.recommendations import AnswerForm, EffectForm, FilterForm, NoteForm, RecommendationForm
from strategy.models import Recommendation
from strategy.selectors import recommendations as selectors
from strategy.services import recommendations as services

PAGE_SIZE = 50


class RecommendationList(PortalView):
    permission = Permission.ADVICE_VIEW
    template_name = "strategy/recommendation_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        view = request.GET.get("view", "")
        form = FilterForm(request.GET)
        wanted = form.filter(view if view in selectors.VIEWS else "")
        page = Paginator(selectors.recommendations(self.user, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
        head = [
            Column(_("Recommendation")),
            Column(_("Priority")),
            Column(_("State")),
            Column(_("Owner")),
            Column(_("To be done by")),
            Column(_("Filed"), hide_on_phone=True),
        ]
        return self.render({
            "page": page,
            "table": data_table(head, [_row(one) for one in page], caption=_("Recommendations")),
            "chips": _chips(wanted, selectors.counts(self.user, wanted)),
            "form": form,
            "wanted": wanted,
            "is_filtered": bool(wanted.text or wanted.priority),
            "may_file": self.user.can(Permission.RECOMMENDATION_FILE),
        })  # fmt: skip


def _chips(wanted: selectors.Filter, counts: dict[str, int]) -> list[dict[str, Any]]:
    labels = {"": _("All"), **dict(RecommendationState.choices), selectors.OVERDUE: _("Overdue")}
    keep = {"q": wanted.text, "priority": wanted.priority or ""}
    return [
        {
            "label": f"{labels[view]} {counts[view or 'all']}",
            "href": "?" + urlencode({name: value for name, value in {**keep, "view": view}.items() if value}),
            "active": view == wanted.view,
        }
        for view in selectors.VIEWS
    ]


def _row(one: Recommendation) -> Row:
    return Row([
        cells.title_cell(one.title, reverse("recommendation", args=[one.pk]), f"{one.filed_by} · {one.office}"),
        cells.tag(one.get_priority_display(), Priority(one.priority).tone),
        _state(one),
        cells.person(str(one.owner)) if one.owner else "–",
        cells.due(one.due_on, done=one.state != RecommendationState.PLANNED) if one.due_on else "–",
        cells.date(one.filed_at.date()),
    ])  # fmt: skip


def _state(one: Recommendation) -> SafeString:
    return cells.tag(one.get_state_display(), RecommendationState(one.state).tone)


class RecommendationPage(PortalView):
    """Everybody who may know it: its people, the PMO, and the owner of its plan."""

    permission = SIGNED_IN
    template_name = "strategy/recommendation.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        return _page(self, selectors.get_recommendation(self.user, pk))


def _page(view: PortalView, one: Recommendation, status: int = 200, **forms: Any) -> HttpResponse:
    links = selectors.links_of(view.user, one)
    may_tell = bool(policies.can_tell_effect(view.user, one))
    context = {
        "recommendation": one,
        "state_tag": _state(one),
        "links": links,
        "facts": _facts(one, links),
        "notes": selectors.notes_of(one),
        "may_answer": bool(policies.can_answer(view.user, one)),
        "may_follow_up": bool(policies.can_follow_up(view.user, one)),
        "may_tell_effect": may_tell,
        "note_form": NoteForm(auto_id="note_%s"),
        "effect_form": EffectForm(auto_id="effect_%s"),
        "trail": [(_("Recommendations"), reverse("recommendation-list")), (one.title, "")],
        **forms,
    }
    return view.render(context, status=status)


def _facts(one: Recommendation, links: selectors.Links) -> list[tuple[str, Any]]:
    about: Any = _("The whole organisation")
    if one.about_kind:
        about = cells.title_cell(links.about.name, links.about.href) if links.about else _("Not open to you")
    facts: list[tuple[str, Any]] = [
        (_("State"), _state(one)),
        (_("Priority"), cells.tag(one.get_priority_display(), Priority(one.priority).tone)),
        (_("For"), about),
        (_("Filed by"), cells.person(str(one.filed_by), str(one.office))),
        (_("Filed"), cells.date(one.filed_at.date())),
    ]
    if one.answered_by is not None and one.answered_at is not None:
        facts.append((_("Answered by"), cells.person(str(one.answered_by))))
        facts.append((_("Answered"), cells.date(one.answered_at.date())))
    if one.owner is not None:
        is_done = one.state != RecommendationState.PLANNED
        facts += [(_("Owner"), cells.person(str(one.owner))), (_("To be done by"), cells.due(one.due_on, done=is_done))]
    if one.done_at is not None:
        facts.append((_("Done"), cells.date(one.done_at.date())))
    return facts


class RecommendationCreate(PortalView):
    permission = Permission.RECOMMENDATION_FILE
    template_name = "strategy/recommendation_form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        initial = {"token": uuid.uuid4(), "assessment": request.GET.get("assessment", "")}
        return self._page(RecommendationForm(user=self.user, initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RecommendationForm(request.POST, user=self.user)
        if form.is_valid():
            try:
                one = services.file_recommendation(
                    actor=self.user, token=form.token_or_new(), data=form.recommendation()
                )
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Filed. Its text stays as it is; the PMO gets a mail."))
                return redirect("recommendation", pk=one.pk)
        return self._page(form, 422)

    def _page(self, form: RecommendationForm, status: int = 200) -> HttpResponse:
        trail = [(_("Recommendations"), reverse("recommendation-list")), (_("New recommendation"), "")]
        return self.render({"form": form, "trail": trail}, status=status)


class RecommendationAnswer(PortalView):
    permission = Permission.RECOMMENDATION_ANSWER
    template_name = "strategy/recommendation_answer.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        one = self._load(pk)
        initial = {"version": one.version, "owner": one.owner, "due_on": one.due_on, "text": one.answer}
        return self._page(one, AnswerForm(answers=policies.answers_left(one), initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = self._load(pk)
        form = AnswerForm(request.POST, answers=policies.answers_left(one))
        if form.is_valid():
            version = form.cleaned_data["version"]
            try:
                services.answer_recommendation(actor=self.user, pk=pk, version=version, answer=form.answer())
            except Conflict as error:
                typed = RecommendationState(form.cleaned_data["state"]).label
                changes = {
                    _("State"): (one.get_state_display(), typed),
                    _("Explanation"): (one.answer, form.cleaned_data["text"]),
                }
                return conflict(request, str(error), changes, request.path)
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Answered. The adviser gets a mail."))
                return redirect("recommendation", pk=pk)
        return self._page(one, form, 422)

    def _load(self, pk: int) -> Recommendation:
        one = selectors.get_recommendation(self.user, pk)
        verdict = policies.can_answer(self.user, one)
        if not verdict and not verdict.is_state:
            raise PermissionDenied(verdict.reason)
        return one

    def _page(self, one: Recommendation, form: AnswerForm, status: int = 200) -> HttpResponse:
        trail = [
            (_("Recommendations"), reverse("recommendation-list")),
            (one.title, reverse("recommendation", args=[one.pk])),
            (_("Answer"), ""),
        ]
        verdict = policies.can_answer(self.user, one)
        return self.render({"recommendation": one, "form": form, "verdict": verdict, "trail": trail}, status=status)


class RecommendationStep(PortalView):
    """A step of the owner or the PMO on the page itself; a refusal comes back on that page."""

    permission = SIGNED_IN
    template_name = "strategy/recommendation.html"

    def load(self, pk: int) -> Recommendation:
        one = selectors.get_recommendation(self.user, pk)
        is_part = one.owner_id == self.user.pk or policies.answers_for(self.user, one)
        if self.user.is_external or not is_part:
            raise PermissionDenied(_("Only the owner of the plan and the PMO tell how it goes."))
        return one

    def back(self, pk: int, message: str = "", error: PortalError | None = None) -> HttpResponse:
        if error is not None:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, message)
        return redirect("recommendation", pk=pk)


class RecommendationNoteAdd(RecommendationStep):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one, form = self.load(pk), NoteForm(request.POST, auto_id="note_%s")
        if not form.is_valid():
            return _page(self, one, 422, note_form=form)
        try:
            services.add_note(actor=self.user, pk=pk, text=form.cleaned_data["text"])
        except PortalError as error:
            return self.back(pk, error=error)
        return self.back(pk, _("The note is kept."))


class RecommendationFinish(RecommendationStep):
    def post(self, _request: HttpRequest, pk: int) -> HttpResponse:
        self.load(pk)
        try:
            services.finish(actor=self.user, pk=pk)
        except PortalError as error:
            return self.back(pk, error=error)
        return self.back(pk, _("Done. Later, tell what came of it."))


class RecommendationEffect(RecommendationStep):
    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one, form = self.load(pk), EffectForm(request.POST, auto_id="effect_%s")
        if not form.is_valid():
            return _page(self, one, 422, effect_form=form)
        try:
            services.tell_effect(actor=self.user, pk=pk, text=form.cleaned_data["text"])
        except PortalError as error:
            return self.back(pk, error=error)
        return self.back(pk, _("Thank you. The adviser gets a mail."))

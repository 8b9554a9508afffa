from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import PortalError
from common.ui import cells
from common.ui.status import status_of
from common.views import INVALID, SIGNED_IN, PortalView
from governance import services as rulebook
from governance.enums import Checkpoint, SubjectKind
from governance.services import CheckResult, RulesNotKept
from projects.enums import ColourScale, UpdateState
from projects.forms.updates import AnswerForm, UpdateForm, initial_from
from projects.health.judge import is_worse
from projects.models import Ask
from projects.selectors import updates as selectors
from projects.selectors.health import explain
from projects.selectors.projects import rights_for
from projects.services import updates as services
from projects.views.pages import ProjectAction, ProjectPage

if TYPE_CHECKING:
    from common.views import PortalRequest
    from projects.models import Project, Update

PAGE_SIZE = 10


class ProjectUpdates(ProjectPage):
    tab = "project-updates"
    template_name = "projects/updates/list.html"

    def get(self, request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        found = selectors.updates_of(self.user, self.project)
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        return self.page({"page": page, "page_name": _("Updates")})


class UpdateWrite(ProjectPage):
    """The composer: what the portal proposes and why, the facts since last time, three questions."""

    permission = Permission.UPDATE_WRITE
    tab = "project-updates"
    template_name = "projects/updates/write.html"

    def get(self, _request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        draft = selectors.draft_of(self.user, self.project)
        initial = initial_from(draft) or self._proposal()
        form = UpdateForm(initial={**initial, "token": uuid.uuid4()}, scale=self._scale)
        return self._compose(form, draft=draft)

    def post(self, request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        form = UpdateForm(request.POST, scale=self._scale)
        if not form.is_valid():
            return self._compose(form, status=INVALID)
        if "draft" in request.POST:
            services.save_draft(actor=self.user, project=self.project, values=form.content())
            messages.success(request, _("Your draft is kept. Only you see it."))
            return redirect("update-write", self.project.key)
        try:
            services.publish_update(
                actor=self.user, project=self.project, token=form.sent_token, values=form.content(), asks=form.asks()
            )
        except services.UpdateError as error:
            form.add_error(error.field or None, str(error))
            return self._compose(form, status=INVALID)
        except RulesNotKept as error:
            form.add_error(None, error.in_short)
            return self._compose(form, status=INVALID, check=error.result)
        messages.success(request, _("Posted. It is part of the next weekly report."))
        told = rulebook.check(
            kind=SubjectKind.PROJECT, subject_id=self.project.pk, checkpoint=Checkpoint.PUBLISH_UPDATE, actor=self.user
        )
        if advice := told.advice_in_words():
            messages.info(request, advice)
        return redirect("project", self.project.key)

    @property
    def _scale(self) -> int:
        return self.project.portfolio.colour_scale

    def _proposal(self) -> dict[str, Any]:
        """Begin with the last declared colours, and with the computed one where the lead has not said."""
        last = selectors.last_update(self.project)
        proposal = {name: value for name, value in initial_from(last).items() if name in _COLOURS} if last else {}
        state = getattr(self.project, "state", None)
        points = [str(colour) for colour in ColourScale(self._scale).colours]
        if not proposal.get("declared") and state is not None and state.computed in points:
            proposal["declared"] = state.computed
        return proposal

    def _compose(
        self, form: UpdateForm, *, draft: Update | None = None, status: int = 200, check: CheckResult | None = None
    ) -> HttpResponse:
        last = selectors.last_update(self.project)
        state = getattr(self.project, "state", None)
        context = {
            "form": form,
            "draft": draft,
            "last": last,
            "changes": selectors.changes_since(self.project, last.as_of if last else None),
            "signals": explain(state)[:6] if state else [],
            "crumbs": _crumbs(self.project, _("Write an update")),
            "today": timezone.localdate(),
            "unchanged_token": uuid.uuid4(),
            "check": check,
            "may_ask_waiver": self.rights.edit,
            **_beside(form, last, state.computed if state else ""),
        }
        return self.page(context, status=status)


_COLOURS = ("declared", *services.DIMENSIONS)


def _beside(form: UpdateForm, previous: Update | None, computed: str) -> dict[str, Any]:
    """What stands beside the colours: the previous words, the computed one, and whether better asks why."""
    declared = str(form["declared"].value() or "")
    return {
        "dimensions": form.dimensions(previous),
        "computed": status_of(computed).word if computed else "",
        "needs_reason": bool(computed and declared) and is_worse(computed, declared),
    }


def _crumbs(project: Project, here: str) -> list[tuple[str, str]]:
    return [
        (_("Projects"), reverse("project-list")),
        (project.name, reverse("project", args=[project.key])),
        (here, ""),
    ]


class UpdateAutosave(ProjectPage):
    """Keep the draft while the person types; the same fields as the composer, answered without a page."""

    permission = Permission.UPDATE_WRITE
    http_method_names = ["post", "options"]

    def post(self, request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        form = UpdateForm(request.POST, scale=self.project.portfolio.colour_scale)
        if not form.is_valid():
            return HttpResponse(status=INVALID)
        services.save_draft(actor=self.user, project=self.project, values=form.content())
        return HttpResponse(status=204)


class UpdateDiscard(ProjectAction):
    permission = Permission.UPDATE_WRITE
    back = "project-updates"

    def act(self) -> object:
        services.discard_draft(actor=self.user, project=self.project)
        return None


class UpdateUnchanged(ProjectPage):
    """“Nothing changed”: one click that keeps a quiet project fresh."""

    permission = Permission.UPDATE_WRITE
    http_method_names = ["post", "options"]

    def post(self, request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        try:
            token = uuid.UUID(request.POST.get("token", ""))
            services.declare_unchanged(actor=self.user, project=self.project, token=token)
        except ValueError:
            messages.error(request, _("This form is incomplete. Open the page again and press the button once more."))
        except PortalError as error:
            messages.error(request, str(error))
            return redirect("update-write", self.project.key)
        else:
            messages.success(request, _("Posted: nothing changed."))
        return redirect("project", self.project.key)


class UpdateCorrect(ProjectPage):
    """A correction of a published update; both stay readable."""

    permission = Permission.UPDATE_WRITE
    tab = "project-updates"
    template_name = "projects/updates/correct.html"

    def get(self, _request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        update = self._update()
        form = self._form(update, initial={**initial_from(update), "token": uuid.uuid4()})
        return self._show(form, update)

    def post(self, request: PortalRequest, **_kwargs: Any) -> HttpResponse:
        update = self._update()
        form = self._form(update, request.POST)
        if not form.is_valid():
            return self._show(form, update, INVALID)
        try:
            services.correct_update(
                actor=self.user, project=self.project, update_id=update.pk, token=form.sent_token, values=form.content()
            )
        except services.UpdateError as error:
            form.add_error(error.field or None, str(error))
            return self._show(form, update, INVALID)
        except RulesNotKept as error:
            form.add_error(None, str(error))
            return self._show(form, update, INVALID)
        messages.success(request, _("Corrected. The earlier text stays readable below it."))
        return redirect("project-updates", self.project.key)

    def _update(self) -> Update:
        return get_object_or_404(
            self.project.updates.exclude(state=UpdateState.DRAFT).select_related("author"), pk=self.kwargs["pk"]
        )

    def _form(self, update: Update, *args: Any, **kwargs: Any) -> UpdateForm:
        form = UpdateForm(*args, scale=update.scale, **kwargs)
        for name in ("ask", "asked_of", "needed_by"):
            form.fields[name].widget = forms.HiddenInput()
        return form

    def _show(self, form: UpdateForm, update: Update, status: int = 200) -> HttpResponse:
        context = {"form": form, "update": update, "page_name": _("Correct an update")}
        return self.page({**context, **_beside(form, update, update.computed)}, status=status)


class AskAnswer(PortalView):
    permission = SIGNED_IN
    template_name = "projects/updates/answer.html"

    def get(self, _request: PortalRequest, pk: int) -> HttpResponse:
        return self._show(self._ask(pk), AnswerForm())

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        ask = self._ask(pk)
        form = AnswerForm(request.POST)
        if form.is_valid():
            try:
                services.answer_ask(actor=self.user, ask_id=pk, answer=form.cleaned_data["answer"])
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Answered. The project sees it at once."))
                return redirect("project", ask.project.key)
        return self._show(ask, form, INVALID)

    def _ask(self, pk: int) -> Ask:
        asks = Ask.objects.visible_to(self.user).select_related(
            "project", "asked_of", "answered_by", "update_asked_in__author"
        )
        return get_object_or_404(asks, pk=pk)

    def _show(self, ask: Ask, form: AnswerForm, status: int = 200) -> HttpResponse:
        rights = rights_for(self.user, ask.project)
        asked = ask.asked_of_id == self.user.pk and not self.user.is_external
        mine = asked or rights.edit or rights.decide
        context = {
            "ask": ask,
            "form": form,
            "facts": _ask_facts(ask),
            "may_answer": mine and ask.answered_at is None,
            "crumbs": _crumbs(ask.project, _("What is needed")),
        }
        return self.render(context, status=status)


def _ask_facts(ask: Ask) -> list[tuple[str, Any]]:
    asked_in = ask.update_asked_in
    facts = [
        (_("Asked by"), asked_in.author if asked_in and asked_in.author else cells.unknown()),
        (_("Asked of"), ask.asked_of or _("Whoever reads this")),
        (_("Needed by"), cells.due(ask.needed_by, done=ask.answered_at is not None)),
    ]
    return [*facts, (_("Answered by"), ask.answered_by)] if ask.answered_at else facts

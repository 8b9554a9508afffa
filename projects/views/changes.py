from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.views import INVALID
from projects import policies
from projects.enums import ChangeState
from projects.forms.changes import ChangeForm
from projects.selectors import changes as selectors
from projects.selectors.moves import moves_of
from projects.services import baselines, changes
from projects.services.changes.deciding import stale_effects
from projects.services.changes.writing import works_on
from projects.views import change_rows
from projects.views.editing import RecordCreate, RecordEdit
from projects.views.pages import ProjectAction, ProjectConfirm, ProjectPage
from projects.views.sending import sent_once

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from common.views import PortalRequest
    from projects.forms.records import RecordForm
    from projects.models import Baseline, ChangeRequest, Milestone

VERSION: Final = re.compile(r"[0-9]{1,9}")


class _OnChanges(ProjectPage):
    tab: ClassVar[str] = "project-changes"
    back: ClassVar[str] = "project-changes"

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The pages of this tab."""
        pages = [("project-changes", _("Requests and baselines"))]
        if self.rights.history:
            pages.append(("project-moves", _("Slip ledger")))
        here = self.request.resolver_match
        return [
            {"label": label, "href": self.to_tab(name), "active": here is not None and here.url_name == name}
            for name, label in pages
        ]

    @cached_property
    def may_ask(self) -> bool:
        return bool(
            policies.may_request_change(self.rights, in_team=self.rights.edit or works_on(self.user, self.project))
        )


class ProjectChanges(_OnChanges):
    template_name: ClassVar[str] = "projects/changes/changes.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        versions = selectors.versions_of(self.project)
        shown = selectors.changes_of(self.project, self.rights, request.GET.get("page"))
        pair = selectors.chosen(versions, request.GET)
        context = {
            "parts": self.parts, "may_ask": self.may_ask, "page_obj": shown, "versions": versions, "pair": pair,
            "agreed": change_rows.baseline_facts(self.project, versions[0]) if versions else None,
            "change_table": change_rows.change_table(self.project, shown.object_list),
            "version_table": change_rows.version_table(self.project, versions),
            "difference": self._difference(*pair) if pair else "",
        }  # fmt: skip
        return self.page(context)

    def _difference(self, one: Baseline, two: Baseline) -> str:
        caption = _("From %(one)s to %(two)s") % {"one": one, "two": two}
        return change_rows.effect_table(selectors.differences(one, two), str(one), str(two), caption)


class ProjectMoves(_OnChanges):
    permission: ClassVar[str] = Permission.HISTORY_VIEW
    template_name: ClassVar[str] = "projects/changes/moves.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        ledger, looks = moves_of(self.project, request.GET.get("page"))
        context = {
            "parts": self.parts, "page_obj": ledger, "ledger": change_rows.ledger_table(ledger.object_list),
            "looks": change_rows.look_table(self.project, looks), "look_count": len(looks),
        }  # fmt: skip
        return self.page(context)


class BaselineAgree(_OnChanges, ProjectConfirm):
    permission: ClassVar[str] = Permission.PROJECT_CREATE
    question: ClassVar[Any] = gettext_lazy(
        "Agree the baseline of “%(name)s”? It is frozen as version 1; from then on it moves by an accepted change "
        "request only."
    )
    verb: ClassVar[Any] = gettext_lazy("Agree the baseline")
    done: ClassVar[Any] = gettext_lazy("The baseline is agreed.")

    def subject(self) -> object:
        return self.project

    def act(self) -> object:
        return baselines.agree_baseline(actor=self.user, project_id=self.project.pk)


class _ChangeForms(_OnChanges):
    """What writing and editing share: the milestones that can move."""

    permission: ClassVar[str] = Permission.PROJECT_VIEW
    template_name: ClassVar[str] = "projects/changes/change_form.html"
    form_class: ClassVar[type[RecordForm]] = ChangeForm

    @cached_property
    def milestones(self) -> list[Milestone]:
        return selectors.movable(self.project)

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project, "milestones": self.milestones}

    def extra(self) -> dict[str, Any]:
        return {"currency": self.project.currency}


class ChangeCreate(_ChangeForms, RecordCreate):
    """A draft of a change request; the same form sent twice makes one."""

    permission: ClassVar[str] = Permission.PROJECT_VIEW
    heading: ClassVar[Any] = gettext_lazy("Ask for a change")
    verb: ClassVar[Any] = gettext_lazy("Save as draft")

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # a signed-in request
        if not self.may_ask:
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=INVALID)

        def make() -> str:
            made = changes.draft_change(actor=self.user, project=self.project, values=form.changes())
            return reverse("change", args=[self.project.key, made.pk])

        done = _("The draft is saved. Submit it when it is complete.")
        return sent_once(self.user, form, make, show=self.show, told=lambda: messages.success(request, done))


class _OfChange(_OnChanges):
    """A page or action of one change request."""

    permission: ClassVar[str] = Permission.PROJECT_VIEW

    @cached_property
    def change_request(self) -> ChangeRequest:
        return selectors.get_change(self.project, self.rights, self.kwargs["pk"])

    def here(self) -> str:
        return reverse("change", args=[self.project.key, self.kwargs["pk"]])

    @property
    def size(self) -> Any:
        portfolio = self.project.portfolio
        return policies.size_of(
            self.change_request, portfolio.schedule_tolerance_days, portfolio.cost_tolerance_percent
        )


class ChangePage(_OfChange):
    """What is asked, what it would move, and how far the decision is."""

    template_name: ClassVar[str] = "projects/changes/change.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        change = self.change_request
        ballot = selectors.ballot_of(change)
        unasked = change.state == ChangeState.IN_BALLOT and not (ballot and ballot.is_open)
        context = {
            "change": change, "facts": change_rows.change_facts(change, self.size),
            "effects": self._effects(), "ballot": ballot,
            "is_unasked": unasked or change.state == ChangeState.SUBMITTED,
            "stale": self._stale(), "may_edit": bool(policies.can_edit_change(self.rights, change)),
            "may_withdraw": not change.is_closed and (self.rights.edit or change.requested_by_id == self.user.pk),
            "is_draft": change.state == ChangeState.DRAFT, "waits_for_voters": change.state == ChangeState.SUBMITTED,
        }  # fmt: skip
        return self.page(context)

    def _effects(self) -> str:
        change, caption = self.change_request, _("What it would change")
        effects = selectors.effects_of(change, self.project.currency)
        return change_rows.effect_table(effects, _("Agreed"), _("Would become"), caption)

    def _stale(self) -> list[str]:
        """What the baseline in force says otherwise than the request starts from."""
        if self.change_request.is_closed:
            return []
        agreed = baselines.newest(self.project.pk)
        return stale_effects(self.change_request, agreed) if agreed else []


class ChangeEdit(_OfChange, _ChangeForms, RecordEdit):
    heading: ClassVar[Any] = gettext_lazy("Edit the change request")

    def queryset(self) -> QuerySet[Any]:
        return self.project.change_requests.all()

    def load(self) -> ChangeRequest:
        verdict = policies.can_edit_change(self.rights, self.change_request)
        if verdict.is_state:
            raise Http404
        if not verdict:
            raise PermissionDenied
        return self.change_request

    def success_url(self) -> str:
        return self.here()

    def post(self, request: PortalRequest, **kwargs: object) -> HttpResponse:
        self.record  # noqa: B018  who may not edit it, learns so before the form is judged
        return super().post(request, **kwargs)

    def change(self, form: RecordForm, version: int | None) -> object:
        return changes.edit_change(
            actor=self.user, project=self.project, change_id=self.record.pk, version=version, changes=form.changes()
        )


class _ChangeAction(_OfChange, ProjectAction):
    permission: ClassVar[str] = Permission.PROJECT_VIEW

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        self.change_request  # noqa: B018  404 comes first
        self.allow()
        self.attempt(self.act)
        return HttpResponseRedirect(self.here())

    def allow(self) -> None:
        """403 for who may never do this to it."""
        verdict = policies.can_edit_change(self.rights, self.change_request)
        if not verdict and not verdict.is_state:
            raise PermissionDenied

    @property
    def version(self) -> int | None:
        text = self.request.POST.get("version", "")
        return int(text) if VERSION.fullmatch(text) else None


class ChangeSubmit(_ChangeAction):
    done: ClassVar[Any] = gettext_lazy("The change request is submitted.")

    def act(self) -> object:
        return changes.submit_change(
            actor=self.user, project=self.project, change_id=self.kwargs["pk"], version=self.version
        )


class ChangeResubmit(_ChangeAction):
    """The same request again, starting from the baseline in force."""

    done: ClassVar[Any] = gettext_lazy("The request now starts from the baseline in force; votes are cast anew.")

    def act(self) -> object:
        return changes.edit_change(
            actor=self.user, project=self.project, change_id=self.kwargs["pk"], version=self.version, changes={}
        )


class ChangeWithdraw(_ChangeAction):
    done: ClassVar[Any] = gettext_lazy("The request is withdrawn.")

    def allow(self) -> None:
        if not self.rights.edit and self.change_request.requested_by_id != self.user.pk:
            raise PermissionDenied

    def act(self) -> object:
        return changes.withdraw_change(actor=self.user, project=self.project, change_id=self.kwargs["pk"])

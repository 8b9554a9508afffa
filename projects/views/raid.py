from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.views import CONFLICT, INVALID
from projects import policies
from projects.enums import ProposalTarget
from projects.forms.raid import DecisionForm, IssueForm, ResolveForm, RiskForm, TakeForm
from projects.selectors import raid as selectors
from projects.services import raid
from projects.views import raid_rows
from projects.views.editing import RecordCreate, RecordEdit
from projects.views.pages import ProjectAction, ProjectPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from common.views import PortalRequest
    from projects.forms.records import RecordForm
    from projects.models import Decision


class ProjectRaid(ProjectPage):
    tab: ClassVar[str] = "project-raid"
    template_name: ClassVar[str] = "projects/project_raid.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        filters = selectors.RaidFilter.read(request.GET)
        register = selectors.register_of(self.project, filters, page=request.GET.get("page"))
        context = {
            "filters": filters, "register": register, "chips": raid_rows.raid_chips(self.project, filters, register),
            "matrix": raid_rows.risk_matrix_chart(self.project, register),
            "table": raid_rows.raid_table(request, self.project, register, self.rights),
        }  # fmt: skip
        return self.page(context)


class _OnRaid(ProjectPage):
    tab: ClassVar[str] = "project-raid"
    back: ClassVar[str] = "project-raid"


class RiskCreate(_OnRaid, RecordCreate):
    heading: ClassVar[Any] = gettext_lazy("Add a risk")
    verb: ClassVar[Any] = gettext_lazy("Add risk")
    form_class: ClassVar[type[RecordForm]] = RiskForm
    target: ClassVar[str] = ProposalTarget.RISK

    def add(self, form: RecordForm) -> object:
        return raid.add_risk(actor=self.user, project=self.project, values=form.changes())


class RiskEdit(_OnRaid, RecordEdit):
    heading: ClassVar[Any] = gettext_lazy("Edit risk")
    form_class: ClassVar[type[RecordForm]] = RiskForm
    target: ClassVar[str] = ProposalTarget.RISK

    def queryset(self) -> QuerySet[Any]:
        return self.project.risks.select_related("owner")

    def change(self, form: RecordForm, version: int | None) -> object:
        return raid.edit_risk(
            actor=self.user, project=self.project, risk_id=self.record.pk, version=version, changes=form.changes()
        )


class _RiskAction(_OnRaid, ProjectAction):
    @cached_property
    def risk_id(self) -> int:
        return get_object_or_404(self.project.risks, pk=self.kwargs["pk"]).pk


class RiskClose(_RiskAction):
    done: ClassVar[Any] = gettext_lazy("The risk is closed.")

    def act(self) -> object:
        occurred = self.request.POST.get("occurred") == "1"
        return raid.close_risk(actor=self.user, project=self.project, risk_id=self.risk_id, occurred=occurred)


class RiskReopen(_RiskAction):
    done: ClassVar[Any] = gettext_lazy("The risk is open again.")

    def act(self) -> object:
        return raid.reopen_risk(actor=self.user, project=self.project, risk_id=self.risk_id)


class IssueCreate(_OnRaid, RecordCreate):
    heading: ClassVar[Any] = gettext_lazy("Add an issue")
    verb: ClassVar[Any] = gettext_lazy("Add issue")
    form_class: ClassVar[type[RecordForm]] = IssueForm

    def initial(self) -> dict[str, Any]:
        return {"severity": 2, "opened_on": selectors.today()}

    def add(self, form: RecordForm) -> object:
        return raid.add_issue(actor=self.user, project=self.project, values=form.changes())


class IssueEdit(_OnRaid, RecordEdit):
    heading: ClassVar[Any] = gettext_lazy("Edit issue")
    form_class: ClassVar[type[RecordForm]] = IssueForm

    def queryset(self) -> QuerySet[Any]:
        return self.project.issues.select_related("owner")

    def change(self, form: RecordForm, version: int | None) -> object:
        return raid.edit_issue(
            actor=self.user, project=self.project, issue_id=self.record.pk, version=version, changes=form.changes()
        )


class IssueResolve(_OnRaid):
    permission: ClassVar[str] = Permission.PROJECT_EDIT
    template_name: ClassVar[str] = "projects/issue_resolve.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self._show(ResolveForm())

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        issue = get_object_or_404(self.project.issues, pk=self.kwargs["pk"])
        form = ResolveForm(request.POST)
        if not form.is_valid():
            return self._show(form, status=INVALID)
        raid.resolve_issue(
            actor=self.user, project=self.project, issue_id=issue.pk, resolution=form.cleaned_data["resolution"]
        )
        messages.success(request, _("The issue is resolved."))
        return HttpResponseRedirect(self.to_tab(self.back))

    def _show(self, form: ResolveForm, *, status: int = 200) -> HttpResponse:
        issue = get_object_or_404(self.project.issues, pk=self.kwargs["pk"])
        return self.page({"form": form, "issue": issue, "cancel": self.to_tab(self.back)}, status=status)


class IssueReopen(_OnRaid, ProjectAction):
    done: ClassVar[Any] = gettext_lazy("The issue is open again.")

    def act(self) -> object:
        issue = get_object_or_404(self.project.issues, pk=self.kwargs["pk"])
        return raid.reopen_issue(actor=self.user, project=self.project, issue_id=issue.pk)


class DecisionCreate(_OnRaid, RecordCreate):
    heading: ClassVar[Any] = gettext_lazy("Ask for a decision")
    verb: ClassVar[Any] = gettext_lazy("Ask for decision")
    form_class: ClassVar[type[RecordForm]] = DecisionForm

    def add(self, form: RecordForm) -> object:
        return raid.raise_decision(actor=self.user, project=self.project, values=form.changes())


class DecisionEdit(_OnRaid, RecordEdit):
    heading: ClassVar[Any] = gettext_lazy("Edit decision")
    form_class: ClassVar[type[RecordForm]] = DecisionForm

    def queryset(self) -> QuerySet[Any]:
        return self.project.decisions.select_related("holder")

    def change(self, form: RecordForm, version: int | None) -> object:
        return raid.edit_decision(
            actor=self.user, project=self.project, decision_id=self.record.pk, version=version, changes=form.changes()
        )


class DecisionPage(_OnRaid):
    """A decision with what was asked and decided; whoever may take it finds the form here."""

    template_name: ClassVar[str] = "projects/decision.html"

    @cached_property
    def decision(self) -> Decision:
        people = self.project.decisions.select_related("holder", "raised_by", "decided_by")
        return get_object_or_404(people, pk=self.kwargs["pk"])

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self.show(TakeForm(initial={"version": self.decision.version}))

    def show(self, form: TakeForm, *, status: int = 200, conflict: str = "") -> HttpResponse:
        verdict = policies.can_take(self.user, self.decision, self.rights)
        context = {
            "decision": self.decision, "verdict": verdict, "form": form, "conflict": conflict,
            "facts": raid_rows.decision_facts(self.decision),
        }  # fmt: skip
        return self.page(context, status=status)


class DecisionTake(DecisionPage):
    """POST only: a decision is never taken by following a link."""

    http_method_names = ["post", "options"]

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = TakeForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=INVALID)
        data = form.cleaned_data
        try:
            raid.take_decision(
                actor=self.user, project=self.project, decision_id=self.decision.pk, version=data["version"],
                outcome=data["outcome"], rationale=data["rationale"],
            )  # fmt: skip
        except Conflict as conflict:
            del self.decision
            kept = TakeForm(initial={**data, "version": conflict.current_version})
            return self.show(kept, status=CONFLICT, conflict=str(conflict))
        except PortalError as error:
            form.add_error(None, str(error))
            return self.show(form, status=INVALID)
        messages.success(request, _("The decision is taken."))
        return HttpResponseRedirect(reverse("decision", args=[self.project.key, self.decision.pk]))


class DecisionWithdraw(_OnRaid, ProjectAction):
    done: ClassVar[Any] = gettext_lazy("The question is withdrawn.")

    def act(self) -> object:
        decision = get_object_or_404(self.project.decisions, pk=self.kwargs["pk"])
        return raid.withdraw_decision(actor=self.user, project=self.project, decision_id=decision.pk)

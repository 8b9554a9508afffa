from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.views import CONFLICT, INVALID, PortalView
from governance import services as rulebook
from governance.enums import Checkpoint, SubjectKind
from governance.services import CheckResult, RulesNotKept
from projects.enums import ProjectStatus, ProposalTarget
from projects.forms.projects import NewProjectForm, ProjectForm, StatusForm
from projects.forms.records import new_token
from projects.models import Portfolio, Project
from projects.services import projects
from projects.services.projects import DATE_FIELDS
from projects.views.editing import RecordEdit
from projects.views.overview import ProjectOverview
from projects.views.pages import ProjectPage
from projects.views.sending import sent_once

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from common.views import PortalRequest
    from projects.forms.records import RecordForm

__all__ = ["ProjectCreate", "ProjectEdit", "ProjectOverview", "ProjectStatusChange"]


class ProjectCreate(PortalView):
    permission: ClassVar[str] = Permission.PROJECT_CREATE
    template_name: ClassVar[str] = "projects/project_create.html"

    def form(self, data: QueryDict | None = None, initial: dict[str, Any] | None = None) -> NewProjectForm:
        portfolios = Portfolio.objects.reached_by(self.user, Permission.PROJECT_CREATE)
        return NewProjectForm(data, initial=initial or {}, portfolios=portfolios)

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        chosen = Portfolio.objects.filter(slug=request.GET.get("portfolio", "")).first()
        return self.show(self.form(initial={"token": new_token(), "portfolio": chosen.pk if chosen else None}))

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=INVALID)

        def make() -> str:
            project = projects.create_project(actor=self.user, data=form.new_project())
            return reverse("project", args=[project.key])

        done = _("The project is added.")
        return sent_once(self.user, form, make, show=self.show, told=lambda: messages.success(request, done))

    def show(self, form: NewProjectForm, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "verb": _("Add project"), "cancel": reverse("portfolio-list")}
        return self.render(context, status=status)


class ProjectEdit(RecordEdit):
    back: ClassVar[str] = "project"
    heading: ClassVar[Any] = gettext_lazy("Edit project")
    form_class: ClassVar[type[RecordForm]] = ProjectForm
    target: ClassVar[str] = ProposalTarget.PROJECT

    def load(self) -> Project:
        return self.project

    def queryset(self) -> QuerySet[Any]:
        return Project.objects.filter(pk=self.project.pk).select_related(
            "lead", "sponsor", "budget_owner", "benefits_owner", "goal", "org_unit"
        )

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project, "rights": self.rights}

    def change_or_propose(self, form: RecordForm, version: int | None) -> None:
        """Dates become a proposal where the PMO directs; everything else is saved at once."""
        changes = form.changes()
        dates: dict[str, Any] = {name: changes[name] for name in DATE_FIELDS if name in changes}
        moved = {name: day for name, day in dates.items() if day != getattr(self.record, name)}
        if not self.proposes or not moved:
            self.change(form, version)
            return
        others = {name: value for name, value in changes.items() if name not in dates}
        with transaction.atomic():
            record = projects.edit_project(actor=self.user, project_id=self.project.pk, version=version, changes=others)
            self.propose(form, record, moved)

    def change(self, form: RecordForm, version: int | None) -> object:
        return projects.edit_project(
            actor=self.user, project_id=self.project.pk, version=version, changes=form.changes()
        )


class ProjectStatusChange(ProjectPage):
    permission: ClassVar[str] = Permission.PROJECT_EDIT
    template_name: ClassVar[str] = "projects/project_status.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = StatusForm(project=self.project, initial={"version": self.project.version})
        return self.show(form, check=self.check() if self.project.status == ProjectStatus.ACTIVE else None)

    def check(self) -> CheckResult:
        """What the rulebook would say to closing the project now."""
        return rulebook.check(
            kind=SubjectKind.PROJECT, subject_id=self.project.pk, checkpoint=Checkpoint.CLOSE_PROJECT, actor=self.user
        )

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = StatusForm(request.POST, project=self.project)
        if not form.is_valid():
            return self.show(form, status=INVALID)
        data = form.cleaned_data
        try:
            project = projects.change_status(
                actor=self.user,
                project_id=self.project.pk,
                version=data["version"],
                status=data["status"],
                on=data["on"],
            )
        except Conflict as conflict:
            fresh = StatusForm(project=self.project, initial={**data, "version": conflict.current_version})
            return self.show(fresh, status=CONFLICT, conflict=str(conflict))
        except RulesNotKept as error:
            form.add_error(None, error.in_short)
            return self.show(form, status=INVALID, check=error.result)
        except PortalError as error:
            form.add_error(None, str(error))
            return self.show(form, status=INVALID)
        if project.status == ProjectStatus.COMPLETED and (advice := self.check().advice_in_words()):
            messages.info(request, advice)
        words = cast("str", ProjectStatus(project.status).label)
        messages.success(request, _("The project is now “%(status)s”.") % {"status": words})
        return HttpResponseRedirect(self.to_tab("project"))

    def show(
        self, form: StatusForm, *, status: int = 200, conflict: str = "", check: CheckResult | None = None
    ) -> HttpResponse:
        context = {
            "form": form, "conflict": conflict, "cancel": self.to_tab("project"), "check": check,
            "may_ask_waiver": self.rights.edit, "before": _("If you complete it now"),
        }  # fmt: skip
        return self.page(context, status=status)

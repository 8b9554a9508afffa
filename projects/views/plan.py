from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.errors import PortalError
from common.views import INVALID
from governance.services import RulesNotKept
from projects.enums import ProposalTarget
from projects.forms.plan import MilestoneForm, PhaseForm, ReachForm
from projects.models import Milestone, Phase
from projects.selectors.projects import milestone_day
from projects.services import plan
from projects.services.gates import GateClosed
from projects.views import plan_rows
from projects.views.deliverables import summary_of
from projects.views.editing import RecordCreate, RecordEdit
from projects.views.pages import ProjectAction, ProjectConfirm, ProjectPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from common.views import PortalRequest
    from projects.forms.records import RecordForm

ON_A_PAGE = 40


class ProjectPlan(ProjectPage):
    tab: ClassVar[str] = "project-plan"
    template_name: ClassVar[str] = "projects/project_plan.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        phases = list(self.project.phases.order_by("position"))
        milestones = self.project.milestones.order_by()
        pages = Paginator(_by_date(milestones), ON_A_PAGE)
        shown = pages.get_page(request.GET.get("page"))
        found = list(shown.object_list)
        context = {
            "phases": phases, "milestones": shown, "today": timezone.localdate(),
            "strip": plan_rows.plan_chart(self.project, phases, found),
            "milestone_table": plan_rows.milestone_table(request, self.project, found, phases, self.rights),
            "phase_table": plan_rows.phase_table(request, self.project, phases, self.rights),
            **summary_of(self.user, self.project),
        }  # fmt: skip
        return self.page(context)


def _by_date(milestones: QuerySet[Milestone]) -> QuerySet[Milestone]:
    return milestones.annotate(day=milestone_day()).order_by(F("day").asc(nulls_last=True), "pk")


class MilestoneCreate(RecordCreate):
    tab: ClassVar[str] = "project-plan"
    back: ClassVar[str] = "project-plan"
    heading: ClassVar[Any] = gettext_lazy("Add a milestone")
    verb: ClassVar[Any] = gettext_lazy("Add milestone")
    form_class: ClassVar[type[RecordForm]] = MilestoneForm
    target: ClassVar[str] = ProposalTarget.MILESTONE

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project, "rights": self.rights}

    def add(self, form: RecordForm) -> object:
        return plan.add_milestone(actor=self.user, project=self.project, values=form.changes())


class MilestoneEdit(RecordEdit):
    tab: ClassVar[str] = "project-plan"
    back: ClassVar[str] = "project-plan"
    heading: ClassVar[Any] = gettext_lazy("Edit milestone")
    form_class: ClassVar[type[RecordForm]] = MilestoneForm
    target: ClassVar[str] = ProposalTarget.MILESTONE

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project, "rights": self.rights}

    def queryset(self) -> QuerySet[Any]:
        return self.project.milestones.select_related("phase")

    def change(self, form: RecordForm, version: int | None) -> object:
        return plan.edit_milestone(
            actor=self.user, project=self.project, milestone_id=self.record.pk, version=version,
            changes=form.changes(), reason=form.cleaned_data.get("move_reason", ""),
        )  # fmt: skip

    def extra(self) -> dict[str, Any]:
        return {"delete": "milestone-delete", "record": self.record}


class MilestoneReach(ProjectPage):
    """One press: reached today; or with a date."""

    permission: ClassVar[str] = Permission.PROJECT_EDIT
    http_method_names = ["post", "options"]

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        milestone = get_object_or_404(self.project.milestones, pk=self.kwargs["pk"])
        form = ReachForm(request.POST or {"on": timezone.localdate()})
        on = form.cleaned_data["on"] if form.is_valid() else None
        try:
            plan.reach_milestone(actor=self.user, project=self.project, milestone_id=milestone.pk, on=on)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("“%(name)s” is reached.") % {"name": milestone.name})
        return HttpResponseRedirect(self.to_tab("project-plan"))


class MilestoneDelete(ProjectConfirm):
    tab: ClassVar[str] = "project-plan"
    back: ClassVar[str] = "project-plan"
    question: ClassVar[Any] = gettext_lazy("Take the milestone “%(name)s” out of the plan? History keeps it.")
    verb: ClassVar[Any] = gettext_lazy("Delete milestone")
    done: ClassVar[Any] = gettext_lazy("The milestone is out of the plan.")

    def subject(self) -> Milestone:
        return get_object_or_404(self.project.milestones, pk=self.kwargs["pk"])

    def act(self) -> object:
        return plan.delete_milestone(actor=self.user, project=self.project, milestone_id=self.kwargs["pk"])


class PhaseCreate(RecordCreate):
    tab: ClassVar[str] = "project-plan"
    back: ClassVar[str] = "project-plan"
    heading: ClassVar[Any] = gettext_lazy("Add a phase")
    verb: ClassVar[Any] = gettext_lazy("Add phase")
    form_class: ClassVar[type[RecordForm]] = PhaseForm
    target: ClassVar[str] = ProposalTarget.PHASE

    def add(self, form: RecordForm) -> object:
        return plan.add_phase(actor=self.user, project=self.project, values=form.changes())


class PhaseEdit(RecordEdit):
    tab: ClassVar[str] = "project-plan"
    back: ClassVar[str] = "project-plan"
    heading: ClassVar[Any] = gettext_lazy("Edit phase")
    form_class: ClassVar[type[RecordForm]] = PhaseForm
    target: ClassVar[str] = ProposalTarget.PHASE

    def queryset(self) -> QuerySet[Any]:
        return self.project.phases.all()

    def change(self, form: RecordForm, version: int | None) -> object:
        return plan.edit_phase(
            actor=self.user, project=self.project, phase_id=self.record.pk, version=version, changes=form.changes()
        )

    def extra(self) -> dict[str, Any]:
        return {"delete": "phase-delete", "record": self.record}


class PhaseDelete(ProjectConfirm):
    tab: ClassVar[str] = "project-plan"
    back: ClassVar[str] = "project-plan"
    question: ClassVar[Any] = gettext_lazy("Delete the phase “%(name)s”? Its milestones stay, without a phase.")
    verb: ClassVar[Any] = gettext_lazy("Delete phase")
    done: ClassVar[Any] = gettext_lazy("The phase is deleted.")

    def subject(self) -> Phase:
        return get_object_or_404(self.project.phases, pk=self.kwargs["pk"])

    def act(self) -> object:
        return plan.delete_phase(actor=self.user, project=self.project, phase_id=self.kwargs["pk"])


class PhaseMove(ProjectAction):
    back: ClassVar[str] = "project-plan"

    def act(self) -> object:
        phase = get_object_or_404(self.project.phases, pk=self.kwargs["pk"])
        earlier = self.kwargs["way"] == "up"
        return plan.move_phase(actor=self.user, project=self.project, phase_id=phase.pk, earlier=earlier)


class PhaseCurrent(ProjectAction):
    """Make this phase the one that the project is in."""

    tab: ClassVar[str] = "project-plan"
    template_name: ClassVar[str] = "projects/phase_current.html"
    back: ClassVar[str] = "project-plan"
    done: ClassVar[Any] = gettext_lazy("The current phase is changed.")

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        phase = get_object_or_404(self.project.phases, pk=self.kwargs["pk"])
        try:
            plan.set_current_phase(actor=self.user, project=self.project, version=None, phase=phase)
        except RulesNotKept as error:
            context = {"phase": phase, "check": error.result, "may_ask_waiver": self.rights.edit}
            return self.page(context, status=INVALID)
        except GateClosed as error:
            messages.error(self.request, str(error))
            return HttpResponseRedirect(self.to_tab("project-gates"))
        except PortalError as error:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, str(self.done))
        return HttpResponseRedirect(self.to_tab(self.back))

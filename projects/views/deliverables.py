from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.errors import NotAllowed, PortalError
from common.ui import cells
from common.views import CONFLICT, INVALID
from projects import policies
from projects.enums import DeliverableState
from projects.forms.deliverables import DeliverableForm
from projects.models import Deliverable
from projects.selectors import accountability as selectors
from projects.services import deliverables
from projects.views import rows
from projects.views.editing import RecordCreate, RecordEdit
from projects.views.pages import ProjectAction, ProjectConfirm, ProjectPage, saved
from strategy.raci.cells import Line, Wanted, in_words, merged
from strategy.raci.checks import check
from strategy.raci.form import MatrixForm
from strategy.raci.tables import findings, legend, matrix
from strategy.services.raci import MatrixConflict

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from common.views import PortalRequest
    from projects.forms.records import RecordForm
    from projects.models import Project
    from projects.policies import ProjectRights
    from projects.selectors.accountability import Board
    from strategy.raci.checks import Finding
    from strategy.raci.work import Work

TONES = {DeliverableState.PLANNED: "hold", DeliverableState.DELIVERED: "accent", DeliverableState.ACCEPTED: "ok"}


class ProjectDeliverables(ProjectPage):
    """What the project hands over, who has which part in it, and what is wrong with that."""

    tab: ClassVar[str] = "project-deliverables"
    template_name: ClassVar[str] = "projects/project_deliverables.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        board = selectors.board_of(self.project)
        found = check(board.works, selectors.loads(self.user, selectors.accountable_people([board])))
        context = {
            "board": board,
            "table": deliverable_table(request, self.project, board, self.rights),
            "findings": findings(found),
            "found": len(found),
            "legend": legend(),
        }
        return self.page(context)


def deliverable_table(request: HttpRequest, project: Project, board: Board, rights: ProjectRights) -> SafeString:
    """The matrix of a project with dates, states and the steps that this person may take."""
    pairs = list(zip(board.deliverables, board.works, strict=True))
    further: dict[str, Sequence[str]] = {
        _("Due"): [cells.due(one.due_on, done=one.state != DeliverableState.PLANNED) for one, _work in pairs],
        _("State"): [state_cell(one) for one, _work in pairs],
    }
    steps = [_steps(request, project, one, work, rights) for one, work in pairs]
    if any(steps):
        further[_("Actions")] = [rows.actions(each) if each else "" for each in steps]
    names = [rows.anchor("deliverable", one.pk, _name(one)) for one in board.deliverables]
    return matrix(
        board.works, first=_("Deliverable"), caption=_("Deliverables and who has which part"), names=names,
        further=further, empty=_("There are no deliverables yet."),
    )  # fmt: skip


def _name(one: Deliverable) -> SafeString:
    return format_html(
        "<b>{}</b>{}", one.name, format_html('<span class="sub">{}</span>', one.acceptance) if one.acceptance else ""
    )


def state_cell(one: Deliverable) -> SafeString:
    """The state with who brought it there and when."""
    moment, who = one.accepted_at or one.delivered_at, one.accepted_by or one.delivered_by
    under = format_html("{} · {}", cells.date(timezone.localdate(moment)), str(who)) if moment else ""
    return cells.lines(cells.tag(one.get_state_display(), TONES[DeliverableState(one.state)]), under)


def _steps(request: HttpRequest, project: Project, one: Deliverable, work: Work, rights: ProjectRights) -> list[str]:
    """The buttons of a row; the services ask the same rules again."""
    args = [project.key, one.pk]
    steps: list[str] = []
    accountable = work.accountable.person_id if work.accountable else None
    answering = [part.person_id for part in (*work.responsible, work.accountable) if part and part.person_id]
    if one.state == DeliverableState.PLANNED and policies.can_deliver(rights.user_id, rights, answering):
        steps.append(rows.button(request, reverse("deliverable-deliver", args=args), _("Delivered"), one.name))
    if one.state == DeliverableState.DELIVERED and policies.can_accept(
        rights.user_id, rights, one.delivered_by_id, accountable
    ):
        version = str(one.version)
        steps += [
            rows.button(request, reverse("deliverable-accept", args=args), _("Accept"), one.name, version=version),
            rows.button(request, reverse("deliverable-return", args=args), _("Send back"), one.name, version=version),
        ]
    if rights.edit and one.is_open:
        steps.append(rows.link(reverse("deliverable-edit", args=args), _("Edit"), one.name))
    return steps


class DeliverableCreate(RecordCreate):
    tab: ClassVar[str] = "project-deliverables"
    back: ClassVar[str] = "project-deliverables"
    heading: ClassVar[Any] = gettext_lazy("Add a deliverable")
    verb: ClassVar[Any] = gettext_lazy("Add deliverable")
    form_class: ClassVar[type[RecordForm]] = DeliverableForm

    def add(self, form: RecordForm) -> object:
        return deliverables.add_deliverable(actor=self.user, project=self.project, values=form.changes())


class DeliverableEdit(RecordEdit):
    tab: ClassVar[str] = "project-deliverables"
    back: ClassVar[str] = "project-deliverables"
    heading: ClassVar[Any] = gettext_lazy("Edit deliverable")
    form_class: ClassVar[type[RecordForm]] = DeliverableForm

    def queryset(self) -> QuerySet[Any]:
        return self.project.deliverables.select_related("phase")

    def change(self, form: RecordForm, version: int | None) -> object:
        return deliverables.edit_deliverable(
            actor=self.user, project=self.project, deliverable_id=self.record.pk, version=version,
            changes=form.changes(),
        )  # fmt: skip

    def extra(self) -> dict[str, Any]:
        return {"delete": "deliverable-delete", "record": self.record}


class DeliverableDelete(ProjectConfirm):
    tab: ClassVar[str] = "project-deliverables"
    back: ClassVar[str] = "project-deliverables"
    question: ClassVar[Any] = gettext_lazy("Take the deliverable “%(name)s” out of the plan? History keeps it.")
    verb: ClassVar[Any] = gettext_lazy("Delete deliverable")
    done: ClassVar[Any] = gettext_lazy("The deliverable is out of the plan.")

    def subject(self) -> Deliverable:
        return get_object_or_404(self.project.deliverables, pk=self.kwargs["pk"])

    def act(self) -> object:
        return deliverables.delete_deliverable(actor=self.user, project=self.project, deliverable_id=self.kwargs["pk"])


class DeliverableStep(ProjectAction):
    """A step of a deliverable. Who has a part in it may take it, so the service asks, and a refusal is a 403."""

    permission: ClassVar[str] = Permission.PROJECT_VIEW
    back: ClassVar[str] = "project-deliverables"

    def step(self, deliverable: Deliverable) -> object:
        raise NotImplementedError

    @property
    def version(self) -> int:
        """The version that the person saw; 0, which no record has, when none was sent."""
        sent = self.request.POST.get("version", "")
        return int(sent) if sent.isdecimal() and len(sent) < 10 else 0  # noqa: PLR2004 — an integer's length

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        deliverable = get_object_or_404(self.project.deliverables, pk=self.kwargs["pk"])
        try:
            self.step(deliverable)
        except NotAllowed as error:
            raise PermissionDenied(str(error)) from error
        except PortalError as error:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, str(self.done) % {"name": deliverable.name})
        return HttpResponseRedirect(self.to_tab(self.back, f"deliverable-{deliverable.pk}"))


class DeliverableDeliver(DeliverableStep):
    done: ClassVar[Any] = gettext_lazy("“%(name)s” is delivered. Somebody else accepts it.")

    def step(self, deliverable: Deliverable) -> object:
        return deliverables.deliver(actor=self.user, project=self.project, deliverable_id=deliverable.pk)


class DeliverableAccept(DeliverableStep):
    done: ClassVar[Any] = gettext_lazy("“%(name)s” is accepted.")

    def step(self, deliverable: Deliverable) -> object:
        return deliverables.accept(
            actor=self.user, project=self.project, deliverable_id=deliverable.pk, version=self.version
        )


class DeliverableReturn(DeliverableStep):
    done: ClassVar[Any] = gettext_lazy("“%(name)s” is not accepted; it is planned again.")

    def step(self, deliverable: Deliverable) -> object:
        return deliverables.send_back(
            actor=self.user, project=self.project, deliverable_id=deliverable.pk, version=self.version
        )


class ProjectRaciEdit(ProjectPage):
    """All open deliverables of a project and all parts in them, in one form."""

    permission: ClassVar[str] = Permission.PROJECT_EDIT
    tab: ClassVar[str] = "project-deliverables"
    template_name: ClassVar[str] = "projects/project_raci_edit.html"

    def _form(self, data: Any = None, lines: Sequence[Line] | None = None) -> MatrixForm:
        lines = selectors.lines_of(self.project) if lines is None else lines
        return MatrixForm(data, lines=lines, seats=selectors.seats_of(self.project, lines))

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self._show(self._form())

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._show(form, INVALID)
        wanted = form.wanted()
        try:
            deliverables.set_raci(actor=self.user, project=self.project, wanted=wanted)
        except MatrixConflict as error:
            return self._conflict(wanted, error)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._show(form, INVALID)
        saved(request)
        return HttpResponseRedirect(self.to_tab("project-deliverables"))

    def _conflict(self, wanted: dict[int, Wanted], error: MatrixConflict) -> HttpResponse:
        lines, theirs = merged(selectors.lines_of(self.project), wanted, error.rows)
        fresh = self._form(lines=lines)
        differing = [(name, in_words(old, fresh.seats), in_words(new, fresh.seats)) for name, old, new in theirs]
        return self._show(fresh, CONFLICT, conflict=str(error), rows=differing)

    def _show(self, form: MatrixForm, status: int = 200, **context: Any) -> HttpResponse:
        table = form.table(_("Deliverable"), _("Who has which part"))
        back = self.to_tab("project-deliverables")
        return self.page({"form": form, "table": table, "back": back, **context}, status=status)


def summary_of(user: Any, project: Project) -> dict[str, Any]:
    """What the plan and team pages tell of the deliverables: the findings, and how many there are. Five queries."""
    board = selectors.board_of(project)
    found: list[Finding] = check(board.works, selectors.loads(user, selectors.accountable_people([board])))
    return {"deliverables": board.deliverables, "raci_findings": findings(found) if board else ""}

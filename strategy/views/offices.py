from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.dates import MONTHS
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from common.views_errors import conflict
from strategy import selectors, services
from strategy.enums import OfficeKind
from strategy.forms import GoalForm, OfficeEditForm, OfficeForm, VersionedForm
from strategy.models import Goal, Office, Process
from strategy.raci.checks import check
from strategy.raci.tables import findings, legend, matrix
from strategy.selectors.advisers import advisers_of

PAGE_SIZE = 50


class OfficeList(PortalView):
    permission = SIGNED_IN
    template_name = "strategy/office_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.offices(), PAGE_SIZE).get_page(request.GET.get("page"))
        head = [
            Column(_("Office")),
            Column(_("Kind")),
            Column(_("Control level")),
            Column(_("Time zone")),
            Column(_("Sponsor")),
        ]
        table = data_table(head, [_office_row(office) for office in page], caption=_("Offices"))
        return self.render({"page": page, "table": table, "may_edit": selectors.may_edit(self.user)})


def _office_row(office: Office) -> Row:
    return Row([
        cells.title_cell(office.name, reverse("office", args=[office.slug])),
        office.get_kind_display(),
        cells.tag(office.get_control_display(), "accent"),
        office.time_zone,
        cells.person(str(office.sponsor or "")),
    ])  # fmt: skip


class OfficePage(PortalView):
    permission = SIGNED_IN
    template_name = "strategy/office.html"

    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        office = selectors.get_office(slug)
        is_external = office.kind == OfficeKind.EXTERNAL
        may_edit = selectors.may_edit(self.user)
        facts = [
            (_("Kind"), office.get_kind_display()),
            (_("Control level"), office.get_control_display()),
            (_("Head of the office"), str(office.head or _("Nobody yet"))),
            (_("Sponsor"), str(office.sponsor or _("Nobody yet"))),
            (_("Serves"), ", ".join(unit.name for unit in office.serves.all()) or _("No org unit yet")),
            (_("Time zone"), office.time_zone),
            (_("Fiscal year starts in month"), MONTHS[office.fiscal_year_starts_in]),
            (_("Most deliverables one person is accountable for"), office.accountable_limit),
            (_("Agreed places for documents"), ", ".join(office.document_places.splitlines()) or _("Not agreed")),
        ]
        return self.render(
            {
                "office": office,
                "facts": facts,
                "goals": selectors.goals_of(office)[:20],
                "is_external": is_external,
                "advisers": advisers_of(office, self.user) if is_external and may_edit else [],
                "may_edit": may_edit,
                "may_control": self.user.can(Permission.RULE_EDIT),
                "trail": [(_("Offices"), reverse("office-list")), (office.name, "")],
                **_processes(office, may_edit=may_edit),
            }
        )


def _processes(office: Office, *, may_edit: bool) -> dict[str, Any]:
    """The processes of an office as a matrix, and what is wrong with it."""
    processes = selectors.processes_of(office)
    works = selectors.work_of_processes(processes)
    names = [_process_name(office, one, may_edit=may_edit) for one in processes]
    table = matrix(works, first=_("Process"), caption=_("Who has which part in the processes"), names=names)
    return {"processes": table if works else "", "findings": findings(check(works)), "legend": legend()}


def _process_name(office: Office, one: Process, *, may_edit: bool) -> SafeString:
    href = reverse("process-edit", args=[office.slug, one.pk]) if may_edit else ""
    return cells.title_cell(one.name, href, one.rhythm)


class RecordForm(PortalView):
    """What making and changing an office or goal share: a form, one service, a page for the lost race."""

    permission = Permission.OFFICE_EDIT
    template_name = "strategy/record_form.html"

    def page(self, form: VersionedForm, title: str, back: str, status: int = 200, **more: Any) -> HttpResponse:
        return self.render({"form": form, "form_title": title, "back": back, **more}, status=status)

    def lost(self, error: Conflict, form: VersionedForm, record: Office | Goal | Process, back: str) -> HttpResponse:
        """Theirs beside what was typed, field by field where they differ."""
        typed = form.values()
        changes = {
            str(form.fields[name].label): (getattr(record, name), value)
            for name, value in typed.items()
            if getattr(record, name) != value
        }
        return conflict(self.request, str(error), changes, back)


class OfficeCreate(RecordForm):
    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(OfficeForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OfficeForm(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            office = services.create_office(actor=self.user, values=form.values(), serves=form.served())
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, 422)
        messages.success(request, _("The office is set up."))
        return redirect("office", slug=office.slug)

    def _page(self, form: OfficeForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("New office"), reverse("office-list"), status)


class OfficeEdit(RecordForm):
    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        office = selectors.get_office(slug)
        return self._page(office, OfficeEditForm(initial=OfficeEditForm.initial_of(office)))

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        office = selectors.get_office(slug)
        form = OfficeEditForm(request.POST)
        if not form.is_valid():
            return self._page(office, form, 422)
        try:
            services.edit_office(
                actor=self.user, pk=office.pk, values=form.values(), serves=form.served(),
                version=form.cleaned_data["version"],
            )  # fmt: skip
        except Conflict as error:
            return self.lost(error, form, selectors.get_office(slug), request.path)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(office, form, 422)
        messages.success(request, _("The office is saved."))
        return redirect("office", slug=slug)

    def _page(self, office: Office, form: OfficeForm, status: int = 200) -> HttpResponse:
        return self.page(
            form, _("Change %(name)s") % {"name": office.name}, reverse("office", args=[office.slug]), status
        )


class GoalList(PortalView):
    permission = SIGNED_IN
    template_name = "strategy/goal_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.goals(), PAGE_SIZE).get_page(request.GET.get("page"))
        head = [Column(_("Goal")), Column(_("Office")), Column(_("Owner")), Column(_("To be reached by"))]
        table = data_table(head, [_goal_row(goal) for goal in page], caption=_("Goals"))
        return self.render({"page": page, "table": table, "may_edit": selectors.may_edit(self.user)})


def _goal_row(goal: Goal) -> Row:
    return Row([
        cells.title_cell(goal.name, reverse("goal", args=[goal.pk])),
        str(goal.office or ""),
        cells.person(str(goal.owner or "")),
        cells.date(goal.ends_on, empty=_("No date")),
    ])  # fmt: skip


class GoalPage(PortalView):
    permission = SIGNED_IN
    template_name = "strategy/goal.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        goal = selectors.get_goal(pk)
        facts: list[tuple[str, Any]] = [
            (_("Owner"), str(goal.owner or _("Nobody yet"))),
            (_("Office"), str(goal.office or _("None"))),
            (_("To be reached by"), cells.date(goal.ends_on, empty=_("No date"))),
        ]
        trail = [(_("Goals"), reverse("goal-list")), (goal.name, "")]
        return self.render({"goal": goal, "facts": facts, "may_edit": selectors.may_edit(self.user), "trail": trail})


class GoalCreate(RecordForm):
    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(GoalForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = GoalForm(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            goal = services.create_goal(actor=self.user, values=form.values())
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, 422)
        messages.success(request, _("The goal is written down."))
        return redirect("goal", pk=goal.pk)

    def _page(self, form: GoalForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("New goal"), reverse("goal-list"), status)


class GoalEdit(RecordForm):
    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        goal = selectors.get_goal(pk)
        return self._page(goal, GoalForm(initial=GoalForm.initial_of(goal)))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        goal = selectors.get_goal(pk)
        form = GoalForm(request.POST)
        if not form.is_valid():
            return self._page(goal, form, 422)
        try:
            services.edit_goal(actor=self.user, pk=pk, values=form.values(), version=form.cleaned_data["version"])
        except Conflict as error:
            return self.lost(error, form, selectors.get_goal(pk), request.path)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(goal, form, 422)
        messages.success(request, _("The goal is saved."))
        return redirect("goal", pk=pk)

    def _page(self, goal: Goal, form: GoalForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("Change %(name)s") % {"name": goal.name}, reverse("goal", args=[goal.pk]), status)

"""How the offices decide: the procedures and their steps."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.forms.formsets import BaseFormSet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.enums import Permission, RoleName
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from common.views_errors import conflict
from governance import matters
from governance.forms.ballots import ProcedureForm, StepForm, step_rows
from governance.models import Procedure, ProcedureStep
from governance.selectors import ballots as selectors
from governance.services import ballots as services


class ProcedureList(PortalView):
    """Everybody reads how is decided."""

    permission = SIGNED_IN
    template_name = "governance/procedure_list.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        found = list(selectors.procedures())
        head = [Column(_("Procedure")), Column(_("Decides on")), Column(_("Up to"), align="end"), Column(_("Steps"))]
        may_edit = self.user.can(Permission.RULE_EDIT)
        rows = [_row(one, may_edit=may_edit) for one in found]
        table = data_table(head, rows, caption=_("Procedures")) if found else ""
        trail = [(_("Ballots"), reverse("ballot-list")), (_("Procedures"), "")]
        return self.render({"table": table, "may_edit": may_edit, "trail": trail})


def _row(one: Procedure, *, may_edit: bool) -> Row:
    matter = matters.registered().get(one.matter)
    href = reverse("procedure-edit", args=[one.pk]) if may_edit else ""
    steps = format_html_join("", "<div>{}</div>", ((_step_in_words(step),) for step in one.steps.all()))
    return Row([
        cells.title_cell(one.name, href, str(one.office or _("Every office"))),
        str(matter.label) if matter else one.matter,
        cells.money(one.up_to, one.currency) if one.up_to is not None else _("no limit"),
        steps,
    ])  # fmt: skip


def _step_in_words(step: ProcedureStep) -> str:
    words = ngettext("%(title)s: %(n)d vote of %(role)s", "%(title)s: %(n)d votes of %(role)s", step.quorum)
    said = words % {"title": step.title, "n": step.quorum, "role": RoleName(step.role).label}
    if not step.escalates_to:
        return said
    later = ngettext("after %(n)d day also %(role)s", "after %(n)d days also %(role)s", step.days)
    return f"{said}; " + later % {"n": step.days, "role": RoleName(step.escalates_to).label}


class ProcedureForms(PortalView):
    """What writing down and changing a procedure share."""

    permission = Permission.RULE_EDIT
    template_name = "governance/procedure_form.html"

    def page(
        self, form: ProcedureForm, rows: BaseFormSet[StepForm], procedure: Procedure | None = None, status: int = 200
    ) -> HttpResponse:
        title = procedure.name if procedure else _("New procedure")
        trail = [(_("Ballots"), reverse("ballot-list")), (_("Procedures"), reverse("procedure-list")), (title, "")]
        context = {"form": form, "rows": rows, "procedure": procedure, "form_title": title, "trail": trail}
        return self.render(context, status=status)

    def save(self, request: HttpRequest, procedure: Procedure | None = None) -> HttpResponse:
        form, rows = ProcedureForm(request.POST), step_rows(request.POST)
        if not form.is_valid() or not rows.is_valid():
            return self.page(form, rows, procedure, 422)
        steps = [step for row in rows if (step := row.step())]
        known: dict[str, Any] = {"pk": procedure.pk, "version": form.cleaned_data["version"] or 0} if procedure else {}
        try:
            services.save_procedure(actor=self.user, data=form.procedure(steps), **known)
        except Conflict as error:
            return self._lost(error, form, steps, procedure)
        except PortalError as error:
            form.add_error(None, str(error))
            return self.page(form, rows, procedure, 422)
        messages.success(request, _("The procedure is saved. Open ballots keep the steps that they began with."))
        return redirect("procedure-list")

    def _lost(
        self, error: Conflict, form: ProcedureForm, steps: list[Any], procedure: Procedure | None
    ) -> HttpResponse:
        assert procedure is not None  # noqa: S101  only a change can lose
        fresh = selectors.get_procedure(procedure.pk)
        theirs = ", ".join(step.title for step in fresh.steps.all())
        changes = {
            _("Name"): (fresh.name, form.cleaned_data["name"]),
            _("Steps"): (theirs, ", ".join(step.title for step in steps)),
        }
        return conflict(self.request, str(error), changes, reverse("procedure-edit", args=[procedure.pk]))


class ProcedureCreate(ProcedureForms):
    def get(self, _request: HttpRequest) -> HttpResponse:
        return self.page(ProcedureForm(), step_rows())

    def post(self, request: HttpRequest) -> HttpResponse:
        return self.save(request)


class ProcedureEdit(ProcedureForms):
    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        procedure = selectors.get_procedure(pk)
        form = ProcedureForm(initial=ProcedureForm.initial_of(procedure))
        return self.page(form, step_rows(steps=list(procedure.steps.all())), procedure)

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self.save(request, selectors.get_procedure(pk))


class ProcedureRetire(PortalView):
    permission = Permission.RULE_EDIT
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        services.retire_procedure(actor=self.user, pk=selectors.get_procedure(pk).pk)
        messages.success(request, _("The procedure is out of use. Open ballots go on."))
        return redirect("procedure-list")

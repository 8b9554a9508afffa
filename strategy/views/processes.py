from __future__ import annotations

from functools import cached_property
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.selectors import pickable_people
from common.errors import Conflict, PortalError
from common.views import PortalView
from strategy import selectors, services
from strategy.forms.offices import ProcessForm
from strategy.models import Office, Process
from strategy.raci.cells import Line, Wanted, in_words, merged
from strategy.raci.form import MatrixForm
from strategy.services.raci import MatrixConflict
from strategy.views.offices import RecordForm

MOST_COLUMNS = 30


class OfOffice(PortalView):
    """A page about the processes of one office."""

    permission = Permission.OFFICE_EDIT

    @cached_property
    def office(self) -> Office:
        return selectors.get_office(self.kwargs["slug"])

    @property
    def back(self) -> str:
        return reverse("office", args=[self.office.slug]) + "#processes"

    @property
    def trail(self) -> list[tuple[str, str]]:
        return [(_("Offices"), reverse("office-list")), (self.office.name, reverse("office", args=[self.office.slug]))]


class ProcessCreate(OfOffice, RecordForm):
    def get(self, _request: HttpRequest, **_kwargs: object) -> HttpResponse:
        return self.page(ProcessForm(), _("New process"), self.back)

    def post(self, request: HttpRequest, **_kwargs: object) -> HttpResponse:
        form = ProcessForm(request.POST)
        if not form.is_valid():
            return self.page(form, _("New process"), self.back, 422)
        try:
            services.add_process(actor=self.user, office=self.office, values=form.values())
        except PortalError as error:
            form.add_error("name", str(error))
            return self.page(form, _("New process"), self.back, 422)
        messages.success(request, _("The process is written down. Now say who has which part in it."))
        return HttpResponseRedirect(self.back)


class ProcessEdit(OfOffice, RecordForm):
    def process(self) -> Process:
        return selectors.get_process(self.office, self.kwargs["pk"])

    def get(self, _request: HttpRequest, **_kwargs: object) -> HttpResponse:
        process = self.process()
        return self._page(process, ProcessForm(initial=ProcessForm.initial_of(process)))

    def post(self, request: HttpRequest, **_kwargs: object) -> HttpResponse:
        process, form = self.process(), ProcessForm(request.POST)
        if not form.is_valid():
            return self._page(process, form, 422)
        version = form.cleaned_data["version"]
        try:
            services.edit_process(
                actor=self.user, office=self.office, pk=process.pk, values=form.values(), version=version
            )
        except Conflict as error:
            return self.lost(error, form, self.process(), request.path)
        except Process.DoesNotExist as error:
            raise Http404 from error
        except PortalError as error:
            form.add_error("name", str(error))
            return self._page(process, form, 422)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(self.back)

    def _page(self, process: Process, form: ProcessForm, status: int = 200) -> HttpResponse:
        title = _("Change %(name)s") % {"name": process.name}
        delete_href = reverse("process-delete", args=[self.office.slug, process.pk])
        return self.page(form, title, self.back, status, delete_href=delete_href)


class ProcessDelete(OfOffice):
    template_name = "strategy/process_delete.html"

    def get(self, _request: HttpRequest, **_kwargs: object) -> HttpResponse:
        process = selectors.get_process(self.office, self.kwargs["pk"])
        return self.render({"office": self.office, "process": process, "back": self.back, "trail": self.trail})

    def post(self, request: HttpRequest, **_kwargs: object) -> HttpResponse:
        services.delete_process(actor=self.user, office=self.office, pk=self.kwargs["pk"])
        messages.success(request, _("The process is gone; history keeps it."))
        return HttpResponseRedirect(self.back)


class OfficeRaciEdit(OfOffice):
    """All processes of an office and all parts in them, in one form."""

    template_name = "strategy/office_raci_edit.html"

    def _more(self) -> list[int]:
        """People who were asked for as further columns."""
        sent = [*self.request.GET.getlist("person"), *self.request.POST.getlist("person")]
        return [int(one) for one in sent if one.isdecimal() and len(one) < 18][:MOST_COLUMNS]  # noqa: PLR2004 — a bigint

    def _form(self, data: Any = None, lines: list[Line] | None = None) -> MatrixForm:
        lines = selectors.matrix_of(self.office) if lines is None else lines
        return MatrixForm(data, lines=lines, seats=selectors.seats_of(lines, self._more()))

    def get(self, _request: HttpRequest, **_kwargs: object) -> HttpResponse:
        return self._page(self._form())

    def post(self, request: HttpRequest, **_kwargs: object) -> HttpResponse:
        form = self._form(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        wanted = form.wanted()
        try:
            services.set_process_raci(actor=self.user, office=self.office, wanted=wanted)
        except MatrixConflict as error:
            return self._conflict(wanted, error)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, 422)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(self.back)

    def _conflict(self, wanted: dict[int, Wanted], error: MatrixConflict) -> HttpResponse:
        lines, theirs = merged(selectors.matrix_of(self.office), wanted, error.rows)
        fresh = self._form(lines=lines)
        rows = [(name, in_words(old, fresh.seats), in_words(new, fresh.seats)) for name, old, new in theirs]
        return self._page(fresh, 409, conflict=str(error), rows=rows)

    def _page(self, form: MatrixForm, status: int = 200, **context: Any) -> HttpResponse:
        chosen = [int(seat.removeprefix("person-")) for seat in form.seats if seat.startswith("person-")]
        context = {
            "office": self.office, "form": form, "back": self.back, "trail": self.trail, "chosen": chosen,
            "table": form.table(_("Process"), _("Who has which part")),
            "people": pickable_people().exclude(pk__in=chosen),
            **context,
        }  # fmt: skip
        return self.render(context, status=status)

"""Import pages: list, upload, matching, preview, progress, result."""

from __future__ import annotations

import csv
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import audit, formats
from common.enums import JobState
from common.errors import PortalError
from common.views import INVALID, PortalView
from projects.enums import ImportState
from projects.forms.imports import ImportMatchForm, ImportPresetForm, ImportUploadForm
from projects.imports import tables
from projects.imports.errors import DateRefused, ImportRefused
from projects.imports.report import check_line
from projects.imports.values import one_line
from projects.selectors import imports as selectors
from projects.services import imports as services
from projects.views import import_tables as drawn

if TYPE_CHECKING:
    from common.views import PortalRequest
    from projects.models import ImportRun

STEPS = {ImportState.READY: 3, ImportState.RUNNING: 4, ImportState.FAILED: 4}
RESULT = 5
PER_PAGE = 50


class ImportPage(PortalView):
    permission: ClassVar[str] = Permission.PORTFOLIO_IMPORT

    def crumbs(self, *more: tuple[str, str]) -> list[tuple[str, str]]:
        return [(_("Import"), reverse("import-list")), *more]


class ImportList(ImportPage):
    template_name: ClassVar[str] = "projects/imports/import_list.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        page = Paginator(selectors.imports_for(self.user), PER_PAGE).get_page(request.GET.get("page"))
        return self.render({"page": page, "table": drawn.run_table(page.object_list)})


class ImportCreate(ImportPage):
    template_name: ClassVar[str] = "projects/imports/import_create.html"

    def form(self, *args: Any) -> ImportUploadForm:
        portfolios = selectors.import_portfolios(self.user)
        return ImportUploadForm(*args, portfolios=portfolios, initial={"portfolio": self.request.GET.get("portfolio")})

    def show(self, form: ImportUploadForm, status: int = 200) -> HttpResponse:
        return self.render({"form": form, "trail": self.crumbs()}, status=status)

    def get(self, request: PortalRequest) -> HttpResponse:  # noqa: ARG002  as Django calls it
        return self.show(self.form())

    def post(self, request: PortalRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        if not form.is_valid():
            return self.show(form, INVALID)
        file = form.cleaned_data["file"]
        try:
            run = services.upload_import(
                actor=self.user, portfolio=form.cleaned_data["portfolio"], file_name=one_line(file.name),
                content=file.read(), as_of=form.cleaned_data["as_of"], is_complete=form.cleaned_data["is_complete"],
            )  # fmt: skip
        except PortalError as error:
            form.add_error("as_of" if isinstance(error, DateRefused) else "file", str(error))
            return self.show(form, INVALID)
        return redirect("import-match", pk=run.pk)


class ImportMatch(ImportPage):
    template_name: ClassVar[str] = "projects/imports/import_match.html"

    def load(self, pk: int) -> tuple[ImportRun, ImportMatchForm]:
        run = selectors.get_import_for(self.user, pk, with_file=True)
        base = selectors.preset_mapping(self.user, self.request.GET.get("preset", "")) or run.mapping
        initial = {"as_of": run.as_of, "is_complete": run.is_complete}
        data = self.request.POST if self.request.method == "POST" else None
        table = tables.read_table(bytes(run.content))
        return run, ImportMatchForm(data, table=table, base=base, initial=initial)

    def show(self, run: ImportRun, form: ImportMatchForm, status: int = 200) -> HttpResponse:
        context = {
            "run": run, "form": form, "trail": self.crumbs((run.file_name, reverse("import-run", args=[run.pk]))),
            "presets": selectors.preset_choices(self.user), "chosen": self._chosen(run), "notes": form.table.notes,
        }  # fmt: skip
        return self.render(context, status=status)

    def _chosen(self, run: ImportRun) -> str:
        return self.request.GET.get("preset") or f"{selectors.BUILT_IN}:{run.mapping.get('preset', '')}"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:  # noqa: ARG002  as Django calls it
        run, form = self.load(pk)
        if run.state in {ImportState.RUNNING, ImportState.DONE} and not _has_stopped(run):
            return redirect("import-run", pk=pk)
        return self.show(run, form)

    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        run, form = self.load(pk)
        if not form.is_valid():
            return self.show(run, form, INVALID)
        try:
            services.match_columns(
                actor=self.user, run_id=pk, columns=form.mapping(), as_of=form.as_of_date(),
                is_complete=form.cleaned_data["is_complete"],
            )  # fmt: skip
        except services.ImportOver as error:
            messages.info(request, str(error))
        except ImportRefused as error:
            form.add_error(None, str(error))
            return self.show(run, form, INVALID)
        return redirect("import-run", pk=pk)


class ImportRunPage(ImportPage):
    """An import in the state that it is in: preview, progress, result or what went wrong."""

    template_name: ClassVar[str] = "projects/imports/import_run.html"

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:
        run = selectors.get_import_for(self.user, pk)
        if run.state == ImportState.UPLOADED:
            return redirect("import-match", pk=pk)
        response = self.render(self._context(run), partial="progress" if run.state == ImportState.RUNNING else "")
        if request.htmx and (run.state != ImportState.RUNNING or _has_stopped(run)):
            response["HX-Refresh"] = "true"
        return response

    def _context(self, run: ImportRun) -> dict[str, Any]:
        context = {
            "run": run, "trail": self.crumbs(), "has_stopped": _has_stopped(run), "preset_form": ImportPresetForm(),
            "steps": [_("Upload"), _("Match columns"), _("Look"), _("Run"), _("Result")],
            "step": STEPS.get(ImportState(run.state), RESULT),
        }  # fmt: skip
        if run.state == ImportState.RUNNING:
            return context | {"progress": selectors.progress_of(run)}
        data = run.preview if run.state == ImportState.READY else run.result
        return context | ({} if "error" in data else self._outcome(run, data))

    def _outcome(self, run: ImportRun, data: dict[str, Any]) -> dict[str, Any]:
        rows = selectors.problem_rows(run)
        page = Paginator(rows, PER_PAGE).get_page(self.request.GET.get("page"))
        return {
            "data": data, "page": page, "problems": drawn.problem_table(page.object_list),
            "groups": drawn.group_table(data), "sums": drawn.sum_table(data), "colours": drawn.colour_table(data),
            "columns": drawn.column_list(data), "checks": [check_line(check) for check in data.get("checks", [])],
            "dates": data.get("dates", []),
            "finished": formats.moment_short(run.finished_at),
            "more_groups": max(len(data.get("groups", [])) - drawn.GROUPS_SHOWN, 0),
        }  # fmt: skip


def _has_stopped(run: ImportRun) -> bool:
    """Whether nobody works at a run that looks as if it ran: its job was given up."""
    return run.state == ImportState.FAILED or (run.job is not None and run.job.state == JobState.FAILED)


class ImportAction(ImportPage):
    """A step without a form of its own: POST only."""

    http_method_names = ["post", "options"]

    def attempt(self, act: Callable[[], object]) -> bool:
        try:
            act()
        except PortalError as error:
            messages.info(self.request, str(error))
            return False
        return True


class ImportStart(ImportAction):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:  # noqa: ARG002  as Django calls it
        run = selectors.get_import_for(self.user, pk)
        self.attempt(lambda: services.start_import(actor=self.user, run_id=run.pk))
        return redirect("import-run", pk=pk)


class ImportDiscard(ImportAction):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        run = selectors.get_import_for(self.user, pk)
        if self.attempt(lambda: services.discard_import(actor=self.user, run_id=run.pk)):
            messages.success(request, _("The upload was forgotten; nothing was imported."))
            return redirect("import-list")
        return redirect("import-run", pk=pk)


class ImportPresetSave(ImportAction):
    def post(self, request: PortalRequest, pk: int) -> HttpResponse:
        run = selectors.get_import_for(self.user, pk)
        form = ImportPresetForm(request.POST)
        if form.is_valid():
            saved = services.save_preset(actor=self.user, run_id=run.pk, **form.cleaned_data)
            messages.success(request, _("The matching was saved as “%(name)s”.") % {"name": saved.name})
        else:
            messages.error(request, _("Give the matching a name."))
        return redirect("import-run", pk=pk)


class ImportRefusedRows(ImportPage):
    """The refused rows as a CSV file that can be mended and imported again."""

    def get(self, request: PortalRequest, pk: int) -> HttpResponse:  # noqa: ARG002  as Django calls it
        run = selectors.get_import_for(self.user, pk, with_file=True)
        if run.state not in {ImportState.READY, ImportState.DONE}:
            return HttpResponseRedirect(reverse("import-run", args=[pk]))
        response = HttpResponse(content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-refused.csv"'
        response.write("\ufeff")
        refused = list(selectors.refused_rows(run))
        audit.record_export("import_refused", rows=len(refused) - 1, form="csv", subject=run.file_name)
        csv.writer(response).writerows(refused)
        return response

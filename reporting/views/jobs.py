from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats, jobs
from common.enums import JobState
from common.errors import PortalError
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail
from common.views import SIGNED_IN, PortalView
from reporting.selectors import jobs as selectors
from reporting.selectors import reports as report_selectors
from reporting.services import report_runs, reports
from reporting.views import drawing

PAGE_SIZE = 30
SHOWN = 20
"""Most slots and mails shown at once; the rest is counted."""


class JobRunList(PortalView):
    permission = SIGNED_IN
    template_name = "reporting/jobs/job_run_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        state = request.GET.get("state", "")
        page = Paginator(selectors.job_runs_for(self.user, state), PAGE_SIZE).get_page(request.GET.get("page"))
        context = {"page": page, "table": drawing.run_table(page.object_list), "chips": _chips(state)}
        return self.render(context | self._slots() | self._mail())

    def _slots(self) -> dict[str, Any]:
        if not (self.user.can(Permission.REPORT_VIEW) or self.user.can(Permission.JOBS_MANAGE)):
            return {}
        found = report_selectors.open_slots_for(self.user)
        slots, total = list(found[:SHOWN]), found.count()
        more = _("and %(n)d more") % {"n": total - SHOWN} if total > SHOWN else ""
        table = drawing.slot_table(self.request, slots)
        return {"sees_slots": True, "slots": slots, "slots_table": table, "slots_more": more}

    def _mail(self) -> dict[str, Any]:
        if not self.user.can(Permission.JOBS_MANAGE):
            return {}
        failed = list(selectors.failed_mail_for(self.user)[:SHOWN])
        table = drawing.mail_table(self.request, failed)
        return {"outbox": selectors.outbox(), "failed_mail": failed, "mail_table": table}


def _chips(state: str) -> list[dict[str, Any]]:
    everything = {"label": _("All"), "href": "?", "active": state not in JobState.values}
    return [everything] + [
        {"label": label, "href": f"?state={value}", "active": state == value} for value, label in JobState.choices
    ]


class JobRunDetail(PortalView):
    permission = SIGNED_IN
    template_name = "reporting/jobs/job_run.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        run = selectors.get_job_run_for(self.user, pk)
        context = {
            "run": run,
            "state_tone": drawing.STATE_TONES[run.state],
            "run_rows": _facts(run),
            "crumb_items": [(_("Job runs"), reverse("job-run-list")), (run.label, "")],
        }
        return self.render(context, partial="progress")


def _facts(run: JobRun) -> list[tuple[str, object]]:
    tries = _("%(n)d of %(all)d") % {"n": run.attempts, "all": MAX_ATTEMPTS}
    facts: list[tuple[str, object]] = [
        (_("Asked by"), run.created_by.name if run.created_by else _("The portal")),
        (_("Asked"), formats.moment_short(run.created_at)),
        (_("Tries"), tries),
    ]
    if run.finished_at:
        facts.append((_("Finished"), formats.moment_short(run.finished_at)))
    return facts


class JobRunRetry(PortalView):
    permission = SIGNED_IN
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        run = selectors.get_job_run_for(self.user, pk)
        try:
            jobs.retry(job_pk=run.pk, actor=self.user)
        except PortalError as error:
            messages.error(request, str(error))
        return redirect("job-run", run.pk)


class ReportSlotRetry(PortalView):
    permission = Permission.REPORT_MAKE
    on_object = True
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        slot = report_selectors.get_slot_for(self.user, pk)
        try:
            reports.retry_slot(slot_id=slot.pk, actor=self.user)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The report is tried again within a minute."))
        return redirect("job-run-list")


class MailRetry(PortalView):
    permission = Permission.JOBS_MANAGE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            report_runs.retry_mail(mail_id=pk, actor=self.user)
        except OutgoingMail.DoesNotExist as error:
            raise Http404 from error
        messages.success(request, _("The mail is tried again within a minute."))
        return redirect("job-run-list")

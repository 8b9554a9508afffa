from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.csrf import csrf_exempt

from accounts.enums import Permission
from accounts.views import AudiencePage
from common import audit, formats
from common.errors import PortalError
from common.views import PUBLIC, PortalView
from projects.models import Portfolio
from reporting.forms.reports import CorrectionForm
from reporting.models import Report
from reporting.selectors import audience
from reporting.selectors import reports as selectors
from reporting.services import report_runs, subscriptions
from reporting.views import drawing
from reporting.weekly import page as weekly_page
from reporting.weekly.compose import document
from reporting.weekly.pdf import pdf

PAGE_SIZE = 30


class ReportList(PortalView):
    permission = Permission.REPORT_VIEW
    template_name = "reporting/reports/report_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        portfolios = list(selectors.report_portfolios(self.user))
        chosen = next((each for each in portfolios if each.slug == request.GET.get("portfolio")), None)
        page = Paginator(selectors.reports_for(self.user, chosen), PAGE_SIZE).get_page(request.GET.get("page"))
        context: dict[str, Any] = {
            "page": page,
            "table": drawing.report_table(page.object_list),
            "chips": _chips(portfolios, chosen),
            "chosen": chosen,
            "is_subscribed": chosen is not None and selectors.is_subscribed(self.user, chosen),
            "may_make": chosen is not None and selectors.may_make(self.user, chosen),
        }
        return self.render(context)


def _chips(portfolios: list[Portfolio], chosen: Portfolio | None) -> list[dict[str, Any]]:
    everything = {"label": _("All portfolios"), "href": "?", "active": chosen is None}
    return [everything] + [
        {"label": each.name, "href": f"?portfolio={each.slug}", "active": each == chosen} for each in portfolios
    ]


class ReportDetail(PortalView):
    permission = Permission.REPORT_VIEW
    template_name = "reporting/reports/report.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        return report_page(self, selectors.get_report_for(self.user, pk), CorrectionForm())


def report_page(view: PortalView, report: Report, form: CorrectionForm, status: int = 200) -> HttpResponse:
    """The page of one report, with the form to correct it for whoever may."""
    found = document(selectors.readable_content(report), report.note)
    earlier, later = selectors.neighbours(report)
    context = {
        "report": report,
        "document": found,
        "charts": weekly_page.charts(found),
        "sections": weekly_page.filled_tables(found),
        "silent": weekly_page.silent_sections(found),
        "revisions": selectors.revisions(report),
        "crumb_items": _crumbs(report),
        "about_rows": _about(report),
        "earlier": earlier,
        "later": later,
        "is_subscribed": selectors.is_subscribed(view.user, report.slot.portfolio),
        "audience_href": reverse("report-audience", args=[report.pk])
        if audience.may_ask_about_report(view.user, report)
        else "",
        "may_correct": selectors.may_make(view.user, report.slot.portfolio),
        "form": form,
    }
    return TemplateResponse(view.request, ReportDetail.template_name, context, status=status)


def _crumbs(report: Report) -> list[tuple[str, str]]:
    slot = report.slot
    of_portfolio = f"{reverse('report-list')}?portfolio={slot.portfolio.slug}"
    week = f"{slot.iso_year}-W{slot.iso_week:02d}"
    return [(_("Reports"), reverse("report-list")), (slot.portfolio.name, of_portfolio), (week, "")]


def _about(report: Report) -> list[tuple[str, str]]:
    maker = report.published_by.name if report.published_by else _("the portal, on schedule")
    return [
        (_("Published"), formats.moment_short(report.published_at)),
        (_("By"), maker),
        (_("Revision"), str(report.revision)),
        (_("Week in the time zone"), report.slot.time_zone),
        (_("Fingerprint of the content"), report.content_sha256[:16]),
    ]


class ReportAudience(AudiencePage):
    permission = Permission.REPORT_VIEW

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        report = selectors.get_report_for(self.user, pk)
        if not audience.may_ask_about_report(self.user, report):
            raise PermissionDenied(_("Only the PMO and auditors are told who can read a report."))
        report_crumb = (f"{report.slot.iso_year}-W{report.slot.iso_week:02d}", reverse("report", args=[pk]))
        crumbs = [*_crumbs(report)[:-1], report_crumb, (_("Who can see this?"), "")]
        return self.show(audience.audience_of_report(report), crumbs=crumbs, about=report.slot.portfolio.name)


class ReportPdf(PortalView):
    permission = Permission.REPORT_VIEW

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        report = selectors.get_report_for(self.user, pk)
        found = document(selectors.readable_content(report), report.note)
        audit.record_export("report", rows=1, form="pdf", subject=f"{report.slot.portfolio.slug} {report.slot}")
        response = HttpResponse(pdf(report, found, settings.PORTAL_URL), content_type="application/pdf")
        name = f"{slugify(found.portfolio)}-{report.slot.iso_year}-w{report.slot.iso_week:02d}-r{report.revision}.pdf"
        response["Content-Disposition"] = f'inline; filename="{name}"'
        response["Cache-Control"] = "private, no-store"
        return response


class ReportMake(PortalView):
    permission = Permission.REPORT_MAKE
    http_method_names = ["post"]

    def post(self, _request: HttpRequest, slug: str) -> HttpResponse:
        portfolio = selectors.get_report_portfolio_for(self.user, slug, Permission.REPORT_MAKE)
        run = report_runs.ask_for_report(portfolio=portfolio, actor=self.user)
        return redirect("job-run", run.pk)


class ReportCorrect(PortalView):
    permission = Permission.REPORT_MAKE
    http_method_names = ["post"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        report = selectors.get_report_for(self.user, pk, Permission.REPORT_MAKE)
        form = CorrectionForm(request.POST)
        if form.is_valid():
            try:
                run = report_runs.ask_for_correction(report=report, note=form.cleaned_data["note"], actor=self.user)
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return redirect("job-run", run.pk)
        return report_page(self, report, form, status=422)


class ReportSubscribe(PortalView):
    permission = Permission.REPORT_VIEW
    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        portfolio = selectors.get_report_portfolio_for(self.user, slug)
        subscriptions.subscribe(portfolio=portfolio, actor=self.user)
        messages.success(request, _("You get the weekly report of %(name)s by mail from now on.") % {"name": portfolio})
        return redirect(_back(request))


class ReportUnsubscribe(PortalView):
    permission = Permission.REPORT_VIEW
    http_method_names = ["post"]

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        portfolio = selectors.get_report_portfolio_for(self.user, slug)
        subscriptions.unsubscribe(portfolio=portfolio, actor=self.user)
        messages.success(request, _("You no longer get the weekly report of %(name)s by mail.") % {"name": portfolio})
        return redirect(_back(request))


def _back(request: HttpRequest) -> str:
    """The report that the button was on, else the list; never anywhere outside."""
    number = request.POST.get("report", "")
    return f"/reports/{int(number)}/" if number.isascii() and number.isdigit() else "report-list"


@method_decorator([csrf_exempt, login_not_required], name="dispatch")
class ReportUnsubscribeLink(View):
    """The link in a mail: looking at it changes nothing, the button or the mail program's one-click POST
    (RFC 8058, sent without cookies) ends the subscription.
    """

    permission = PUBLIC
    template_name = "reporting/reports/unsubscribe.html"

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            _user_id, portfolio = subscriptions.portfolio_of_token(token)
        except subscriptions.UnknownLink as error:
            return self._page(request, {"error": str(error)}, status=404)
        return self._page(request, {"portfolio": portfolio})

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        try:
            portfolio = subscriptions.unsubscribe_by_link(token=token)
        except subscriptions.UnknownLink as error:
            return self._page(request, {"error": str(error)}, status=404)
        return self._page(request, {"portfolio": portfolio, "is_done": True})

    def _page(self, request: HttpRequest, context: dict[str, Any], status: int = 200) -> HttpResponse:
        return TemplateResponse(request, self.template_name, context, status=status)

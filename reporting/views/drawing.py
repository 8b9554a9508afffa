"""Tables of the report and job pages, drawn in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail
from common.ui import cells, tables
from common.ui.tables import Column
from reporting.enums import SlotState
from reporting.models import Report, ReportSlot

STATE_TONES = {"queued": "plain", "running": "accent", "done": "ok", "failed": "off"}


def link(href: str, text: object) -> SafeString:
    return format_html('<a class="row-link" href="{}">{}</a>', href, text)


def post_button(request: HttpRequest, href: str, label: str, about: str) -> SafeString:
    """A form of one small button; `about` names for screen readers what it is about."""
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">'
        '<button type="submit" class="btn btn-quiet btn-sm">{}<span class="visually-hidden">: {}</span></button>'
        "</form>",
        href,
        get_token(request),
        label,
        about,
    )


def report_table(reports: Iterable[Report]) -> SafeString:
    head = [
        Column(_("Week")), Column(_("Portfolio")), Column(_("Health")), Column(_("Off track"), "end"),
        Column(_("Projects"), "end"), Column(_("Published")),
    ]  # fmt: skip
    return tables.data_table(head, [_report_row(report) for report in reports], caption=_("Reports by week"))


def _report_row(report: Report) -> Sequence[str]:
    slot = report.slot
    week = _("Week %(week)d of %(year)d") % {"week": slot.iso_week, "year": slot.iso_year}
    published = cells.date_ago(report.published_at)
    if report.revision > 1:
        revision = _("revision %(n)d") % {"n": report.revision}
        published = format_html('{} <span class="sub">{}</span>', published, revision)
    counts = (formats.number(getattr(report, name)) for name in ("off_track", "projects"))
    return (
        link(reverse("report", args=[report.pk]), week), slot.portfolio.name,
        cells.status_badge(getattr(report, "colour", "")), *counts, published,
    )  # fmt: skip


def run_table(runs: Iterable[JobRun]) -> SafeString:
    head = [Column(_("What")), Column(_("State")), Column(_("Progress")), Column(_("By")), Column(_("Asked"))]
    rows = [_run_row(run) for run in runs]
    return tables.data_table(head, rows, caption=_("Background runs"), empty=_("Nothing has run here yet."))


def _run_row(run: JobRun) -> Sequence[str]:
    return (
        link(reverse("job-run", args=[run.pk]), run.label),
        cells.tag(run.get_state_display(), STATE_TONES[run.state]),
        _progress(run),
        run.created_by.name if run.created_by else _("The portal"),
        cells.date_ago(run.created_at),
    )


def _progress(run: JobRun) -> SafeString | str:
    if run.last_error:
        tries = _("try %(n)d of %(all)d") % {"n": run.attempts, "all": MAX_ATTEMPTS}
        return format_html('{}<span class="sub">{}</span>', run.last_error, tries)
    if run.is_open and run.progress_total:
        return cells.progress(run.progress_done, run.progress_total, run.label)
    return run.step if run.is_open else ""


def slot_table(request: HttpRequest, slots: Iterable[ReportSlot]) -> SafeString:
    head = [
        Column(_("Report")),
        Column(_("State")),
        Column(_("Due")),
        Column(_("Tries"), "end"),
        Column(_("Last error")),
        Column(_("Action")),
    ]
    rows = []
    for slot in slots:
        name = f"{slot.portfolio.name} · {slot.iso_year}-W{slot.iso_week:02d}"
        failed = slot.state == SlotState.FAILED
        retry = (
            post_button(request, reverse("report-slot-retry", args=[slot.pk]), _("Try again"), name) if failed else ""
        )
        rows.append(
            (
                name, cells.tag(slot.get_state_display(), "off" if failed else "plain"), cells.date_ago(slot.due_at),
                formats.number(slot.attempts), slot.last_error, retry,
            )
        )  # fmt: skip
    return tables.data_table(head, rows, caption=_("Reports still to be made"))


def mail_table(request: HttpRequest, mails: Iterable[OutgoingMail]) -> SafeString:
    head = [Column(_("To")), Column(_("Subject")), Column(_("Last error")), Column(_("Action"))]
    rows = [
        (
            mail.to_address, mail.subject, mail.last_error,
            post_button(request, reverse("mail-retry", args=[mail.pk]), _("Try again"), mail.to_address),
        )
        for mail in mails
    ]  # fmt: skip
    return tables.data_table(head, rows, caption=_("Mail that was given up"))

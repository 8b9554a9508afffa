"""Reports that a person asks for: background runs with progress, checked against their rights when they run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.models import User
from common import audit, jobs, leases
from common.enums import AuditKind
from common.errors import NotAllowed
from common.models import JobRun, OutgoingMail
from common.wake import wake_worker
from projects.models import Portfolio
from reporting.enums import SlotState
from reporting.models import Report
from reporting.services import reports

if TYPE_CHECKING:
    from common.jobs import Progress

MAKE, CORRECT = "report.make", "report.correct"


def ask_for_report(*, portfolio: Portfolio, actor: User) -> JobRun:
    """Have the newest due report of the portfolio made now. Raises: NotAllowed."""
    _check(actor, portfolio.pk)
    label = _("Weekly report of %(portfolio)s") % {"portfolio": portfolio.name}
    return jobs.ask_for(kind=MAKE, label=label, actor=actor, params={"portfolio": portfolio.pk})


def ask_for_correction(*, report: Report, note: str, actor: User) -> JobRun:
    """Have the next revision of a report made. Raises: NotAllowed, ReportNotMade, ReportSuperseded."""
    _check(actor, report.slot.portfolio_id)
    reports.check_correctable(report, note)
    label = _("Correction of the report of %(portfolio)s") % {"portfolio": report.slot.portfolio.name}
    return jobs.ask_for(kind=CORRECT, label=label, actor=actor, params={"report": report.pk, "note": note.strip()})


@jobs.handler(MAKE)
def run_make(job: JobRun, progress: Progress) -> dict[str, Any]:
    """Make the newest due report; when it is there already, that is the result."""
    portfolio = Portfolio.objects.select_related("office").get(pk=job.params["portfolio"])
    actor = _check(job.created_by, portfolio.pk)
    slot = reports.slot_to_make(portfolio)
    if slot.state == SlotState.FAILED:
        slot = reports.retry_slot(slot_id=slot.pk, actor=actor)
    report = reports.make_report(slot.pk, progress=progress)
    report = report or Report.objects.in_force().filter(slot=slot).first()
    if report is None:
        raise reports.ReportNotMade(_("Another worker is making this report at this moment. Look again in a minute."))
    return _result(report)


@jobs.handler(CORRECT)
def run_correct(job: JobRun, progress: Progress) -> dict[str, Any]:
    """Publish the correction, once: a run that is done again finds its revision."""
    old = Report.objects.select_related("slot").get(pk=job.params["report"])
    actor = _check(job.created_by, old.slot.portfolio_id)
    progress(_("Building the next revision"), 1, 2)
    made = Report.objects.filter(slot=old.slot, revision=old.revision + 1, published_by=actor, note=job.params["note"])
    return _result(made.first() or reports.correct_report(report_id=old.pk, note=job.params["note"], actor=actor))


@transaction.atomic
def retry_mail(*, mail_id: int, actor: User) -> None:
    """Send a mail that was given up round again. Raises: NotAllowed, OutgoingMail.DoesNotExist."""
    if not actor.can(Permission.JOBS_MANAGE):
        raise NotAllowed(_("Only people who look after background jobs may do this."))
    mail = OutgoingMail.objects.select_for_update(of=("self",)).get(pk=mail_id)
    if mail.sent_at is None:
        leases.reset(mail)
        audit.record(AuditKind.ASKED, what="mail_again", actor=actor, reason=mail.subject, detail={"mail": mail.pk})
        wake_worker()


def _check(actor: User | None, portfolio_id: int) -> User:
    reached = (
        actor is not None
        and actor.is_active
        and (Portfolio.objects.reached_by(actor, Permission.REPORT_MAKE).filter(pk=portfolio_id).exists())
    )
    if actor is None or not reached:
        raise NotAllowed(_("You may not make the reports of this portfolio."))
    return actor


def _result(report: Report) -> dict[str, Any]:
    return {"report": report.pk, "href": reverse("report", args=[report.pk])}

"""Reading reports: the list, the one door to a report, and what its reader may see of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.db.models.fields.json import KT
from django.http import Http404

from accounts.enums import Permission
from projects.models import Portfolio, Project
from reporting.enums import ReportKind, SlotState
from reporting.models import Report, ReportSlot, Subscription
from reporting.weekly import mask

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models.portfolio import PortfolioQuerySet


def reports_for(user: User, portfolio: Portfolio | None = None) -> QuerySet[Report]:
    """Reports in force that the person may read, the newest week first, with `off_track` and `projects`
    as counted then; the content itself stays in the database.
    """
    found = Report.objects.visible_to(user).in_force().select_related("slot__portfolio").defer("content")
    if portfolio is not None:
        found = found.filter(slot__portfolio=portfolio)
    counted = found.annotate(
        off_track=F("content__counts__off_track"), projects=F("content__counts__projects"), colour=KT("content__colour")
    )
    return counted.order_by("-slot__as_of", "slot__portfolio__path", "-pk")


def get_report_for(user: User, pk: int, permission: str = Permission.REPORT_VIEW) -> Report:
    """The one door to a report: 404 when the person may not read it, 403 when they may only read it.
    One query. Raises: Http404, PermissionDenied.
    """
    related = ("slot__portfolio__office", "published_by")
    report = Report.objects.visible_to(user).select_related(*related).filter(pk=pk).first()
    if report is None:
        raise Http404
    if permission != Permission.REPORT_VIEW and not _reaches(user, report.slot.portfolio_id, permission):
        raise PermissionDenied
    return report


def get_report_portfolio_for(user: User, slug: str, permission: str = Permission.REPORT_VIEW) -> Portfolio:
    """A portfolio whose reports the person may read (or make). Raises: Http404, PermissionDenied."""
    portfolio: Portfolio | None = report_portfolios(user).filter(slug=slug).first()
    if portfolio is None:
        raise Http404
    if permission != Permission.REPORT_VIEW and not _reaches(user, portfolio.pk, permission):
        raise PermissionDenied
    return portfolio


def report_portfolios(user: User) -> PortfolioQuerySet:
    """The portfolios whose reports the person may read."""
    reached: PortfolioQuerySet = Portfolio.objects.reached_by(user, Permission.REPORT_VIEW).select_related("office")
    return reached


def may_make(user: User, portfolio: Portfolio) -> bool:
    """Whether the person may make and correct the reports of this portfolio."""
    return _reaches(user, portfolio.pk, Permission.REPORT_MAKE)


def _reaches(user: User, portfolio_id: int, permission: str) -> bool:
    return bool(Portfolio.objects.reached_by(user, permission).filter(pk=portfolio_id).exists())


def readable_content(report: Report) -> dict[str, Any]:
    """The content for a reader: without the rows of projects that have become confidential since. One query."""
    named = mask.named_projects(report.content)
    hidden = Project.objects.filter(pk__in=named, is_confidential=True).values_list("pk", flat=True)
    return mask.without(report.content, set(hidden))


def revisions(report: Report) -> list[Report]:
    """All revisions of the report's week, the newest first."""
    return list(Report.objects.filter(slot=report.slot_id).defer("content").order_by("-revision"))


def neighbours(report: Report) -> tuple[Report | None, Report | None]:
    """The reports in force of the portfolio before and after this one."""
    found = Report.objects.in_force().filter(slot__portfolio=report.slot.portfolio_id, slot__kind=report.slot.kind)
    found = found.defer("content").select_related("slot")
    earlier = found.filter(slot__as_of__lt=report.slot.as_of).order_by("-slot__as_of").first()
    later = found.filter(slot__as_of__gt=report.slot.as_of).order_by("slot__as_of").first()
    return earlier, later


def is_subscribed(user: User, portfolio: Portfolio) -> bool:
    return Subscription.objects.filter(user=user, portfolio=portfolio, kind=ReportKind.WEEKLY_HEALTH).exists()


def open_slots_for(user: User) -> QuerySet[ReportSlot]:
    """Slots whose report is still to be made, or failed; those of every portfolio for who looks after jobs."""
    slots = ReportSlot.objects.all() if user.can(Permission.JOBS_MANAGE) else ReportSlot.objects.visible_to(user)
    unmade = slots.exclude(state=SlotState.DONE).select_related("portfolio")
    return unmade.order_by("-state", "due_at", "pk")


def get_slot_for(user: User, pk: int) -> ReportSlot:
    """The slot, for somebody who may send it round again. Raises: Http404, PermissionDenied."""
    slot = open_slots_for(user).filter(pk=pk).first()
    if slot is None:
        raise Http404
    if not user.can(Permission.JOBS_MANAGE) and not _reaches(user, slot.portfolio_id, Permission.REPORT_MAKE):
        raise PermissionDenied
    return slot

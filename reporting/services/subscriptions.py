"""Who gets a portfolio's report by mail, and the mails of a published one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import PortalError
from common.mail import queue_mail
from projects.models import Portfolio
from reporting.enums import ReportKind
from reporting.models import Report, Subscription
from reporting.weekly.compose import document
from reporting.weekly.mail import mail_context

if TYPE_CHECKING:
    from accounts.models import User

SALT = "reporting.unsubscribe"


class MayNotSubscribe(PortalError):
    """The person may not read the reports of this portfolio."""


class UnknownLink(PortalError):
    """The link of a mail is not one of ours."""


@transaction.atomic
def subscribe(*, portfolio: Portfolio, actor: User, kind: str = ReportKind.WEEKLY_HEALTH) -> Subscription:
    """Send the person this portfolio's reports from now on; asking twice is once. Raises: MayNotSubscribe."""
    if not may_read(actor, portfolio.pk):
        raise MayNotSubscribe(_("You may not read the reports of this portfolio."))
    subscription, _created = Subscription.objects.get_or_create(user=actor, portfolio=portfolio, kind=kind)
    return subscription


@transaction.atomic
def unsubscribe(*, portfolio: Portfolio, actor: User, kind: str = ReportKind.WEEKLY_HEALTH) -> None:
    """Send no more. It is not an error when there was nothing to end."""
    Subscription.objects.filter(user=actor, portfolio=portfolio, kind=kind).delete()


def unsubscribe_token(user_id: int, portfolio_id: int) -> str:
    """What the unsubscribe link of a mail carries: signed, so it works without signing in and for nobody else."""
    return signing.dumps([user_id, portfolio_id], salt=SALT, compress=False)


def portfolio_of_token(token: str) -> tuple[int, Portfolio]:
    """The person's id and portfolio of an unsubscribe link. Raises: UnknownLink."""
    try:
        user_id, portfolio_id = signing.loads(token, salt=SALT)
        return int(user_id), Portfolio.objects.get(pk=portfolio_id)
    except (signing.BadSignature, ValueError, TypeError, Portfolio.DoesNotExist) as error:
        raise UnknownLink(
            _("This link is not complete. Open it from the mail again, or use the reports page.")
        ) from error


@transaction.atomic
def unsubscribe_by_link(*, token: str) -> Portfolio:
    """End the subscription that the link of a mail names. Raises: UnknownLink."""
    user_id, portfolio = portfolio_of_token(token)
    Subscription.objects.filter(user_id=user_id, portfolio=portfolio).delete()
    return portfolio


def may_read(user: User, portfolio_id: int) -> bool:
    """Whether the person may read this portfolio's reports now."""
    return (
        user.is_active and Portfolio.objects.reached_by(user, Permission.REPORT_VIEW).filter(pk=portfolio_id).exists()
    )


def queue_report_mail(report: Report) -> int:
    """Write one mail for each subscriber who may still read the report, in the caller's transaction; how many.

    The Message-ID comes from the slot, so a mail that is sent twice is recognised as the same one.
    """
    slot = report.slot
    subscriptions = Subscription.objects.filter(portfolio=slot.portfolio_id, kind=slot.kind).select_related("user")
    bodies: dict[str, dict[str, Any]] = {}
    count = 0
    for subscription in subscriptions.order_by("pk"):
        user = subscription.user
        if may_read(user, slot.portfolio_id):
            language = user.language or settings.LANGUAGE_CODE
            if language not in bodies:
                bodies[language] = _body(report, language)
            _queue(report, user, bodies[language])
            count += 1
    return count


def _body(report: Report, language: str) -> dict[str, Any]:
    with translation.override(language):
        found = document(report.content, report.note)
        context = mail_context(found)
        subject = f"{found.portfolio}: {found.headline}"
    return {**context, "subject": subject}


def _queue(report: Report, user: User, body: dict[str, Any]) -> None:
    slot = report.slot
    token = unsubscribe_token(user.pk, slot.portfolio_id)
    leave = settings.PORTAL_URL + reverse("report-unsubscribe-link", args=[token])
    host = urlsplit(settings.PORTAL_URL).hostname or "localhost"
    queue_mail(
        message_id=f"{slot.kind}-{slot.portfolio_id}-{slot.iso_year}w{slot.iso_week:02d}-r{report.revision}-u{user.pk}@{host}",
        to=user,
        subject=body["subject"],
        template="weekly_health",
        context={
            **body,
            "report_url": settings.PORTAL_URL + reverse("report", args=[report.pk]),
            "pdf_url": settings.PORTAL_URL + reverse("report-pdf", args=[report.pk]),
            "unsubscribe_url": leave,
        },
        headers={"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"},
    )

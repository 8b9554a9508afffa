"""Mail by outbox: written with its reason in one transaction, sent by a relay, then marked."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.db.models.functions import Now
from django.template.loader import render_to_string
from django.utils import translation

from common import leases
from common.models import OutgoingMail
from common.wake import wake_worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

log = logging.getLogger(__name__)

LEASE_SECONDS = 60


def queue_mail(
    *,
    message_id: str,
    to: User,
    subject: str,
    template: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> None:
    """`write_mail` and put it in the outbox, in the caller's transaction. One statement."""
    queue_all([
        write_mail(
            message_id=message_id, to=to, subject=subject, template=template, context=context, headers=headers
        )
    ])  # fmt: skip


def write_mail(
    *,
    message_id: str,
    to: User,
    subject: str,
    template: str,
    context: dict[str, Any],
    headers: dict[str, str] | None = None,
) -> OutgoingMail:
    """A mail for the outbox, see `queue_all`. No statement.

    `template` names `mail/<template>.txt` and `.html`, rendered in the receiver's language with `to`
    and `portal_url` added; `subject` is folded to one line.
    """
    with translation.override(to.language or settings.LANGUAGE_CODE):
        full = {"to": to, "portal_url": settings.PORTAL_URL, **context}
        text = render_to_string(f"mail/{template}.txt", full)
        html = render_to_string(f"mail/{template}.html", full)
    return OutgoingMail(
        message_id=message_id,
        to_address=to.email,
        to_user=to,
        subject=" ".join(subject.split())[:250],
        text=text,
        html=html,
        headers=headers or {},
    )


def queue_message(*, message_id: str, message: EmailMessage) -> None:
    """Put a mail that somebody else rendered in the outbox, for its first receiver."""
    alternatives = getattr(message, "alternatives", [])
    queue_all([
        OutgoingMail(
            message_id=message_id,
            to_address=message.to[0],
            subject=" ".join(str(message.subject).split())[:250],
            text=str(message.body),
            html=str(alternatives[0][0]) if alternatives else "",
        )
    ])  # fmt: skip


def queue_all(mails: Sequence[OutgoingMail]) -> None:
    """Put mails in the outbox, in the caller's transaction; each `message_id` is there once. One statement."""
    OutgoingMail.objects.bulk_create(mails, ignore_conflicts=True)
    wake_worker()


def send_next() -> OutgoingMail | None:
    """Send one waiting mail and then mark it; None when nothing waits.

    Send, then mark: a relay that dies in between sends it once more with the same Message-ID; the other
    order would lose it.
    """
    waiting = OutgoingMail.objects.filter(sent_at__isnull=True).order_by("created_at")
    mail = leases.claim_next(waiting, seconds=LEASE_SECONDS)
    if mail is None:
        return None
    try:
        _message(mail).send()
    except Exception as error:  # noqa: BLE001 — whatever the mail server does, the mail stays and goes later
        leases.release_failed(mail, f"{type(error).__name__}: {error}")
        log.warning("Mail %s could not be sent at try %s: %s", mail.message_id, mail.attempts, error)
    else:
        leases.still_held(mail).update(sent_at=Now(), last_error="", leased_until=None)
    return mail


def _message(mail: OutgoingMail) -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to_address],
        headers={"Message-ID": f"<{mail.message_id}>", **mail.headers},
    )
    if mail.html:
        message.attach_alternative(mail.html, "text/html")
    return message

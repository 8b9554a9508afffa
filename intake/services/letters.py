"""The mails about a request, put in the outbox with the step that they tell of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from common.mail import queue_all, write_mail

if TYPE_CHECKING:
    from accounts.models import User
    from common.models import OutgoingMail
    from intake.models import Request


def returned(pitch: Request, by: User) -> None:
    """To the requester: the PMO asks something."""
    _send(pitch, pitch.requester, "returned", {"by": by})


def decided(pitch: Request) -> None:
    """To the requester the outcome with its reason; to the lead of the new project their task. One statement."""
    if pitch.project is None:
        _send(pitch, pitch.requester, "rejected")
        return
    context = {"project_path": reverse("project", args=[pitch.project.key])}
    mails = [_letter(pitch, pitch.requester, "approved", context)]
    if pitch.proposed_lead is not None:
        mails.append(_letter(pitch, pitch.proposed_lead, "lead", context))
    queue_all(mails)


def _send(pitch: Request, to: User, what: str, context: dict[str, Any] | None = None) -> None:
    queue_all([_letter(pitch, to, what, context or {})])


def _letter(pitch: Request, to: User, what: str, context: dict[str, Any]) -> OutgoingMail:
    with translation.override(to.language or settings.LANGUAGE_CODE):
        subject = {
            "returned": _("Questions about your request: %(title)s (%(key)s)"),
            "rejected": _("Your request is not approved: %(title)s (%(key)s)"),
            "approved": _("Your request is approved: %(title)s (%(key)s)"),
            "lead": _("You lead a new project: %(title)s"),
        }[what] % {"title": pitch.title, "key": pitch.key}
    return write_mail(
        message_id=f"request-{pitch.pk}-{what}-{pitch.version}@pmo-portal",
        to=to,
        subject=subject,
        template=f"request_{what}",
        context={"pitch": pitch, "path": reverse("request", args=[pitch.key]), **context},
    )

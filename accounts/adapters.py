"""Sign-in as this portal wants it: accounts are made by an administrator, mail goes through the outbox."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from allauth.account.adapter import DefaultAccountAdapter
from django.core.exceptions import ValidationError

from accounts import trail
from common.mail import queue_message

if TYPE_CHECKING:
    from django.http import HttpRequest


class PortalAccountAdapter(DefaultAccountAdapter):
    """allauth with closed sign-up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 — allauth passes it
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Too many tries: nothing is asked of the password, and the trail says so."""
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            trail.sign_in_failed(credentials, "too_many")
            raise

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A slow or absent mail server must not hold up, or give away, a password reset."""
        message = self.render_mail(template_prefix, email, context)
        queue_message(message_id=f"account-{uuid4().hex}@pmo-portal", message=message)

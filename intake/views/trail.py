"""The way back from a page of a request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission

if TYPE_CHECKING:
    from accounts.models import User
    from intake.models import Request

Trail = list[tuple[str, str]]


def trail_of(user: User, pitch: Request | None, *, below: bool = True) -> Trail:
    """To one's own requests or to the queue, then the request; `below` says that the page lies under it."""
    is_own = pitch is None or pitch.requester_id == user.pk
    if is_own:
        up = (_("My requests"), reverse("request-mine"))
    elif user.can(Permission.REQUEST_VIEW):
        up = (_("Requests"), reverse("request-list"))
    else:  # somebody who is proposed for it and has no queue
        up = (_("My work"), reverse("home"))
    if pitch is None:
        return [up, (_("New request"), "")]
    return [up, (pitch.key, reverse("request", args=[pitch.key]) if below else "")]

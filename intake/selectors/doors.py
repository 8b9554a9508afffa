"""The one door to a request: 404 for whoever may not know of it, 403 for whoever may only read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import PermissionDenied
from django.http import Http404

from intake.models import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from accounts.models import User
    from common.verdict import Verdict

RELATED = (
    "requester", "org_unit", "goal", "portfolio", "playbook", "proposed_lead", "proposed_sponsor",
    "proposed_benefits_owner", "triaged_by",
    "decided_by", "project",
)  # fmt: skip


def get_request_for(user: User, key: str, may: Callable[[User, Request], Verdict] | None = None) -> Request:
    """The request of this key, with all that its pages show, in one query.

    `may` is a policy that must not refuse for want of a right; a refusal because the moment has passed is
    for the page to tell. Raises: Http404, PermissionDenied.
    """
    pitch = Request.objects.visible_to(user).by_key(key).select_related(*RELATED).first()
    if pitch is None:
        raise Http404
    if may is not None and not (verdict := may(user, pitch)) and not verdict.is_state:
        raise PermissionDenied(verdict.reason)
    return pitch

"""Who can see a request: the answer of `visible_to` for everybody at once, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.audience import Audience, Places, Reason, Seer, add_grants, grants_reaching, roles_with
from accounts.enums import Permission
from accounts.models import OrgUnit
from intake.enums import RequestState
from intake.models import Request
from projects.models import Portfolio
from projects.selectors.audience import above

if TYPE_CHECKING:
    from accounts.models import User


def may_ask_about_request(user: User, pitch: Request) -> bool:
    """The requester, and the PMO and auditors whose grants reach it. At most one query."""
    reach = user.access.reach(Permission.PROJECT_VIEW_CONFIDENTIAL)
    if pitch.requester_id == user.pk or not reach or reach.everywhere:
        return pitch.requester_id == user.pk or reach.everywhere
    return Request.objects.allowed(user, Permission.PROJECT_VIEW_CONFIDENTIAL).filter(pk=pitch.pk).exists()


def audience_of_request(pitch: Request) -> list[Seer]:
    """Everybody who can see the request now, with every reason. A draft is its requester's alone. Three queries."""
    audience = Audience()
    audience.add(pitch.requester, Reason(_("Requester")))
    if pitch.state == RequestState.DRAFT:
        return audience.seers()
    audience.add(pitch.proposed_sponsor, Reason(_("Proposed sponsor")))
    audience.add(pitch.proposed_lead, Reason(_("Proposed lead")))
    places = Places(above(OrgUnit, pitch.org_unit), above(Portfolio, pitch.portfolio))
    add_grants(audience, places, grants_reaching(places, roles_with(Permission.REQUEST_VIEW)))
    return audience.seers()

"""Who may hold which role: pure rules over what is already known. A refusal says why."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from common import formats

if TYPE_CHECKING:
    from accounts.models import User


def why_not_role(user: User, role: str, ends_on: dt.date | None) -> str:
    """Why the person cannot hold the role until then, as a sentence; empty when they can.

    The role of external adviser is for people of an external office alone, it is the only one for them, and it
    ends on a stated day that is not after their time at the office.
    """
    if role != RoleName.EXTERNAL_ADVISER:
        return why_not_appointed(user)
    if user.external_until is None:
        return _("%(name)s belongs to no external office. Add them on the page of their office first.") % {"name": user}
    if ends_on is None:
        return _("What is opened to an external adviser ends: fill in the last day.")
    if ends_on < timezone.localdate():
        return _("The last day has passed already. Choose today or later.")
    if ends_on > user.external_until:
        day = formats.date_short(user.external_until)
        return _("%(name)s belongs to the external office until %(day)s. Choose that day or an earlier one.") % {
            "name": user, "day": day,
        }  # fmt: skip
    return ""


def why_not_appointed(user: User | None) -> str:
    """Why the person cannot answer for anything (lead, sponsor, owner, decider); empty when they can."""
    if user is None or not user.is_external:
        return ""
    return _("%(name)s is of an external office, which only reads and recommends. Choose somebody else.") % {
        "name": user
    }

"""Who can read a report: the answer of `visible_to` for everybody at once, with the reasons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.audience import Audience, Places, Seer, add_grants, grants_reaching, roles_with
from accounts.enums import Permission
from projects.models import Portfolio
from projects.selectors.audience import above, may_ask_about_portfolio

if TYPE_CHECKING:
    from accounts.models import User
    from reporting.models import Report


def may_ask_about_report(user: User, report: Report) -> bool:
    """The PMO and auditors whose grants reach its portfolio. At most one query."""
    return may_ask_about_portfolio(user, report.slot.portfolio)


def audience_of_report(report: Report) -> list[Seer]:
    """Everybody who can read the report now, with every reason. Two queries."""
    audience = Audience()
    places = Places(portfolios=above(Portfolio, report.slot.portfolio))
    add_grants(audience, places, grants_reaching(places, roles_with(Permission.REPORT_VIEW)))
    return audience.seers()

"""How the demo decides: an office's own procedure, somebody who stands in, and a control level that was raised."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from accounts.enums import RoleName
from governance.models import Delegation
from governance.services import ballots, control
from projects.enums import CHANGE_MATTER
from projects.services import rules
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from accounts.models import User
    from governance.models import Procedure
    from reporting.demo.seed import Seed
    from strategy.models import Office

OFFICE: Final = "Digital PMO"
LIMIT: Final = Decimal(250_000)
"""Up to this amount the office decides on changes in its own two steps."""
STEPS: Final = (
    ballots.NewStep("The PMO looks at plan and money", RoleName.PMO_MANAGER, 1, days=5),
    ballots.NewStep("The sponsor decides", RoleName.SPONSOR, 2, days=7, escalates_to=RoleName.EXECUTIVE),
)
AWAY, STANDS_IN = "hanna", "ruben"
LEAVES_IN, RAISED = 1, 8
"""Weeks before today."""
WHY_RAISED: Final = (
    "Advice alone was not enough: two of the last five gates were passed with papers missing, as our advisers also saw. "
    "We rehearsed it, and told each lead what would stop."
)


def set_up_procedure(office: Office, actor: User) -> Procedure:
    """Small changes of the office go past two desks, one after the other."""
    data = ballots.NewProcedure(CHANGE_MATTER, "Changes up to 250,000 euros", STEPS, office, LIMIT, "EUR")
    return ballots.save_procedure(actor=actor, data=data)


def play_deciding(seed: Seed, weeks_left: int) -> None:
    """What happens in one week to how things are decided."""
    if weeks_left == RAISED:
        raise_control(seed.offices[OFFICE], seed.people["mila"])
    elif weeks_left == LEAVES_IN:
        go_on_leave(seed.people[AWAY], seed.people[STANDS_IN], seed.monday)


def raise_control(office: Office, actor: User) -> Office:
    """The office that advised for a year may stop work from now on. What that stops is looked up first."""
    rules.scan_all()
    return control.change_control(
        actor=actor, office_id=office.pk, control=ControlLevel.CONTROLLING, reason=WHY_RAISED, version=None
    )


def go_on_leave(away: User, stands_in: User, monday: dt.date) -> None:
    """Two directors stand in for each other: one is away these two weeks, the other a month later."""
    for who, other, first, days, reason in (
        (away, stands_in, monday, 11, "Leave"),
        (stands_in, away, monday + dt.timedelta(days=35), 8, "Leave with the family"),
    ):
        last = first + dt.timedelta(days=days)
        ballots.delegate(actor=who, data=ballots.NewDelegation(other, first, last, reason))


def at_the_table(person: User) -> User:
    """Who votes from somebody's seat today: the person, or while they are away whoever stands in."""
    away = Delegation.objects.in_force().filter(from_user=person).select_related("to_user").first()
    return away.to_user if away else person

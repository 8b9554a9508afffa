"""Who belongs to an external office, and what is opened to them until when."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pghistory
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import services as accounts
from accounts.enums import Permission, RoleName
from accounts.models import RoleGrant, User
from common import versions
from common.errors import NotAllowed, PortalError
from strategy import openings
from strategy.enums import OfficeKind
from strategy.models import OfficeMember

if TYPE_CHECKING:
    from strategy.models import Office


class AdviserError(PortalError):
    """Somebody cannot be an adviser of this office like this."""


def _demand(actor: User) -> None:
    if not actor.can(Permission.OFFICE_EDIT):
        raise NotAllowed(_("Only the PMO and administrators say who advises and what is opened to them."))


def _check_day(ends_on: dt.date) -> None:
    if ends_on < timezone.localdate():
        raise AdviserError(_("The last day has passed already. Choose today or later."))


@transaction.atomic
def add_adviser(*, actor: User | None, office: Office, user: User, ends_on: dt.date) -> OfficeMember:
    """Let a person belong to an external office until a last day; from then on they only read and recommend.

    The same person again moves the last day. `actor` None is the command line. Raises: NotAllowed; AdviserError for
    an internal office, a day that has passed, somebody of another office, or somebody with a role in the organisation.
    """
    if actor is not None:
        _demand(actor)
    if office.kind != OfficeKind.EXTERNAL:
        raise AdviserError(_("“%(name)s” is not an external office.") % {"name": office})
    _check_day(ends_on)
    with pghistory.context(**({"user": actor.pk} if actor else {})):
        person = User.objects.select_for_update().get(pk=user.pk)
        _check_person(actor, office, person)
        member, is_new = OfficeMember.objects.get_or_create(
            user=person, defaults={"office": office, "ends_on": ends_on, "added_by": actor}
        )
        if not is_new:
            versions.apply(member, {"ends_on": ends_on})
    return member


def _check_person(actor: User | None, office: Office, person: User) -> None:
    if actor is not None and person.pk == actor.pk:
        raise AdviserError(_("You cannot make yourself an external adviser."))
    if not person.is_active:
        raise AdviserError(_("%(name)s no longer has access to the portal.") % {"name": person})
    elsewhere = OfficeMember.objects.filter(user=person).exclude(office=office).select_related("office").first()
    if elsewhere is not None:
        raise AdviserError(_("%(name)s belongs to %(office)s already.") % {"name": person, "office": elsewhere.office})
    held = RoleGrant.objects.in_force().filter(user=person).exclude(role=RoleName.EXTERNAL_ADVISER).first()
    if held is not None:
        raise AdviserError(
            _("%(name)s has a role in the organisation (%(role)s). Take it away first.")
            % {"name": person, "role": held.get_role_display()}
        )


@transaction.atomic
def move_adviser(*, actor: User, office: Office, member_id: int, ends_on: dt.date, version: int | None) -> OfficeMember:
    """Give another last day. What is opened for longer ends on that day too.

    Raises: NotAllowed, AdviserError, Conflict, OfficeMember.DoesNotExist.
    """
    _demand(actor)
    _check_day(ends_on)
    with pghistory.context(user=actor.pk):
        member = versions.claim(office.members.all(), pk=member_id, version=version)
        versions.apply(member, {"ends_on": ends_on})
        for one in openings.openings_of(actor, [member.user_id]):
            if one.ends_on > ends_on:
                openings.move(actor, one.code, ends_on)
    return member


@transaction.atomic
def end_adviser(*, actor: User, office: Office, member_id: int) -> OfficeMember:
    """End the membership at once, and with it everything that was opened. Ended already: nothing happens.

    Raises: NotAllowed, OfficeMember.DoesNotExist.
    """
    _demand(actor)
    with pghistory.context(user=actor.pk):
        member = versions.claim(office.members.all(), pk=member_id, version=None)
        if member.has_ended:
            return member
        for one in openings.openings_of(actor, [member.user_id]):
            openings.end(actor, one.code)
        versions.apply(member, {"ends_on": timezone.localdate() - dt.timedelta(days=1)})
    return member


@transaction.atomic
def open_to_adviser(
    *, actor: User | None, office: Office, member_id: int, scope: str, scope_id: int, ends_on: dt.date
) -> RoleGrant:
    """Open an org unit or portfolio to an adviser until a last day. Again for the same moves that day.

    Raises: NotAllowed, RoleNotGrantable, OfficeMember.DoesNotExist.
    """
    if actor is not None:
        _demand(actor)
    member = office.members.get(pk=member_id)
    with pghistory.context(**({"user": actor.pk} if actor else {})):
        return accounts.grant_role(
            actor=actor, user_pk=member.user_id, role=RoleName.EXTERNAL_ADVISER, scope=scope, scope_id=scope_id,
            ends_on=ends_on,
        )  # fmt: skip


@transaction.atomic
def move_opening(*, actor: User, office: Office, code: str, ends_on: dt.date) -> None:
    """Extend or shorten what is opened to an adviser of the office. Raises: NotAllowed, AdviserError, PortalError."""
    _demand(actor)
    _check_day(ends_on)
    _check_opening(actor, office, code)
    with pghistory.context(user=actor.pk):
        openings.move(actor, code, ends_on)


@transaction.atomic
def end_opening(*, actor: User, office: Office, code: str) -> None:
    """End it at once. Raises: NotAllowed, AdviserError when it ended before."""
    _demand(actor)
    _check_opening(actor, office, code)
    with pghistory.context(user=actor.pk):
        openings.end(actor, code)


def _check_opening(actor: User, office: Office, code: str) -> None:
    people = list(office.members.values_list("user_id", flat=True))
    if openings.find(actor, people, code) is None:
        raise AdviserError(_("This ended already."))


def move_grant(actor: User, pk: int, ends_on: dt.date) -> None:
    grant = RoleGrant.objects.get(pk=pk)
    accounts.grant_role(
        actor=actor, user_pk=grant.user_id, role=grant.role, scope=grant.scope, scope_id=grant.scope_id,
        ends_on=ends_on,
    )  # fmt: skip


def end_grant(actor: User, pk: int) -> None:
    accounts.end_grant(actor=actor, grant_pk=pk)

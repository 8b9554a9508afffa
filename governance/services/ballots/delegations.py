"""Out of office: somebody else votes from one's seats for a while."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.policies import why_not_appointed
from common.errors import PortalError
from governance.models import Delegation


class DelegationError(PortalError):
    """A stand-in who cannot be one."""


@dataclass(frozen=True, slots=True)
class NewDelegation:
    """Who stands in, from the first day to the last."""

    to_user: User
    starts_on: dt.date
    ends_on: dt.date
    reason: str = ""


@transaction.atomic
def delegate(*, actor: User, data: NewDelegation) -> Delegation:
    """Let somebody vote from one's seats from the first day to the last. The same again: the same delegation.

    A stand-in stands in themselves: what was delegated to them goes no further, and two people cannot stand in for
    each other on the same day. Raises: DelegationError.
    """
    list(User.objects.select_for_update(of=("self",)).filter(pk__in=[actor.pk, data.to_user.pk]).order_by("pk"))
    _check(actor, data)
    live = Delegation.objects.filter(revoked_at__isnull=True)
    same = live.filter(from_user=actor, to_user=data.to_user, starts_on=data.starts_on, ends_on=data.ends_on).first()
    if same is not None:
        return same
    overlapping = live.filter(starts_on__lte=data.ends_on, ends_on__gte=data.starts_on)
    circle = overlapping.filter(from_user=data.to_user).select_related("to_user").first()
    if circle is not None:
        raise DelegationError(
            _("%(name)s is away then too, and %(other)s stands in. Choose somebody who is there.")
            % {"name": data.to_user, "other": circle.to_user}
        )
    if overlapping.filter(to_user=actor).exists():
        raise DelegationError(
            _("You stand in for somebody in these days, and that cannot be passed on. Ask them to choose another.")
        )
    try:
        with transaction.atomic():
            return Delegation.objects.create(
                from_user=actor, to_user=data.to_user, starts_on=data.starts_on, ends_on=data.ends_on,
                reason=data.reason.strip(),
            )  # fmt: skip
    except IntegrityError as error:
        raise DelegationError(_("Somebody stands in for you in these days already. End that first.")) from error


def _check(actor: User, data: NewDelegation) -> None:
    if data.to_user.pk == actor.pk:
        raise DelegationError(_("Choose somebody else: you cannot stand in for yourself."))
    for person in (actor, data.to_user):
        if refusal := why_not_appointed(person):
            raise DelegationError(refusal)
    if not data.to_user.is_active:
        raise DelegationError(_("%(name)s has left. Choose somebody who is there.") % {"name": data.to_user})
    if data.ends_on < data.starts_on:
        raise DelegationError(_("The last day lies before the first."))
    if data.ends_on < timezone.localdate():
        raise DelegationError(_("These days have passed."))


@transaction.atomic
def end_delegation(*, actor: User, delegation_id: int) -> Delegation:
    """One is back, or chose badly: it ends now. Ended already: nothing happens. Raises: Delegation.DoesNotExist."""
    own = Delegation.objects.select_for_update(of=("self",)).filter(from_user=actor)
    delegation = own.get(pk=delegation_id)
    if delegation.revoked_at is None:
        delegation.revoked_at = timezone.now()
        delegation.version += 1
        delegation.save(update_fields=["revoked_at", "version", "updated_at"])
    return delegation

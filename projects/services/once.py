"""A form that is sent twice makes one record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from common.errors import NotAllowed
from common.models import UsedToken

if TYPE_CHECKING:
    from accounts.models import User


@transaction.atomic
def once(*, actor: User, token: UUID, make: Callable[[], str]) -> tuple[str, bool]:
    """Do `make` unless this one-time token of a form was used, and return the address it led to and whether it is new.

    The token is taken before the work, so the second of two simultaneous sendings waits for the first
    and gets its answer; when the work fails, the token is free again. Raises: NotAllowed for another person's token.
    """
    used, is_new = UsedToken.objects.get_or_create(token=token, defaults={"user": actor, "target": ""})
    if used.user_id != actor.pk:
        raise NotAllowed(_("This form belongs to somebody else. Open it again and send it once more."))
    if is_new:
        used.target = make()
        used.save(update_fields=["target"])
    return used.target, is_new

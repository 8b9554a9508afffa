"""A form that is sent twice makes one record."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext as _

from common.errors import NotAllowed
from common.models import UsedToken

if TYPE_CHECKING:
    from accounts.models import User


_TAKE: Final = (
    "INSERT INTO common_usedtoken (token, user_id, target) VALUES (%s, %s, '')"
    " ON CONFLICT (token) DO UPDATE SET token = EXCLUDED.token RETURNING user_id, target"
)
"""Waits for whoever is taking the same token just now; a target is there once their work is done."""


@transaction.atomic
def once(*, actor: User, token: UUID, make: Callable[[], str]) -> tuple[str, bool]:
    """Do `make` unless this one-time token of a form was used, and return the address it led to and whether it is new.

    The token is taken before the work, so the second of two simultaneous sendings waits for the first
    and gets its answer; when the work fails, the token is free again. Two statements beside
    the work. Raises: NotAllowed for another person's token.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [token, actor.pk])
        holder, target = cursor.fetchone()
    if holder != actor.pk:
        raise NotAllowed(_("This form belongs to somebody else. Open it again and send it once more."))
    if target:
        return target, False
    target = make()
    UsedToken.objects.filter(token=token).update(target=target)
    return target, True

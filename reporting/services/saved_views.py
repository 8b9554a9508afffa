"""Saved views: a name for the state of a list page. Sharing one needs a permission; only its owner changes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from reporting.models import SavedView

if TYPE_CHECKING:
    from accounts.models import User


class ViewNameTakenError(PortalError):
    """The person already has a view of this name on this page."""


@transaction.atomic
def save_view(*, actor: User, page: str, name: str, query: str, is_shared: bool = False) -> SavedView:
    """Keep the state of a page under a new name.

    Raises: ViewNameTakenError; NotAllowed when sharing without the permission.
    """
    if is_shared:
        _may_share(actor)
    view, is_new = SavedView.objects.get_or_create(
        owner=actor, page=page, name=name.strip(), defaults={"query": query, "is_shared": is_shared}
    )
    if not is_new:
        raise ViewNameTakenError(
            _("You already have a view with this name. Choose another name, or open that view and save it.")
        )
    return view


@transaction.atomic
def change_view(*, actor: User, pk: int, query: str | None = None, is_shared: bool | None = None) -> SavedView:
    """Save a view's new state, or share it or take it back.

    Raises: SavedView.DoesNotExist when there is none that the person may see; NotAllowed when it is not theirs.
    """
    view = versions.claim(SavedView.objects.visible_to(actor), pk=pk, version=None)
    _must_own(actor, view)
    if is_shared:
        _may_share(actor)
    wanted = {"query": query, "is_shared": is_shared}
    versions.apply(view, {name: value for name, value in wanted.items() if value is not None})
    return view


@transaction.atomic
def delete_view(*, actor: User, pk: int) -> None:
    """Forget a view. Raises: SavedView.DoesNotExist, NotAllowed."""
    view = versions.claim(SavedView.objects.visible_to(actor), pk=pk, version=None)
    _must_own(actor, view)
    view.delete()


def _must_own(actor: User, view: SavedView) -> None:
    if view.owner_id != actor.pk:
        raise NotAllowed(_("Only the owner of this view can change it. Save your changes as a view of your own."))


def _may_share(actor: User) -> None:
    if not actor.can(Permission.VIEW_SHARE):
        raise NotAllowed(_("Your role does not allow sharing views. Save it for yourself, or ask the PMO to share it."))

"""Answering a form that makes one record however often it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.http import HttpResponse, HttpResponseRedirect

from common.errors import PortalError
from common.views import INVALID
from projects.forms.records import new_token
from projects.services.once import once

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.forms import BaseForm

    from accounts.models import User


def sent_once(
    actor: User,
    form: BaseForm,
    make: Callable[[], str],
    *,
    show: Callable[..., HttpResponse],
    told: Callable[[], object],
) -> HttpResponse:
    """Do `make` with the token of a valid form, say that it is done, and go where it leads; a repeat only goes there.

    What the order refuses stands on the form, which is shown again with what was typed.
    """
    data: dict[str, Any] = form.cleaned_data
    try:
        target, is_new = once(actor=actor, token=data["token"] or new_token(), make=make)
    except PortalError as error:
        form.add_error(None, str(error))
        return show(form, status=INVALID)
    if is_new:
        told()
    return HttpResponseRedirect(target)

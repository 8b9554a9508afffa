"""The base of every page: who may open it is a class attribute that a guard test reads."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.views import View

if TYPE_CHECKING:
    from typing import Any

    from django.http.response import HttpResponseBase

    from accounts.models import User

PUBLIC = "public"
SIGNED_IN = "login"

CONFLICT, INVALID = 409, 422
"""The status of a form that comes back: because somebody else was first, or because of what it says."""
_MOST_DIGITS = 9


class PortalRequest(HttpRequest):
    """A request behind sign-in, for type checkers: `user` is a person, `htmx` tells a partial request."""

    user: User
    htmx: Any


class PortalView(View):
    """One page or action.

    `permission`: a code of `accounts.enums.Permission`, or SIGNED_IN for everybody who is signed in. The
    person must have it somewhere to get past the door; the view then loads its object through the
    object's own door, which checks the permission on that object (`on_object` says that a place on one
    project can give it too, so that only the object's door can tell).
    """

    permission: ClassVar[str]
    on_object: ClassVar[bool] = False
    template_name: ClassVar[str] = ""
    request: PortalRequest

    @property
    def user(self) -> User:
        return self.request.user

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        person = cast("PortalRequest", request).user
        if person.has_left:
            raise PermissionDenied(_("Your time at the external office is over, and with it your access."))
        if self.permission != SIGNED_IN and not self.on_object and not person.can(self.permission):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def render(self, context: dict[str, Any], *, status: int = 200, partial: str = "") -> HttpResponse:
        """The page, or only its named partial when htmx asks for that."""
        name = f"{self.template_name}#{partial}" if partial and self.request.htmx else self.template_name
        return TemplateResponse(self.request, name, context, status=status)


def version_sent(data: QueryDict) -> int | None:
    """The version that a bare button sends; None when it sends none that could be."""
    typed = data.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) <= _MOST_DIGITS else None

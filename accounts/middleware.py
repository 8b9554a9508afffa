"""A person's own language and time zone, over what the browser asks for."""

from __future__ import annotations

import zoneinfo
from collections.abc import Callable
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import timezone, translation

from accounts.models import User

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase


ZONES = frozenset(zoneinfo.available_timezones())
"""Read once: asking for them walks the zone files."""


class PersonalSettingsMiddleware:
    """After sign-in: the language of the profile, unless this browser chose one by hand, and its time zone."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        user = request.user
        if not isinstance(user, User):
            return self.get_response(request)
        if user.language and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        if user.time_zone in ZONES:
            with timezone.override(user.time_zone):
                return self.get_response(request)
        return self.get_response(request)

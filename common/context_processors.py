"""What every page's frame needs. Nothing is computed until a template asks for it."""

import secrets
from collections.abc import Iterable
from functools import cached_property
from typing import Any, Final, cast

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import navigation
from common.ui.cells import initials
from common.ui.links import tabs

MOST_FRAMES: Final = 500
_frames: dict[tuple[object, ...], SafeString] = {}
_HOLES: Final = {name: secrets.token_hex(16) for name in ("searched", "next_path", "csrf_token")}
"""What stands in a kept part of the frame for each value that differs from request to request."""

#: A language is offered in its own words; "British English" says too much.
OWN_NAMES: Final = {"en": "English", "nl": "Nederlands"}


class Layout:
    """The frame of one page for one person: menu, "New" menu and phone bar."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def site_name(self) -> str:
        """The name of the portal, as the organisation calls it."""
        return str(getattr(settings, "SITE_NAME", "PMO portal"))

    @property
    def _person(self) -> navigation.Visitor | None:
        user = getattr(self._request, "user", None)
        return cast(navigation.Visitor, user) if user is not None and user.is_authenticated else None

    @property
    def signed_in(self) -> bool:
        """Whether there is a person to draw a menu for."""
        return self._person is not None

    @property
    def languages(self) -> list[tuple[str, str]]:
        """The languages of the portal, each by its own name."""
        return [(code, OWN_NAMES.get(code[:2], str(name))) for code, name in settings.LANGUAGES]

    @property
    def may_pitch(self) -> bool:
        """Whether the person has requests of their own."""
        return self._person is not None and self._person.can("request.create")

    @cached_property
    def sections(self) -> list[navigation.Section]:
        """The menu, in groups."""
        return navigation.sections(self._request, self._person) if self._person else []

    @cached_property
    def new_items(self) -> list[navigation.Link]:
        """The entries of the "New" menu."""
        return navigation.new_items(self._person) if self._person else []

    @property
    def phone_links(self) -> list[navigation.Link]:
        """The four entries of the phone's bottom bar; the fifth is the menu itself."""
        links = [link for section in self.sections for link in section.links]
        chosen = [link for link in links if link.phone] or links
        return chosen[:4]

    @property
    def assets(self) -> str:
        """The scripts, styles and fonts in the head of every page."""
        return self._drawn("components/assets.html", ())

    @property
    def live(self) -> str:
        """The place where screen readers are told what happens, with the words that scripts say."""
        return self._drawn("components/live.html", ())

    @property
    def menu(self) -> str:
        """The sidebar as finished markup."""
        return self._drawn("components/sidebar.html", self._looks(n for one in self.sections for n in one.links))

    @property
    def family(self) -> str:
        """The tabs of the entries that share a line of the menu with this page; nothing on other pages."""
        links = navigation.family_of(self._request, self._person) if self._person else []
        shown = [
            {"label": one.label, "href": one.href, "active": one.active, "count": one.count or ""} for one in links
        ]
        return tabs(shown, _("Pages that belong together")) if shown else ""

    @property
    def phone_bar(self) -> str:
        """The phone's bottom bar as finished markup."""
        return self._drawn("components/phone_bar.html", self._looks(self.phone_links))

    @property
    def topbar(self) -> str:
        """The bar with search, "New" and the person's menu as finished markup."""
        kept = self._drawn("components/topbar.html", (self.person_name, *self._looks(self.new_items)))
        values = {
            "searched": self._request.GET.get("q", ""),
            "next_path": self._request.get_full_path(),
            "csrf_token": get_token(self._request) if self.signed_in else "",
        }
        drawn = str(kept)
        for name, value in values.items():
            drawn = drawn.replace(_HOLES[name], escape(value))
        return mark_safe(drawn)  # noqa: S308  a drawn template and escaped values

    @staticmethod
    def _looks(links: Iterable[navigation.Link]) -> tuple[object, ...]:
        return tuple((link.href, link.active, link.count) for link in links)

    def _drawn(self, template: str, looks: tuple[object, ...]) -> SafeString:
        """Draw a part of the frame once for all pages on which it looks the same: `looks` is what it depends on
        besides the language.

        The frame is a third of the work of a list page. What differs from request to request is a hole to be filled.
        """
        look = (template, get_language(), self.site_name, self.signed_in, looks)
        if look not in _frames:
            if len(_frames) >= MOST_FRAMES:
                _frames.clear()
            _frames[look] = render_to_string(template, {"layout": self, **_HOLES})
        return _frames[look]

    @property
    def person_name(self) -> str:
        """The signed-in person's name, or the user name when none is recorded."""
        return self._person.get_full_name() or self._person.get_username() if self._person else ""

    @property
    def person_initials(self) -> str:
        """The signed-in person's initials."""
        return initials(self.person_name)


def layout(request: HttpRequest) -> dict[str, Any]:
    """Offer ``layout`` to every template."""
    return {"layout": Layout(request)}

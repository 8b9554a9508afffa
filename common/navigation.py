"""The registry of the menu: each app says in ``AppConfig.ready()`` what it offers.

An entry is hidden from a person who lacks its permission; a group without entries is hidden too.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache as cache_per_process
from typing import TYPE_CHECKING, Final, Protocol, TypeAlias

from django.core.cache import cache
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.http import HttpRequest

BADGE_SECONDS: Final = 30

Text: TypeAlias = str | Promise


class Visitor(Protocol):
    """What the menu needs to know of a person."""

    pk: int

    @property
    def is_external(self) -> bool:
        """Tell whether the person is of an external office."""

    def can(self, permission: str) -> bool:
        """Tell whether the person holds a permission anywhere."""

    def get_full_name(self) -> str:
        """Return the name that colleagues know."""

    def get_username(self) -> str:
        """Return the name to sign in with."""


Badge = Callable[..., int]


class Group:
    """The groups of the menu, in their order."""

    TOP: Final = ""
    PORTFOLIO: Final = "portfolio"
    GOVERNANCE: Final = "governance"
    PMO: Final = "pmo"
    FOOT: Final = "foot"


GROUPS: Final[dict[str, Text]] = {
    Group.TOP: "",
    Group.PORTFOLIO: _("Portfolio"),
    Group.GOVERNANCE: _("Governance"),
    Group.PMO: _("PMO"),
    Group.FOOT: "",
}


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the menu.

    ``badge`` is called with the user and returns how many things this person must do; the number
    is remembered for half a minute, so that the menu costs a page no query. ``also`` names path
    prefixes that belong to the entry besides its own. ``phone`` puts it in the bottom bar.
    """

    group: str
    label: Text
    url_name: str
    icon: str
    permission: str | None = None
    badge: Badge | None = None
    order: int = 50
    also: tuple[str, ...] = ()
    phone: bool = False
    for_externals: bool = True
    """Whether people of external offices find it in their menu."""


@dataclass(frozen=True, slots=True)
class NewItem:
    """One entry of the "New" menu."""

    label: Text
    url_name: str
    icon: str = "plus"
    permission: str | None = None
    order: int = 50


@dataclass(frozen=True, slots=True)
class Link:
    """An entry as it is drawn for one person on one page."""

    label: Text
    href: str
    icon: str
    active: bool = False
    count: int = 0
    phone: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the menu as it is drawn; ``key`` is stable, ``label`` is translated."""

    key: str
    label: Text
    links: list[Link] = field(default_factory=list)


_items: dict[tuple[str, str], NavItem] = {}
_new: dict[str, NewItem] = {}


def register(*items: NavItem | NewItem) -> None:
    """Add entries to the menu. Registering the same URL again replaces the entry.

    Raises:
        KeyError: the group is not one of ``GROUPS``.
    """
    for item in items:
        if isinstance(item, NewItem):
            _new[item.url_name] = item
            continue
        GROUPS[item.group]
        _items[item.group, item.url_name] = item


def _allowed(user: Visitor, permission: str | None) -> bool:
    return permission is None or user.can(permission)


@cache_per_process
def _href(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _count(user: Visitor, item: NavItem) -> int:
    badge = item.badge
    if badge is None:
        return 0
    key = f"nav-badge:{user.pk}:{item.url_name}"
    return int(cache.get_or_set(key, lambda: badge(user), BADGE_SECONDS) or 0)


def _best_match(path: str, items: list[tuple[NavItem, str]]) -> str:
    """Return the URL name of the entry that the page belongs to: the longest prefix of its path."""
    best, size = "", 0
    for item, href in items:
        for prefix in (href, *item.also):
            fits = path == prefix or (prefix != "/" and path.startswith(prefix))
            if fits and len(prefix) > size:
                best, size = item.url_name, len(prefix)
    return best


def sections(request: "HttpRequest", user: Visitor) -> list[Section]:
    """Return the menu of a person, the entry of the present page marked."""
    shown = [
        (item, href)
        for item in sorted(_items.values(), key=lambda entry: entry.order)
        if _allowed(user, item.permission)
        and (item.for_externals or not user.is_external)
        and (href := _href(item.url_name))
    ]
    active = _best_match(request.path, shown)
    result = []
    for key, label in GROUPS.items():
        links = [
            Link(item.label, href, item.icon, item.url_name == active, _count(user, item), item.phone)
            for item, href in shown
            if item.group == key
        ]
        if links:
            result.append(Section(key, label, links))
    return result


def new_items(user: Visitor) -> list[Link]:
    """Return what a person may create from the "New" menu."""
    return [
        Link(item.label, href, item.icon)
        for item in sorted(_new.values(), key=lambda entry: entry.order)
        if _allowed(user, item.permission) and (href := _href(item.url_name))
    ]

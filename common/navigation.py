"""The registry of the menu: each app says in ``AppConfig.ready()`` what it offers.

An entry is hidden from a person who lacks its permission; a group without entries is hidden too.
"""

from collections.abc import Callable, Iterable, Mapping
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


class Family:
    """Entries that stand together: one line of the menu, tabs on their pages."""

    DECISIONS: Final = "decisions"
    RULES: Final = "rules"
    ADVICE: Final = "advice"


FAMILIES: Final[dict[str, tuple[Text, str]]] = {
    Family.DECISIONS: (_("Decision making"), "gavel"),
    Family.RULES: (_("Rules and findings"), "ruler-2"),
    Family.ADVICE: (_("Advice"), "bulb"),
}
"""The name and icon of each family."""


@dataclass(frozen=True, slots=True)
class NavItem:
    """One entry of the menu.

    ``badge`` is called with the user and returns how many things this person must do; the number
    is remembered for half a minute, so that the menu costs a page no query. ``also`` names path
    prefixes that belong to the entry besides its own. ``phone`` puts it in the bottom bar. The entries
    of one ``family`` share a line of the menu, which leads to the first of them that the person may open.
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
    family: str = ""


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
_in_order: list[NavItem] = []
_new: dict[str, NewItem] = {}


def register(*items: NavItem | NewItem) -> None:
    """Add entries to the menu. Registering the same URL again replaces the entry.

    Raises:
        KeyError: the group is not one of ``GROUPS``, or the family not one of ``FAMILIES``.
    """
    for item in items:
        if isinstance(item, NewItem):
            _new[item.url_name] = item
            continue
        GROUPS[item.group]
        if item.family:
            FAMILIES[item.family]
        _items[item.group, item.url_name] = item
    _in_order[:] = sorted(_items.values(), key=lambda entry: entry.order)


def _allowed(user: Visitor, permission: str | None) -> bool:
    return permission is None or user.can(permission)


@cache_per_process
def _href(url_name: str) -> str:
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def _counts(user: Visitor, items: Iterable[NavItem]) -> dict[str, int]:
    """How much waits behind each entry that counts; what is kept is fetched in one go."""
    badges = {f"nav-badge:{user.pk}:{item.url_name}": item for item in items if item.badge}
    kept = cache.get_many(badges) if badges else {}
    counts = {}
    for key, item in badges.items():
        if key not in kept and item.badge:
            kept[key] = item.badge(user)
            cache.set(key, kept[key], BADGE_SECONDS)
        counts[item.url_name] = int(kept[key] or 0)
    return counts


def _best_match(path: str, items: list[tuple[NavItem, str]]) -> str:
    """Return the URL name of the entry that the page belongs to: the longest prefix of its path."""
    best, size = "", 0
    for item, href in items:
        for prefix in (href, *item.also):
            fits = path == prefix or (prefix != "/" and path.startswith(prefix))
            if fits and len(prefix) > size:
                best, size = item.url_name, len(prefix)
    return best


def _shown(user: Visitor) -> list[tuple[NavItem, str]]:
    return [
        (item, href)
        for item in _in_order
        if _allowed(user, item.permission)
        and (item.for_externals or not user.is_external)
        and (href := _href(item.url_name))
    ]


def _links(counts: Mapping[str, int], shown: list[tuple[NavItem, str]], active: str) -> list[Link]:
    return [
        Link(item.label, href, item.icon, item.url_name == active, counts.get(item.url_name, 0), item.phone)
        for item, href in shown
    ]


def _line(counts: Mapping[str, int], members: list[tuple[NavItem, str]], active: str) -> Link:
    """Return the one line of entries that stand together."""
    links = _links(counts, members, active)
    if len(links) == 1:
        return links[0]
    name, icon = FAMILIES[members[0][0].family]
    count = sum(link.count for link in links)
    return Link(name, links[0].href, icon, any(link.active for link in links), count)


def sections(request: "HttpRequest", user: Visitor) -> list[Section]:
    """Return the menu of a person, the entry of the present page marked."""
    shown = _shown(user)
    active, counts = _best_match(request.path, shown), _counts(user, (item for item, _address in shown))
    result = []
    for key, label in GROUPS.items():
        lines: dict[str, list[tuple[NavItem, str]]] = {}
        for item, href in shown:
            if item.group == key:
                lines.setdefault(item.family or item.url_name, []).append((item, href))
        if lines:
            result.append(Section(key, label, [_line(counts, members, active) for members in lines.values()]))
    return result


def family_of(request: "HttpRequest", user: Visitor) -> list[Link]:
    """Return the entries that share the line of the menu of this page, none unless it is the page of an entry."""
    here = next((item for item in _in_order if item.family and _href(item.url_name) == request.path), None)
    if here is None:
        return []
    members = [(item, href) for item, href in _shown(user) if item.family == here.family]
    may_be_here = any(item is here for item, _address in members)
    if not may_be_here or len(members) == 1:
        return []
    return _links(_counts(user, (item for item, _address in members)), members, here.url_name)


def new_items(user: Visitor) -> list[Link]:
    """Return what a person may create from the "New" menu."""
    return [
        Link(item.label, href, item.icon)
        for item in sorted(_new.values(), key=lambda entry: entry.order)
        if _allowed(user, item.permission) and (href := _href(item.url_name))
    ]

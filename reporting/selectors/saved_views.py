"""The tabs of a list page: the portal's own views, then one's own and the shared ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import formats
from reporting.models import SavedView
from reporting.query import TableQuery

if TYPE_CHECKING:
    from accounts.models import User

PROJECTS: Final = "projects"
MOST_TABS: Final = 12
STANDARD: Final = (
    (gettext_lazy("All running"), ""),
    (gettext_lazy("Exceptions"), "computed=amber&computed=red"),
    (gettext_lazy("Mine"), "lead=me"),
    (gettext_lazy("Got worse"), "worsened=yes"),
    (gettext_lazy("Update too old"), "stale=yes&sort=-update"),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A view as a tab: `is_on` for the one looked at, `count` only for that one."""

    label: str
    href: str
    active: bool
    count: str = ""


@dataclass(frozen=True, slots=True)
class Views:
    """The tabs, the saved view that one looks at, and whether the page has moved away from it."""

    tabs: list[Tab]
    saved: SavedView | None
    is_changed: bool


def get_view_for(user: User, pk: int) -> SavedView | None:
    """A saved view that the person may see."""
    return SavedView.objects.visible_to(user).filter(pk=pk).select_related("owner").first()


def views_for(user: User, query: TableQuery, count: int, page: str = PROJECTS) -> Views:
    """The tabs with the present one marked. One query."""
    own_and_shared = SavedView.objects.visible_to(user).filter(page=page).only("name", "query", "is_shared", "owner_id")
    saved = list(own_and_shared.order_by("is_shared", "name", "pk"))
    now = query.query_string()
    current = next((view for view in saved if view.pk == query.view), None)
    tabs = []
    for label, text in STANDARD:
        on = current is None and normal(text) == now
        tabs.append(Tab(str(label), f"?{text}", on, formats.number(count) if on else ""))
    for view in _shown(saved, current):
        on = view is current
        name = view.name if view.owner_id == user.pk else _("%(name)s (shared)") % {"name": view.name}
        tabs.append(
            Tab(
                name, f"?{view.query}{'&' if view.query else ''}view={view.pk}", on, formats.number(count) if on else ""
            )
        )
    return Views(tabs, current, current is not None and normal(current.query) != now)


def _shown(saved: list[SavedView], current: SavedView | None) -> list[SavedView]:
    if len(saved) <= MOST_TABS:
        return saved
    return [view for index, view in enumerate(saved) if index < MOST_TABS or view is current]


@lru_cache(maxsize=1024)
def normal(text: str) -> str:
    """A query string as the page itself would write it, so that two can be compared."""
    return TableQuery.parse(QueryDict(text)).query_string()

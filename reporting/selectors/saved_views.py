"""The tabs of a list page: the portal's own views, then one's own and the shared ones."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from common import formats
from common.prepared import Prepared
from reporting.models import SavedView
from reporting.query import TableQuery

if TYPE_CHECKING:
    import datetime as dt

    from django.db.models import QuerySet

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


class Saved(NamedTuple):
    """What a tab needs of a saved view."""

    pk: int
    name: str
    query: str
    owner_id: int
    is_shared: bool


@dataclass(frozen=True, slots=True)
class Views:
    """The tabs, the saved view that one looks at, and whether the page has moved away from it."""

    tabs: list[Tab]
    saved: Saved | None
    is_changed: bool


def get_view_for(user: User, pk: int) -> SavedView | None:
    """A saved view that the person may see."""
    return SavedView.objects.visible_to(user).filter(pk=pk).select_related("owner").first()


def _seen_by(users: QuerySet[User], _day: dt.date) -> QuerySet[Any, Any]:
    seen = SavedView.objects.visible_to(users).filter(page=PROJECTS)
    return seen.order_by("is_shared", "name", "pk").values_list(*Saved._fields)


_SEEN: Final = Prepared(User, _seen_by)
"""Asked on each page of the table."""


def views_for(user: User, query: TableQuery, count: int) -> Views:
    """The tabs with the present one marked. One query."""
    saved = [Saved(*row) for row in _SEEN.rows([user.pk], timezone.localdate())]
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


def _shown(saved: list[Saved], current: Saved | None) -> list[Saved]:
    if len(saved) <= MOST_TABS:
        return saved
    return [view for index, view in enumerate(saved) if index < MOST_TABS or view is current]


@lru_cache(maxsize=1024)
def normal(text: str) -> str:
    """A query string as the page itself would write it, so that two can be compared."""
    return TableQuery.parse(QueryDict(text)).query_string()

"""The state of a list page as its address tells it: filters, order, columns, page and date."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.utils.functional import cached_property

from reporting import columns, filters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import QueryDict

LONGEST_QUERY: Final = 1000
ROADMAP_EXTRAS: Final = ("zoom", "from", "group")


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on: what it says and the address without it."""

    label: str
    href: str


@dataclass(frozen=True, slots=True)
class TableQuery:
    """What a person asks of the portfolio table.

    `values` holds the filters that mean something;
    `extra` the parameters that a page of the same family adds (zoom, from, group …) and that links must keep.
    """

    values: dict[str, list[str]] = field(default_factory=dict)
    sort: str = columns.DEFAULT_SORT
    cols: tuple[str, ...] = ()
    as_of: dt.date | None = None
    page: int = 1
    view: int | None = None
    extra: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: QueryDict, extra: Sequence[str] = ()) -> TableQuery:
        """Read an address; what means nothing is left out."""
        values = {}
        for name in data:
            if name in filters.FILTERS and (clean := filters.FILTERS[name].clean(data.getlist(name))):
                values[name] = clean
        sort = data.get("sort", columns.DEFAULT_SORT)
        cols = dict.fromkeys(
            name for value in data.getlist("cols") for name in value.split(",") if name in columns.COLUMNS
        )
        return cls(
            values=values,
            sort=sort if sort.removeprefix("-") in columns.SORTS else columns.DEFAULT_SORT,
            cols=tuple(cols),
            as_of=filters.day_of(data.get("as_of", "")),
            page=_number(data.get("page", ""), 1) or 1,
            view=_number(data.get("view", "")),
            extra={name: data.getlist(name)[-1:] for name in extra if data.get(name)},
        )

    @property
    def source(self) -> columns.Source:
        return columns.PAST if self.as_of else columns.NOW

    def parameters(self, *, without: str = "") -> dict[str, list[str]]:
        """The parameters that make the state, in a fixed order, without the page and the saved view."""
        found = {name: self.values[name] for name in filters.FILTERS if name in self.values and name != without}
        if self.sort != columns.DEFAULT_SORT and without != "sort":
            found["sort"] = [self.sort]
        if self.cols:
            found["cols"] = [",".join(self.cols)]
        if self.as_of and without != "as_of":
            found["as_of"] = [self.as_of.isoformat()]
        return found | {name: value for name, value in self.extra.items() if name != without}

    def query_string(self, *, without: str = "", **more: str) -> str:
        """The address part that gives this state again; the same state always gives the same text."""
        found: Mapping[str, list[str]] = self.parameters(without=without) | {k: [v] for k, v in more.items() if v}
        return urlencode(found, doseq=True, safe=",")

    def href(self, *, without: str = "", **more: str) -> str:
        """A link to the same page in this state; it keeps the saved view that one is looking at."""
        view = {"view": str(self.view)} if self.view and "view" not in more else {}
        return "?" + self.query_string(without=without, **view, **more)

    def chips(self, names: Mapping[str, str]) -> list[Chip]:
        """The filters that are on. `names` gives a person's word for a value that is an id or short name."""
        found = []
        for name in filters.FILTERS:
            if name not in self.values:
                continue
            one = filters.FILTERS[name]
            words = ", ".join(str(names.get(f"{name}:{value}") or one.words(value)) for value in self.values[name])
            found.append(Chip(f"{one.label}: {words}", self.href(without=name)))
        return found

    def one_of(self, name: str, allowed: Mapping[str, object], usual: str) -> str:
        """An extra parameter when it is one of these, else what is usual."""
        value = self.extra.get(name, [usual])[-1]
        return value if value in allowed else usual


def _number(value: str, lowest: int = 0) -> int | None:
    return max(int(value), lowest) if value.isdecimal() and len(value) < 10 else None  # noqa: PLR2004  a sane page or id


class Slice(Paginator):  # type: ignore[type-arg]  # it pages over rows that were read before it was made
    """Tells the pager how many there are and which page this is."""

    def __init__(self, count: int, per_page: int) -> None:
        super().__init__([], per_page)
        self.found = count

    @cached_property
    def count(self) -> int:
        return self.found

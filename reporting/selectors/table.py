"""The rows of the portfolio table: one SELECT for the rows, one for the count."""

from __future__ import annotations

from dataclasses import dataclass
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, F, IntegerField, Value, When
from django.db.models.expressions import Expression, OrderBy

from projects.enums import Colour
from projects.models import Portfolio, Project, Snapshot, SnapshotSet
from reporting import columns, filters

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from django.db.models import QuerySet

    from accounts.models import User
    from reporting.columns import Column, Source
    from reporting.query import TableQuery

PAGE_SIZE: Final = 50
_SEVERITY: Final = (
    Colour.EXEMPT, Colour.NOT_ASSESSED, Colour.GREEN, Colour.GREY, Colour.AMBER_GREEN, Colour.AMBER, Colour.AMBER_RED,
    Colour.RED,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class TablePage:
    """One page of rows.

    `rows` holds per row the project's id and name and then the values that the columns read; `reads` tells
    for each column how to take its values out of a row.
    """

    columns: list[Column]
    rows: Sequence[tuple[Any, ...]]
    reads: list[Callable[[tuple[Any, ...]], tuple[Any, ...]]]
    count: int
    number: int

    @property
    def pages(self) -> int:
        return max(-(-self.count // PAGE_SIZE), 1)


def projects_of(user: User, query: TableQuery) -> QuerySet[Any]:
    """What the query finds among what the person may see: projects now, or snapshots as of its date."""
    where = filters.condition(query.values, query.source, user)
    if query.as_of is None:
        return Project.objects.visible_to(user).filter(where)
    return Snapshot.objects.visible_to(user).filter(snapshot_set__in=sets_at(query.as_of)).filter(where)


def sets_at(day: dt.date) -> QuerySet[SnapshotSet, Any]:
    """For each portfolio its newest complete set of snapshots at that date, as a subquery of ids."""
    found = SnapshotSet.objects.filter(as_of__lte=day, is_complete=True)
    return found.order_by("portfolio_id", "-as_of", "-pk").distinct("portfolio_id").values("pk")


def table_page(user: User, query: TableQuery) -> TablePage:
    """A page of fifty rows and the count of all of them. Two queries."""
    found = projects_of(user, query)
    count = found.count()
    last = max(-(-count // PAGE_SIZE), 1)
    number = min(query.page, last)
    shown = columns.chosen(query.cols, query.source)
    paths, reads = layout_of(shown, query.source)
    start = (number - 1) * PAGE_SIZE
    rows = in_order(found, query).values_list(*paths)[start : start + PAGE_SIZE]
    return TablePage(shown, list(rows), reads, count, number)


def layout_of(
    shown: Iterable[Column], source: Source
) -> tuple[list[str], list[Callable[[tuple[Any, ...]], tuple[Any, ...]]]]:
    """The lookups to read, each once and the project's id and name first, and per column how to pick its values."""
    paths = [source.path("project.pk"), source.path("project.name")]
    picks = []
    for column in shown:
        at = []
        for path in map(source.path, column.paths):
            if path not in paths:
                paths.append(path)
            at.append(paths.index(path))
        picks.append(_picker(at))
    return paths, picks


def _picker(at: list[int]) -> Callable[[tuple[Any, ...]], tuple[Any, ...]]:
    if len(at) == 1:
        only = at[0]
        return lambda row: (row[only],)
    return itemgetter(*at)


def in_order(found: QuerySet[Any], query: TableQuery) -> QuerySet[Any]:
    """The query's order, made stable by the id. Unknown values come last, whichever way it is sorted."""
    source = query.source
    if not source.is_past:
        found = found.filter(state__isnull=False)  # an inner join lets the index on rank drive
    name, down = query.sort.removeprefix("-"), query.sort.startswith("-")
    tie = "state__project" if not source.is_past else "project"
    if name == "rank":
        return found.order_by(f"{'-' if down else ''}{source.path('fact.rank')}", tie)
    return found.order_by(_order(columns.SORTS[name], source, down=down), tie)


def _order(sort: str, source: Source, *, down: bool) -> OrderBy:
    path = source.path(sort)
    what: Expression | F = F(path)
    if sort.startswith("colour."):
        cases = [When(**{path: colour}, then=Value(index)) for index, colour in enumerate(_SEVERITY)]
        what = Case(*cases, default=Value(-1), output_field=IntegerField())
    return OrderBy(what, descending=down, nulls_last=True)


def all_rows(user: User, query: TableQuery, shown: Sequence[Column]) -> Iterator[tuple[tuple[Any, ...], ...]]:
    """All rows of the query, streamed, each as the values of its columns. One query."""
    paths, reads = layout_of(shown, query.source)
    for row in in_order(projects_of(user, query), query).values_list(*paths).iterator(chunk_size=1000):
        yield tuple(read(row) for read in reads)


def portfolios_for(user: User) -> list[Portfolio]:
    """The portfolios that the person may know of, as a tree in order. One query."""
    return list(
        Portfolio.objects.visible_to(user).only(
            "pk", "name", "slug", "path", "depth", "currency", "colour_scale", "update_cadence_days", "numchild"
        )
    )

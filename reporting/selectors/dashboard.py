"""What the dashboard reads: stored roll-ups and a few short lists, never all projects."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import BigIntegerField, BooleanField, CharField, Count, F, Max, Value, Window
from django.urls import reverse
from django.utils import timezone

from projects.enums import LIVE_STATUSES
from projects.models import Decision, Milestone, Portfolio, Project, Snapshot, SnapshotSet
from reporting import columns
from reporting.selectors import roadmap, table
from reporting.selectors.dashboard_sums import Scope, Sums, scope_of, sums_for

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from accounts.models import User
    from reporting.query import TableQuery

EXCEPTIONS: Final = 8
SHORT: Final = 6
DAYS_AHEAD: Final = 14
SHOWN: Final = (
    "project", "computed", "declared", "trend", "schedule", "cost", "risk", "forecast_cost", "variance",
    "next_milestone", "update",
)  # fmt: skip
_SENTENCE: Final = ("project.pk", "project.name", "project.lead__name", "fact.computed", "fact.declared",
    "fact.signals",
                    "fact.last_update_on", "fact.update_age_days")  # fmt: skip
_BEFORE: Final = ("fact.previous_computed", "fact.previous_declared")


@dataclass(frozen=True, slots=True)
class Listed:
    """A project in a short list, with what its sentence needs; `signals` are as in a FactRow."""

    project_id: int
    name: str
    lead: str
    computed: str
    declared: str
    signals: list[dict[str, Any]]
    last_update_on: dt.date | None
    age: int | None
    previous_computed: str = ""
    previous_declared: str = ""

    @property
    def href(self) -> str:
        return f"/projects/P-{self.project_id}/"


@dataclass(frozen=True, slots=True)
class Lists:
    """The short lists: exceptions as a page of the table, with their rows for the roadmap strip."""

    page: table.TablePage
    worse: list[Listed] = field(default_factory=list)
    stale: list[Listed] = field(default_factory=list)
    roadmap: list[roadmap.Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DueMilestone:
    """A milestone of the coming days."""

    name: str
    on: dt.date
    is_gate: bool
    project_id: int
    project: str


@dataclass(frozen=True, slots=True)
class WantedDecision:
    """A decision that waits for the reader."""

    pk: int
    question: str
    needed_by: dt.date | None
    project_id: int
    project: str

    @property
    def href(self) -> str:
        return reverse("decision", args=[Project(pk=self.project_id).key, self.pk])


@dataclass(frozen=True, slots=True)
class Movement:
    """How many projects came into a portfolio and how many left it between two whole sets of snapshots."""

    joined: int
    left: int
    since: dt.date


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Everything on the page, as far as this person may see it."""

    sums: Sums
    lists: Lists
    milestones: list[DueMilestone]
    decisions: list[WantedDecision]
    decisions_mine: int
    movement: Movement | None = None


def portfolio_tree(portfolios: Sequence[Portfolio], slug: str) -> list[Portfolio]:
    """The portfolio of this short name with the programmes below it; all of them without a name."""
    if not slug:
        return list(portfolios)
    root = next((one for one in portfolios if one.slug == slug), None)
    return [one for one in portfolios if root and one.path.startswith(root.path)]


def dashboard_for(user: User, portfolios: Sequence[Portfolio], query: TableQuery) -> Dashboard:
    """The whole page, with `query` for its portfolio and date.

    `portfolios` are those looked at, out of `table.portfolios_for`. Five queries, four more when projects are
    seen one by one, two more for a single portfolio.
    """
    today = timezone.localdate()
    scope = scope_of(user, portfolios)
    sums = sums_for(user, scope, query.as_of, today)
    lists = _lists(user, query, int(sums.now["projects"]))
    if query.as_of is not None:
        return Dashboard(sums, lists, [], [], 0)
    roadmap.add_marks(lists.roadmap, gates_only=True)
    milestones, decisions, mine = _soon(user, scope, today)
    moved = movement_of(user, portfolios[0]) if len(portfolios) == 1 else None
    return Dashboard(sums, lists, milestones, decisions, mine, moved)


def movement_of(user: User, portfolio: Portfolio) -> Movement | None:
    """Joiners and leavers between the two newest sets, as far as the person may see them. Two queries.

    None when there are no two sets from the same source, or one of them does not hold the whole portfolio.
    """
    sets = list(SnapshotSet.objects.filter(portfolio=portfolio).order_by("-as_of", "-pk")[:2])
    if len(sets) < 2 or not all(one.is_complete for one in sets) or sets[0].source != sets[1].source:  # noqa: PLR2004  a move lies between two
        return None
    seen = Snapshot.objects.visible_to(user).filter(snapshot_set__in=sets)
    once = seen.values("project").annotate(sets=Count("pk"), at=Max("snapshot_set")).filter(sets=1)
    places = list(once.values_list("at", flat=True))
    return Movement(places.count(sets[0].pk), places.count(sets[1].pk), sets[1].as_of)


def _lists(user: User, query: TableQuery, count: int) -> Lists:
    """Exceptions, what got worse and what is stale: three short lists in one statement."""
    source = query.source
    shown = columns.chosen(SHOWN, source)
    paths, reads = table.layout_of(shown, source)
    bar, said = roadmap.paths_of(source), [source.path(p) for p in (*_SENTENCE, *(() if source.is_past else _BEFORE))]
    paths += [path for path in dict.fromkeys([*bar, *said]) if path not in paths]
    found = table.in_order(table.projects_of(user, query), query)
    oldest = F(source.path("fact.last_update_on")).asc(nulls_first=True)
    stale = found.filter(**{source.path("fact.is_stale"): True}).order_by(oldest, f"{source.facts}project")
    parts = [_part(found, "top", EXCEPTIONS, paths), _part(stale, "stale", SHORT, paths)]
    if not source.is_past:
        parts.append(_part(found.filter(state__worsened=True), "worse", SHORT, paths))
    rows = list(parts[0].union(*parts[1:], all=True))
    at = {path: place for place, path in enumerate(paths)}

    def listed(name: str) -> list[Listed]:
        return [Listed(*(row[at[path]] for path in said)) for row in rows if row[-1] == name]

    top = [row for row in rows if row[-1] == "top"]
    bars = roadmap.rows_of([tuple(row[at[path]] for path in bar) for row in top])
    return Lists(table.TablePage(shown, top, reads, count, 1), listed("worse"), listed("stale"), bars)


def _part(found: QuerySet[Any], name: str, most: int, paths: list[str]) -> QuerySet[Any]:
    part: QuerySet[Any] = found.annotate(part=Value(name, CharField())).values_list(*paths, "part")
    return part[:most]


def _live(user: User, scope: Scope) -> QuerySet[Project, Any]:
    return Project.objects.visible_to(user).filter(portfolio__in=scope.ids, status__in=LIVE_STATUSES).values("pk")


def _soon(user: User, scope: Scope, today: dt.date) -> tuple[list[DueMilestone], list[WantedDecision], int]:
    """Milestones of the coming days, and the decisions that wait for this person with how many there are in all: the
    most urgent of each. One query.
    """
    milestones = _milestones(user, scope, today).annotate(how_many=Value(0, BigIntegerField()))
    due: QuerySet[Any] = milestones.values_list(
        Value("due", CharField()), "pk", "name", "forecast_on", "is_gate", "project_id", "project__name", "how_many"
    )
    no_gate = Value(value=False, output_field=BooleanField())
    wanted: QuerySet[Any] = _decisions(user, scope).values_list(
        Value("wanted", CharField()), "pk", "question", "needed_by", no_gate, "project_id", "project__name", "how_many"
    )
    rows = list(due[:SHORT].union(wanted[:SHORT], all=True))
    return (
        [DueMilestone(name, on, gate, pid, of) for part, _pk, name, on, gate, pid, of, _all in rows if part == "due"],
        [WantedDecision(pk, text, on, pid, of) for part, pk, text, on, _no, pid, of, _all in rows if part == "wanted"],
        next((int(row[-1]) for row in rows if row[0] == "wanted"), 0),
    )


def _milestones(user: User, scope: Scope, today: dt.date) -> QuerySet[Milestone]:
    coming = Milestone.objects.open().filter(forecast_on__range=(today, today + dt.timedelta(days=DAYS_AHEAD)))
    return coming.filter(project__in=_live(user, scope)).order_by("forecast_on", "pk")


def _decisions(user: User, scope: Scope) -> QuerySet[Decision, Any]:
    mine = Decision.objects.visible_to(user).wanted().filter(holder=user, project__portfolio__in=scope.ids)
    return mine.annotate(how_many=Window(Count("pk"))).order_by("needed_by", "pk")

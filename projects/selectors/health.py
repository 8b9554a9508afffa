"""Reading health: sums for a person, history, what got worse, and a colour explained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.db.models import Q
from django.utils import timezone

from accounts.enums import Permission
from governance.facts import FactValue
from projects.enums import LIVE_STATUSES
from projects.health.portfolio import PortfolioHealth, portfolio_health
from projects.health.sentences import NOTES, Link, links, sentence
from projects.models import FactRow, Portfolio, Project, ProjectState, Rollup, Snapshot, SnapshotSet
from projects.selectors.sums import Data, live_states, merge, snapshots_of, sum_up

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

    Portfolios: TypeAlias = QuerySet[Portfolio] | Iterable[Portfolio]

MOVES_OF: Final = ("computed", "declared")


@dataclass(frozen=True, slots=True)
class RollupView:
    """The sums over the live projects that one person may see; fields as in `Rollup.data`."""

    as_of: date
    data: Data

    def __getitem__(self, name: str) -> FactValue:
        return self.data[name]

    @property
    def projects(self) -> int:
        return int(self.data["projects"])

    @property
    def declared(self) -> dict[str, int]:
        """As the leads declared it, stale or not."""
        return dict(self.data["declared"])

    @property
    def declared_shown(self) -> dict[str, int]:
        """As it may be shown: a stale good colour is grey."""
        return dict(self.data["declared_shown"])

    @property
    def computed(self) -> dict[str, int]:
        return dict(self.data["computed"])

    @property
    def health(self) -> PortfolioHealth:
        """The colour of the whole by the stated rule, with its sentence."""
        return portfolio_health(self.data["computed"])

    def dimension(self, name: str) -> PortfolioHealth:
        return portfolio_health(self.data["dimensions"][name])

    def money(self, measure: str) -> dict[str, dict[str, Any]]:
        """Per currency {"amount", "known", "withheld", "projects"}; amounts as decimal text."""
        return dict(self.data["sums"].get(measure, {}))


@dataclass(frozen=True)
class _Reached:
    """Which of the asked portfolios a person's grants reach wholly, by bucket of their roll-ups."""

    user: User
    ids: frozenset[int]

    @cached_property
    def granted(self) -> frozenset[int]:
        return self._reached(Permission.PROJECT_VIEW)

    @cached_property
    def unveiled(self) -> frozenset[int]:
        """Those of which the confidential projects are reached too."""
        return self.granted & self._reached(Permission.PROJECT_VIEW_CONFIDENTIAL)

    def _reached(self, permission: str) -> frozenset[int]:
        if not self.user.is_active:
            return frozenset()
        if self.user.access.reach(permission).everywhere:
            return self.ids
        reached = Portfolio.objects.reached_by(self.user, permission).filter(pk__in=self.ids)
        return frozenset(reached.values_list("pk", flat=True))

    def buckets(self) -> set[tuple[int, bool]]:
        """(portfolio, is confidential) pairs whose stored sums the person may add up."""
        return {(pk, False) for pk in self.granted} | {(pk, True) for pk in self.unveiled}

    def all_buckets(self) -> set[tuple[int, bool]]:
        return {(pk, hidden) for pk in self.ids for hidden in (False, True)}

    def rows_q(self, buckets: Collection[tuple[int, bool]], portfolio: str, hidden: str) -> Q:
        """Rows of these buckets."""
        q = Q(pk__in=[])
        for value in (False, True):
            ids = [pk for pk, is_hidden in buckets if is_hidden is value]
            if ids:
                q |= Q(**{f"{portfolio}__in": ids, hidden: value})
        return q


def _reached(user: User, portfolios: Portfolios) -> _Reached:
    return _Reached(user, frozenset(one.pk for one in portfolios))


def rollup_for(user: User, portfolios: Portfolios, snapshot_set_ids: Collection[int] | None = None) -> RollupView:
    """The sums over the projects of these portfolios that the person may see: now, or of these sets.

    Stored roll-ups are added up for what the person's grants reach wholly; only projects seen one by one
    are summed live. One query for the stored part, six for the live part when there is one. Programmes
    below must be among `portfolios` to be counted.
    """
    reached = _reached(user, portfolios)
    if snapshot_set_ids is not None:
        parts = _set_parts(reached, snapshot_set_ids)
        days = SnapshotSet.objects.filter(pk__in=snapshot_set_ids).values_list("as_of", flat=True)
        return RollupView(max(days, default=timezone.localdate()), merge(data for _set, data in parts))
    return RollupView(timezone.localdate(), merge(_present_parts(reached)))


def _present_parts(reached: _Reached) -> list[Data]:
    wanted = reached.buckets()
    present = Rollup.objects.filter(
        reached.rows_q(wanted, "portfolio", "is_confidential"), snapshot_set=None
    ).values_list("portfolio", "is_confidential", "data")
    stored = {(portfolio, hidden): data for portfolio, hidden, data in present}
    parts = list(stored.values())
    live = reached.all_buckets() - stored.keys()
    if live:
        seen = Project.objects.visible_to(reached.user).values("pk")
        rows = live_states().filter(reached.rows_q(live, "portfolio", "project__is_confidential"), project__in=seen)
        parts += sum_up(rows).values()
    return parts


def _set_parts(reached: _Reached, set_ids: Collection[int]) -> list[tuple[int, Data]]:
    """(set, sums) of sets of these portfolios: the stored sums, and live ones of projects seen one by one."""
    wanted = reached.buckets()
    stored = Rollup.objects.filter(
        reached.rows_q(wanted, "portfolio", "is_confidential"), snapshot_set__in=set_ids
    ).values_list("snapshot_set", "data")
    parts: list[tuple[int, Data]] = list(stored)
    live = reached.all_buckets() - wanted
    if live:
        seen = Project.objects.visible_to(reached.user).values("pk")
        within = reached.rows_q(live, "snapshot_set__portfolio", "project__is_confidential")
        rows = snapshots_of(set_ids).filter(within, project__in=seen)
        parts += [(key[0], data) for key, data in sum_up(rows, ["snapshot_set_id"]).items()]
    return parts


def history_for(user: User, portfolios: Portfolios, months: int = 12) -> list[RollupView]:
    """The sums at each date on which one of these portfolios was snapshot, oldest first.

    At each date every portfolio counts with its newest set of that day or before. Two queries for
    portfolios reached wholly.
    """
    reached = _reached(user, portfolios)
    first = _months_before(timezone.localdate(), months)
    sets = SnapshotSet.objects.filter(portfolio__in=reached.ids, as_of__gte=first).order_by("as_of", "pk")
    by_day: dict[date, list[tuple[int, int]]] = defaultdict(list)
    for pk, portfolio, as_of in sets.values_list("pk", "portfolio", "as_of"):
        by_day[as_of].append((portfolio, pk))
    parts: dict[int, list[Data]] = defaultdict(list)
    for set_id, data in _set_parts(reached, [pk for pairs in by_day.values() for _portfolio, pk in pairs]):
        parts[set_id].append(data)
    newest: dict[int, int] = {}
    views = []
    for day, pairs in by_day.items():
        newest.update(pairs)
        views.append(RollupView(day, merge(data for pk in newest.values() for data in parts[pk])))
    return [view for view in views if view.projects]


def _months_before(day: date, months: int) -> date:
    """The first day of the month that lies so many months back."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, 1)


def what_got_worse(user: User, portfolios: Portfolios, limit: int = 10) -> list[ProjectState]:
    """The states that are worse than the snapshot before, neediest first, with their projects. One query."""
    states = ProjectState.objects.filter(
        portfolio__in=[one.pk for one in portfolios],
        worsened=True,
        status__in=LIVE_STATUSES,
        project__in=Project.objects.visible_to(user).values("pk"),
    )
    return list(states.select_related("project", "project__lead").order_by("-rank", "project")[:limit])


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal as a page shows it. A note (`is_note`) explains but colours nothing."""

    code: str
    dimension: str
    colour: str
    sentence: str
    links: list[Link] = field(default_factory=list)
    is_note: bool = False


_ORDER: Final = {"red": 0, "amber": 1, "grey": 2}


def explain(row: FactRow) -> list[SignalView]:
    """The reasons of a state's or snapshot's colours: red first, then amber, then what is unknown, then notes.

    No query: the sentences are made from the numbers that the row keeps.
    """
    key = f"P-{row.project_id}"  # type: ignore[attr-defined]
    views = [_view(signal, key) for signal in row.signals]
    return sorted(views, key=lambda one: (one.is_note, _ORDER.get(one.colour, 3)))


def _view(signal: Mapping[str, Any], key: str) -> SignalView:
    return SignalView(
        code=signal["code"],
        dimension=signal["dimension"],
        colour=signal["colour"],
        sentence=sentence(signal),
        links=links(signal, key),
        is_note=signal["code"] in NOTES,
    )


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets of snapshots side by side, by project id, as far as the person may see them.

    `joined` and `left` are true only when both sets are whole (`is_whole`). A move is "amber>red": n,
    counted per scale; a change of scale is told apart and never called better or worse.
    """

    stay: tuple[int, ...]
    joined: tuple[int, ...]
    left: tuple[int, ...]
    moves: dict[str, dict[str, int]]
    is_whole: bool
    same_scale: bool


def compare_sets(user: User | None, before: SnapshotSet, after: SnapshotSet) -> Comparison:
    """Who stayed, joined and left from one set to another, and which colours moved. Two queries.

    `user` None is the portal itself (a management command): everything counts.
    """
    rows = {one.pk: _colours_of(user, one) for one in (before, after)}
    old, new = rows[before.pk], rows[after.pk]
    stay = sorted(old.keys() & new.keys())
    moves: dict[str, dict[str, int]] = {name: {} for name in MOVES_OF}
    for pk in stay:
        for name, was, now in zip(MOVES_OF, old[pk], new[pk], strict=True):
            if was != now:
                move = f"{was}>{now}"
                moves[name][move] = moves[name].get(move, 0) + 1
    return Comparison(
        stay=tuple(stay),
        joined=tuple(sorted(new.keys() - old.keys())),
        left=tuple(sorted(old.keys() - new.keys())),
        moves=moves,
        is_whole=before.is_complete and after.is_complete,
        same_scale=before.scale == after.scale,
    )


def _colours_of(user: User | None, snapshot_set: SnapshotSet) -> dict[int, Sequence[str]]:
    snapshots = Snapshot.objects.filter(snapshot_set=snapshot_set)
    if user is not None:
        snapshots = snapshots.visible_to(user)
    return {pk: colours for pk, *colours in snapshots.values_list("project", *MOVES_OF)}

"""The sums of the dashboard: roll-ups of now and of the past months, as far as the person may add them up."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, F, JSONField, Q, When

from accounts.enums import Permission
from common.svg.timeline import first_of_month
from projects.models import Portfolio, Project, Rollup, SnapshotSet
from projects.selectors.sums import Data, live_states, merge, snapshots_of, sum_up
from reporting.selectors.table import sets_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from accounts.models import User

PERIODS: Final = 12
MONTHS_BACK: Final = 60
FEWEST_MONTHS: Final = 3


@dataclass(frozen=True, slots=True)
class Period:
    """How many projects had which colour on a day."""

    day: dt.date
    computed: dict[str, int]
    declared: dict[str, int]


@dataclass(frozen=True, slots=True)
class Sums:
    """`now` has the fields of `Rollup.data`. `newest` is the date of the newest set that counts in it or before it."""

    now: Data
    history: list[Period]
    newest: dt.date | None


@dataclass(frozen=True, slots=True)
class Scope:
    """Which buckets of roll-ups (portfolio, is confidential) the person's grants reach wholly."""

    portfolios: Sequence[Portfolio]
    granted: frozenset[int]
    unveiled: frozenset[int]

    @property
    def ids(self) -> list[int]:
        return [one.pk for one in self.portfolios]

    def whole(self) -> Q:
        """The roll-ups that may be added up."""
        return Q(portfolio__in=self.granted, is_confidential=False) | Q(
            portfolio__in=self.unveiled, is_confidential=True
        )

    def apart(self, portfolio: str, hidden: str) -> Q | None:
        """What no whole bucket holds: projects that the person sees one by one. None when there is no such thing."""
        veiled = self.granted - self.unveiled
        outside = [pk for pk in self.ids if pk not in self.granted]
        found = Q()
        if veiled:
            found |= Q(**{f"{portfolio}__in": veiled, hidden: True})
        if outside:
            found |= Q(**{f"{portfolio}__in": outside})
        return found or None


def scope_of(user: User, portfolios: Sequence[Portfolio]) -> Scope:
    """What the person's grants reach of these portfolios. No query, unless a grant stands above the ones given."""
    granted = _reached(user, portfolios, Permission.PROJECT_VIEW)
    return Scope(portfolios, granted, granted & _reached(user, portfolios, Permission.PROJECT_VIEW_CONFIDENTIAL))


def _reached(user: User, portfolios: Sequence[Portfolio], permission: str) -> frozenset[int]:
    reach = user.access.reach(permission)
    if reach.everywhere:
        return frozenset(one.pk for one in portfolios)
    roots = [one.path for one in portfolios if one.pk in reach.portfolio_ids]
    if above := reach.portfolio_ids - {one.pk for one in portfolios}:
        roots += Portfolio.objects.filter(pk__in=above).values_list("path", flat=True)
    return frozenset(one.pk for one in portfolios if any(one.path.startswith(root) for root in roots))


def sums_for(user: User, scope: Scope, as_of: dt.date | None, today: dt.date) -> Sums:
    """Now (or as of a date) and the periods before it. One query, and four more (five as of a date) when projects are
    seen one by one.
    """
    day = as_of or today
    stored = _stored(scope, day, whole=as_of is not None) if scope.granted else []
    newest_of: dict[dt.date, list[tuple[int, int]]] = defaultdict(list)
    parts: dict[int, list[Data]] = defaultdict(list)
    now: list[Data] = []
    for set_id, portfolio, on, data, computed, declared in stored:
        if set_id is None:
            now.append(data)
            continue
        newest_of[on].append((portfolio, set_id))
        parts[set_id].append({"computed": computed or {}, "declared": declared or {}, "all": data})
    history = _periods(newest_of, parts, day)
    if as_of is not None:
        now = [part["all"] for set_id in _newest(newest_of, day) for part in parts[set_id]]
    now += _seen_apart(user, scope, as_of)
    return Sums(merge(now), history, max((on for on in newest_of if on <= day), default=None))


def _stored(scope: Scope, day: dt.date, *, whole: bool) -> list[tuple[Any, ...]]:
    """Roll-ups of now, and of each portfolio's newest set in each month up to the day.

    Those of sets come with all their data when `whole`, else with the colours only.
    """
    sets = (
        SnapshotSet.objects.filter(
            portfolio__in=scope.granted, is_complete=True, as_of__lte=day, as_of__gte=first_of_month(day, -MONTHS_BACK)
        )
        .order_by("portfolio_id", "as_of__year", "as_of__month", "-as_of", "-pk")
        .distinct("portfolio_id", "as_of__year", "as_of__month")
    )
    rows = Rollup.objects.filter(scope.whole()).filter(Q(snapshot_set=None) | Q(snapshot_set__in=sets.values("pk")))
    data = F("data") if whole else Case(When(snapshot_set=None, then=F("data")), output_field=JSONField())
    return list(
        rows.annotate(all_data=data)
        .order_by("as_of", "pk")
        .values_list("snapshot_set_id", "portfolio_id", "as_of", "all_data", "data__computed", "data__declared")
    )


def _newest(newest_of: dict[dt.date, list[tuple[int, int]]], day: dt.date) -> list[int]:
    """The newest set of each portfolio on that day."""
    found: dict[int, int] = {}
    for on in sorted(newest_of):
        if on <= day:
            found.update(newest_of[on])
    return list(found.values())


def _periods(
    newest_of: dict[dt.date, list[tuple[int, int]]], parts: dict[int, list[Data]], day: dt.date
) -> list[Period]:
    """Twelve ends of months; where there are sets in hardly any month, the dates of the last twelve sets instead."""
    days = sorted(newest_of)
    year = [on for on in days if on >= first_of_month(day, -PERIODS + 1)]
    if len(year) >= FEWEST_MONTHS:
        ends = [first_of_month(day, 1 - back) - dt.timedelta(days=1) for back in range(PERIODS - 1, -1, -1)]
        wanted = [min(end, day) for end in ends if end >= days[0]]
    else:
        wanted = days[-PERIODS:]
    return [period for on in wanted if (period := _period(on, _newest(newest_of, on), parts)).computed]


def _period(day: dt.date, sets: Iterable[int], parts: dict[int, list[Data]]) -> Period:
    computed: dict[str, int] = {}
    declared: dict[str, int] = {}
    for set_id in sets:
        for part in parts[set_id]:
            for total, name in ((computed, "computed"), (declared, "declared")):
                for colour, number in part[name].items():
                    total[colour] = total.get(colour, 0) + number
    return Period(day, computed, declared)


def _seen_apart(user: User, scope: Scope, as_of: dt.date | None) -> list[Data]:
    """The sums over projects that the person sees one by one. They are added to now, not to the periods before."""
    where = scope.apart("portfolio", "is_confidential")
    if where is None:
        return []
    ids = list(Project.objects.visible_to(user).filter(where).values_list("pk", flat=True))
    if not ids:
        return []
    if as_of is None:
        return list(sum_up(live_states().filter(project__in=ids)).values())
    return list(sum_up(snapshots_of(sets_at(as_of)).filter(project__in=ids)).values())

"""Keeping the roll-ups: the sums of each portfolio's own live projects, now and per set of snapshots."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from typing import Any, Final, TypeVar

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import Count, DecimalField, F, Func, Max, Q, Sum
from django.utils import timezone

from projects.models import Portfolio, ProjectState, Rollup, SnapshotSet
from projects.selectors.sums import empty, live_states, snapshots_of, sum_up

T = TypeVar("T")

PORTFOLIOS_AT_ONCE: Final = 50
SETS_AT_ONCE: Final = 20


class _Epoch(Func):
    template = "EXTRACT(EPOCH FROM %(expressions)s)"
    output_field = DecimalField(max_digits=30, decimal_places=6)


def refresh_rollups(portfolio_ids: Collection[int] | None = None) -> int:
    """Recompute the present roll-ups of the portfolios (of all, or these) whose states have changed.

    Returns how many portfolios were summed. A duty of the sweep. What changed is told by a fingerprint of
    the states' times and not by the newest of them: a long transaction commits rows that look old. When the
    circle of confidential projects has changed, the roll-ups of earlier snapshots are written again too, so
    that nobody counts back in history what they may not see.
    """
    now, before = _fingerprints(portfolio_ids), _known_fingerprints(portfolio_ids)
    changed = [pk for pk, fingerprint in now.items() if before.get(pk) != fingerprint]
    for chunk in _chunks(changed, PORTFOLIOS_AT_ONCE):
        _write_present({pk: now[pk] for pk in chunk})
    reclassified = [pk for pk in changed if pk in before and before[pk]["confidential"] != now[pk]["confidential"]]
    write_set_rollups(SnapshotSet.objects.filter(portfolio__in=reclassified).values_list("pk", flat=True))
    return len(changed)


def write_set_rollups(set_ids: Iterable[int]) -> None:
    """Sum up the sets of these ids, see `sum_sets`."""
    for chunk in _chunks(list(set_ids), SETS_AT_ONCE):
        sum_sets(SnapshotSet.objects.in_bulk(chunk).values())


def sum_sets(sets: Collection[SnapshotSet]) -> None:
    """Sum up these sets of snapshots: two rows each (open and confidential projects), eight queries per twenty."""
    for chunk in _chunks(list(sets), SETS_AT_ONCE):
        sums = sum_up(snapshots_of([one.pk for one in chunk]), ["snapshot_set_id", "project__is_confidential"])
        _write(
            Rollup(
                portfolio_id=one.portfolio_id,
                snapshot_set=one,
                is_confidential=is_confidential,
                as_of=one.as_of,
                computed_at=timezone.now(),
                data=sums.get((one.pk, is_confidential)) or empty(),
            )
            for one in chunk
            for is_confidential in (False, True)
        )


def _fingerprints(portfolio_ids: Collection[int] | None) -> dict[int, dict[str, Any]]:
    asked = Q() if portfolio_ids is None else Q(pk__in=portfolio_ids)
    portfolios = Portfolio.objects.filter(asked).order_by()
    prints: dict[int, dict[str, Any]] = {
        pk: {"states": "", "confidential": _digest([])} for pk in portfolios.values_list("pk", flat=True)
    }
    times = ProjectState.objects.filter(portfolio__in=list(prints)).order_by().values("portfolio")
    rows = times.annotate(
        number=Count("pk"),
        newest=Max("computed_at"),
        total=Sum(_Epoch(F("computed_at"))),
        day=Max("as_of"),
        hidden=ArrayAgg("pk", filter=Q(project__is_confidential=True), order_by="pk"),
    )
    for pk, number, newest, total, day, hidden in rows.values_list(
        "portfolio", "number", "newest", "total", "day", "hidden"
    ):
        prints[pk] = {"states": f"{number} {newest} {total} {day}", "confidential": _digest(hidden or [])}
    return prints


def _digest(ids: list[int]) -> str:
    return hashlib.sha256(repr(ids).encode()).hexdigest()[:16]


def _known_fingerprints(portfolio_ids: Collection[int] | None) -> dict[int, dict[str, Any]]:
    present = Rollup.objects.filter(snapshot_set=None, is_confidential=False)
    if portfolio_ids is not None:
        present = present.filter(portfolio__in=portfolio_ids)
    return dict(present.values_list("portfolio", "data__fingerprint"))


def _write_present(fingerprints: dict[int, dict[str, Any]]) -> None:
    """The fingerprints were read before the sums, so a change in between is seen as one at the next turn."""
    states = live_states().filter(portfolio__in=list(fingerprints))
    sums = sum_up(states, ["portfolio_id", "project__is_confidential"])
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    _write(
        Rollup(
            portfolio_id=pk,
            snapshot_set=None,
            is_confidential=is_confidential,
            as_of=today,
            computed_at=timezone.now(),
            data={**(sums.get((pk, is_confidential)) or empty()), "fingerprint": fingerprint},
        )
        for pk, fingerprint in fingerprints.items()
        for is_confidential in (False, True)
    )


def _write(rows: Iterable[Rollup]) -> None:
    with transaction.atomic(savepoint=False):
        Rollup.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["portfolio", "snapshot_set", "is_confidential"],
            update_fields=["as_of", "computed_at", "data"],
        )


def _chunks(items: list[T], size: int) -> Iterable[list[T]]:
    return (items[start : start + size] for start in range(0, len(items), size))

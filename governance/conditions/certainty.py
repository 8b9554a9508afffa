"""Conditions whose outcome their structure alone decides: mostly a slip of the pen."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Final

from governance.conditions.nodes import AllOf, AnyOf, Between, Condition, Not, Outcome, facts_of


def never_decides(condition: Condition) -> str | None:
    """Say "always" or "never" when the structure alone shows the outcome of every subject whose facts are known.

    Looks at a part beside its opposite, and at comparisons of one number fact beside each other.
    """
    if isinstance(condition, Not):
        return _OPPOSITE.get(never_decides(condition.part) or "")
    if not isinstance(condition, AllOf | AnyOf):
        return None
    decided, other = ("never", "always") if isinstance(condition, AllOf) else ("always", "never")
    parts = [never_decides(part) for part in condition.parts]
    if decided in parts or _has_opposites(condition.parts) or _numbers_decide(condition):
        return decided
    return other if set(parts) == {other} else None


_OPPOSITE: Final = {"always": "never", "never": "always"}


def _has_opposites(parts: tuple[Condition, ...]) -> bool:
    return any(isinstance(part, Not) and part.part in parts for part in parts)


def _numbers_decide(group: AllOf | AnyOf) -> bool:
    """Whether at every number some part about one fact decides: tried at, between and beyond all bounds."""
    about: dict[str, list[Condition]] = {}
    for part in group.parts:
        if _bounds(part):
            about.setdefault(next(iter(facts_of(part))), []).append(part)
    return any(len(parts) > 1 and _decided(word, parts, group.decisive) for word, parts in about.items())


def _decided(word: str, parts: list[Condition], decisive: Outcome) -> bool:
    bounds = sorted({bound for part in parts for bound in _bounds(part)})
    between = [(low + high) / 2 for low, high in pairwise(bounds)]
    tests = [part.test() for part in parts]
    points = [bounds[0] - 1, *bounds, *between, bounds[-1] + 1]
    return all(any(test({word: point}, date.min) is decisive for test in tests) for point in points)


def _bounds(part: Condition) -> list[Decimal]:
    """The numbers that a comparison or range names; none when it is about something else."""
    asked = part.part if isinstance(part, Not) else part
    named = (asked.low, asked.high) if isinstance(asked, Between) else (getattr(asked, "value", None),)
    return [Decimal(each) for each in named if isinstance(each, int | Decimal) and not isinstance(each, bool)]

"""Conditions whose outcome their structure alone decides: mostly a slip of the pen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from governance.conditions.judging import facts_of
from governance.conditions.nodes import (
    FAIL,
    PASS,
    TURNED,
    AllOf,
    AnyOf,
    Between,
    Compare,
    Condition,
    Empty,
    Filled,
    Not,
    OlderThan,
    OneOf,
    Outcome,
    Within,
)
from governance.conditions.over import Count, Exists, Total, compared


def never_decides(condition: Condition) -> str | None:
    """Say "always" or "never" when the structure alone shows the outcome of every subject whose facts are known.

    Looks at a part beside its opposite, at comparisons of one number beside each other, at two values that one
    fact cannot both have, and at numbers of rows that there cannot be.
    """
    if isinstance(condition, Not):
        return _OPPOSITE.get(never_decides(condition.part) or "")
    if isinstance(condition, Count | Exists):
        return _count_decides(condition)
    if not isinstance(condition, AllOf | AnyOf):
        return None
    decided, other = ("never", "always") if isinstance(condition, AllOf) else ("always", "never")
    inner = list(_flat(condition))
    parts = [never_decides(part) for part in inner]
    if decided in parts or _has_opposites(inner) or _numbers_decide(inner, condition.decisive):
        return decided
    if isinstance(condition, AllOf) and _two_values(inner):
        return decided
    return other if set(parts) == {other} else None


def never_stops(applies: Condition | None, condition: Condition) -> bool:
    """Whether nobody can break a rule: whoever it applies to keeps it."""
    return never_decides(AllOf((Not(condition), *_where(applies)))) == "never"


def never_kept(applies: Condition | None, condition: Condition) -> bool:
    """Whether nobody to whom a rule applies can keep it."""
    return never_decides(AllOf((condition, *_where(applies)))) == "never"


def _where(applies: Condition | None) -> tuple[Condition, ...]:
    return () if applies is None else (applies,)


_OPPOSITE: Final = {"always": "never", "never": "always"}


def _flat(group: AllOf | AnyOf) -> Iterator[Condition]:
    """The parts, those of groups of the same sort within it too, with every "not" taken as far in as it goes."""
    for part in map(_pushed, group.parts):
        if type(part) is type(group):
            yield from _flat(part)
        else:
            yield part


def _pushed(condition: Condition) -> Condition:
    """The same condition with fewer words: the negation of a group or question as its opposite."""
    if not isinstance(condition, Not):
        return condition
    part = condition.part
    if isinstance(part, Not):
        return _pushed(part.part)
    if isinstance(part, AllOf | AnyOf):
        return (AnyOf if isinstance(part, AllOf) else AllOf)(tuple(Not(each) for each in part.parts))
    return _turned(part) or condition


def _turned(part: Condition) -> Condition | None:
    """The question that is its opposite; None when there is no word for it."""
    if isinstance(part, Filled | Empty):
        return (Empty if isinstance(part, Filled) else Filled)(part.fact, part.may_be_withheld)
    if isinstance(part, OlderThan | Within):
        return (Within if isinstance(part, OlderThan) else OlderThan)(part.fact, part.days, part.working)
    if isinstance(part, Compare) and isinstance(part.value, bool):
        return Compare(part.fact, "eq", part.value if part.op == "ne" else not part.value)
    return None


def _has_opposites(parts: Iterable[Condition]) -> bool:
    there = set(parts)
    return any(_pushed(Not(part)) in there for part in there)


def _two_values(parts: Iterable[Condition]) -> bool:
    """Whether one fact would have to be two things at once."""
    allowed: dict[str, set[Any]] = {}
    for part in parts:
        values = _values_of(part)
        if values is not None:
            word = next(iter(facts_of(part)))
            allowed[word] = allowed.get(word, values) & values
    return any(not values for values in allowed.values())


def _values_of(part: Condition) -> set[Any] | None:
    if isinstance(part, OneOf):
        return set(part.values)
    is_value = isinstance(part, Compare) and part.op == "eq" and isinstance(part.value, str | bool | date)
    return {part.value} if is_value else None  # type: ignore[union-attr]  # is_value says that it is a comparison


def _count_decides(asked: Count | Exists) -> str | None:
    if asked.where is not None and never_decides(asked.where) == "never":
        holds = isinstance(asked, Count) and compared(asked.op, (0, 0), asked.value) is PASS
        return "always" if holds else "never"
    if not isinstance(asked, Count) or isinstance(asked, Total):
        return None
    if asked.value == 0 and asked.op in {"ge", "lt"}:
        return "always" if asked.op == "ge" else "never"
    return None


Asked = Callable[[Decimal], Outcome]


def _numbers_decide(parts: Iterable[Condition], decisive: Outcome) -> bool:
    """Whether at every number some part about the same thing decides: tried at, between and beyond all bounds."""
    about: dict[object, list[tuple[list[Decimal], Asked]]] = {}
    for part in parts:
        bounds = _bounds(part)
        if bounds:
            thing, asked = _about(part)
            about.setdefault(thing, []).append((bounds, asked))
    return any(len(tests) > 1 and _decided(tests, decisive) for tests in about.values())


def _about(part: Condition) -> tuple[object, Asked]:
    """What a comparison looks at, and its outcome for a number."""
    asked = part.part if isinstance(part, Not) else part
    if isinstance(asked, Count):
        thing = (asked.key, asked.fact, asked.where, getattr(asked, "of", ""))
        turned = isinstance(part, Not)

        def outcome(point: Decimal) -> Outcome:
            found = PASS if compared(asked.op, (point, point), asked.value) is PASS else FAIL
            return TURNED[found] if turned else found

        return thing, outcome
    word, test = next(iter(facts_of(part))), part.test()
    return word, lambda point: test({word: point}, date.min)


def _decided(tests: list[tuple[list[Decimal], Asked]], decisive: Outcome) -> bool:
    bounds = sorted({bound for found, _asked in tests for bound in found})
    between = [(low + high) / 2 for low, high in pairwise(bounds)]
    points = [bounds[0] - 1, *bounds, *between, bounds[-1] + 1]
    return all(any(asked(point) is decisive for _bounds, asked in tests) for point in points)


def _bounds(part: Condition) -> list[Decimal]:
    """The numbers that a comparison or range names; none when it is about something else."""
    asked = part.part if isinstance(part, Not) else part
    named = (asked.low, asked.high) if isinstance(asked, Between) else (getattr(asked, "value", None),)
    return [Decimal(each) for each in named if isinstance(each, int | Decimal) and not isinstance(each, bool)]

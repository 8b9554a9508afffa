"""What is asked of the things that belong to a subject: how many, their sum, whether there is one.

A row for which the filter cannot be told counts as perhaps, so a number may be known from below and from
above only. A comparison is answered when it comes out the same for both, else it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from governance.conditions.nodes import (
    COMPARISONS,
    FAIL,
    PASS,
    UNKNOWN,
    Condition,
    Facts,
    OneQuestion,
    Outcome,
    Test,
    plain,
)

if TYPE_CHECKING:
    Number: TypeAlias = int | Decimal
    Bounds: TypeAlias = tuple[Number, Number] | None
    """The least and the most that it may be; None when nothing is known."""


@dataclass(frozen=True, slots=True)
class _Over(OneQuestion):
    """`fact` is the full name of what is looked at, such as "project.risks"; `where` says which rows count."""

    where: Condition | None

    key: ClassVar[str]

    def asked(self) -> dict[str, Any]:
        """What is looked at and which rows, in the stored form."""
        return {self.key: self.word} | ({} if self.where is None else {"where": self.where.data()})

    def bounds(self) -> Callable[[Facts, date], Bounds]:
        """How many rows pass the filter, at least and at most."""
        word, keeps = self.word, self.where.test() if self.where else None

        def count(facts: Facts, today: date) -> Bounds:
            rows = facts.get(word)
            if rows is None:
                return None
            if keeps is None:
                return len(rows), len(rows)
            sure = most = 0
            for row in rows:
                outcome = keeps(row, today)
                sure += outcome is PASS
                most += outcome is not FAIL
            return sure, most

        return count

    def found(self, facts: Facts, today: date) -> Any:
        bounds = self.bounds()(facts, today)
        return plain(bounds[0]) if bounds and bounds[0] == bounds[1] else None


@dataclass(frozen=True, slots=True)
class Exists(_Over):
    """At least one row passes the filter."""

    key: ClassVar[str] = "exists"

    def data(self) -> dict[str, Any]:
        return self.asked()

    def test(self) -> Test:
        bounds = self.bounds()
        return lambda facts, today: compared("ge", bounds(facts, today), 1)

    def found(self, facts: Facts, today: date) -> Any:
        outcome = self.test()(facts, today)
        return None if outcome is UNKNOWN else outcome is PASS


@dataclass(frozen=True, slots=True)
class Count(_Over):
    """The number of rows that pass the filter stands in this relation to a number."""

    op: str
    value: Any

    key: ClassVar[str] = "count"

    def data(self) -> dict[str, Any]:
        return self.asked() | {"op": self.op, "value": plain(self.value)}

    def test(self) -> Test:
        bounds, op, value = self.bounds(), self.op, self.value
        return lambda facts, today: compared(op, bounds(facts, today), value)


@dataclass(frozen=True, slots=True)
class Total(Count):
    """The sum of a number over the rows that pass the filter. A row whose number is not known makes it unknown."""

    of: str
    """The word of the field that is summed up."""

    key: ClassVar[str] = "sum"

    def asked(self) -> dict[str, Any]:
        rest = {} if self.where is None else {"where": self.where.data()}
        return {self.key: f"{self.word}.{self.of}"} | rest

    def bounds(self) -> Callable[[Facts, date], Bounds]:
        word, field, keeps = self.word, self.of, self.where.test() if self.where else None

        def add_up(facts: Facts, today: date) -> Bounds:
            rows = facts.get(word)
            if rows is None:
                return None
            low: Number = 0
            high: Number = 0
            for row in rows:
                outcome = PASS if keeps is None else keeps(row, today)
                if outcome is FAIL:
                    continue
                amount = row.get(field)
                if amount is None:
                    return None
                low += amount if outcome is PASS else min(0, amount)
                high += amount if outcome is PASS else max(0, amount)
            return low, high

        return add_up


def compared(op: str, bounds: Bounds, value: Number) -> Outcome:
    """Whether every number within the bounds stands in the relation, or none does; else unknown."""
    if bounds is None:
        return UNKNOWN
    low, high = bounds
    compare = COMPARISONS[op]
    if op in {"eq", "ne"} and low != high:
        return UNKNOWN if low <= value <= high else compared(op, (low, low), value)
    first, last = compare(low, value), compare(high, value)
    return UNKNOWN if first != last else PASS if first else FAIL

"""What a rule asks of a subject's facts: a small tree of conditions, read from JSON and never run as code.

Answers have three values (S. C. Kleene, "Introduction to Metamathematics", 1952, § 64). A fact whose key
is missing is unknowable; one that is None, "" or [] is empty. To know less about a subject may turn an
answer into "unknown", but never a pass into a fail or the other way round.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeAlias

if TYPE_CHECKING:
    from governance.conditions.over import Count, Exists, Total

WITHHELD: Final = "withheld"
"""The fact that lists the words of the money facts that are kept secret."""
NOTHING: Final[tuple[object, ...]] = ("", [])


class Outcome(StrEnum):
    """Whether a condition holds; unknown when the facts do not tell."""

    PASS = "pass"  # noqa: S105 — no password
    FAIL = "fail"
    UNKNOWN = "unknown"


PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN

Facts: TypeAlias = Mapping[str, Any]
"""The facts of one subject by word, as `Catalogue.read` gives them."""
Test: TypeAlias = Callable[[Facts, date], Outcome]
Holds: TypeAlias = Callable[[Any, date], bool]
Value: TypeAlias = str | int | bool | Decimal | date

COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}


def word_of(name: str) -> str:
    """The name of a fact within its subject."""
    return name.partition(".")[2]


@dataclass(frozen=True, slots=True)
class FactRef:
    """Another fact that stands where a value could stand."""

    name: str


@dataclass(frozen=True, slots=True)
class OneQuestion:
    """Something that is asked of one fact, by its full name."""

    fact: str

    @property
    def word(self) -> str:
        return word_of(self.fact)

    def words(self) -> frozenset[str]:
        """Every fact that the answer rests on."""
        return frozenset({self.word})

    def found(self, facts: Facts, _today: date) -> Any:
        """What was found, as plain JSON; None when it is not known."""
        return plain(facts.get(self.word))


@dataclass(frozen=True, slots=True)
class Compare(OneQuestion):
    """The fact stands in this relation to a value, or to another fact of the same subject."""

    op: str
    value: Value | FactRef

    def data(self) -> dict[str, Any]:
        asked: dict[str, Any] = {"fact": self.fact, "op": self.op}
        value = self.value
        return asked | ({"other": value.name} if isinstance(value, FactRef) else {"value": plain(value)})

    def words(self) -> frozenset[str]:
        other = {word_of(self.value.name)} if isinstance(self.value, FactRef) else set()
        return frozenset({self.word} | other)

    def test(self) -> Test:
        compare, value = COMPARISONS[self.op], self.value
        if isinstance(value, FactRef):
            return _compared(self.word, compare, word_of(value.name))
        return _measured(self.word, lambda have, _today: compare(have, value))


@dataclass(frozen=True, slots=True)
class Between(OneQuestion):
    """The fact lies in a range; both ends belong to it."""

    low: Any
    high: Any

    def data(self) -> dict[str, Any]:
        return {"fact": self.fact, "op": "between", "low": plain(self.low), "high": plain(self.high)}

    def test(self) -> Test:
        low, high = self.low, self.high
        return _measured(self.word, lambda have, _today: low <= have <= high)


@dataclass(frozen=True, slots=True)
class OneOf(OneQuestion):
    """The fact is one of these values."""

    values: tuple[Value, ...]

    def data(self) -> dict[str, Any]:
        return {"fact": self.fact, "op": "in", "values": [plain(value) for value in self.values]}

    def test(self) -> Test:
        values = frozenset(self.values)
        return _measured(self.word, lambda have, _today: have in values)


@dataclass(frozen=True, slots=True)
class _Presence(OneQuestion):
    """`may_be_withheld`: without a look at the withheld amounts, an empty value tells nothing."""

    may_be_withheld: bool = False

    op: ClassVar[str]

    def data(self) -> dict[str, Any]:
        return {"fact": self.fact, "op": self.op}

    def words(self) -> frozenset[str]:
        return frozenset({self.word, WITHHELD} if self.may_be_withheld else {self.word})

    def test(self) -> Test:
        return _presence(self.word, may_be_withheld=self.may_be_withheld, filled=PASS if self.op == "filled" else FAIL)


class Filled(_Presence):
    """The fact has a value, be it a withheld one."""

    __slots__ = ()
    op = "filled"


class Empty(_Presence):
    """The fact has no value, not even a withheld one: the opposite of Filled."""

    __slots__ = ()
    op = "empty"


@dataclass(frozen=True, slots=True)
class Withheld(OneQuestion):
    """The amount exists, but is kept secret."""

    def data(self) -> dict[str, Any]:
        return {"fact": self.fact, "op": "withheld"}

    def words(self) -> frozenset[str]:
        return frozenset({self.word, WITHHELD})

    def test(self) -> Test:
        word = self.word

        def test(facts: Facts, _today: date) -> Outcome:
            kept = facts.get(WITHHELD)
            if kept is None or word not in facts:
                return UNKNOWN
            return PASS if word in kept else FAIL

        return test


@dataclass(frozen=True, slots=True)
class _Age(OneQuestion):
    """With `working` only the days from Monday to Friday count."""

    days: int
    working: bool = False

    op: ClassVar[str]

    def data(self) -> dict[str, Any]:
        calendar = {"calendar": "working"} if self.working else {}
        return {"fact": self.fact, "op": self.op, "days": self.days} | calendar

    def test(self) -> Test:
        elapsed, days = _elapsed(working=self.working), self.days
        compare = operator.gt if self.op == "older_than" else operator.le
        return _measured(self.word, lambda have, today: compare(elapsed(have, today), days))


class OlderThan(_Age):
    """The date lies more than so many days before today."""

    __slots__ = ()
    op = "older_than"


class Within(_Age):
    """The date lies at most so many days before today, or in the future: the opposite of OlderThan."""

    __slots__ = ()
    op = "within"


@dataclass(frozen=True, slots=True)
class _Group:
    parts: tuple[Condition, ...]

    key: ClassVar[str]
    decisive: ClassVar[Outcome]
    neutral: ClassVar[Outcome]

    def data(self) -> dict[str, Any]:
        return {self.key: [part.data() for part in self.parts]}

    def test(self) -> Test:
        tests, decisive, neutral = tuple(part.test() for part in self.parts), self.decisive, self.neutral

        def test(facts: Facts, today: date) -> Outcome:
            found = neutral
            for each in tests:
                outcome = each(facts, today)
                if outcome is decisive:
                    return decisive
                if outcome is UNKNOWN:
                    found = UNKNOWN
            return found

        return test


class AllOf(_Group):
    """Every part holds: one that fails decides."""

    __slots__ = ()
    key, decisive, neutral = "all", FAIL, PASS


class AnyOf(_Group):
    """At least one part holds: one that passes decides."""

    __slots__ = ()
    key, decisive, neutral = "any", PASS, FAIL


@dataclass(frozen=True, slots=True)
class Not:
    """The part does not hold; what is unknown stays unknown."""

    part: Condition

    def data(self) -> dict[str, Any]:
        return {"not": self.part.data()}

    def test(self) -> Test:
        inner = self.part.test()
        return lambda facts, today: TURNED[inner(facts, today)]


Question: TypeAlias = (
    "Compare | Between | OneOf | Filled | Empty | Withheld | OlderThan | Within | Count | Total | Exists"
)
Condition: TypeAlias = "AllOf | AnyOf | Not | Question"

TURNED: Final = {PASS: FAIL, FAIL: PASS, UNKNOWN: UNKNOWN}


def _is_empty(value: Any) -> bool:
    return value is None or (not value and value in NOTHING)


def _measured(word: str, holds: Holds) -> Test:
    def test(facts: Facts, today: date) -> Outcome:
        have = facts.get(word)
        if have is None or (not have and have in NOTHING):
            return UNKNOWN
        return PASS if holds(have, today) else FAIL

    return test


def _compared(word: str, compare: Callable[[Any, Any], bool], other: str) -> Test:
    def test(facts: Facts, _today: date) -> Outcome:
        have, against = facts.get(word), facts.get(other)
        if _is_empty(have) or _is_empty(against):
            return UNKNOWN
        return PASS if compare(have, against) else FAIL

    return test


def _presence(word: str, *, may_be_withheld: bool, filled: Outcome) -> Test:
    def test(facts: Facts, _today: date) -> Outcome:
        if word not in facts:
            return UNKNOWN
        if not _is_empty(facts[word]):
            return filled
        kept = facts.get(WITHHELD) if may_be_withheld else ()
        if kept is None:
            return UNKNOWN
        return filled if word in kept else TURNED[filled]

    return test


def _elapsed(*, working: bool) -> Callable[[date, date], int]:
    """The days from a date to today: those after the date, up to and including today."""
    if working:
        return lambda day, today: _weekdays_up_to(today) - _weekdays_up_to(day)
    return lambda day, today: (today - day).days


def _weekdays_up_to(day: date) -> int:
    weeks, rest = divmod(day.toordinal(), 7)  # day 1 of the calendar is a Monday
    return weeks * 5 + min(rest, 5)


def plain(value: Any) -> Any:
    """A value as JSON keeps it."""
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else value


def below(place: str, step: str) -> str:
    """The place of a part within the place of its whole."""
    return f"{place} › {step}" if place else step

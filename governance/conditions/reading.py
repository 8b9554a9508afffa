"""Conditions out of their stored form: strict, and every refusal names its place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from common.errors import PortalError
from governance.conditions.nodes import (
    COMPARISONS,
    WITHHELD,
    AllOf,
    AnyOf,
    Between,
    Compare,
    Condition,
    Empty,
    FactRef,
    Filled,
    Not,
    OlderThan,
    OneOf,
    Question,
    Withheld,
    Within,
    below,
)
from governance.conditions.over import Count, Exists, Total
from governance.facts import Catalogue, Children, Fact, FactKind

if TYPE_CHECKING:
    from governance.facts import Text

MAX_DEPTH: Final = 8
"""How many conditions may stand within each other, the question about a fact included."""
MAX_NODES: Final = 80
MAX_VALUES: Final = 100
MAX_DAYS: Final = 36500
MAX_DIGITS: Final = 20
MAX_COUNT: Final = 1_000_000


class ConditionError(PortalError):
    """A condition cannot be read. `place` says where, such as "all[1] › any[0]"; empty at the top."""

    def __init__(self, place: str, sentence: str) -> None:
        super().__init__(f"{place}: {sentence}" if place else sentence)
        self.place = place


def operators(fact: Fact, catalogue: Catalogue) -> list[str]:
    """What can be asked of a fact, in the order in which it is offered."""
    keeps_secrets = f"{catalogue.subject}.{WITHHELD}" in catalogue.facts
    return [op for op, (kinds, _read) in _READ.items() if fact.kind in kinds and (op != WITHHELD or keeps_secrets)]


def can_be_compared(fact: Fact, other: Fact) -> bool:
    """Whether two facts are of a kind."""
    return _FAMILY.get(other.kind, other.kind) == _FAMILY.get(fact.kind, fact.kind)


def can_be_summed(fact: Fact) -> bool:
    return fact.kind in _SUMMED


def read_value(raw: object, fact: Fact, place: str = "") -> Any:
    """A value of a fact out of plain JSON. Raises: ConditionError."""
    return _Asked(_Reader(Catalogue("")), fact, {}, place).value(raw)


def parse(data: object, catalogue: Catalogue) -> Condition:
    """Read the stored form of a condition about the catalogue's subject.

    Raises:
        ConditionError: something in it is not as it must be.
    """
    return _Reader(catalogue).condition(data, "", 1)


@dataclass(slots=True)
class _Reader:
    catalogue: Catalogue
    nodes: int = 0

    def condition(self, data: object, place: str, depth: int) -> Condition:
        self.nodes += 1
        if depth > MAX_DEPTH:
            raise ConditionError(place, gettext("Use at most %(limit)d levels.") % {"limit": MAX_DEPTH})
        if self.nodes > MAX_NODES:
            message = gettext("A condition has at most %(limit)d parts: make two rules of it.")
            raise ConditionError(place, message % {"limit": MAX_NODES})
        if isinstance(data, dict) and "fact" in data:
            return self.question(data, place)
        if isinstance(data, dict) and not _OVER.keys().isdisjoint(data):
            return self.over(data, next(key for key in _OVER if key in data), place, depth)
        key = next(iter(data)) if isinstance(data, dict) and len(data) == 1 else None
        if not isinstance(data, dict) or key not in {"all", "any", "not"}:
            raise ConditionError(
                place, gettext("Write exactly one of “all”, “any”, “not”, “count”, “sum”, “exists” or a “fact” here.")
            )
        if key == "not":
            return Not(self.condition(data[key], below(place, "not"), depth + 1))
        return (AllOf if key == "all" else AnyOf)(self.parts(data[key], below(place, key), depth))

    def parts(self, data: object, place: str, depth: int) -> tuple[Condition, ...]:
        if not isinstance(data, list) or not data:
            raise ConditionError(place, gettext("Write a list with at least one condition here."))
        return tuple(self.condition(part, f"{place}[{number}]", depth + 1) for number, part in enumerate(data))

    def over(self, data: dict[Any, Any], key: str, place: str, depth: int) -> Question:
        """A question about what belongs to the subject; its filter is a condition over the fields of a row."""
        wanted = {key, "where"} if key == "exists" else {key, "where", "op", "value"}
        if not wanted - {"where"} <= set(data) <= wanted:
            message = gettext("Write exactly these keys here: %(keys)s.")
            raise ConditionError(place, message % {"keys": ", ".join(name for name in _OVER[key] if name in wanted)})
        name, _dot, field = str(data[key]).partition(".") if key == "sum" else (str(data[key]), "", "")
        children = self.children(name, place)
        where = self.filter(data.get("where"), children, below(place, "where"), depth)
        if key == "exists":
            return Exists(children.name, where)
        if data["op"] not in COMPARISONS:
            message = gettext("“%(op)s” compares no numbers: choose one of %(known)s.")
            raise ConditionError(place, message % {"op": data["op"], "known": ", ".join(COMPARISONS)})
        if key == "count":
            return Count(children.name, where, data["op"], self.whole(data["value"], place))
        summed = self.number_field(field, children, place)
        value = _Asked(self, summed, data, place).value(data["value"])
        return Total(children.name, where, data["op"], value, summed.word)

    def children(self, name: str, place: str) -> Children:
        full = f"{self.catalogue.subject}.{name}"
        if full in self.catalogue.children:
            return self.catalogue.children[full]
        known = ", ".join(one.word for one in self.catalogue.children.values())
        message = gettext("“%(name)s” cannot be counted here: choose one of %(known)s.")
        raise ConditionError(place, message % {"name": name, "known": known or gettext("nothing")})

    def filter(self, data: object, children: Children, place: str, depth: int) -> Condition | None:
        if data is None:
            return None
        inner = _Reader(children.fields, self.nodes)
        where = inner.condition(data, place, depth + 1)
        self.nodes = inner.nodes
        return where

    def number_field(self, word: str, children: Children, place: str) -> Fact:
        found = children.fields.facts.get(f"{children.fields.subject}.{word}")
        if found is not None and found.kind in _SUMMED:
            return found
        known = ", ".join(
            f"{children.word}.{one.word}" for one in children.fields.facts.values() if one.kind in _SUMMED
        )
        message = gettext("“%(name)s” is no number that can be added up: choose one of %(known)s.")
        said = {"name": f"{children.word}.{word}", "known": known or gettext("nothing")}
        raise ConditionError(place, message % said)

    def whole(self, raw: object, place: str) -> int:
        number = _count(raw)
        if not isinstance(number, int) or not 0 <= number <= MAX_COUNT:
            raise ConditionError(place, gettext("Write a whole number from 0 to %(limit)d.") % {"limit": MAX_COUNT})
        return number

    def question(self, data: dict[Any, Any], place: str) -> Question:
        fact, op = self.fact(data["fact"], place), data.get("op")
        known = operators(fact, self.catalogue)
        if op not in known:
            message = gettext("“%(op)s” cannot be asked of “%(fact)s”: choose one of %(known)s.")
            raise ConditionError(place, message % {"op": op, "fact": fact.label, "known": ", ".join(known)})
        return _READ[op][1](_Asked(self, fact, data, place))

    def fact(self, name: object, place: str) -> Fact:
        if isinstance(name, str) and name in self.catalogue.facts:
            return self.catalogue.facts[name]
        if not name:
            raise ConditionError(place, gettext("Choose what is asked about."))
        message = gettext("“%(fact)s” is not a known fact: choose one whose name starts with “%(subject)s.”.")
        raise ConditionError(place, message % {"fact": name, "subject": self.catalogue.subject})

    @property
    def keeps_secrets(self) -> bool:
        return f"{self.catalogue.subject}.{WITHHELD}" in self.catalogue.facts


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question as it is written, with the fact that it is about."""

    reader: _Reader
    fact: Fact
    data: dict[Any, Any]
    place: str

    def error(self, sentence: str, **values: object) -> ConditionError:
        return ConditionError(self.place, sentence % values)

    def expect(self, *keys: str) -> None:
        wanted = ("fact", "op", *keys)
        if set(self.data) != set(wanted):
            raise self.error(gettext("Write exactly these keys here: %(keys)s."), keys=", ".join(wanted))

    def value(self, raw: object) -> Any:
        read, hint = _VALUES[self.fact.kind]
        value = read(raw)
        if value is None:
            sentence = gettext("“%(value)s” does not fit “%(fact)s”: write %(hint)s.")
            raise self.error(sentence, value=raw, fact=self.fact.label, hint=hint)
        return value

    def compare(self) -> Question:
        if "other" not in self.data:
            self.expect("value")
            return Compare(self.fact.name, self.data["op"], self.value(self.data["value"]))
        self.expect("other")
        other = self.reader.fact(self.data["other"], self.place)
        if not can_be_compared(self.fact, other):
            sentence = gettext("“%(other)s” cannot be compared with “%(fact)s”: choose a fact of the same kind.")
            raise self.error(sentence, other=other.label, fact=self.fact.label)
        return Compare(self.fact.name, self.data["op"], FactRef(other.name))

    def between(self) -> Question:
        self.expect("low", "high")
        low, high = self.value(self.data["low"]), self.value(self.data["high"])
        if low > high:
            raise self.error(gettext("The lower end lies above the upper end: swap them."))
        return Between(self.fact.name, low, high)

    def one_of(self) -> Question:
        self.expect("values")
        values = self.data["values"]
        if not isinstance(values, list) or not 0 < len(values) <= MAX_VALUES:
            raise self.error(gettext("Write a list of 1 to %(limit)d values."), limit=MAX_VALUES)
        return OneOf(self.fact.name, tuple(self.value(value) for value in values))

    def presence(self) -> Question:
        self.expect()
        if self.data["op"] == WITHHELD:
            return Withheld(self.fact.name)
        may_be_withheld = self.fact.kind is FactKind.MONEY and self.reader.keeps_secrets
        return (Filled if self.data["op"] == "filled" else Empty)(self.fact.name, may_be_withheld)

    def age(self) -> Question:
        self.expect("days", *(("calendar",) if "calendar" in self.data else ()))
        days, calendar = self.data["days"], self.data.get("calendar", "working")
        if type(days) is not int or not 0 <= days <= MAX_DAYS:
            raise self.error(gettext("Write a whole number of days from 0 to %(limit)d."), limit=MAX_DAYS)
        if calendar != "working":
            raise self.error(gettext("Write “working” as the calendar, or leave it out."))
        return (OlderThan if self.data["op"] == "older_than" else Within)(self.fact.name, days, "calendar" in self.data)


def _number(raw: object) -> Decimal | None:
    if isinstance(raw, bool) or not isinstance(raw, int | float | str):
        return None
    try:
        number = Decimal(str(raw) if isinstance(raw, float) else raw)
    except InvalidOperation:
        return None
    fits = number.is_finite() and len(number.as_tuple().digits) <= MAX_DIGITS and abs(number.adjusted()) <= MAX_DIGITS
    return number if fits else None


def _count(raw: object) -> int | Decimal | None:
    number = _number(raw)
    return int(number) if number is not None and number == number.to_integral_value() else number


def _text(raw: object) -> str | None:
    return raw if isinstance(raw, str) and raw and "\0" not in raw else None


def _day(raw: object) -> date | None:
    try:
        day = date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None
    return day if day and day.isoformat() == raw else None


_K = FactKind
_OVER: Final[dict[str, tuple[str, ...]]] = {
    "count": ("count", "where", "op", "value"),
    "sum": ("sum", "where", "op", "value"),
    "exists": ("exists", "where"),
}
"""What can be asked of children, with the keys that are written."""
_FAMILY: Final = {_K.CHOICE: _K.TEXT, _K.DAYS: _K.NUMBER}
_ORDERED: Final = frozenset({_K.NUMBER, _K.PERCENT, _K.DAYS, _K.MONEY, _K.DATE})
_SUMMED: Final = frozenset({_K.NUMBER, _K.PERCENT, _K.DAYS, _K.MONEY})
_LISTED: Final = _ORDERED | {_K.TEXT, _K.CHOICE}
_SINGLE: Final = _LISTED | {_K.YES_NO}

_READ: Final[dict[str, tuple[frozenset[FactKind], Callable[[_Asked], Question]]]] = {
    **dict.fromkeys(("eq", "ne"), (_SINGLE, _Asked.compare)),
    **dict.fromkeys(("lt", "le", "gt", "ge"), (_ORDERED, _Asked.compare)),
    "between": (_ORDERED, _Asked.between),
    "in": (_LISTED, _Asked.one_of),
    **dict.fromkeys(("filled", "empty"), (frozenset(FactKind), _Asked.presence)),
    WITHHELD: (frozenset({_K.MONEY}), _Asked.presence),
    **dict.fromkeys(("older_than", "within"), (frozenset({_K.DATE}), _Asked.age)),
}
_VALUES: Final[dict[FactKind, tuple[Callable[[object], Any], Text]]] = {
    **dict.fromkeys((_K.NUMBER, _K.DAYS), (_count, _("a number"))),
    **dict.fromkeys((_K.PERCENT, _K.MONEY), (_number, _("a number"))),
    **dict.fromkeys((_K.TEXT, _K.CHOICE), (_text, _("a text that is not empty"))),
    _K.DATE: (_day, _("a date such as 2026-11-22")),
    _K.YES_NO: (lambda raw: raw if isinstance(raw, bool) else None, _("true or false")),
}

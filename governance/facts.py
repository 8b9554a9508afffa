"""The mechanism of facts: one named, typed value about a subject, declared once, read for many at once.

An app declares its facts in its own `facts.py`. A fact is read from a *source*: an annotation of the
subject's queryset. A source that looks at a child table gives one JSON object for all facts about that
table, so that ten facts about milestones cost one look at the milestones.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, TypeAlias

from common.prepared import Prepared

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.db.models.expressions import Combinable
    from django.utils.functional import Promise

    Text: TypeAlias = str | Promise
    Expression: TypeAlias = Combinable
    Timed: TypeAlias = Expression | Callable[[date], Expression]

READ_AT_ONCE = 1000

FactValue: TypeAlias = Any
"""What a fact may hold; its kind says which type it is."""


class FactKind(StrEnum):
    """What sort of value a fact is; it says how to show, filter and compare it."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    PERCENT = "percent"
    DAYS = "days"
    MONEY = "money"
    DATE = "date"
    YES_NO = "yes_no"
    LIST = "list"

    @property
    def is_number(self) -> bool:
        return self in {FactKind.NUMBER, FactKind.PERCENT, FactKind.DAYS, FactKind.MONEY}


@dataclass(frozen=True, slots=True)
class Source:
    """An annotation that facts are read from. `expression` may depend on the day of the question."""

    name: str
    expression: Timed

    def at(self, as_of: date) -> Expression:
        return self.expression(as_of) if callable(self.expression) else self.expression


@dataclass(frozen=True, slots=True)
class Fact:
    """One value about a subject. None always means: not known.

    `name` is "<subject>.<word>"; `unit` is said after the number; `sentence` tells a person what it
    means. `column` names where a stored state keeps the value, for lists and filters; empty when the
    value only serves to judge. `key` picks the value out of a JSON source; `absent` is the value when a
    child table holds no row (a count is then a true 0, not an unknown).
    """

    name: str
    label: Text
    kind: FactKind
    source: Source
    sentence: Text
    unit: Text = ""
    column: str = ""
    key: str = ""
    absent: FactValue = None

    @property
    def word(self) -> str:
        """The name within its subject."""
        return self.name.partition(".")[2]

    def picked(self, found: Mapping[str, Any] | None) -> FactValue:
        """This fact out of the JSON object of its source, in the type of its kind: JSON knows no dates."""
        raw = self.absent if found is None else found.get(self.key)
        if raw is None:
            return None
        if self.kind is FactKind.DATE:
            return date.fromisoformat(raw)
        return Decimal(str(raw)) if self.kind in _DECIMAL else raw


_DECIMAL = frozenset({FactKind.MONEY, FactKind.PERCENT})


@dataclass(frozen=True, slots=True)
class Children:
    """What belongs to a subject and can be counted, such as its risks: rows with typed fields.

    `name` is said like a fact ("project.risks"). `source` gives all rows of a subject as one JSON array, and the
    `key` of each field picks its value out of a row.
    """

    name: str
    label: Text
    source: Source
    sentence: Text
    fields: Catalogue

    @property
    def word(self) -> str:
        """The name within its subject."""
        return self.name.partition(".")[2]

    def as_fact(self) -> Fact:
        """Their number, for whoever shows what a judgement rests on."""
        return Fact(self.name, self.label, FactKind.NUMBER, self.source, self.sentence)

    def rows(self, found: list[Mapping[str, Any]] | None) -> list[dict[str, Any]]:
        """The rows with their values in the types of their fields."""
        picked = [(one.word, one.picked) for one in self.fields.facts.values()]
        return [{word: pick(row) for word, pick in picked} for row in found or ()]


class UnknownFactError(LookupError):
    """No fact of this name is declared."""


@dataclass(slots=True)
class Catalogue:
    """All facts about one kind of subject, in the order they were declared."""

    subject: str
    facts: dict[str, Fact] = field(default_factory=dict)
    children: dict[str, Children] = field(default_factory=dict)
    _prepared: dict[tuple[type[Model], frozenset[str]], Prepared] = field(default_factory=dict)

    def declare(self, *facts: Fact) -> None:
        """Add facts.

        Raises:
            ValueError: a name is declared twice, or belongs to another subject.
        """
        for fact in facts:
            if fact.name in self.facts or not fact.name.startswith(f"{self.subject}."):
                message = f"{fact.name} cannot be declared as a fact of {self.subject}"
                raise ValueError(message)
            self.facts[fact.name] = fact
        self._prepared.clear()

    def declare_children(self, *collections: Children) -> None:
        """Add what can be counted. Raises: ValueError, as `declare`."""
        for one in collections:
            if one.name in self.facts or one.name in self.children or not one.name.startswith(f"{self.subject}."):
                message = f"{one.name} cannot be declared as children of {self.subject}"
                raise ValueError(message)
            self.children[one.name] = one

    def fact(self, name: str) -> Fact:
        """The fact of a name, with or without its subject in front; for children, their number.

        Raises:
            UnknownFactError: there is none.
        """
        full = name if "." in name else f"{self.subject}.{name}"
        if full in self.children:
            return self.children[full].as_fact()
        try:
            return self.facts[full]
        except KeyError:
            raise UnknownFactError(full) from None

    def children_of(self, name: str) -> Children | None:
        """What a word counts, such as "risks", alone or before the field that is added up ("risks.score")."""
        return self.children.get(f"{self.subject}.{name.partition('.')[0]}")

    def columns(self) -> tuple[Fact, ...]:
        """The facts that a stored state keeps."""
        return tuple(fact for fact in self.facts.values() if fact.column)

    def read(
        self, queryset: QuerySet[Any], as_of: date, names: Iterable[str] | None = None
    ) -> Iterator[dict[str, Any]]:
        """All facts (or those of `names`) of every subject in the queryset, as of a day.

        One query for one subject or ten thousand, streamed; each dict holds "pk" and the facts by word.
        """
        chosen = self._chosen(names)
        rows = _annotated(queryset, as_of, chosen).iterator(chunk_size=READ_AT_ONCE)
        return _unfold(rows, chosen)

    def read_by_id(
        self, model: type[Model], ids: Collection[int], as_of: date, children: Iterable[str] = ()
    ) -> Iterator[dict[str, Any]]:
        """All facts of these subjects: as `read`, with the query translated once per process. For writes.

        `children` are the words of those whose rows are read as well, in the same query.
        """
        chosen, wanted = self._chosen(None), frozenset(children)
        counted = [one for one in self.children.values() if one.word in wanted]
        prepared = self._prepared.get((model, wanted))
        if prepared is None:
            prepared = Prepared(model, lambda subjects, day: _annotated(subjects, day, chosen, counted))
            self._prepared[model, wanted] = prepared
        return _unfold(prepared.rows(ids, as_of), chosen, counted)

    def _chosen(self, names: Iterable[str] | None) -> list[Fact]:
        return list(self.facts.values()) if names is None else [self.fact(name) for name in names]


def _sources(facts: list[Fact]) -> list[Source]:
    return list({fact.source.name: fact.source for fact in facts}.values())


def _annotated(
    queryset: QuerySet[Any], as_of: date, facts: list[Fact], children: Collection[Children] = ()
) -> QuerySet[Any, Any]:
    annotations = {f"source_{source.name}": source.at(as_of) for source in _sources(facts)}
    annotations |= {f"rows_{one.word}": one.source.at(as_of) for one in children}
    rows: QuerySet[Any, Any] = queryset.annotate(**annotations).values_list("pk", *annotations)
    return rows


def _unfold(
    rows: Iterable[tuple[Any, ...]], facts: list[Fact], children: Collection[Children] = ()
) -> Iterator[dict[str, Any]]:
    places = {source.name: place for place, source in enumerate(_sources(facts), start=1)}
    plain = [(fact.word, places[fact.source.name]) for fact in facts if not fact.key]
    within = [(fact.word, places[fact.source.name], fact.picked) for fact in facts if fact.key]
    for row in rows:
        read = {word: row[place] for word, place in plain}
        for word, place, picked in within:
            read[word] = picked(row[place])
        for place, one in enumerate(children, start=len(places) + 1):
            read[one.word] = one.rows(row[place])
        read["pk"] = row[0]
        yield read


_catalogues: dict[str, Catalogue] = {}


def catalogue(subject: str) -> Catalogue:
    """The catalogue of a subject, made when it is first asked for."""
    return _catalogues.setdefault(subject, Catalogue(subject))

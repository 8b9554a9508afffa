"""What the rulebook knows about the things that rules look at: whoever owns them tells it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from governance.facts import Text


@dataclass(frozen=True, slots=True)
class Described:
    """A subject as a list shows it."""

    title: str
    href: str


def as_they_are(values: Collection[Any]) -> Collection[Any]:
    return values


@dataclass(frozen=True, slots=True)
class Facet:
    """Something by which a rule can be for some subjects only, such as their portfolio.

    fact: the word of the fact that tells it. options: what can be chosen, by value. below: the values that
    these stand for, themselves included (a portfolio stands for its programmes).
    """

    label: Text
    fact: str
    options: Callable[[], Mapping[Any, str]]
    below: Callable[[Collection[Any]], Collection[Any]] = as_they_are


@dataclass(frozen=True, slots=True)
class Past:
    """Subjects as they were on a day, with the facts that were kept; one that was not kept is missing."""

    day: date
    facts: Mapping[int, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """How the subjects of a kind are read for a rehearsal.

    live: the ids of all that rules look at. read: their facts as of a day with the rows of these children, in
    chunks. groups: what each belongs to, in words. past: what was kept of them between two days, oldest first;
    kept: the words of the facts that it holds. stopped: which of them came to nothing.
    """

    live: Callable[[], list[int]]
    read: Callable[[Collection[int], Collection[str]], Iterable[Mapping[str, Any]]]
    groups: Callable[[Collection[int]], Mapping[int, str]]
    past: Callable[[date, date], Iterable[Past]]
    kept: frozenset[str]
    stopped: Callable[[Collection[int]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing: the ids that a person may see, and how some of them are called. One query each."""

    visible_to: Callable[[User], QuerySet[Any, Any]]
    describe: Callable[[Collection[int]], Mapping[int, Described]]
    labels: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    """What the values of choices are called: by the (full) word of the fact, then by the stored value."""
    checkpoints: tuple[str, ...] = ()
    """The moments at which such a thing is held against the rules."""
    facets: Mapping[str, Facet] = field(default_factory=dict)
    contradiction: Callable[[Mapping[str, Collection[Any]]], str] = lambda _scope: ""
    """A sentence when a scope can hold for nobody, such as a portfolio of another office."""
    remedies: Mapping[str, Text] = field(default_factory=dict)
    """The pages on which a broken rule can be mended: what they are called, by URL name with `#field`."""
    reading: Reading | None = None


_subjects: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Make a kind known; called from AppConfig.ready() of the app that owns it."""
    _subjects[kind] = subject


def registered() -> Mapping[str, Subject]:
    return _subjects


def describe(kind: str, ids: Collection[int]) -> Mapping[int, Described]:
    """Those of these subjects that still exist, by id."""
    return _subjects[kind].describe(ids)

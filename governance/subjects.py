"""What the rulebook knows about the things that rules look at: whoever owns them tells it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.utils import timezone

from strategy.enums import ControlLevel

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

    live: the ids of all that a rule asked at these checkpoints looks at. read: their facts as of a day with the rows of
    these children, in chunks. groups: what each belongs to, in words. past: what was kept of them between two days for
    a rule asked at these checkpoints, oldest first; kept: the words of the facts that it holds. stopped: which of them
    came to nothing.
    """

    live: Callable[[Collection[str]], list[int]]
    read: Callable[[Collection[int], Collection[str]], Iterable[Mapping[str, Any]]]
    groups: Callable[[Collection[int]], Mapping[int, str]]
    past: Callable[[date, date, Collection[str]], Iterable[Past]]
    kept: frozenset[str]
    stopped: Callable[[Collection[int]], frozenset[int]]


@dataclass(frozen=True, slots=True)
class People:
    """By name: who mends what a rule finds about a subject, and who answers for it. Empty: nobody yet."""

    owner: str = ""
    sponsor: str = ""


@dataclass(frozen=True, slots=True)
class Control:
    """How far rules bind a subject, and the sentence that says why: the strictest of the offices that look after it."""

    level: ControlLevel
    reason: str
    office_ids: frozenset[int] = frozenset()


FREE: Final = Control(ControlLevel.SUPPORTIVE, "")
"""Where no office looks after a subject, rules advise."""

STRICTNESS: Final = tuple(ControlLevel)


def strictest(controls: Iterable[Control]) -> Control:
    """The one that binds most; the first of those that bind alike."""
    return max(controls, key=lambda one: STRICTNESS.index(one.level), default=FREE)


NOTHING_ASSUMED: Final[Mapping[int, str]] = MappingProxyType({})


class Controls(Protocol):
    """The control levels of subjects by id."""

    def __call__(
        self, ids: Collection[int], assumed: Mapping[int, str] = NOTHING_ASSUMED, /
    ) -> Mapping[int, Control]: ...


def _organisation_today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing: the ids that a person may see, and how some of them are called. One query each.

    facts: all facts of these subjects as of a day, each with its "pk" (`Catalogue.read_by_id`).
    controls: by id, how far rules bind each of these subjects and why; `assumed` gives offices, by id, another level.
    works_on: the ids of those that a person works on, as a subquery: who may ask for a waiver.
    electors: by role (`accounts.enums.RoleName`), the people who hold these roles towards one of them now, by id.
    people: by id, who mends each of these subjects and who answers for it.
    of_office: the ids of those that an office looks after, as a subquery.
    called: the ids of those that a key or a part of a name means, as a subquery.
    shown_at: the address at which a fact of a subject (by its word) can be read in its records.
    mended_at: the address at which a subject is mended, of the `remedy_page` of a rule; "" where there is none.
    """

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
    facts: Callable[[Collection[int], date], Iterable[Mapping[str, Any]]] = lambda _ids, _day: ()
    controls: Controls = lambda _ids, _assumed=NOTHING_ASSUMED: {}
    works_on: Callable[[User], QuerySet[Any, Any]] = lambda user: user.grants.none()
    electors: Callable[[int, Collection[str]], Mapping[str, Collection[int]]] = lambda _id, roles: dict.fromkeys(
        roles, ()
    )
    people: Callable[[Collection[int]], Mapping[int, People]] = lambda _ids: {}
    of_office: Callable[[int], QuerySet[Any, Any] | None] = lambda _office: None
    called: Callable[[str], QuerySet[Any, Any] | None] = lambda _text: None
    shown_at: Callable[[int, str], str] = lambda _id, _word: ""
    mended_at: Callable[[int, str], str] = lambda _id, _page: ""
    today: Callable[[], date] = _organisation_today
    becomes: str = ""
    """The kind of thing that comes of it. Before there is one, rules asked at its start are waived here."""


_subjects: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Make a kind known; called from AppConfig.ready() of the app that owns it."""
    _subjects[kind] = subject


def registered() -> Mapping[str, Subject]:
    return _subjects


def describe(kind: str, ids: Collection[int]) -> Mapping[int, Described]:
    """Those of these subjects that still exist, by id."""
    return _subjects[kind].describe(ids)

"""What the rulebook knows about the things that rules look at: whoever owns them tells it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.utils import timezone

from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet

    from accounts.models import User
    from governance.facts import Text


@dataclass(frozen=True, slots=True)
class Described:
    """A subject as a list shows it."""

    title: str
    href: str


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


def _organisation_today() -> date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing: the ids that a person may see, and how some of them are called. One query each.

    facts: all facts of these subjects as of a day, each with its "pk" (`Catalogue.read_by_id`).
    controls: by id, how far rules bind each of these subjects and why.
    places: by id and facet (such as "portfolio"), where each of these subjects belongs, as texts. Of a tree all nodes
        from the top down to the subject's own are told, so that a scope names a node and means all below it.
    works_on: the ids of those that a person works on, as a subquery: who may ask for a waiver.
    electors: the people who hold a role towards one of them now (`accounts.enums.RoleName`), by id.
    people: by id, who mends each of these subjects and who answers for it.
    of_office: the ids of those that an office looks after, as a subquery.
    called: the ids of those that a key or a part of a name means, as a subquery.
    shown_at: the address at which a fact of a subject (by its word) can be read in its records.
    mended_at: the address at which a subject is mended, of the `remedy_page` of a rule; "" where there is none.
    """

    visible_to: Callable[[User], QuerySet[Any, Any]]
    describe: Callable[[Collection[int]], Mapping[int, Described]]
    labels: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    """What the values of choices are called: by the word of the fact, then by the stored value."""
    facts: Callable[[Collection[int], date], Iterable[Mapping[str, Any]]] = lambda _ids, _day: ()
    controls: Callable[[Collection[int]], Mapping[int, Control]] = lambda _ids: {}
    places: Callable[[Collection[int]], Mapping[int, Mapping[str, frozenset[str]]]] = lambda _ids: {}
    works_on: Callable[[User], QuerySet[Any, Any]] = lambda user: user.grants.none()
    electors: Callable[[int, str], Collection[int]] = lambda _id, _role: ()
    people: Callable[[Collection[int]], Mapping[int, People]] = lambda _ids: {}
    of_office: Callable[[int], QuerySet[Any, Any] | None] = lambda _office: None
    called: Callable[[str], QuerySet[Any, Any] | None] = lambda _text: None
    shown_at: Callable[[int, str], str] = lambda _id, _word: ""
    mended_at: Callable[[int, str], str] = lambda _id, _page: ""
    today: Callable[[], date] = _organisation_today


def in_scope(scope: Mapping[str, Collection[str]], places: Mapping[str, frozenset[str]]) -> bool:
    """Whether a rule's scope holds for a subject with these places: one of the values of every facet that it names."""
    return all(not places.get(facet, frozenset()).isdisjoint(map(str, values)) for facet, values in scope.items())


_subjects: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Make a kind known; called from AppConfig.ready() of the app that owns it."""
    _subjects[kind] = subject


def registered() -> Mapping[str, Subject]:
    return _subjects


def describe(kind: str, ids: Collection[int]) -> Mapping[int, Described]:
    """Those of these subjects that still exist, by id."""
    return _subjects[kind].describe(ids)

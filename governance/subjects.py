"""What the rulebook knows about the things that rules look at: whoever owns them tells it here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True, slots=True)
class Subject:
    """A kind of thing: the ids that a person may see, and how some of them are called. One query each."""

    visible_to: Callable[[User], QuerySet[Any, Any]]
    describe: Callable[[Collection[int]], Mapping[int, Described]]
    labels: Mapping[str, Mapping[str, Text]] = field(default_factory=dict)
    """What the values of choices are called: by the word of the fact, then by the stored value."""


_subjects: dict[str, Subject] = {}


def register(kind: str, subject: Subject) -> None:
    """Make a kind known; called from AppConfig.ready() of the app that owns it."""
    _subjects[kind] = subject


def registered() -> Mapping[str, Subject]:
    return _subjects


def describe(kind: str, ids: Collection[int]) -> Mapping[int, Described]:
    """Those of these subjects that still exist, by id."""
    return _subjects[kind].describe(ids)

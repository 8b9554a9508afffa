"""The cells of a matrix on their way between a form and the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _


@dataclass(frozen=True, slots=True)
class Line:
    """A row to edit: a piece of work, its version, and its letters by seat."""

    pk: int
    name: str
    version: int
    letters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a row shall be: its letters by seat, and the version that the person saw."""

    version: int
    letters: Mapping[str, str]


def two_accountable(name: str) -> str:
    """What is wrong with a row that has two, for the person."""
    return _("“%(name)s” has more than one who is accountable. Leave the letter A with one of them.") % {"name": name}


def in_words(letters: Mapping[str, str], seats: Mapping[str, str]) -> str:
    """A row in one line, for the page that shows theirs beside yours."""
    return ", ".join(f"{seats.get(seat, seat)}: {code}" for seat, code in sorted(letters.items()) if code)


def merged(
    lines: list[Line], wanted: dict[int, Wanted], stale: tuple[int, ...]
) -> tuple[list[Line], list[tuple[str, dict[str, str], dict[str, str]]]]:
    """The rows of today with what was typed laid over them, and for each stale row (name, theirs, yours)."""
    found, theirs = [], []
    for line in lines:
        mine = wanted.get(line.pk)
        if mine is not None and line.pk in stale:
            theirs.append((line.name, dict(line.letters), dict(mine.letters)))
        found.append(line if mine is None else Line(line.pk, line.name, line.version, mine.letters))
    return found, theirs

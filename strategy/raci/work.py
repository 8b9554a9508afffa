"""A piece of work with its parts, as plain values that tables show and checks judge."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from strategy.enums import ACCOUNTABLE, RESPONSIBLE, Post, Vacancy


@dataclass(frozen=True, slots=True)
class Part:
    """One cell: the letter, who has it at present (None when nobody does), by which post, and why it is vacant."""

    letter: str
    seat: str
    person_id: int | None
    person: str
    post: str = ""
    vacancy: str = ""

    @property
    def column(self) -> str:
        """Parts of one person stand in one column, however they came to them; a vacant post has its own."""
        return f"person-{self.person_id}" if self.person_id else self.seat

    @property
    def post_label(self) -> str:
        return str(Post(self.post).label) if self.post else ""

    @property
    def who(self) -> str:
        """The person, or the post that nobody holds."""
        return self.person or self.post_label

    @property
    def trouble(self) -> str:
        """Why nobody can be asked, as part of a sentence; "" when somebody can."""
        return str(Vacancy(self.vacancy).label) if self.vacancy else ""


@dataclass(frozen=True, slots=True)
class Work:
    """A deliverable or process: its name, address and parts. `where` names the project or office it is of.

    `delivered_by` and `accepted_by` are ids; work without a due date is never due.
    """

    name: str
    href: str
    parts: tuple[Part, ...] = ()
    where: str = ""
    due_on: dt.date | None = None
    is_open: bool = True
    delivered_by: int | None = None
    accepted_by: int | None = None

    @property
    def accountable(self) -> Part | None:
        return next((part for part in self.parts if part.letter in ACCOUNTABLE), None)

    @property
    def responsible(self) -> tuple[Part, ...]:
        return tuple(part for part in self.parts if part.letter in RESPONSIBLE)


@dataclass(frozen=True, slots=True)
class Load:
    """For how many open deliverables of the window a person is accountable, and the limit of the office."""

    person_id: int
    person: str
    count: int
    limit: int
    href: str = ""


def people_of(rows: Iterable[Any]) -> dict[int, User]:
    """The people that assignments lead to, by id. One query, none when there are no assignments."""
    ids = {row.holder_id for row in rows if row.holder_id is not None}
    return User.objects.in_bulk(ids) if ids else {}


def parts_by_subject(rows: Collection[Any], people: Mapping[int, User]) -> dict[int, tuple[Part, ...]]:
    """Assignments `with_holder` as parts, by the id of their piece of work, in the order of RACI."""
    found: dict[int, list[Part]] = defaultdict(list)
    for row in rows:
        person = people.get(row.holder_id)
        part = Part(row.letter, row.seat, row.holder_id, str(person or ""), row.post, row.vacancy)
        found[getattr(row, f"{row.SUBJECT}_id")].append(part)
    return {pk: tuple(sorted(parts, key=_order)) for pk, parts in found.items()}


def _order(part: Part) -> tuple[int, str]:
    return ("R", "AR", "A", "C", "I").index(part.letter), part.who

"""The filters of the decision register, and what one line of it tells."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy

from governance import matters

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT: Final = "decision"
"""The kind of decisions that projects ask for; every other kind is a matter of `governance.matters`."""
_LONGEST_TEXT: Final = 120


class RegisterState(models.TextChoices):
    """How a question stands, or stood on the day that was asked for."""

    WANTED = "wanted", pgettext_lazy("decision", "Wanted")
    DECIDED = "decided", pgettext_lazy("decision", "Decided")
    WITHDRAWN = "withdrawn", pgettext_lazy("decision", "Withdrawn")
    UNTOLD = "untold", pgettext_lazy("decision", "Cannot be told")


STATES: Final = (RegisterState.WANTED, RegisterState.DECIDED, RegisterState.WITHDRAWN)


@dataclass(frozen=True, slots=True)
class RegisterQuery:
    """The filters as the address has them; what cannot be read falls back to everything.

    `since` and `until` are the first and last day of a period in which something was asked or decided.
    """

    kind: str = ""
    state: str = ""
    mine: bool = False
    text: str = ""
    as_of: dt.date | None = None
    since: dt.date | None = None
    until: dt.date | None = None

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> RegisterQuery:
        kind, state = given.get("kind", ""), given.get("state", "")
        return cls(
            kind=kind if kind == PROJECT or kind in matters.registered() else "",
            state=state if state in STATES else "",
            mine=given.get("mine") == "1",
            text=given.get("q", "").strip()[:_LONGEST_TEXT],
            as_of=_day(given.get("as_of", "")),
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
        )

    def string(self) -> str:
        """The filters as a query string, without those that are empty."""
        days = {"as_of": self.as_of, "since": self.since, "until": self.until}
        found = {"kind": self.kind, "state": self.state, "mine": "1" if self.mine else "", "q": self.text}
        found |= {name: day.isoformat() if day else "" for name, day in days.items()}
        return urlencode({name: value for name, value in found.items() if value})

    @property
    def end(self) -> dt.datetime | None:
        """The first moment after the day that was asked for, by the clock of the organisation."""
        return midnight_after(self.as_of)


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return day if dt.date(2000, 1, 1) <= day <= dt.date(2100, 1, 1) else None


def midnight(day: dt.date | None) -> dt.datetime | None:
    """When the day begins by the clock of the organisation."""
    if day is None:
        return None
    return timezone.make_aware(dt.datetime.combine(day, dt.time()), timezone.get_default_timezone())


def midnight_after(day: dt.date | None) -> dt.datetime | None:
    return midnight(day + dt.timedelta(days=1)) if day else None


@dataclass(frozen=True, slots=True)
class ConditionLine:
    """A condition of a decision as it stood then."""

    text: str
    owner: str
    due_on: dt.date
    is_met: bool
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the register. `why` holds the reasons, `evidence` what was weighed; empty texts are not known."""

    kind: str
    kind_label: str
    question: str
    href: str
    about: str
    about_href: str
    state: RegisterState
    who: str
    outcome: str
    why: str
    evidence: str
    asked_on: dt.date
    decided_on: dt.date | None
    needed_by: dt.date | None
    conditions: list[ConditionLine] = field(default_factory=list)
    choice: str = ""
    """The outcome of a ballot as it is stored; empty for decisions of projects."""
    note: str = ""
    """What the reader must know of this line as of a day."""
    key: tuple[str, int] = ("", 0)
    project_id: int | None = None

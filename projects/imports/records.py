"""What planning hands on: records, and what was wrong with rows and cells."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any


class Kind(StrEnum):
    """What a problem is, so that all of a kind can be mended together. The first group refuses the row."""

    NO_ID = "no_id"
    LONG_ID = "long_id"
    NO_NAME = "no_name"
    DUPLICATE = "duplicate"
    NO_DATE = "no_date"
    MISFIT = "misfit"
    MONEY = "money"
    DATE = "date"
    COLOUR = "colour"
    CUT = "cut"
    WITHHELD = "withheld"
    EXPLAINED = "explained"


REFUSING = frozenset({Kind.NO_ID, Kind.LONG_ID, Kind.NO_NAME, Kind.DUPLICATE, Kind.NO_DATE, Kind.MISFIT})
NOTES = frozenset({Kind.WITHHELD, Kind.EXPLAINED})
"""Not wrong, but worth knowing: the source keeps a value back, or says in words why there is no colour."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One cell or row that is not as it should be. `text` is what stands there, shortened."""

    kind: Kind
    row: int
    external_id: str = ""
    field: str = ""
    column: str = ""
    text: str = ""


@dataclass(slots=True)
class Planned:
    """A row as a project at a date.

    `fields` are columns of Project, `org_unit` and `phase` names;
    `update` holds colours and narrative. A key that is missing was not in the file and stays as it is.
    """

    row: int
    external_id: str
    as_of: dt.date
    fields: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    org_unit: str | None = None
    phase: str | None = None
    update: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How a control total came out: per project, `equal` exactly, `within` the tolerance, of `of`."""

    label: str
    of: int
    equal: int
    within: int
    tolerance: Decimal
    largest: Decimal
    off: tuple[str, ...]


@dataclass(slots=True)
class Plan:
    """All that a file says, and all that is wrong with it. Pure: nothing of the portfolio is in it."""

    records: list[Planned]
    problems: list[Problem]
    rows_read: int
    columns: dict[str, list[str]]
    not_used: list[str]
    currency: str
    scale: int
    has_colours: bool
    is_complete: bool
    checks: list[CheckResult] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.kind in REFUSING]

    @property
    def warnings(self) -> list[Problem]:
        return [problem for problem in self.problems if problem.kind not in REFUSING | NOTES]

    @property
    def dates(self) -> list[dt.date]:
        return sorted({record.as_of for record in self.records})

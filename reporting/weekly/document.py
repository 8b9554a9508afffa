"""A report in words: what page, PDF and mail all draw, so that the three always say the same."""

from __future__ import annotations

from dataclasses import dataclass, field

from common.svg.bars import Period, Share


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell: words, a link inside the portal, a colour (with the one before it), lines below."""

    text: str = ""
    href: str = ""
    colour: str = ""
    before: str = ""
    lines: tuple[str, ...] = ()
    end: bool = False
    """Whether it is a figure that stands at the right."""


@dataclass(frozen=True, slots=True)
class Section:
    """A titled table. `empty` is what is said instead of a table without rows; `more` what was cut off."""

    key: str
    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str
    intro: str = ""
    more: str = ""
    more_href: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    """One number with its name and what it was."""

    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A whole report in one language."""

    title: str
    portfolio: str
    period: str
    headline: str
    colour: str
    rule: str
    notes: tuple[str, ...]
    figures: tuple[Figure, ...]
    shares: tuple[Share, ...]
    declared_shares: tuple[Share, ...]
    trend: tuple[Period, ...]
    sections: tuple[Section, ...] = field(default=())
    sealed: str = ""

    def section(self, key: str) -> Section:
        """The section of this key. Raises: StopIteration."""
        return next(section for section in self.sections if section.key == key)

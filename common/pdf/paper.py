"""A paper: a title, some facts and parts with a table each; the same on the page and in the PDF."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.translation import get_language

from common.pdf.setting import HERE, typeset

if TYPE_CHECKING:
    import datetime as dt

TEMPLATE: Final[Path] = HERE / "paper.typ"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a paper: a sentence, then a table; `empty` stands for a table without rows."""

    title: str
    intro: str = ""
    head: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """All words are ready, in the language of the reader. `foot` stands on each page of the PDF."""

    title: str
    over: str
    headline: str
    facts: list[tuple[str, str]]
    parts: list[Part]
    foot: str


def pdf(paper: Paper, moment: dt.datetime) -> bytes:
    """The paper as PDF in the active language."""
    return typeset(TEMPLATE, {"language": (get_language() or "en").split("-")[0], **asdict(paper)}, moment)

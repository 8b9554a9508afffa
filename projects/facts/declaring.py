"""A fact about a project, from the project's own row or summed up from the rows of its children."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from governance.facts import Fact, FactKind, FactValue, Source

if TYPE_CHECKING:
    from governance.facts import Text, Timed

DAYS: Final = _("days")


def own(  # noqa: PLR0913 — a fact has as many sides
    word: str,
    label: Text,
    kind: FactKind,
    sentence: Text,
    expression: Timed | None = None,
    *,
    stored: bool = True,
    unit: Text = "",
) -> Fact:
    """A fact that stands in the project's own row."""
    source = Source(word, F(word) if expression is None else expression)
    return Fact(f"project.{word}", label, kind, source, sentence, unit, column=word if stored else "")


def item(  # noqa: PLR0913 — see above
    word: str,
    label: Text,
    kind: FactKind,
    sentence: Text,
    source: Source,
    key: str,
    *,
    stored: bool = True,
    absent: FactValue = None,
    unit: Text = "",
) -> Fact:
    """A fact that is summed up from a child table."""
    return Fact(f"project.{word}", label, kind, source, sentence, unit, word if stored else "", key, absent)

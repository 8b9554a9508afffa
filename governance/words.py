"""A condition as a person reads it: one fragment of a sentence in the active language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from common.formats import date_short, number, percent
from governance import conditions as asks
from governance.conditions import (
    AllOf,
    AnyOf,
    Condition,
    Count,
    Exists,
    FactRef,
    Not,
    OlderThan,
    Question,
    Total,
    Within,
)
from governance.facts import Catalogue, Fact, FactKind

if TYPE_CHECKING:
    from governance.facts import Text

Labels: TypeAlias = "Mapping[str, Mapping[str, Text]]"
"""What the values of choices are called: by the word of the fact, then by the stored value."""

_AMOUNTS: Final[dict[str, Text]] = {
    "eq": _("%(fact)s: %(value)s"),
    "ne": _("%(fact)s: not %(value)s"),
    "lt": _("%(fact)s: less than %(value)s"),
    "le": _("%(fact)s: at most %(value)s"),
    "gt": _("%(fact)s: more than %(value)s"),
    "ge": _("%(fact)s: at least %(value)s"),
}
_DATES: Final[dict[str, Text]] = _AMOUNTS | {
    "lt": _("%(fact)s: before %(value)s"),
    "le": _("%(fact)s: on or before %(value)s"),
    "gt": _("%(fact)s: after %(value)s"),
    "ge": _("%(fact)s: on or after %(value)s"),
}

_JOINED: Final[dict[str, Text]] = {"all": _("%(first)s and %(second)s"), "any": _("%(first)s or %(second)s")}
_OVER: Final[dict[tuple[str, bool], Text]] = {
    ("count", False): _("number of %(children)s"),
    ("count", True): _("number of %(children)s with (%(where)s)"),
    ("sum", False): _("sum of %(field)s over %(children)s"),
    ("sum", True): _("sum of %(field)s over %(children)s with (%(where)s)"),
    ("exists", False): _("at least one of: %(children)s"),
    ("exists", True): _("at least one of: %(children)s with (%(where)s)"),
}
_STATES: Final[dict[type, Text]] = {
    asks.Filled: _("%(fact)s: filled in"),
    asks.Empty: _("%(fact)s: empty"),
    asks.Withheld: _("%(fact)s: withheld"),
}


def in_words(condition: Condition, catalogue: Catalogue, labels: Labels | None = None) -> str:
    """A condition such as "slip: at most 14 days and (sponsor: filled in or status: one of On hold, Done)".

    A value of a choice without a label stands as it is stored.
    """
    return _Writer(catalogue, labels or {}).fragment(condition)


def asked_in_words(question: Question, catalogue: Catalogue, labels: Labels | None = None) -> str:
    """What a question looks at, such as "slip" or "number of risks with (open: yes)"."""
    return _Writer(catalogue, labels or {}).subject(question)


def value_in_words(raw: Any, fact: Fact) -> str:
    """A value as a finding keeps it (plain JSON), as a person reads it."""
    if raw is None or raw in ("", []):
        return gettext("empty")
    if isinstance(raw, bool):
        return gettext("yes") if raw else gettext("no")
    if fact.kind is FactKind.DATE:
        return date_short(date.fromisoformat(raw))
    if fact.kind.is_number:
        return _amount(Decimal(str(raw)), fact)
    return ", ".join(map(str, raw)) if isinstance(raw, list) else str(raw)


@dataclass(frozen=True, slots=True)
class _Writer:
    catalogue: Catalogue
    labels: Labels

    def fragment(self, condition: Condition) -> str:
        if isinstance(condition, Not):
            return gettext("not (%(condition)s)") % {"condition": self.fragment(condition.part)}
        if not isinstance(condition, AllOf | AnyOf):
            return self.question(condition)
        both = str(_JOINED[condition.key])
        return reduce(lambda first, second: both % {"first": first, "second": second}, map(self.part, condition.parts))

    def part(self, condition: Condition) -> str:
        """A part of a group: a group within a group stands in brackets."""
        text = self.fragment(condition)
        return f"({text})" if isinstance(condition, AllOf | AnyOf) else text

    def subject(self, asked: Question) -> str:
        """What is looked at: a fact, or what is counted with its filter."""
        if not isinstance(asked, Count | Exists):
            return str(self.catalogue.fact(asked.fact).label)
        children = self.catalogue.children[asked.fact]
        said = {"children": children.label, "field": "", "where": ""}
        if isinstance(asked, Total):
            said["field"] = children.fields.fact(asked.of).label
        if asked.where is not None:
            said["where"] = _Writer(children.fields, self.labels).fragment(asked.where)
        return str(_OVER[asked.key, asked.where is not None]) % said

    def question(self, asked: Question) -> str:
        if isinstance(asked, Exists):
            return self.subject(asked)
        if isinstance(asked, Count):
            children = self.catalogue.children[asked.fact]
            of = children.fields.fact(asked.of) if isinstance(asked, Total) else children.as_fact()
            told: dict[str, object] = {"fact": self.subject(asked), "value": self.value(asked.value, of)}
            return str(_AMOUNTS[asked.op]) % told
        return self.about_fact(asked, self.catalogue.fact(asked.fact))

    def about_fact(self, asked: Question, fact: Fact) -> str:
        told: dict[str, object] = {"fact": fact.label}
        if isinstance(asked, OlderThan | Within):
            return _age(asked) % (told | {"n": asked.days})
        if isinstance(asked, asks.Compare):
            sentences = _DATES if fact.kind is FactKind.DATE else _AMOUNTS
            return str(sentences[asked.op]) % (told | {"value": self.value(asked.value, fact)})
        if isinstance(asked, asks.Between):
            ends = {"low": self.value(asked.low, fact), "high": self.value(asked.high, fact)}
            return gettext("%(fact)s: from %(low)s up to and including %(high)s") % (told | ends)
        if isinstance(asked, asks.OneOf):
            values = ", ".join(self.value(value, fact) for value in asked.values)
            return gettext("%(fact)s: one of %(values)s") % (told | {"values": values})
        return str(_STATES[type(asked)]) % told

    def value(self, value: Any, fact: Fact) -> str:
        if isinstance(value, FactRef):
            return str(self.catalogue.fact(value.name).label)
        if isinstance(value, bool):
            return gettext("yes") if value else gettext("no")
        if isinstance(value, int | Decimal):
            return _amount(Decimal(value), fact)
        if isinstance(value, date):
            return date_short(value)
        return str(self.labels.get(fact.name, self.labels.get(fact.word, {})).get(value, value))


def _age(asked: OlderThan | Within) -> str:
    """The sentence about an age, with its number still to be filled in."""
    n = asked.days
    if isinstance(asked, OlderThan):
        if asked.working:
            return ngettext(
                "%(fact)s: more than %(n)d working day ago", "%(fact)s: more than %(n)d working days ago", n
            )
        return ngettext("%(fact)s: more than %(n)d day ago", "%(fact)s: more than %(n)d days ago", n)
    if asked.working:
        return ngettext("%(fact)s: at most %(n)d working day ago", "%(fact)s: at most %(n)d working days ago", n)
    return ngettext("%(fact)s: at most %(n)d day ago", "%(fact)s: at most %(n)d days ago", n)


def _amount(value: Decimal, fact: Fact) -> str:
    exponent = value.normalize().as_tuple().exponent
    digits = max(0, -exponent) if isinstance(exponent, int) else 0
    if fact.unit == "%":
        return percent(value, digits)
    text = number(value, digits)
    if fact.kind is FactKind.DAYS:
        return ngettext("%(n)s day", "%(n)s days", 1 if value == 1 else 2) % {"n": text}
    return f"{text} {fact.unit}" if fact.unit else text

"""The fields of the form, and the one that fits a value of a fact."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from governance.builder.options import Groups, choices
from governance.facts import Fact, FactKind

if TYPE_CHECKING:
    from governance.facts import Text
    from governance.words import Labels


@dataclass(frozen=True, slots=True)
class Control:
    """One field of the form; `options` for a select."""

    name: str
    kind: str
    label: Text
    value: Any = ""
    options: Groups = field(default_factory=list)
    redraws: bool = False
    """Whether other fields depend on it."""

    @property
    def id(self) -> str:
        return f"id_{self.name.replace('.', '_')}"


def value_control(name: str, label: Text, value: str, fact: Fact, labels: Labels) -> Control:
    """The field for a value of a fact."""
    named = choices(fact, labels)
    if named:
        known = not value or value in named or fact.kind is FactKind.YES_NO
        options = [*named.items(), *([] if known else [(value, value)])]
        return Control(name, "select", label, value or next(iter(named)), [("", options)])
    kind = "date" if fact.kind is FactKind.DATE else "number" if fact.kind.is_number else "text"
    return Control(name, kind, f"{label} ({fact.unit})" if fact.unit else label, value)


def values_control(name: str, values: list[str], fact: Fact, labels: Labels) -> Control:
    """The field for several values of a fact."""
    named = choices(fact, labels)
    if named:
        options = [*named.items(), *((value, value) for value in values if value not in named)]
        return Control(name, "several", _("Values"), values, [("", options)])
    return Control(name, "lines", _("Values, one on each line"), "\n".join(values))

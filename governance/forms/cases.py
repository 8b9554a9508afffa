"""The facts of a test case as fields: known, empty or not known, in the type of each fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from governance import documents
from governance.builder.controls import Control, value_control
from governance.conditions import WITHHELD, ConditionError
from governance.facts import Catalogue, Fact, FactKind

if TYPE_CHECKING:
    from governance.facts import Text
    from governance.words import Labels

STATES = ("known", "empty", "unknown")


@dataclass(frozen=True, slots=True)
class FactField:
    """A fact of a case: its state, and its value when it is known. Of what is counted, the rows as lines of YAML."""

    label: str
    sentence: str
    state: Control
    value: Control


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """The fields of all facts that a rule looks at."""

    catalogue: Catalogue
    labels: Labels
    words: list[str]
    fields_asked: Mapping[str, list[str]]

    def draw(self, facts: Mapping[str, Any]) -> list[FactField]:
        return [self._field(word, facts) for word in self.words]

    def _field(self, word: str, facts: Mapping[str, Any]) -> FactField:
        raw = facts.get(word)
        state = "unknown" if word not in facts else "empty" if raw in (None, "") else "known"
        children = self.catalogue.children_of(word)
        states: list[tuple[str, Text]] = [("known", _("known")), ("unknown", _("not known"))]
        if children is None:
            states.insert(1, ("empty", _("empty")))
        fact = self.catalogue.fact(word)
        choose = Control(f"state-{word}", "select", _("%(fact)s is") % {"fact": fact.label}, state, [("", states)])
        if children is not None:
            text = documents.write_plain(raw) if raw else self._template(word)
            value = Control(f"fact-{word}", "lines", _("Rows of %(fact)s") % {"fact": fact.label}, text)
        else:
            value = self._value(word, fact, raw)
        return FactField(str(fact.label), self._sentence(word, fact), choose, value)

    def _sentence(self, word: str, fact: Fact) -> str:
        """What a fact means; of rows, also which fields matter and what they are called."""
        children = self.catalogue.children.get(fact.name)
        if children is None:
            return str(fact.sentence)
        fields = ", ".join(f"{name} = {children.fields.fact(name).label}" for name in self.fields_asked.get(word, ()))
        return f"{fact.sentence} {fields}"

    def _template(self, word: str) -> str:
        row = ", ".join(f"{name}: " for name in self.fields_asked.get(word, ()))
        return f"- {{{row}}}" if row else ""

    def _value(self, word: str, fact: Fact, raw: Any) -> Control:
        label = _("Value of %(fact)s") % {"fact": fact.label}
        if fact.kind is FactKind.LIST:
            return Control(f"fact-{word}", "lines", label, "\n".join(map(str, raw or [])))
        shown = "" if raw in (None, "") else "yes" if raw is True else "no" if raw is False else str(raw)
        return value_control(f"fact-{word}", label, shown, fact, self.labels)

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The facts that the fields say. Raises: ConditionError, which names the fact."""
        found: dict[str, Any] = {}
        for word in self.words:
            state, text = data.get(f"state-{word}", "unknown"), str(data.get(f"fact-{word}", ""))
            if state not in STATES or state == "unknown":
                continue
            found[word] = None if state == "empty" else self._said(word, text)
        return found

    def _said(self, word: str, text: str) -> Any:
        if self.catalogue.children_of(word) is not None:
            rows = documents.load(text) if text.strip() else []
            if not isinstance(rows, list):
                message = _("Write one row on each line, such as “- {is_open: true}”.")
                raise ConditionError(str(self.catalogue.fact(word).label), message)
            return rows
        fact = self.catalogue.fact(word)
        if fact.kind is FactKind.LIST or word == WITHHELD:
            return [line.strip() for line in text.splitlines() if line.strip()]
        bare = text.strip()
        if fact.kind is FactKind.YES_NO:
            return {"yes": True, "no": False}.get(bare, bare)
        return bare.replace(",", ".") if fact.kind.is_number and "." not in bare else bare

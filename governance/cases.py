"""Test cases of a rule: made-up facts, and what the rule must say of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from governance import conditions
from governance.conditions import AllOf, Condition, ConditionError, Count, Exists, Outcome, Step
from governance.enums import Expected
from governance.facts import Catalogue, Fact, FactKind

MAX_CASES = 40
MAX_ROWS = 20


@dataclass(frozen=True, slots=True)
class Case:
    """`facts` are plain JSON by word, see `governance.models.RuleCase`."""

    name: str
    expected: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    on_day: date = date(2026, 11, 2)

    def columns(self) -> dict[str, Any]:
        return {"name": self.name, "expected": self.expected, "facts": dict(self.facts), "on_day": self.on_day}


@dataclass(frozen=True, slots=True)
class Ran:
    """A case that was run: what the rule says, whether that is right, and what each question found."""

    outcome: Outcome
    is_green: bool
    applies: Outcome | None
    trace: tuple[Step, ...]


def run(applies: Condition | None, condition: Condition, case: Any, known: Catalogue) -> Ran:
    """Judge one case; as the rule itself would judge a subject with these facts on that day."""
    facts = read_facts(case.facts, known)
    concerned = None if applies is None else conditions.evaluate(applies, facts, case.on_day).outcome
    verdict = conditions.evaluate(condition, facts, case.on_day)
    outcome = verdict.outcome
    if concerned is Outcome.FAIL:
        outcome = Outcome.PASS
    elif concerned is Outcome.UNKNOWN and outcome is Outcome.FAIL:
        outcome = Outcome.UNKNOWN
    return Ran(outcome, outcome.value == case.expected, concerned, verdict.trace)


def read_facts(data: Mapping[str, Any], known: Catalogue) -> dict[str, Any]:
    """The facts of a case in the types of their kinds. Raises: ConditionError, which names the fact."""
    return {word: _value(word, raw, known) for word, raw in data.items()}


def _value(word: str, raw: Any, known: Catalogue) -> Any:
    name = f"{known.subject}.{word}"
    if name in known.children:
        children = known.children[name]
        if not isinstance(raw, list) or len(raw) > MAX_ROWS or not all(isinstance(row, dict) for row in raw):
            raise ConditionError(word, _("Write a list of at most %(limit)d rows.") % {"limit": MAX_ROWS})
        return [
            {field: _single(f"{word} › {field}", value, children.fields, field) for field, value in row.items()}
            for row in raw
        ]
    return _single(word, raw, known, word)


def _single(place: str, raw: Any, known: Catalogue, word: str) -> Any:
    fact = known.facts.get(f"{known.subject}.{word}")
    if fact is None:
        raise ConditionError(place, _("This fact is not known: choose one that the rule looks at."))
    return typed(place, raw, fact)


def typed(place: str, raw: Any, fact: Fact) -> Any:
    """A value of a fact out of plain JSON. Raises: ConditionError."""
    if raw is None or raw == "":
        return raw if raw is None or fact.kind in {FactKind.TEXT, FactKind.CHOICE} else None
    if fact.kind is FactKind.LIST:
        if isinstance(raw, list) and all(isinstance(one, str | int) and "\0" not in str(one) for one in raw):
            return raw
        raise ConditionError(place, _("Write a list here."))
    return conditions.read_value(raw, fact, place)


def asked_words(applies: Condition | None, condition: Condition) -> list[str]:
    """The words of everything a rule looks at, as its cases offer them; the same order every time."""
    whole = condition if applies is None else AllOf((applies, condition))
    found: dict[str, None] = {}
    for _place, question in conditions.questions(whole):
        found |= dict.fromkeys(sorted(question.words(), key=lambda word: (word != question.word, word)))
    return list(found)


def fields_asked(applies: Condition | None, condition: Condition) -> dict[str, list[str]]:
    """By the word of what is counted, the fields of its rows that matter."""
    whole = condition if applies is None else AllOf((applies, condition))
    found: dict[str, dict[str, None]] = {}
    for _place, question in conditions.questions(whole):
        if isinstance(question, Count | Exists):
            inner = conditions.facts_of(question.where) if question.where else frozenset()
            of = {getattr(question, "of", "")} - {""}
            found.setdefault(question.word, {}).update(dict.fromkeys(sorted(inner | of)))
    return {word: list(fields) for word, fields in found.items()}


def expectations(cases: Any) -> set[str]:
    return {case.expected for case in cases}


def enough(cases: Any) -> bool:
    """Whether the cases show both sides: at least one that keeps the rule, and one that breaks it."""
    return {Expected.PASS.value, Expected.FAIL.value} <= expectations(cases)

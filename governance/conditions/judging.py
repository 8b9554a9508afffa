"""Conditions asked of one subject, with what each question found."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.conditions.nodes import (
    TURNED,
    UNKNOWN,
    AllOf,
    AnyOf,
    Condition,
    Facts,
    Not,
    Outcome,
    Question,
    Test,
    below,
)


def as_data(condition: Condition) -> dict[str, Any]:
    """The JSON form in which a condition is stored; `parse` reads it back."""
    return condition.data()


def facts_of(condition: Condition) -> frozenset[str]:
    """The words of all facts that the condition looks at, also the list of withheld amounts when it matters."""
    return frozenset(word for _place, question in questions(condition, "") for word in question.words())


def compiled(condition: Condition) -> Test:
    """The condition as one function that gives the outcome of `evaluate`; for many subjects at once."""
    return condition.test()


@dataclass(frozen=True, slots=True)
class Step:
    """One question with its answer. `fact` is the full name; `value` is plain JSON, None when missing."""

    place: str
    fact: str
    value: Any
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a condition holds for one subject, and what each of its questions found, in order."""

    outcome: Outcome
    trace: tuple[Step, ...]


def evaluate(condition: Condition, facts: Facts, today: date) -> Verdict:
    """Ask every question of the condition, also those that no longer matter for the outcome."""
    steps = tuple(
        Step(place, asked.fact, asked.found(facts, today), asked.test()(facts, today))
        for place, asked in questions(condition, "")
    )
    return Verdict(_concluded(condition, iter(steps)), steps)


def questions(condition: Condition, place: str = "") -> Iterator[tuple[str, Question]]:
    """Every question with its place, in order; the filter of a count is part of its question."""
    if isinstance(condition, Not):
        yield from questions(condition.part, below(place, "not"))
    elif isinstance(condition, AllOf | AnyOf):
        for number, part in enumerate(condition.parts):
            yield from questions(part, below(place, f"{condition.key}[{number}]"))
    else:
        yield place, condition


def _concluded(condition: Condition, steps: Iterator[Step]) -> Outcome:
    """The outcome of a tree, from the answers to its questions in their order."""
    if isinstance(condition, Not):
        return TURNED[_concluded(condition.part, steps)]
    if not isinstance(condition, AllOf | AnyOf):
        return next(steps).outcome
    found = {_concluded(part, steps) for part in condition.parts}
    if condition.decisive in found:
        return condition.decisive
    return UNKNOWN if UNKNOWN in found else condition.neutral

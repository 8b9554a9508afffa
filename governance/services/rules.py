"""Putting rules in force, and reading those that are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance import conditions
from governance.conditions import Condition, ConditionError, Outcome
from governance.enums import Checkpoint, VersionState, Weight
from governance.facts import catalogue
from governance.models import Rule, RuleVersion
from governance.models.rules import advise_everywhere

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as it is written down: conditions as trees (see `governance.conditions`), texts by language."""

    code: str
    kind: str
    weight: Weight
    condition: dict[str, Any]
    texts: dict[str, dict[str, str]]
    applies: dict[str, Any] | None = None
    remedy_page: str = ""
    checkpoints: tuple[str, ...] = (Checkpoint.WEEKLY_SCAN.value,)
    enforcement: dict[str, str] = field(default_factory=advise_everywhere)


@transaction.atomic
def add_rules(rules: Iterable[NewRule]) -> int:
    """Put rules in force whose code the rulebook does not have yet; how many. What is there stays as it is.

    Raises: ConditionError, and then none of them is added.
    """
    wanted = {rule.code: rule for rule in rules}
    for new in wanted.values():
        for tree in (new.applies, new.condition):
            if tree is not None:
                _check(conditions.parse(tree, catalogue(new.kind)), new.code)
    there = set(Rule.objects.filter(code__in=wanted).values_list("code", flat=True))
    made = Rule.objects.bulk_create(
        [Rule(code=new.code, subject_kind=new.kind) for new in wanted.values() if new.code not in there],
        ignore_conflicts=True,
    )
    ids = dict(Rule.objects.filter(code__in=[rule.code for rule in made]).values_list("code", "pk"))
    versions = [
        RuleVersion(
            rule_id=pk, state=VersionState.ACTIVE, weight=wanted[code].weight, applies=wanted[code].applies,
            condition=wanted[code].condition, texts=wanted[code].texts, remedy_page=wanted[code].remedy_page,
            checkpoints=list(wanted[code].checkpoints), enforcement=wanted[code].enforcement,
        )
        for code, pk in ids.items()
    ]  # fmt: skip
    RuleVersion.objects.bulk_create(versions, ignore_conflicts=True)
    return len(versions)


def _check(condition: Condition, code: str) -> None:
    decided = conditions.never_decides(condition)
    if decided == "always":
        raise ConditionError(code, _("This condition holds for everybody, so it asks nothing: change or remove it."))
    if decided == "never":
        raise ConditionError(code, _("This condition can hold for nobody: change it."))


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A version in force, ready to judge many subjects."""

    version_id: int
    rule_id: int
    applies: Condition | None
    condition: Condition
    judges: Callable[[Facts, date], Outcome] = field(repr=False)

    def evidence(self, facts: Facts, today: date) -> list[dict[str, Any]]:
        """The facts that the judgement rests on, with their values."""
        steps = conditions.evaluate(self.condition, facts, today).trace
        return [{"fact": step.fact, "value": step.value, "outcome": step.outcome.value} for step in steps]


def active_rules(kind: str) -> list[ActiveRule]:
    """All rules in force for a kind of subject. One query."""
    found = RuleVersion.objects.active().filter(rule__subject_kind=kind).order_by("rule__code")
    return [ready(version, kind) for version in found]


def ready(version: RuleVersion, kind: str) -> ActiveRule:
    """A version of a rule over this kind of subject, ready to judge. Raises: ConditionError."""
    applies = None if version.applies is None else conditions.parse(version.applies, catalogue(kind))
    condition = conditions.parse(version.condition, catalogue(kind))
    return ActiveRule(version.pk, version.rule_id, applies, condition, _judge(applies, condition))


def _judge(applies: Condition | None, condition: Condition) -> Callable[[Facts, date], Outcome]:
    """A rule that does not apply is kept; one of which nobody can tell whether it applies is not known."""
    holds = conditions.compiled(condition)
    if applies is None:
        return holds
    concerns = conditions.compiled(applies)

    def judge(facts: Facts, today: date) -> Outcome:
        concerned = concerns(facts, today)
        if concerned is Outcome.FAIL:
            return Outcome.PASS
        outcome = holds(facts, today)
        return outcome if concerned is Outcome.PASS or outcome is Outcome.PASS else Outcome.UNKNOWN

    return judge

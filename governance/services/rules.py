"""The rules in force: put there by the start set, read for those who hold subjects against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import transaction

from governance import conditions
from governance.cases import Case
from governance.conditions import Condition, ConditionError, Count, Exists, Outcome
from governance.contents import FIELDS, Content, concerns, read_content
from governance.enums import Checkpoint, VersionState
from governance.facts import catalogue
from governance.models import Rule, RuleCase, RuleVersion

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NewRule:
    """A rule as it is written down: `content` in plain data as `governance.contents.read_content` reads it."""

    code: str
    kind: str
    content: Mapping[str, Any]
    cases: tuple[Case, ...] = ()


@transaction.atomic
def add_rules(rules: Iterable[NewRule]) -> int:
    """Put rules in force whose code the rulebook does not have yet; how many. What is there stays as it is.

    Raises: ConditionError, and then none of them is added.
    """
    wanted = {rule.code: rule for rule in rules}
    contents = {code: _content(rule) for code, rule in wanted.items()}
    there = set(Rule.objects.filter(code__in=wanted).values_list("code", flat=True))
    made = Rule.objects.bulk_create(
        [Rule(code=new.code, subject_kind=new.kind) for new in wanted.values() if new.code not in there],
        ignore_conflicts=True,
    )
    ids = dict(Rule.objects.filter(code__in=[rule.code for rule in made]).values_list("code", "pk"))
    versions = [RuleVersion(rule_id=pk, **columns_of(contents[code])) for code, pk in ids.items()]
    RuleVersion.objects.bulk_create(versions, ignore_conflicts=True)
    fresh = RuleVersion.objects.filter(rule_id__in=ids.values(), number=1, state=VersionState.DRAFT)
    by_code = {version.rule.code: version for version in fresh.select_related("rule")}
    RuleCase.objects.bulk_create(
        RuleCase(rule_version=version, **case.columns())
        for code, version in by_code.items()
        for case in wanted[code].cases
    )
    return fresh.update(state=VersionState.ACTIVE)


def _content(new: NewRule) -> Content:
    try:
        return read_content(new.content, new.kind)
    except ConditionError as error:
        raise ConditionError(new.code, str(error)) from error


def columns_of(content: Content) -> dict[str, Any]:
    """A content as the columns of a version."""
    return {name: getattr(content, name) for name in FIELDS}


@dataclass(frozen=True, slots=True)
class ActiveRule:
    """A version in force, ready to judge many subjects.

    `applies` holds its scope too; `checkpoints` say when it is asked, `enforcement` what breaking it does by the
    control level of an office.
    """

    version_id: int
    rule_id: int
    applies: Condition | None
    condition: Condition
    judges: Callable[[Facts, date], Outcome] = field(repr=False)
    checkpoints: frozenset[str] = frozenset()
    enforcement: Mapping[str, str] = field(default_factory=dict)

    def evidence(self, facts: Facts, today: date) -> list[dict[str, Any]]:
        """The facts that the judgement rests on, with their values; of what was counted, the place says which."""
        steps = conditions.evaluate(self.condition, facts, today).trace
        counted = {place for place, asked in conditions.questions(self.condition) if isinstance(asked, Count | Exists)}
        return [
            {"fact": step.fact, "value": step.value, "outcome": step.outcome.value}
            | ({"place": step.place} if step.place in counted else {})
            for step in steps
        ]


def active_rules(kind: str) -> list[ActiveRule]:
    """The rules in force for a kind of subject that the weekly scan asks. One query, and one for each part of the
    organisation they name.
    """
    scanned = RuleVersion.objects.active().filter(checkpoints__contains=[Checkpoint.WEEKLY_SCAN.value])
    found = scanned.filter(rule__subject_kind=kind).order_by("rule__code")
    return [ready(version, kind) for version in found]


def ready(version: RuleVersion, kind: str) -> ActiveRule:
    """A version ready to judge, in force or not."""
    applies = concerns(version, kind)
    condition = conditions.parse(version.condition, catalogue(kind))
    return ActiveRule(
        version.pk, version.rule_id, applies, condition, judge(applies, condition),
        frozenset(version.checkpoints), version.enforcement,
    )  # fmt: skip


def children_asked_for(rules: Iterable[ActiveRule]) -> frozenset[str]:
    """The words of all tables in which some rule counts."""
    trees = [tree for rule in rules for tree in (rule.applies, rule.condition) if tree is not None]
    return frozenset(
        asked.word
        for tree in trees
        for _place, asked in conditions.questions(tree)
        if isinstance(asked, Count | Exists)
    )


def judge(applies: Condition | None, condition: Condition) -> Callable[[Facts, date], Outcome]:
    """A rule that does not apply is kept; one of which nobody can tell whether it applies is not known."""
    holds = conditions.compiled(condition)
    if applies is None:
        return holds
    concerned_by = conditions.compiled(applies)

    def outcome_of(facts: Facts, today: date) -> Outcome:
        concerned = concerned_by(facts, today)
        if concerned is Outcome.FAIL:
            return Outcome.PASS
        outcome = holds(facts, today)
        return outcome if concerned is Outcome.PASS or outcome is Outcome.PASS else Outcome.UNKNOWN

    return outcome_of

"""Holding one subject against the rules at a checkpoint: rules that bite.

The contract. Call `check` inside the transaction of the step, with the subject locked, after the step's own writes:
facts are read fresh and so tell what would be true if the step stood. `demand()` raises `RulesNotKept` when a rule
stops; the transaction then takes the step back. What only advises is in the result for the page to tell.

    result = rulebook.check(kind=SubjectKind.PROJECT, subject_id=pk, checkpoint=Checkpoint.CLOSE_PROJECT, actor=actor)
    result.demand()
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from common.errors import PortalError
from governance import conditions, subjects
from governance.conditions import Outcome
from governance.enums import Checkpoint, Enforcement, SubjectKind, Weight
from governance.facts import catalogue
from governance.models import RuleVersion, Waiver
from governance.services.rules import ready
from governance.subjects import FREE, Control
from governance.words import asked_in_words, value_in_words

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Evidence:
    """A fact that a judgement rests on: its name, label, value as plain JSON, and what was found about it."""

    fact: str
    label: str
    value: Any
    words: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Judged:
    """A rule that a subject does not keep (`outcome` is fail), or of which the facts do not tell (unknown).

    `enforcement` is what breaking it does under the subject's control level; `waiver` lifts it now.
    """

    version: RuleVersion
    outcome: Outcome
    enforcement: Enforcement
    evidence: tuple[Evidence, ...]
    waiver: Waiver | None
    remedy_href: str

    @property
    def title(self) -> str:
        return self.version.text("title")

    @property
    def message(self) -> str:
        return self.version.text("message")

    @property
    def remedy(self) -> str:
        return self.version.text("remedy")

    @property
    def stops(self) -> bool:
        """What is not known never stops by itself: a rule that must not be dodged by silence asks for the value."""
        return self.outcome is Outcome.FAIL and self.enforcement is not Enforcement.ADVISE and self.waiver is None


@dataclass(frozen=True, slots=True)
class CheckResult:
    """What the rulebook says about one subject at one moment; `judged` holds what is not plainly kept, by weight.

    `waived_for`: the kind and id of what a waiver is asked for; None where there is nothing yet that could have one.
    """

    kind: str
    subject_id: int
    checkpoint: Checkpoint
    control: Control
    judged: tuple[Judged, ...] = ()
    waived_for: tuple[str, int] | None = None

    @property
    def stopping(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.stops)

    @property
    def advice(self) -> tuple[Judged, ...]:
        """Broken rules that are told and stop nothing."""
        return tuple(one for one in self._broken() if one.enforcement is Enforcement.ADVISE and one.waiver is None)

    @property
    def waived(self) -> tuple[Judged, ...]:
        return tuple(one for one in self._broken() if one.waiver is not None)

    @property
    def unknown(self) -> tuple[Judged, ...]:
        """Rules of which nobody can tell, because a fact is missing."""
        return tuple(one for one in self.judged if one.outcome is Outcome.UNKNOWN)

    def _broken(self) -> tuple[Judged, ...]:
        return tuple(one for one in self.judged if one.outcome is Outcome.FAIL)

    def demand(self) -> CheckResult:
        """Itself, when nothing stops. Raises: RulesNotKept."""
        if self.stopping:
            raise RulesNotKept(self)
        return self

    def advice_in_words(self) -> str:
        """One sentence a rule that advises, for a note after the step; "" when there is nothing to tell."""
        return " ".join(_sentence(one) for one in self.advice)


class RulesNotKept(PortalError):
    """The step is stopped by rules; the text names each, why and how it is mended. `result` has the parts."""

    def __init__(self, result: CheckResult) -> None:
        rules = " ".join(_sentence(one) for one in result.stopping)
        super().__init__(_("Not yet, because of the rules that hold here. %(rules)s") % {"rules": rules})
        self.result = result

    @property
    def in_short(self) -> str:
        """For a page that shows the parts of `result` as well."""
        return _("Rules stop this step. What each of them asks is listed below.")


def _sentence(one: Judged) -> str:
    said = {"rule": one.title, "message": one.message, "remedy": one.remedy}
    return _("“%(rule)s”: %(message)s %(remedy)s.") % said


def check(
    *, kind: str, subject_id: int, checkpoint: str, actor: User | None = None, born_of: tuple[str, int] | None = None
) -> CheckResult:
    """Hold a subject against the rules in force that are asked at this moment and are for it.

    One query when no rule is asked here; else four (rules, facts, control, waivers), whatever their number, one for
    each part of the organisation that a scope names, and one for what a start comes of. `actor` is who takes the step;
    whoever it is, the same rules bind.

    What starts is not there for anybody before the step stands. `born_of` names what it comes of, by kind and id: its
    waivers lift rules for what starts, and links lead to it.
    """
    moment, about = Checkpoint(checkpoint), SubjectKind(kind)
    subject = subjects.registered()[about.value]
    asked = RuleVersion.objects.active().filter(rule__subject_kind=about.value, checkpoints__contains=[moment.value])
    versions = list(asked.select_related("rule").order_by("rule__code"))
    waived_for = born_of if moment is Checkpoint.START_PROJECT else (about.value, subject_id)
    if not versions:
        return CheckResult(about.value, subject_id, moment, FREE, waived_for=waived_for)
    today = subject.today()
    facts = next(iter(subject.facts([subject_id], today)), {})
    control = subject.controls([subject_id]).get(subject_id, FREE)
    found = [(version, ready(version, about.value).judges(facts, today)) for version in versions]
    not_kept = [(version, outcome) for version, outcome in found if outcome is not Outcome.PASS]
    waivers = _waivers(*waived_for, today) if not_kept and waived_for else {}
    mended_at = _mended_at(about.value, waived_for if not_kept else None)
    judged = [
        _judged(version, outcome, control, facts, waivers.get(version.rule_id), mended_at(version.remedy_page))
        for version, outcome in not_kept
    ]
    judged.sort(key=lambda one: (not one.stops, Weight(one.version.weight).place))
    return CheckResult(about.value, subject_id, moment, control, tuple(judged), waived_for)


def enforcement_of(version: RuleVersion, level: str) -> Enforcement:
    """What breaking a rule does under a control level; a level that its map does not name is advised."""
    return Enforcement(version.enforcement.get(str(level), Enforcement.ADVISE))


def lifts(waiver: Waiver | None, enforcement: Enforcement) -> bool:
    """Whether a waiver in force is strong enough: one for a milder consequence does not lift a stricter one."""
    return waiver is not None and Enforcement(waiver.lifts).strictness >= enforcement.strictness


def _waivers(kind: str, subject_id: int, today: date) -> dict[int, Waiver]:
    in_force = Waiver.objects.about(kind, [subject_id]).lifting(today)
    return {waiver.rule_id: waiver for waiver in in_force}


def _judged(
    version: RuleVersion,
    outcome: Outcome,
    control: Control,
    facts: Mapping[str, Any],
    waiver: Waiver | None,
    remedy_href: str,
) -> Judged:
    kind, enforcement = version.rule.subject_kind, enforcement_of(version, control.level)
    subject = subjects.registered()[kind]
    return Judged(
        version,
        outcome,
        enforcement,
        evidence_of(version, ready(version, kind).evidence(facts, subject.today())),
        waiver if lifts(waiver, enforcement) else None,
        remedy_href,
    )


def _mended_at(about: str, place: tuple[str, int] | None) -> Callable[[str], str]:
    """Where a rule is kept, by the page that it names; of what is only about to start, always on that of what it comes
    of. One query for that, however many rules ask.
    """
    kind, pk = place or ("", 0)
    if kind == about:
        return partial(subjects.registered()[kind].mended_at, pk)
    described = subjects.describe(kind, [pk]).get(pk) if place else None
    return lambda _page: described.href if described else ""


def evidence_of(version: RuleVersion, kept: list[dict[str, Any]]) -> tuple[Evidence, ...]:
    """Evidence as a finding keeps it, in words."""
    known = catalogue(version.rule.subject_kind)
    questions = dict(conditions.questions(conditions.parse(version.condition, known)))
    labels = subjects.registered()[version.rule.subject_kind].labels
    told = []
    for step in kept:
        fact, counted = known.fact(step["fact"]), questions.get(step.get("place", "-"))
        label = str(fact.label) if counted is None else asked_in_words(counted, known, labels)
        words = value_in_words(step["value"], fact)
        told.append(Evidence(step["fact"], label, step["value"], words, Outcome(step["outcome"])))
    return tuple(told)

"""A version of a rule as pages say it: its conditions and the rest in words, and what differs between two."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import translation
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common import formats
from common.ui import cells
from governance import conditions, subjects
from governance.cases import Ran, asked_words, run
from governance.conditions import Condition, ConditionError, Count, Exists
from governance.contents import TEXTS, Content
from governance.enums import Checkpoint, Enforcement, Expected, OfferKind, SubjectKind, Weight
from governance.facts import catalogue
from governance.models import RuleCase, RuleVersion
from governance.words import asked_in_words, in_words, value_in_words
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from governance.subjects import Subject

OUTCOME_TONES = {"pass": "ok", "fail": "off", "unknown": "hold"}


def subject_of(kind: str) -> Subject:
    return subjects.registered()[kind]


def tree_words(tree: Any, kind: str) -> str:
    """A stored condition as a sentence in the language of the reader."""
    known = catalogue(kind)
    return capfirst(in_words(conditions.parse(tree, known), known, subject_of(kind).labels))


def everywhere(kind: str) -> str:
    return _("Every running project") if kind == SubjectKind.PROJECT else _("Every request")


@dataclass(frozen=True, slots=True)
class Names:
    """What the subjects of a rule and their groups are called on its pages."""

    one: str
    many: str
    group: str
    by_group: str
    no_group: str
    times: str
    ended: str
    went_on: str


def names_of(kind: str) -> Names:
    if kind == SubjectKind.PROJECT:
        return Names(
            _("Project"), _("Projects"), _("Portfolio"), _("By portfolio"), _("No portfolio is hit."), _("Weeks"),
            _("Later stopped"), _("Went on"),
        )  # fmt: skip
    return Names(
        _("Request"), _("Requests"), _("Org unit"), _("By org unit"), _("No org unit is hit."), _("Times"),
        _("Came to nothing"), _("Went on"),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """A rule in one language."""

    language: str
    name: str
    applies: str
    condition: str


def in_all_languages(applies: Any, condition: Any, kind: str) -> list[Said]:
    """Both conditions in every language of the portal. Raises: ConditionError."""
    found = []
    for language, name in settings.LANGUAGES:
        with translation.override(language):
            where = tree_words(applies, kind) if applies else everywhere(kind)
            found.append(Said(language.partition("-")[0], str(name), where, tree_words(condition, kind)))
    return found


def weight_tag(version: Any) -> SafeString:
    weight = Weight(version.weight)
    return cells.tag(str(weight.label), weight.tone)


def checkpoint_words(content: Any) -> str:
    return ", ".join(str(Checkpoint(one).label) for one in content.checkpoints)


def enforcement_words(content: Any) -> str:
    known = [level for level in ControlLevel if level.value in content.enforcement]
    levels = ((level.label, Enforcement(content.enforcement[level.value]).label) for level in known)
    return " · ".join(f"{level}: {what}" for level, what in levels)


def scope_words(content: Any, kind: str) -> str:
    facets = subject_of(kind).facets
    said = []
    for name, values in content.scope.items():
        options = facets[name].options()
        names = ", ".join(options.get(value, str(value)).lstrip("— ") for value in values)
        said.append(f"{facets[name].label}: {names}")
    return " · ".join(said) or _("All")


def dates_words(content: Any) -> str:
    first, last = content.effective_from, content.effective_to
    if first and last:
        return _("%(first)s to %(last)s") % {"first": formats.date_short(first), "last": formats.date_short(last)}
    if first:
        return _("from %(first)s") % {"first": formats.date_short(first)}
    if last:
        return _("up to %(last)s") % {"last": formats.date_short(last)}
    return _("as soon as it is activated")


def remedy_words(content: Any, kind: str) -> str:
    return str(subject_of(kind).remedies.get(content.remedy_page, content.remedy_page)) or _("Nowhere in particular")


def offer_words(content: Any) -> str:
    return f"{OfferKind(content.offers).label}: {content.offer_url}" if content.offers else _("Nothing")


def rows_of(content: Content, kind: str) -> list[tuple[str, str]]:
    """Everything that a version says, as label and words."""
    rows = [
        (_("Applies where"), tree_words(content.applies, kind) if content.applies else everywhere(kind)),
        (_("Asks that"), tree_words(content.condition, kind)),
        (_("Weight"), str(Weight(content.weight).label)),
        (_("Asked when"), checkpoint_words(content)),
        (_("What happens"), enforcement_words(content)),
        (_("Holds for"), scope_words(content, kind)),
        (_("In force"), dates_words(content)),
        (_("Mended on"), remedy_words(content, kind)),
        (_("Offers"), offer_words(content)),
    ]
    names = {"title": _("Title"), "message": _("What a finding says"), "remedy": _("What the remedy is called")}
    spoken = {code.partition("-")[0]: _(str(name)) for code, name in settings.LANGUAGES}
    return rows + [
        (f"{names[part]} ({spoken.get(code, code)})", texts[part])
        for code, texts in content.texts.items()
        for part in TEXTS
    ]


def differences(before: Content, after: Content, kind: str) -> list[tuple[str, str, str]]:
    """What differs between two contents: (label, before, after)."""
    pairs = zip(rows_of(before, kind), rows_of(after, kind), strict=True)
    return [(label, old, new) for (label, old), (_label, new) in pairs if old != new]


def trees_of(version: Any, kind: str) -> tuple[Condition | None, Condition]:
    """Where it applies by its own words, and what it asks."""
    known = catalogue(kind)
    applies = None if version.applies is None else conditions.parse(version.applies, known)
    return applies, conditions.parse(version.condition, known)


@dataclass(frozen=True, slots=True)
class ShownCase:
    """A test case with what came of it."""

    case: RuleCase
    ran: Ran | None
    error: str
    trace: list[tuple[str, str, str, str]]
    """(what was asked, what was found, answer, tone)"""

    @property
    def outcome(self) -> str:
        return str(Expected(self.ran.outcome.value).label) if self.ran else ""

    @property
    def expected(self) -> str:
        return str(Expected(self.case.expected).label)


def shown_cases(version: RuleVersion, cases: list[RuleCase]) -> list[ShownCase]:
    """The cases of a version, run now: they are pure, so there is nothing to keep."""
    kind = version.rule.subject_kind
    applies, condition = trees_of(version, kind)
    known, labels = catalogue(kind), subject_of(kind).labels
    questions = dict(conditions.questions(condition))
    found = []
    for case in cases:
        try:
            ran = run(applies, condition, case, known)
        except ConditionError as error:
            found.append(ShownCase(case, None, str(error), []))
            continue
        trace = [
            (
                in_words(questions[step.place], known, labels),
                value_in_words(step.value, known.fact(step.fact)),
                str(Expected(step.outcome.value).label),
                OUTCOME_TONES[step.outcome.value],
            )
            for step in ran.trace
        ]
        found.append(ShownCase(case, ran, "", trace))
    return found


def evidence_words(steps: list[dict[str, Any]], version: Any, kind: str) -> str:
    """The facts of a judgement with their values; of what was counted, which rows."""
    known, labels = catalogue(kind), subject_of(kind).labels
    questions = dict(conditions.questions(conditions.parse(version.condition, known)))
    said = []
    for step in steps:
        fact = known.fact(step["fact"])
        asked = questions.get(step.get("place", "-"))
        is_counted = isinstance(asked, Count | Exists)
        label = asked_in_words(asked, known, labels) if asked and is_counted else str(fact.label)
        value = step["value"]
        named = labels.get(fact.name, labels.get(fact.word, {}))
        said.append(
            f"{label}: {named.get(value) if isinstance(value, str) and value in named else value_in_words(value, fact)}"
        )
    return capfirst(", ".join(said))


def rests_on(version: Any, kind: str) -> list[tuple[str, str]]:
    """What a rule looks at: the names of the facts and what they mean."""
    known = catalogue(kind)
    applies, condition = trees_of(version, kind)
    facts = [known.fact(word) for word in asked_words(applies, condition)]
    return [(capfirst(str(fact.label)), str(fact.sentence)) for fact in facts]

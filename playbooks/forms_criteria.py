"""One criterion of a gate as a form: of a playbook or of a project."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.forms import formset_factory
from django.utils.text import capfirst
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common.errors import PortalError
from common.forms import PortalForm
from governance.enums import SubjectKind
from governance.facts import Fact, FactKind, catalogue
from governance.selectors.rules import rules_in_force
from governance.words import in_words
from playbooks.enums import CriterionKind
from playbooks.selectors import CriterionOutline
from playbooks.services import check_criterion

MOST: Final = 40
DIGITS: Final = 5
"""Of a number of days."""
KEPT: Final = "kept"
OPS: Final = (
    ("eq", _("is")),
    ("ne", _("is not")),
    ("ge", _("is at least")),
    ("le", _("is at most")),
    ("gt", _("is more than")),
    ("lt", _("is less than")),
    ("filled", _("is filled in")),
    ("empty", _("is empty")),
    ("within", _("is at most so many days ago")),
    ("older_than", _("is more than so many days ago")),
)
ROLES: Final = (
    RoleName.SPONSOR, RoleName.BUDGET_OWNER, RoleName.PMO_MANAGER, RoleName.PROJECT_LEAD, RoleName.EXECUTIVE,
    RoleName.STAKEHOLDER,
)  # fmt: skip
_YES: Final = {"yes": True, "true": True, "ja": True, "1": True, "no": False, "false": False, "nee": False, "0": False}


def rule_choices() -> list[tuple[str, str]]:
    """The rules in force about projects, by their title. One query."""
    rules = rules_in_force().filter(rule__subject_kind=SubjectKind.PROJECT)
    return sorted(((one.rule.code, one.text("title")) for one in rules), key=lambda pair: pair[1])


def fact_choices() -> list[tuple[str, str]]:
    """The facts about projects that a person can compare, by their label."""
    facts = [one for one in catalogue(SubjectKind.PROJECT).facts.values() if one.kind is not FactKind.LIST]
    return sorted(((one.name, capfirst(str(one.label))) for one in facts), key=lambda pair: pair[1])


class CriterionForm(PortalForm):
    """`initial` is what `initial_of` makes of a criterion. Only the fields of the chosen kind count."""

    title = forms.CharField(
        label=_("What it asks for"), max_length=200, error_messages={"required": _("Say in words what it asks for.")}
    )
    kind = forms.ChoiceField(label=_("How it is found out"), choices=CriterionKind)
    rule = forms.ChoiceField(label=_("Automatic: a rule of the rulebook"), required=False)
    fact = forms.ChoiceField(label=_("Or a fact"), required=False)
    op = forms.ChoiceField(label=_("Comparison"), choices=[("", "–"), *OPS], required=False)
    value = forms.CharField(label=_("Value"), max_length=60, required=False)
    document_kind = forms.CharField(label=_("Document: of this kind"), max_length=60, required=False)
    role = forms.ChoiceField(
        label=_("Judgement: by whom"), choices=[("", "–"), *((one.value, one.label) for one in ROLES)], required=False
    )

    def __init__(self, *args: Any, rules: list[tuple[str, str]], facts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = self.initial.get(KEPT)
        as_it_is = [(KEPT, self._kept_words(kept))] if kept else []
        self._choose("rule", [("", "–"), *rules], self.initial.get("rule"))
        self._choose("fact", [("", "–"), *as_it_is, *facts], None)

    def _choose(self, name: str, choices: list[tuple[str, str]], there: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        known = {value for value, _label in choices}
        field.choices = [*choices, *([(there, there)] if there and there not in known else [])]

    @staticmethod
    def _kept_words(kept: Any) -> str:
        from governance.conditions import parse

        facts = catalogue(SubjectKind.PROJECT)
        return gettext("As it is: %(condition)s") % {"condition": in_words(parse(kept, facts), facts)}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and data.get("title"):
            try:
                check_criterion(self.outline())
            except PortalError as error:
                self.add_error(None, str(error))
        return data

    def outline(self) -> CriterionOutline:
        """What was filled in, as plain values; of the kind that was chosen."""
        data, kind = self.cleaned_data, self.cleaned_data["kind"]
        language = (get_language() or "en").partition("-")[0]
        texts = {**(self.initial.get("texts") or {}), language: data["title"].strip()}
        return CriterionOutline(
            kind,
            texts,
            condition=self._condition() if kind == CriterionKind.AUTOMATIC else None,
            rule=data.get("rule", "") if kind == CriterionKind.AUTOMATIC else "",
            document_kind=data.get("document_kind", "").strip() if kind == CriterionKind.DOCUMENT else "",
            role=data.get("role", "") if kind == CriterionKind.JUDGEMENT else "",
        )

    def _condition(self) -> dict[str, Any] | None:
        name, op = self.cleaned_data.get("fact", ""), self.cleaned_data.get("op", "")
        if name == KEPT:
            kept: dict[str, Any] | None = self.initial.get(KEPT)
            return kept
        if not name:
            return None
        asked: dict[str, Any] = {"fact": name, "op": op}
        if op in {"filled", "empty"}:
            return asked
        typed = str(self.cleaned_data.get("value", "")).strip()
        if op in {"within", "older_than"}:
            return {**asked, "days": int(typed) if typed.isdecimal() and len(typed) <= DIGITS else typed}
        return {**asked, "value": _value(typed, catalogue(SubjectKind.PROJECT).fact(name))}


def _value(typed: str, fact: Fact) -> Any:
    return _YES.get(typed.casefold(), typed) if fact.kind is FactKind.YES_NO else typed


def initial_of(outline: CriterionOutline) -> dict[str, Any]:
    """A criterion as the initial values of its form; a condition of more than one question is kept as it is."""
    first: dict[str, Any] = {
        "title": outline.title, "texts": outline.texts, "kind": outline.kind, "rule": outline.rule,
        "document_kind": outline.document_kind, "role": outline.role,
    }  # fmt: skip
    asked = outline.condition
    if asked is None:
        return first
    if "fact" not in asked or not set(asked) <= {"fact", "op", "value", "days"}:
        return {**first, KEPT: asked, "fact": KEPT}
    value = asked.get("value", asked.get("days", ""))
    return {**first, "fact": asked["fact"], "op": asked["op"], "value": _typed(value)}


def _typed(value: Any) -> str:
    return (gettext("yes") if value else gettext("no")) if isinstance(value, bool) else str(value)


CriterionRows = formset_factory(
    CriterionForm, extra=2, can_delete=True, can_order=True, max_num=MOST, absolute_max=MOST + 5
)

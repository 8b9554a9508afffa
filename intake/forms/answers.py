"""The three pages of the request form."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.validators import MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from accounts.models import OrgUnit
from common.forms import MoneyField, PortalForm
from intake.completeness import Step
from intake.forms.fields import offer_people
from strategy.models import Goal

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from intake.models import Request

CURRENCIES: Final = ("EUR", "GBP", "USD", "CAD", "CHF", "DKK", "NOK", "PLN", "SEK")
CARDS: Final = 7
"""More goals than this are a list to choose from instead of cards."""


class StepForm(PortalForm):
    """One page. Its fields are named as the columns of the request that they fill."""

    pairs: ClassVar[dict[str, str]] = {}
    """An amount and the box that says that it is not known."""
    unanswered: ClassVar[StrPromise] = _("Enter an amount, or tick “I don't know yet”.")

    @classmethod
    def of(cls, pitch: Request) -> StepForm:
        """The page with what the request holds."""
        return cls(initial={name: getattr(pitch, name) for name in cls.base_fields})

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for amount, unknown in self.pairs.items():
            if amount in self.errors:
                continue
            is_known, is_ticked = cleaned.get(amount) is not None, bool(cleaned.get(unknown))
            if is_known and is_ticked:
                self.add_error(amount, _("Enter an amount or tick “I don't know yet”, not both."))
            elif not is_known and not is_ticked:
                self.add_error(amount, self.unanswered)
        return cleaned

    def answers(self) -> dict[str, Any]:
        """What could be read, field by field; an amount only together with its box."""
        readable = dict(self.cleaned_data)
        for amount, unknown in self.pairs.items():
            if amount not in readable:
                readable.pop(unknown, None)
        return readable


class IdeaForm(StepForm):
    title = forms.CharField(
        label=_("What do you want to call it?"),
        max_length=160,
        help_text=_("A short name that others recognise."),
        error_messages={"required": _("Enter a name for your idea.")},
    )
    problem = forms.CharField(
        label=_("What is the problem, or the chance?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5_000,
        help_text=_("Who has it, how often, what does it cost now?"),
        error_messages={"required": _("Write what the problem or the chance is.")},
    )
    wanted_result = forms.CharField(
        label=_("What should be better afterwards?"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=5_000,
        help_text=_("If you can, in a number: from … to …"),
        error_messages={"required": _("Write what should be better afterwards.")},
    )


def _no_amount_below_zero() -> MinValueValidator:
    return MinValueValidator(Decimal(0), message=_("Enter an amount of zero or more."))


class ValueForm(StepForm):
    pairs = {"yearly_benefit": "benefit_is_unknown"}
    unanswered = _("Enter what it brings in a year, or tick “I don't know yet”.")

    goal = forms.ModelChoiceField(
        label=_("Which goal does it serve most?"),
        queryset=Goal.objects.none(),
        required=False,
        empty_label=_("None of these, or not sure"),
        widget=forms.RadioSelect,
    )
    yearly_benefit = MoneyField(
        label=_("What does it bring in a year?"),
        required=False,
        validators=[_no_amount_below_zero()],
        help_text=_("Only money, about right is enough. For example 480,000 or 480k."),
    )
    benefit_is_unknown = forms.BooleanField(label=_("I don't know yet"), required=False)
    is_mandatory = forms.TypedChoiceField(
        label=_("Does a law or a regulator require it?"),
        choices=[("no", _("No")), ("yes", _("Yes"))],
        coerce=lambda value: value == "yes",
        widget=forms.RadioSelect,
        initial="no",
        error_messages={"required": _("Choose yes or no.")},
    )
    wanted_by = forms.DateField(
        label=_("When is it needed?"), required=False, help_text=_("Required when a law or a regulator asks for it.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        initial = self.initial.get("is_mandatory")
        if isinstance(initial, bool):
            self.initial["is_mandatory"] = "yes" if initial else "no"
        goals = self.fields["goal"]
        assert isinstance(goals, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        goals.queryset = Goal.objects.order_by("name")
        if not self.is_bound and goals.queryset.count() > CARDS:
            goals.widget = forms.Select()
            goals.widget.choices = goals.choices
        for name in ("yearly_benefit", "goal"):
            self.fields[name].label = self.base_fields[name].label

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("is_mandatory") and not cleaned.get("wanted_by") and "wanted_by" not in self.errors:
            self.add_error("wanted_by", _("Enter the day by which the law or the regulator wants it."))
        return cleaned


class OrgUnitChoice(forms.ModelChoiceField[OrgUnit]):
    """Units in the order of the tree, each level set in."""

    def label_from_instance(self, obj: OrgUnit) -> str:
        return "\u2003" * (obj.depth - 1) + obj.name


class SizeForm(StepForm):
    pairs = {"budget": "budget_is_unknown"}
    unanswered = _("Enter what it may cost, or tick “I don't know yet”.")

    org_unit = OrgUnitChoice(
        label=_("For which part of the organisation is it?"),
        queryset=OrgUnit.objects.none(),
        empty_label=_("Choose"),
        error_messages={"required": _("Choose the part of the organisation that it is for.")},
    )
    budget = MoneyField(
        label=_("What may it cost, all in all?"),
        required=False,
        validators=[_no_amount_below_zero()],
        help_text=_("A first estimate. For example 1.2m or 900,000."),
    )
    budget_is_unknown = forms.BooleanField(label=_("I don't know yet"), required=False)
    currency = forms.ChoiceField(label=_("Currency"), choices=[(code, code) for code in CURRENCIES], initial="EUR")
    proposed_sponsor = PersonField(
        label=_("Who could be the sponsor?"),
        required=False,
        help_text=_("Who answers for it and decides. Name or e-mail address."),
    )
    proposed_lead = PersonField(
        label=_("Who could lead it?"),
        required=False,
        help_text=_("Name or e-mail address. The PMO can help to find somebody."),
    )
    proposed_benefits_owner = PersonField(
        label=_("Who could own the benefits?"),
        required=False,
        help_text=_("Who sees to it that the benefits come, also afterwards. Name or e-mail address."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = self.fields["org_unit"]
        assert isinstance(units, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        units.queryset = OrgUnit.objects.order_by("path")
        offer_people(self)
        self.fields["budget"].label = self.base_fields["budget"].label


FORMS: Final[dict[Step, type[StepForm]]] = {Step.IDEA: IdeaForm, Step.VALUE: ValueForm, Step.SIZE: SizeForm}

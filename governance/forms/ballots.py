"""The forms of voting, standing in and procedures."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.forms import PersonField
from common.forms import MoneyField, PortalForm
from governance import matters
from governance.enums import Choice
from governance.matters import Matter
from governance.models import Procedure, ProcedureStep
from governance.services.ballots import NewCondition, NewDelegation, NewProcedure, NewStep
from strategy.models import Office

MOST_STEPS = 8
MOST_CONDITIONS = 10


class VoteForm(PortalForm):
    """What one says from a seat, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    choice = forms.ChoiceField(
        label=_("Your vote"), widget=forms.RadioSelect, error_messages={"required": _("Choose how you vote.")}
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Everybody who may read this decision reads your reason, also later."),
        error_messages={"required": _("Write why, so that others understand your vote later.")},
    )

    def __init__(self, *args: Any, matter: Matter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["choice"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  narrows the type
        field.choices = [(choice.value, matter.word(choice)) for choice in matter.choices]


class ConditionForm(PortalForm):
    """One condition of a conditional yes; an empty row is none."""

    text = forms.CharField(label=_("Condition"), max_length=300, required=False)
    owner = PersonField(label=_("Who meets it"), required=False)
    due_on = forms.DateField(label=_("By"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        given = [name for name in ("text", "owner", "due_on") if cleaned.get(name)]
        if given and not self.errors:
            for name in {"text", "owner", "due_on"} - set(given):
                self.add_error(name, _("A condition has a text, somebody who meets it, and a day."))
        return cleaned

    def condition(self) -> NewCondition | None:
        cleaned = self.cleaned_data
        return NewCondition(cleaned["text"], cleaned["owner"], cleaned["due_on"]) if cleaned.get("text") else None


_ConditionRows = formset_factory(
    ConditionForm, extra=3, max_num=MOST_CONDITIONS, absolute_max=MOST_CONDITIONS, validate_max=True
)


def condition_rows(matter: Matter, data: Any = None) -> BaseFormSet[ConditionForm] | None:
    """The rows for conditions, where the matter knows a conditional yes."""
    return _ConditionRows(data, prefix="conditions") if Choice.CONDITIONAL in matter.choices else None


class ConflictForm(PortalForm):
    """An interest of one's own."""

    prefix = "conflict"

    reason = forms.CharField(
        label=_("What is your interest?"),
        max_length=300,
        help_text=_("You then do not vote on this, and the minutes say why."),
        error_messages={"required": _("Write what your interest is.")},
    )


class EvidenceForm(PortalForm):
    """How a condition was met."""

    evidence = forms.CharField(
        label=_("How was it met?"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write how the condition was met, or where that can be seen.")},
    )


class DelegationForm(PortalForm):
    """Who stands in, and when."""

    to_user = PersonField(label=_("Who stands in for you"), help_text=_("Name or e-mail address."))
    starts_on = forms.DateField(label=_("First day"))
    ends_on = forms.DateField(label=_("Last day"))
    reason = forms.CharField(label=_("Reason"), max_length=200, required=False)

    def delegation(self) -> NewDelegation:
        return NewDelegation(**self.cleaned_data)


class ProcedureForm(PortalForm):
    """What a procedure is for; its steps are rows below it."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(label=_("Name"), max_length=120)
    matter = forms.ChoiceField(label=_("Decides on"))
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.none(), required=False, empty_label=_("Every office")
    )
    up_to = MoneyField(
        label=_("Up to the amount"), required=False, min_value=1, help_text=_("Without an amount there is no limit.")
    )
    currency = forms.CharField(label=_("Currency"), max_length=3, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice, office = self.fields["matter"], self.fields["office"]
        assert isinstance(choice, forms.ChoiceField)  # noqa: S101  narrows the type
        assert isinstance(office, forms.ModelChoiceField)  # noqa: S101  narrows the type
        choice.choices = [(kind, str(matter.label)) for kind, matter in matters.registered().items()]
        office.queryset = Office.objects.order_by("name")

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    @staticmethod
    def initial_of(procedure: Procedure) -> dict[str, Any]:
        return {name: getattr(procedure, name) for name in ("version", "name", "matter", "office", "up_to", "currency")}

    def procedure(self, steps: list[NewStep]) -> NewProcedure:
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return NewProcedure(steps=steps, **values)


class StepForm(PortalForm):
    """One step of a procedure; an empty row is none."""

    title = forms.CharField(label=_("Who decides"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=[("", "–"), *RoleName.choices], required=False)
    position = forms.IntegerField(label=_("Order"), min_value=1, max_value=MOST_STEPS, initial=1, required=False)
    quorum = forms.IntegerField(label=_("Votes needed"), min_value=1, max_value=50, initial=1, required=False)
    days = forms.IntegerField(label=_("Days"), min_value=0, max_value=365, initial=0, required=False)
    escalates_to = forms.ChoiceField(label=_("Then also"), choices=[("", "–"), *RoleName.choices], required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("title")) != bool(cleaned.get("role")):
            self.add_error("title" if cleaned.get("role") else "role", _("A step has a name and a role."))
        return cleaned

    def step(self) -> NewStep | None:
        cleaned = self.cleaned_data
        if not cleaned.get("title"):
            return None
        return NewStep(
            cleaned["title"], cleaned["role"], cleaned["position"] or 1, cleaned["quorum"] or 1, cleaned["days"] or 0,
            cleaned["escalates_to"],
        )  # fmt: skip


_StepRows = formset_factory(StepForm, extra=2, max_num=MOST_STEPS, absolute_max=MOST_STEPS, validate_max=True)


def step_rows(data: Any = None, steps: list[ProcedureStep] | None = None) -> BaseFormSet[StepForm]:
    """The rows of a procedure's steps, two empty ones behind them."""
    names = ("title", "role", "position", "quorum", "days", "escalates_to")
    initial = [{name: getattr(step, name) for name in names} for step in steps or []]
    return _StepRows(data, initial=initial, prefix="steps")

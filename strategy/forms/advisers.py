from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.enums import ScopeKind
from accounts.selectors import pickable_people, scope_choices
from common.forms import PortalForm


class AdviserForm(PortalForm):
    user = forms.ModelChoiceField(label=_("Person"), queryset=pickable_people(), empty_label=_("Choose a person"))
    ends_on = forms.DateField(
        label=_("Last day"), help_text=_("From the day after, the person can no longer enter the portal.")
    )


class LastDayForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    ends_on = forms.DateField(label=_("Last day"))


class OpeningForm(PortalForm):
    holds_for = forms.ChoiceField(
        label=_("Open what"),
        help_text=_("With everything below it. To open a single project, add the adviser to its team."),
    )
    ends_on = forms.DateField(label=_("Last day"), help_text=_("Not after the last day at the office."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["holds_for"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        parts = [group for group in scope_choices() if not group[1][0][0].startswith(ScopeKind.ORGANISATION)]
        field.choices = [("", _("Choose")), *parts]

    def clean_holds_for(self) -> tuple[str, int]:
        kind, _colon, pk = self.cleaned_data["holds_for"].partition(":")
        return ScopeKind(kind).value, int(pk)

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import OrgUnit
from accounts.selectors import pickable_people
from reporting.query import LONGEST_QUERY
from reporting.services.bulk import BulkAction

if TYPE_CHECKING:
    from django.http import QueryDict
    from django.utils.functional import Promise

    from reporting.services.bulk import Value

ACTIONS: tuple[tuple[str, Promise | str], ...] = (
    (BulkAction.LEAD, _("Change lead")),
    (BulkAction.ORG_UNIT, _("Change org unit")),
    (BulkAction.CATEGORY, _("Change category")),
    (BulkAction.HOLD, _("Pause")),
    (BulkAction.RESUME, _("Resume")),
)


class BulkForm(forms.Form):
    """Which rows, which action, and the new value: only the field that the action needs."""

    action = forms.ChoiceField(choices=ACTIONS, widget=forms.HiddenInput)
    selected = forms.TypedMultipleChoiceField(
        coerce=int,
        widget=forms.MultipleHiddenInput,
        error_messages={"required": _("Tick at least one project first.")},
    )
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_QUERY)
    lead = forms.ModelChoiceField(
        pickable_people(),
        label=_("New lead"),
        required=False,
        empty_label=_("Nobody"),
    )
    org_unit = forms.ModelChoiceField(
        OrgUnit.objects.all(), label=_("New org unit"), required=False, empty_label=_("None")
    )
    category = forms.CharField(label=_("New category"), required=False, max_length=120)

    def __init__(self, data: QueryDict) -> None:
        super().__init__(data)
        ticked = [value for value in data.getlist("selected") if value.isdecimal()]
        self.fields["selected"].choices = [(value, value) for value in ticked]  # type: ignore[attr-defined]  # a choice field
        for name in ("lead", "org_unit", "category"):
            if data.get("action") != name:
                del self.fields[name]

    @property
    def value(self) -> Value:
        """The new value; None for an action that needs none."""
        value: Value = self.cleaned_data.get(self.cleaned_data["action"])
        return value

    @property
    def asks_for_value(self) -> bool:
        return len(self.fields) > 3  # noqa: PLR2004  the three hidden ones

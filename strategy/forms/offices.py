from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import OrgUnit
from accounts.selectors import pickable_people
from common.forms import PortalForm
from strategy.enums import ControlLevel, OfficeKind
from strategy.models import Goal, Office, Process

MONTHS = 12


class VersionedForm(PortalForm):
    """A form of a record: it sends back the version that it was opened with."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def values(self) -> dict[str, Any]:
        """What was filled in, without what is not a column."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "serves"}}


class OfficeForm(VersionedForm):
    name = forms.CharField(label=_("Name"), max_length=120)
    kind = forms.ChoiceField(label=_("Kind"), choices=OfficeKind.choices)
    control = forms.ChoiceField(
        label=_("Control level"),
        choices=ControlLevel.choices,
        help_text=_(
            "Supportive: its rules advise. Controlling: its rules stop work until waived. "
            "Directive: the PMO itself changes plans and risks."
        ),
    )
    serves = forms.ModelMultipleChoiceField(
        label=_("Serves"),
        queryset=OrgUnit.objects.none(),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
    )
    sponsor = forms.ModelChoiceField(
        label=_("Sponsor"), queryset=pickable_people(), required=False, empty_label=_("Nobody yet")
    )
    head = forms.ModelChoiceField(
        label=_("Head of the office"), queryset=pickable_people(), required=False, empty_label=_("Nobody yet"),
        help_text=_("Has the parts that are given to the head of the PMO."),
    )  # fmt: skip
    accountable_limit = forms.IntegerField(
        label=_("Most deliverables one person is accountable for"), required=False, initial=Office.ACCOUNTABLE_LIMIT,
        min_value=1, max_value=500,
        help_text=_("Open ones of the next 30 days. Above it the portal warns of overload."),
    )  # fmt: skip
    document_places = forms.CharField(
        label=_("Agreed places for documents"), required=False, widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2_000,
        help_text=_("Addresses, one on each line, such as https://documents.example.org/. Rules can ask that documents "
                    "lie below one of them."),
    )  # fmt: skip
    time_zone = forms.ChoiceField(
        label=_("Time zone"), help_text=_("Its weeks begin on Monday in this zone."), initial="Europe/Amsterdam"
    )
    fiscal_year_starts_in = forms.TypedChoiceField(label=_("Fiscal year starts in month"), coerce=int, initial=1)
    purpose = forms.CharField(
        label=_("Purpose"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=5_000
    )
    mandate = forms.CharField(
        label=_("Mandate"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=5_000
    )
    success_metrics = forms.CharField(
        label=_("Success metrics"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=5_000
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zone, month, serves = self.fields["time_zone"], self.fields["fiscal_year_starts_in"], self.fields["serves"]
        assert isinstance(zone, forms.ChoiceField)  # noqa: S101 — narrows the type
        assert isinstance(month, forms.ChoiceField)  # noqa: S101 — narrows the type
        assert isinstance(serves, forms.ModelMultipleChoiceField)  # noqa: S101 — narrows the type
        zone.choices = [(name, name) for name in sorted(zoneinfo.available_timezones())]
        month.choices = [(number, str(number)) for number in range(1, MONTHS + 1)]
        serves.queryset = OrgUnit.objects.order_by("path")

    def clean_document_places(self) -> str:
        """Return the addresses, each ending in a slash: https://a.org must not agree with https://a.org.evil.com."""
        lines = [line.strip() for line in self.cleaned_data["document_places"].splitlines() if line.strip()]
        places = [line if line.endswith("/") else f"{line}/" for line in lines]
        for place in places:
            try:
                URLValidator(schemes=["http", "https"])(place)
            except forms.ValidationError as error:
                message = _("“%(place)s” is no address: write it such as https://documents.example.org/.")
                raise forms.ValidationError(message % {"place": place}) from error
        return "\n".join(dict.fromkeys(places))

    def clean_accountable_limit(self) -> int:
        """Left empty it is the usual one."""
        return self.cleaned_data["accountable_limit"] or Office.ACCOUNTABLE_LIMIT

    @classmethod
    def initial_of(cls, office: Office) -> dict[str, Any]:
        names = [name for name in cls.base_fields if name != "serves"]
        return {**{name: getattr(office, name) for name in names}, "serves": [unit.pk for unit in office.serves.all()]}

    def served(self) -> tuple[int, ...]:
        """Ids of the org units that were chosen."""
        return tuple(unit.pk for unit in self.cleaned_data["serves"])


class OfficeEditForm(OfficeForm):
    """An office that is there: how far its rules bind changes on a page of its own, after a rehearsal."""

    control = None  # type: ignore[assignment]  # takes the field away


class GoalForm(VersionedForm):
    name = forms.CharField(label=_("Name"), max_length=160)
    description = forms.CharField(
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 4}), max_length=5_000
    )
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=pickable_people(), required=False, empty_label=_("Nobody yet")
    )
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.order_by("name"), required=False, empty_label=_("None")
    )
    ends_on = forms.DateField(label=_("To be reached by"), required=False)

    @classmethod
    def initial_of(cls, goal: Goal) -> dict[str, Any]:
        return {name: getattr(goal, name) for name in cls.base_fields}


class ProcessForm(VersionedForm):
    name = forms.CharField(label=_("Name"), max_length=160)
    rhythm = forms.CharField(
        label=_("When"), max_length=80, required=False, help_text=_("Such as every Monday, or for each request.")
    )
    description = forms.CharField(
        label=_("What it yields"), required=False, widget=forms.Textarea(attrs={"rows": 3}), max_length=5_000
    )

    @classmethod
    def initial_of(cls, process: Process) -> dict[str, Any]:
        return {name: getattr(process, name) for name in cls.base_fields}

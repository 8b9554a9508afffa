"""The forms of waivers and findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from common.forms import PortalForm
from governance.enums import WaiverState, Weight
from governance.models import Rule
from governance.models.waivers import LONGEST_DAYS
from governance.selectors.findings import FindingFilter
from governance.selectors.waivers import WaiverFilter
from strategy.enums import ControlLevel
from strategy.models import Office

USUAL_DAYS = 90


class WaiverForm(PortalForm):
    """Why a rule cannot be kept for now, what is done instead, who answers for that, and until when."""

    reason = forms.CharField(
        label=_("Why can the rule not be kept for now?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=5_000
    )
    compensating_control = forms.CharField(
        label=_("What is done instead?"),
        help_text=_("A compensating control that keeps the risk small as long as the rule is waived."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=5_000,
    )
    owner = PersonField(label=_("Who answers for that?"), help_text=_("A name or an e-mail address."))
    expires_on = forms.DateField(
        label=_("Last day"), help_text=_("Twelve months at most. From the next day the rule holds again by itself.")
    )

    def __init__(self, *args: Any, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["expires_on"].widget
        widget.attrs["min"] = (today + dt.timedelta(days=1)).isoformat()
        widget.attrs["max"] = (today + dt.timedelta(days=LONGEST_DAYS)).isoformat()


class _Filter(PortalForm):
    """Filters in the address. What cannot be read falls back to everything: an old link still opens."""

    q = forms.CharField(label=_("Words or key"), required=False, max_length=120, widget=forms.SearchInput)
    rule = forms.ChoiceField(label=_("Rule"), required=False)
    office = forms.ModelChoiceField(
        label=_("Office"), queryset=Office.objects.order_by("name"), required=False, empty_label=_("All offices")
    )

    def __init__(self, data: Any, *, titles: list[tuple[str, str]]) -> None:
        super().__init__(data)
        field = self.fields["rule"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — narrows the type
        field.choices = [("", _("All rules")), *titles]
        for name, each in self.fields.items():
            each.label = self.base_fields[name].label

    def read(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name) or ""

    def office_id(self) -> int | None:
        office = self.read("office")
        return office.pk if office else None


class WaiverFilterForm(_Filter):
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All states")), *WaiverState.choices])
    mine = forms.BooleanField(label=_("Only mine"), required=False)
    runs_out = forms.BooleanField(label=_("Ends within 30 days"), required=False)

    def wanted(self) -> WaiverFilter:
        """The filter that was asked for."""
        return WaiverFilter(
            self.read("state"), self.read("rule"), self.read("q"), self.office_id(), bool(self.read("mine")),
            bool(self.read("runs_out")),
        )  # fmt: skip


class FindingFilterForm(_Filter):
    weight = forms.ChoiceField(label=_("Weight"), required=False, choices=[("", _("All weights")), *Weight.choices])
    waived = forms.ChoiceField(
        label=_("Waived"), required=False,
        choices=[("", _("Waived or not")), ("no", _("Not waived")), ("yes", _("Waived"))],
    )  # fmt: skip

    def wanted(self) -> FindingFilter:
        """The filter that was asked for."""
        return FindingFilter(
            self.read("rule"), self.office_id(), self.read("q"), self.read("weight"), self.read("waived")
        )


def usual_last_day() -> dt.date:
    """What the form proposes: three months from today."""
    return timezone.localdate() + dt.timedelta(days=USUAL_DAYS)


def titles_of_rules() -> list[tuple[str, str]]:
    """Code and title of every rule that ever held, for a filter. One query."""
    rules = Rule.objects.filter(versions__state__in=["active", "retired"]).prefetch_related("versions").distinct()
    newest = [(rule.code, max(rule.versions.all(), key=lambda one: one.number)) for rule in rules]
    return sorted(((code, version.text("title")) for code, version in newest), key=lambda one: one[1])


class ControlForm(PortalForm):
    """A new control level of an office, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    control = forms.ChoiceField(label=_("Control level"), choices=ControlLevel.choices)
    reason = forms.CharField(
        label=_("Why does it change?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2_000,
        help_text=_("Kept with the change, for everybody who reads the office’s page later."),
    )  # fmt: skip

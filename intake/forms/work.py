"""The forms of triage and decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.forms import PersonField
from common.forms import PortalForm
from intake.forms.fields import offer_people
from intake.models import Request
from intake.services import Decision, Triage
from playbooks.models import Playbook
from playbooks.selectors import usable_playbooks
from projects.models import Portfolio


class TriageForm(PortalForm):
    """What the PMO fills in to make a request ready for a decision."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    portfolio = forms.ModelChoiceField(label=_("Portfolio"), queryset=Portfolio.objects.none(), empty_label=_("Choose"))
    playbook = forms.ModelChoiceField(
        label=_("Playbook"),
        queryset=Playbook.objects.none(),
        empty_label=_("Choose"),
        help_text=_("Its phases and milestones become the plan of the project."),
    )
    proposed_lead = PersonField(label=_("Project lead"), help_text=_("Name or e-mail address."))
    proposed_sponsor = PersonField(
        label=_("Sponsor"), help_text=_("Gets the question to decide. Name or e-mail address.")
    )
    start_on = forms.DateField(label=_("Start"))
    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What whoever decides should know. The requester reads it too."),
    )

    def __init__(self, *args: Any, portfolios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, queryset in (("portfolio", portfolios), ("playbook", usable_playbooks())):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 — narrows the type
            field.queryset = queryset
        offer_people(self)

    @classmethod
    def initial_of(cls, pitch: Request) -> dict[str, Any]:
        names = ("version", "portfolio", "playbook", "proposed_lead", "proposed_sponsor", "start_on")
        return {**{name: getattr(pitch, name) for name in names}, "note": pitch.triage_note}

    def triage(self) -> Triage:
        """What was filled in, as the service takes it."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "version"}
        return Triage(**values)


class ReturnForm(PortalForm):
    """The questions with which a request goes back."""

    prefix = "return"

    version = forms.IntegerField(widget=forms.HiddenInput)
    note = forms.CharField(
        label=_("What should the requester answer or change?"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Write what the requester should answer or change.")},
    )


class DecisionForm(PortalForm):
    """Yes or no, and why."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("approve", _("Approve: set up the project")), ("reject", _("Do not approve"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether you approve it.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=5_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The requester reads this. If you say no: what would change your mind?"),
        error_messages={"required": _("Write why, so that the requester and later readers understand the decision.")},
    )

    def decision(self) -> Decision:
        """What was chosen, as the service takes it."""
        return Decision(is_approved=self.cleaned_data["outcome"] == "approve", reason=self.cleaned_data["reason"])

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import PortalForm
from projects.forms.records import RecordForm
from projects.models import Decision, Issue, Risk


def _scale(words: dict[int, Any]) -> list[tuple[str | int, Any]]:
    return [("", gettext_lazy("Choose…")), *((number, word) for number, word in words.items())]


PROBABILITIES = _scale(
    {
        1: gettext_lazy("1 – hardly ever"), 2: gettext_lazy("2 – unlikely"), 3: gettext_lazy("3 – possible"),
        4: gettext_lazy("4 – likely"), 5: gettext_lazy("5 – almost certain"),
    }
)  # fmt: skip
IMPACTS = _scale(
    {
        1: gettext_lazy("1 – hardly noticed"), 2: gettext_lazy("2 – small"), 3: gettext_lazy("3 – clear"),
        4: gettext_lazy("4 – large"), 5: gettext_lazy("5 – the project fails"),
    }
)  # fmt: skip


class RiskForm(RecordForm):
    first: ClassVar[tuple[str, ...]] = ("title", "probability", "impact")

    probability = forms.TypedChoiceField(label=gettext_lazy("Probability"), choices=PROBABILITIES, coerce=int)
    impact = forms.TypedChoiceField(label=gettext_lazy("Impact"), choices=IMPACTS, coerce=int)

    class Meta:
        model = Risk
        fields: ClassVar[list[str]] = [
            "title", "probability", "impact", "description", "response", "response_plan", "owner", "review_on",
        ]  # fmt: skip
        help_texts: ClassVar[dict[str, Any]] = {"title": gettext_lazy("What may happen, in one sentence.")}
        widgets: ClassVar[dict[str, Any]] = {
            "description": forms.Textarea(attrs={"rows": 3}), "response_plan": forms.Textarea(attrs={"rows": 3}),
        }  # fmt: skip


class IssueForm(RecordForm):
    first: ClassVar[tuple[str, ...]] = ("title", "severity", "is_blocker")

    class Meta:
        model = Issue
        fields: ClassVar[list[str]] = ["title", "severity", "is_blocker", "description", "owner", "opened_on", "due_on"]
        help_texts: ClassVar[dict[str, Any]] = {"title": gettext_lazy("What has gone wrong, in one sentence.")}
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}


class DecisionForm(RecordForm):
    first: ClassVar[tuple[str, ...]] = ("question", "holder", "needed_by")

    class Meta:
        model = Decision
        fields: ClassVar[list[str]] = ["question", "holder", "needed_by", "options", "recommendation"]
        help_texts: ClassVar[dict[str, Any]] = {
            "question": gettext_lazy("Ask it so that it can be answered with one of the options."),
            "holder": gettext_lazy("Somebody who sees this project; they find it under their decisions."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            "options": forms.Textarea(attrs={"rows": 3}), "recommendation": forms.Textarea(attrs={"rows": 3}),
        }  # fmt: skip


class TakeForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    outcome = forms.CharField(
        label=gettext_lazy("What is decided"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )
    rationale = forms.CharField(label=gettext_lazy("Why"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000)

    def clean_outcome(self) -> str:
        return _said(self.cleaned_data["outcome"])

    def clean_rationale(self) -> str:
        return _said(self.cleaned_data["rationale"])


class ResolveForm(PortalForm):
    resolution = forms.CharField(
        label=gettext_lazy("How was it solved?"), widget=forms.Textarea(attrs={"rows": 3}), max_length=4000
    )


def _said(text: str) -> str:
    if not text.strip():
        raise forms.ValidationError(_("Write a sentence here."))
    return text.strip()

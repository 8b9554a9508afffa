from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import MoneyField, PortalForm
from playbooks.forms_criteria import CriterionForm
from projects.enums import Judgement


class GateCriterionForm(CriterionForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    token = forms.UUIDField(required=False, widget=forms.HiddenInput)


class OpenReviewForm(PortalForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    anyway = forms.CharField(
        label=_("We ask anyway because"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Those who decide read this above their vote."),
    )  # fmt: skip

    def __init__(self, *args: Any, is_ready: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_ready:
            del self.fields["anyway"]
        else:
            self.fields["anyway"].label = _("We ask anyway because")


class StageMoneyForm(PortalForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    amount = MoneyField(
        label=_("Stage money"), required=False, min_value=0,
        help_text=_("What a yes releases for what comes next. Empty: this gate releases no money."),
    )  # fmt: skip


class JudgeForm(PortalForm):
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    judged = forms.ChoiceField(label=_("Is it met?"), choices=Judgement, widget=forms.RadioSelect)
    sentence = forms.CharField(label=_("Why"), max_length=300, widget=forms.Textarea(attrs={"rows": 2}))

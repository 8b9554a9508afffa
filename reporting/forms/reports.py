from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm


class CorrectionForm(PortalForm):
    note = forms.CharField(
        label=_("What the correction changes"),
        help_text=_("Readers see this sentence at the top of the new revision."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

"""The form of the estimates."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm
from reporting.enums import EFFORT_FORMS
from reporting.models import MOST_MINUTES

if TYPE_CHECKING:
    from reporting.models import EffortEstimate


def _minutes(label: Any, hint: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, help_text=hint, min_value=0, max_value=MOST_MINUTES)


class EstimateForm(PortalForm):
    """Minutes for each form, with the version that they were opened with."""

    vote = _minutes(_("A vote"), _("Minutes to read what is asked and to vote with a reason."))
    waiver = _minutes(_("Asking for a waiver"), _("Minutes to write why, and what is done instead."))
    update = _minutes(_("A status update"), _("Minutes to gather and write it."))
    request = _minutes(_("A request"), _("Minutes to write it, its triage included."))
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    @staticmethod
    def initial_of(found: EffortEstimate) -> dict[str, int]:
        return {**{name: getattr(found, name) for name in EFFORT_FORMS}, "version": found.version}

    def values(self) -> dict[str, int]:
        return {name: self.cleaned_data[name] for name in EFFORT_FORMS}

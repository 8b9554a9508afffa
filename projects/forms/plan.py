from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import PortalForm
from projects.forms.records import RecordForm, lock_field
from projects.models import Milestone, Phase
from projects.policies import ProjectRights, can_rebaseline


class MilestoneForm(RecordForm):
    first: ClassVar[tuple[str, ...]] = ("name", "baseline_on", "forecast_on", "move_reason")

    move_reason = forms.CharField(
        label=gettext_lazy("Why the date moves"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("One sentence for the slip ledger."),
    )

    class Meta:
        model = Milestone
        fields: ClassVar[list[str]] = ["name", "baseline_on", "forecast_on", "actual_on", "phase", "is_gate"]
        help_texts: ClassVar[dict[str, Any]] = {
            "baseline_on": gettext_lazy("The date that was agreed."),
            "forecast_on": gettext_lazy("The date you expect now."),
        }

    def __init__(self, *args: Any, rights: ProjectRights | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.initial.get("forecast_on"):
            del self.fields["move_reason"]
        phase = self.fields["phase"]
        assert isinstance(phase, forms.ModelChoiceField)  # noqa: S101  for the type checker
        phase.queryset = Phase.objects.filter(project=self.project).order_by("position")
        phase.empty_label = _("No phase")
        is_set = bool(self.initial.get("baseline_on"))
        if rights and not (verdict := can_rebaseline(rights, is_set=is_set)):
            lock_field(self, "baseline_on", verdict.reason)

    def clean_actual_on(self) -> dt.date | None:
        day: dt.date | None = self.cleaned_data["actual_on"]
        if day and day > timezone.localdate():
            raise forms.ValidationError(_("A milestone cannot be reached in the future. Change its forecast instead."))
        return day


class PhaseForm(RecordForm):
    class Meta:
        model = Phase
        fields: ClassVar[list[str]] = ["name", "start_on", "finish_on"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        start, finish = data.get("start_on"), data.get("finish_on")
        if start and finish and finish < start:
            self.add_error("finish_on", _("The finish lies before the start."))
        return data


class ReachForm(PortalForm):
    on = forms.DateField(label=gettext_lazy("Reached on"))

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.records import RecordForm
from projects.models import Deliverable, Phase


class DeliverableForm(RecordForm):
    class Meta:
        model = Deliverable
        fields: ClassVar[list[str]] = ["name", "acceptance", "due_on", "phase"]
        help_texts: ClassVar[dict[str, Any]] = {
            "acceptance": gettext_lazy("What must hold before somebody accepts it."),
        }
        widgets: ClassVar[dict[str, Any]] = {"acceptance": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        phase = self.fields["phase"]
        assert isinstance(phase, forms.ModelChoiceField)  # noqa: S101  for the type checker
        phase.queryset = Phase.objects.filter(project=self.project).order_by("position")
        phase.empty_label = _("No phase")

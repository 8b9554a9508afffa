from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy

from common.forms import DateInput, MoneyField
from projects.enums import ChangeKind
from projects.forms.records import RecordForm
from projects.models import ChangeRequest
from projects.policies import day_of

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

    from projects.models import Milestone

_MOVES: Final = "milestone_"
_THREE_ROWS: Final = ("reason", "risks", "options", "cost_of_not")


class ChangeForm(RecordForm):
    """A change request with its effects; each milestone has a date of its own, set to what the baseline says."""

    kinds = forms.MultipleChoiceField(
        label=gettext_lazy("What it touches"),
        choices=ChangeKind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("Tick cost or benefits without an amount when the effect is not known yet."),
    )
    cost_delta = MoneyField(
        label=gettext_lazy("More or less cost"),
        required=False,
        max_digits=20,
        help_text=gettext_lazy("What it adds to the cost; with a minus when it saves."),
    )
    benefits_delta = MoneyField(label=gettext_lazy("More or less benefits"), required=False, max_digits=20)

    class Meta:
        model = ChangeRequest
        fields: ClassVar[list[str]] = [
            "title", "reason", "kinds", "finish_to", "cost_delta", "benefits_delta", "scope_to", "risks", "options",
            "cost_of_not",
        ]  # fmt: skip
        widgets: ClassVar[dict[str, Any]] = {
            **{name: forms.Textarea(attrs={"rows": 3}) for name in _THREE_ROWS},
            "scope_to": forms.Textarea(attrs={"rows": 5}),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "scope_to": gettext_lazy("The whole scope statement as it should read. Empty: the scope stays."),
            "finish_to": gettext_lazy("Empty: the finish stays."),
            "options": gettext_lazy("What else could be done, and why not that."),
        }

    def __init__(self, *args: Any, milestones: Sequence[Milestone] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._milestones = milestones
        for one in milestones:
            name = f"{_MOVES}{one.pk}"
            self.fields[name] = forms.DateField(label=one.name, required=False, widget=DateInput())
            self.initial.setdefault(name, one.baseline_on)

    @classmethod
    def record_fields(cls) -> list[str]:
        return [*(cls._meta.fields or []), "milestones"]

    @classmethod
    def initial_from(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        moves = {f"{_MOVES}{one['id']}": day_of(one["to"]) for one in values.get("milestones") or []}
        return {**values, **moves}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["milestones"] = [
            {"id": one.pk, "name": one.name, "from": _iso(one.baseline_on), "to": _iso(data.get(f"{_MOVES}{one.pk}"))}
            for one in self._milestones if data.get(f"{_MOVES}{one.pk}") != one.baseline_on
        ]  # fmt: skip
        return data

    @property
    def about(self) -> list[BoundField]:
        return [self[name] for name in ("title", "reason", "kinds")]

    @property
    def effects(self) -> list[BoundField]:
        return [self[name] for name in ("finish_to", "cost_delta", "benefits_delta", "scope_to")]

    @property
    def moves(self) -> list[BoundField]:
        return [self[f"{_MOVES}{one.pk}"] for one in self._milestones]

    @property
    def weighing(self) -> list[BoundField]:
        return [self[name] for name in ("risks", "options", "cost_of_not")]


def _iso(day: Any) -> str | None:
    return day.isoformat() if day else None

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from common.forms import MoneyField
from projects.enums import MoneyMeasure
from projects.forms.records import RecordForm, lock_field
from projects.models import Project
from projects.policies import ProjectRights, can_rebaseline

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

KNOWN, UNKNOWN, WITHHELD = "known", "unknown", "withheld"
STATES = [
    (KNOWN, gettext_lazy("This amount")),
    (UNKNOWN, pgettext_lazy("amount", "I don't know")),
    (WITHHELD, gettext_lazy("Withheld")),
]


class MoneyForm(RecordForm):
    """Each measure is an amount, “I don't know”, or withheld with a reason: three things that are never mixed up."""

    currency = forms.RegexField(
        regex=r"^[A-Z]{3}$",
        label=gettext_lazy("Currency"),
        max_length=3,
        help_text=gettext_lazy("Three letters, such as EUR. Amounts are not converted when you change it."),
        error_messages={"invalid": gettext_lazy("Write the currency as three capitals, such as EUR.")},
    )

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = ["currency", "cost_period"]
        help_texts: ClassVar[dict[str, Any]] = {
            "cost_period": gettext_lazy("The period of baseline, forecast and actual cost. Empty: the whole project.")
        }

    def __init__(self, *args: Any, rights: ProjectRights | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for measure in MoneyMeasure:
            self._add(measure)
        known = self.initial.get(MoneyMeasure.BASELINE_COST) is not None
        is_set = known or bool(self.initial.get(f"{MoneyMeasure.BASELINE_COST}_withheld"))
        if rights and not (verdict := can_rebaseline(rights, is_set=is_set)):
            if known and rights.baseline:
                lock_field(self, "currency", verdict.reason)
            for name in ("baseline_cost", "baseline_cost_state", "baseline_cost_withheld"):
                lock_field(self, name, verdict.reason if name == "baseline_cost" else "")

    def _add(self, measure: MoneyMeasure) -> None:
        self.fields[f"{measure}_state"] = forms.ChoiceField(
            choices=STATES, label=measure.label, widget=forms.RadioSelect, initial=UNKNOWN
        )
        self.fields[measure.value] = MoneyField(
            required=False, label=_("Amount"), max_digits=20, currency=self.initial.get("currency", "")
        )
        self.fields[f"{measure}_withheld"] = forms.CharField(
            required=False, max_length=300, label=_("Withheld because")
        )

    @classmethod
    def initial_from(cls, values: Mapping[str, Any]) -> dict[str, Any]:
        states = {
            f"{measure}_state": WITHHELD if values.get(f"{measure}_withheld")
            else UNKNOWN if values.get(measure) is None else KNOWN
            for measure in MoneyMeasure
        }  # fmt: skip
        return {**values, **states}

    @classmethod
    def record_fields(cls) -> list[str]:
        return [
            "currency", "cost_period", *MoneyMeasure.values, *(f"{measure}_withheld" for measure in MoneyMeasure)
        ]  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for measure in MoneyMeasure:
            self._clean_measure(data, measure)
        return data

    def _clean_measure(self, data: dict[str, Any], measure: MoneyMeasure) -> None:
        reason = f"{measure}_withheld"
        state = data.get(f"{measure}_state")
        if state == KNOWN and data.get(measure) is None and measure not in self.errors:
            self.add_error(measure, _("Write the amount, or choose “I don't know”."))
        if state == WITHHELD and not (data.get(reason) or "").strip():
            self.add_error(reason, _("Say why the amount is withheld."))
        if state != KNOWN:
            data[measure.value] = None
        if state != WITHHELD:
            data[reason] = ""

    @property
    def measures(self) -> list[dict[str, Any]]:
        """Per measure its fields and what an import found there, for the page."""
        texts = self.project.source_texts if self.project else {}
        return [
            {
                "label": measure.label, "state": self[f"{measure}_state"], "amount": self[measure.value],
                "reason": self[f"{measure}_withheld"], "text": texts.get(measure, ""),
            }
            for measure in MoneyMeasure
        ]  # fmt: skip

    @property
    def plain_fields(self) -> list[BoundField]:
        return [self["currency"], self["cost_period"]]

"""What the queue is asked to show, read from the address."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from common.forms import PortalForm
from intake.selectors.lists import SORTS, VIEWS, QueueFilter
from projects.models import Portfolio


class QueueForm(PortalForm):
    """Filters of the queue. What cannot be read falls back to the default: an old link still opens."""

    q = forms.CharField(label=_("Words or key"), required=False, max_length=120, widget=forms.SearchInput)
    portfolio = forms.ModelChoiceField(
        label=_("Portfolio"), queryset=Portfolio.objects.none(), required=False, empty_label=_("All portfolios")
    )
    mine = forms.BooleanField(label=_("Only what waits for me"), required=False)

    def __init__(self, data: Any, *, portfolios: Any) -> None:
        super().__init__(data)
        field = self.fields["portfolio"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 — narrows the type
        field.queryset = portfolios
        for name, each in self.fields.items():
            each.label = self.base_fields[name].label

    def wanted(self) -> QueueFilter:
        """The filter, defaults where nothing readable was asked for."""
        self.is_valid()
        cleaned = self.cleaned_data
        view, sort = self.data.get("view", ""), self.data.get("sort", "")
        portfolio = cleaned.get("portfolio")
        return QueueFilter(
            view=view if view in VIEWS else "triage",
            text=cleaned.get("q") or "",
            portfolio=portfolio.pk if portfolio else None,
            mine=bool(cleaned.get("mine")),
            sort=sort if sort in SORTS else "age",
        )

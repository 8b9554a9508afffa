from __future__ import annotations

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from reporting.query import LONGEST_QUERY, TableQuery


class SavedViewForm(forms.Form):
    name = forms.CharField(label=_("Name of the view"), max_length=60)
    is_shared = forms.BooleanField(label=_("Everybody may use it; each sees only their own projects"), required=False)
    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_QUERY)

    def clean_query(self) -> str:
        return TableQuery.parse(QueryDict(self.cleaned_data["query"])).query_string()


class QueryForm(forms.Form):
    """Only the state of the page, for saving a view again."""

    query = forms.CharField(widget=forms.HiddenInput, required=False, max_length=LONGEST_QUERY)

    def clean_query(self) -> str:
        return TableQuery.parse(QueryDict(self.cleaned_data["query"])).query_string()

"""Editing a RACI matrix without JavaScript: a select for each cell, and the version of each row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import pgettext

from common.forms import PortalForm
from common.ui.tables import Column, Row, data_table
from strategy.enums import ACCOUNTABLE, Letter
from strategy.raci.cells import Line, Wanted, two_accountable


class MatrixForm(PortalForm):
    """All rows of a matrix at once. `seats` gives the columns with their words."""

    def __init__(self, data: Any = None, *, lines: Sequence[Line], seats: Mapping[str, str]) -> None:
        super().__init__(data)
        self.lines, self.seats = lines, seats
        choices = [("", "–"), *((one.value, _choice(one)) for one in Letter)]
        for line in lines:
            self.fields[_version(line.pk)] = forms.IntegerField(
                required=False, widget=forms.HiddenInput, initial=line.version
            )
            for seat, label in seats.items():
                box = forms.Select(attrs={"aria-label": f"{line.name}: {label}", "class": "form-select form-select-sm"})
                self.fields[_cell(line.pk, seat)] = forms.ChoiceField(
                    choices=choices, required=False, widget=box, label=f"{line.name}: {label}",
                    initial=line.letters.get(seat, ""),
                )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for line in self.lines:
            if sum(data.get(_cell(line.pk, seat), "") in ACCOUNTABLE for seat in self.seats) > 1:
                self.add_error(None, two_accountable(line.name))
        return data

    def wanted(self) -> dict[int, Wanted]:
        """The rows that were sent, by id; a row that the form did not hold stays as it is."""
        found = {}
        for line in self.lines:
            version = self.cleaned_data.get(_version(line.pk))
            if version is not None:
                letters = {seat: self.cleaned_data[_cell(line.pk, seat)] for seat in self.seats}
                found[line.pk] = Wanted(version, {seat: code for seat, code in letters.items() if code})
        return found

    def table(self, first: str, caption: str) -> SafeString:
        """The selects as a table, a column for each seat."""
        head = [Column(first), *(Column(label) for label in self.seats.values())]
        rows = []
        for line in self.lines:
            name = format_html('<span id="row-{}">{}</span>{}', line.pk, line.name, self[_version(line.pk)])
            rows.append(Row([name, *(str_of(self, line.pk, seat) for seat in self.seats)]))
        return data_table(head, rows, caption=caption, css="raci-edit")


def _choice(one: Letter) -> str:
    """The letter with its word; both at once has a long one, and the two are there already."""
    if one == Letter.BOTH:
        return "A/R"
    return f"{one.value} {pgettext('narrow', 'Accountable') if one == Letter.ACCOUNTABLE else one.label}"


def str_of(form: MatrixForm, pk: int, seat: str) -> SafeString:
    return format_html("{}", form[_cell(pk, seat)])


def _version(pk: int) -> str:
    return f"version-{pk}"


def _cell(pk: int, seat: str) -> str:
    return f"cell-{pk}-{seat}"

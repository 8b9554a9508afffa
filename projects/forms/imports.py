"""Forms of the import: the upload, and the matching of columns."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common.forms import PortalForm
from projects.imports import tables
from projects.imports.mapping import DATE_FIELDS, LABELS, MONEY_FIELDS, REQUIRED, find
from projects.models import Portfolio

if TYPE_CHECKING:
    from django.forms.boundfield import BoundField

MEGABYTE: Final = 1024 * 1024
SHOWN: Final = 70


class ImportUploadForm(PortalForm):
    """Which file, into which portfolio, as of when."""

    portfolio = forms.ModelChoiceField(Portfolio.objects.none(), label=gettext_lazy("Portfolio"))
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV or XLSX, at most 20 MB and 100,000 rows. The first row names the columns."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
    )
    as_of = forms.DateField(
        label=gettext_lazy("As of"),
        required=False,
        help_text=gettext_lazy(
            "The date that the figures speak of. Leave it empty when the file has a column with it."
        ),
    )
    is_complete = forms.BooleanField(
        label=gettext_lazy("The file is the whole portfolio"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Projects that are not in the file are then marked as having left."),
    )

    def __init__(self, *args: Any, portfolios: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["portfolio"].queryset = portfolios  # type: ignore[attr-defined]  # a choice field

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > tables.MAX_BYTES:
            raise ValidationError(
                _("The file has %(size)s MB; the most is %(most)s MB.")
                % {"size": file.size // MEGABYTE, "most": tables.MAX_BYTES // MEGABYTE}
            )
        return file


class ImportPresetForm(PortalForm):
    """A name for a matching that is to be kept."""

    name = forms.CharField(label=gettext_lazy("Name of the matching"), max_length=80)
    is_shared = forms.BooleanField(label=gettext_lazy("For everybody who imports"), required=False)


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A line of the matching page: the field, its two selects and an example out of the file."""

    label: str
    column: BoundField
    more: BoundField
    example: str
    is_required: bool


class ImportMatchForm(PortalForm):
    """Which column fills which field, beginning with the present matching.

    What a person leaves as it was keeps all that the matching says of it (aliases, joined columns …);
    what they change is matched by the exact header.
    """

    SCALES: ClassVar[list[tuple[str, Any]]] = [
        ("", gettext_lazy("as their header says, else whole units")), ("1", gettext_lazy("whole units")),
        ("1000", gettext_lazy("thousands")), ("1000000", gettext_lazy("millions")),
        ("1000000000", gettext_lazy("billions")),
    ]  # fmt: skip
    ORDERS: ClassVar[list[tuple[str, Any]]] = [
        ("", gettext_lazy("as the column shows")), ("dmy", gettext_lazy("day first (31/12/2026)")),
        ("mdy", gettext_lazy("month first (12/31/2026)")),
    ]  # fmt: skip
    POINTS: ClassVar[list[tuple[str, Any]]] = [
        ("", gettext_lazy("as the file shows")), ("3", gettext_lazy("three points")),
        ("5", gettext_lazy("five points")),
    ]  # fmt: skip

    as_of = forms.DateField(label=gettext_lazy("As of"))
    is_complete = forms.BooleanField(label=gettext_lazy("The file is the whole portfolio"), required=False)
    currency = forms.RegexField(r"^[A-Za-z]{3}$", label=gettext_lazy("Currency of the amounts"), required=False)
    amounts = forms.ChoiceField(label=gettext_lazy("Amounts are in"), choices=SCALES, required=False)
    dates = forms.ChoiceField(label=gettext_lazy("Dates are written"), choices=ORDERS, required=False)
    points = forms.ChoiceField(label=gettext_lazy("Colour scale"), choices=POINTS, required=False)
    row_date = forms.ChoiceField(
        label=gettext_lazy("Column with the date of each row"),
        required=False,
        help_text=gettext_lazy("Only for files that hold many dates; each date becomes a snapshot."),
    )

    OPTIONS: ClassVar[tuple[str, ...]] = ("as_of", "is_complete", "currency", "amounts", "dates", "points", "row_date")

    def __init__(self, *args: Any, table: tables.Table, base: Mapping[str, Any], **kwargs: Any) -> None:
        self.table, self.base = table, base
        kwargs["initial"] = {**self._initial(), **kwargs.get("initial", {})}
        choices = [("", "—"), *((str(at), name[:SHOWN]) for at, name in enumerate(table.columns))]
        super().__init__(*args, **kwargs)
        self.fields["row_date"].choices = choices  # type: ignore[attr-defined]  # a choice field
        for name, label in LABELS.items():
            self.fields[f"column_{name}"] = self._select(choices, str(label))
            self.fields[f"more_{name}"] = self._select(choices, _("%(field)s: else from") % {"field": label})

    @staticmethod
    def _select(choices: Sequence[tuple[str, str]], label: str) -> forms.ChoiceField:
        widget = forms.Select(attrs={"aria-label": label, "class": "form-select"})
        return forms.ChoiceField(choices=choices, required=False, label=label, widget=widget)

    def _positions(self, name: str) -> list[str]:
        source = self.base.get("columns", {}).get(name)
        return [str(at) for at in find(self.table.columns, source["columns"])] if source else []

    def _initial(self) -> dict[str, Any]:
        initial: dict[str, Any] = {}
        for name in LABELS:
            first, more = [*self._positions(name), "", ""][:2]
            initial[f"column_{name}"], initial[f"more_{name}"] = first, more
        columns = self.base.get("columns", {})
        row_date = self.base.get("row_date")
        found = find(self.table.columns, row_date["columns"]) if row_date else []
        return initial | {
            "currency": self.base.get("currency", ""),
            "amounts": self._common(columns, MONEY_FIELDS, "scale"),
            "dates": self._common(columns, DATE_FIELDS, "order"),
            "points": str(self.base.get("scale") or ""),
            "row_date": str(found[0]) if found else "",
        }

    @staticmethod
    def _common(columns: Mapping[str, Any], names: Sequence[str], key: str) -> str:
        return next((str(columns[name][key]) for name in names if columns.get(name, {}).get(key)), "")

    def rows(self) -> list[MatchRow]:
        """The lines of the page, in the order of the fields."""
        return [
            MatchRow(str(label), self[f"column_{name}"], self[f"more_{name}"], self._example(name), name in REQUIRED)
            for name, label in LABELS.items()
        ]

    def _example(self, name: str) -> str:
        position = str(self[f"column_{name}"].value())
        if position not in map(str, range(len(self.table.columns))):
            return ""
        texts = (row.cells[int(position)].strip() for row in self.table.rows[:50])
        text = next((text for text in texts if text), "")
        return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"

    def options(self) -> list[BoundField]:
        return [self[name] for name in self.OPTIONS]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for name in REQUIRED:
            if not data.get(f"column_{name}"):
                self.add_error(f"column_{name}", _("Choose the column with: %(field)s.") % {"field": LABELS[name]})
        if not data.get("currency") and any(data.get(f"column_{name}") for name in MONEY_FIELDS):
            self.add_error("currency", _("Amounts need a currency, such as EUR."))
        return data

    def mapping(self) -> dict[str, Any]:
        """The matching as JSON values."""
        data = self.cleaned_data
        columns = {name: source for name in LABELS if (source := self._source(name)) is not None}
        kept = {key: self.base[key] for key in _KEPT if key in self.base}
        found = {
            **kept, "columns": columns, "currency": data["currency"].upper(), "scale": int(data["points"] or 0),
            "is_complete": data["is_complete"],
        }  # fmt: skip
        if data["row_date"]:
            same = data["row_date"] == self.initial["row_date"]
            found["row_date"] = (
                self.base["row_date"] if same else self._exact([data["row_date"]]) | {"order": data["dates"]}
            )
        return found

    def _source(self, name: str) -> dict[str, Any] | None:
        chosen = [self.cleaned_data[f"column_{name}"], self.cleaned_data[f"more_{name}"]]
        base = self.base.get("columns", {}).get(name)
        if base and chosen == [*self._positions(name), "", ""][:2]:
            source = dict(base)
        elif any(chosen):
            source = self._exact([at for at in chosen if at])
            source |= {"decimal": ""} if name in MONEY_FIELDS else {}
        else:
            return None
        for key, names, option in (("scale", MONEY_FIELDS, "amounts"), ("order", DATE_FIELDS, "dates")):
            if name in names and self.cleaned_data[option] != self.initial[option]:
                source[key] = self.cleaned_data[option]
            elif name in names and base and base.get(key) and key not in source:
                source[key] = base[key]
        return source

    def _exact(self, positions: Sequence[str]) -> dict[str, Any]:
        return {"columns": [f"={self.table.columns[int(at)]}" for at in positions]}

    def as_of_date(self) -> dt.date:
        return self.cleaned_data["as_of"]


_KEPT: Final = ("file_date", "colours", "withheld", "checks", "financial_year_from", "preset")

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.forms.projects import indent_tree
from projects.forms.records import RecordForm
from projects.models import Portfolio
from projects.services.portfolios import NewPortfolio
from strategy.models import Office

if TYPE_CHECKING:
    from django.db.models import QuerySet

_SETTINGS = [
    "name", "description", "office", "owner", "currency", "colour_scale", "update_cadence_days",
    "cost_tolerance_percent", "schedule_tolerance_days",
]  # fmt: skip
_HELP: dict[str, Any] = {
    "update_cadence_days": gettext_lazy("An update that is older makes a project's status less certain."),
    "cost_tolerance_percent": gettext_lazy("A forecast further over the baseline makes cost “At risk”."),
    "schedule_tolerance_days": gettext_lazy("A finish that is later than this makes schedule “At risk”."),
    "colour_scale": gettext_lazy("What leads declare. Colours of different scales are never converted."),
}


class PortfolioForm(RecordForm):
    currency = forms.RegexField(
        regex=r"^[A-Z]{3}$", label=gettext_lazy("Currency"), max_length=3, initial="EUR",
        help_text=gettext_lazy("New projects start with it. Three letters, such as EUR."),
        error_messages={"invalid": gettext_lazy("Write the currency as three capitals, such as EUR.")},
    )  # fmt: skip

    class Meta:
        model = Portfolio
        fields: ClassVar[list[str]] = _SETTINGS
        help_texts = _HELP
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        office = self.fields["office"]
        assert isinstance(office, forms.ModelChoiceField)  # noqa: S101  for the type checker
        office.queryset = Office.objects.order_by("name")
        self.fields["update_cadence_days"].widget.attrs["min"] = 1

    def clean_update_cadence_days(self) -> int:
        days: int = self.cleaned_data["update_cadence_days"]
        if not 1 <= days <= 366:  # noqa: PLR2004  a year
            raise forms.ValidationError(_("Choose between 1 and 366 days."))
        return days


class NewPortfolioForm(PortfolioForm):
    parent = forms.ModelChoiceField(
        queryset=Portfolio.objects.none(), required=False, label=gettext_lazy("Part of"),
        help_text=gettext_lazy("Choose a portfolio to make a programme of it."),
    )  # fmt: skip

    class Meta:
        model = Portfolio
        fields: ClassVar[list[str]] = ["name", "slug", *_SETTINGS[1:]]
        help_texts: ClassVar[dict[str, Any]] = {
            **_HELP,
            "slug": gettext_lazy(
                "For addresses and commands: small letters, digits, hyphens. Empty: made of the name."
            ),
        }
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    field_order = ("name", "slug", "parent")

    def __init__(self, *args: Any, parents: QuerySet[Portfolio], may_be_root: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slug"].required = False
        self.fields["parent"].required = not may_be_root
        indent_tree(
            self.fields["parent"], parents, _("Nothing: a portfolio of its own") if may_be_root else _("Choose…")
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["slug"] = data.get("slug") or slugify(data.get("name", ""))[:80]
        if data.get("name") and data["slug"] in {"", "new"}:
            self.add_error("slug", _("Write a short name of letters and digits."))
        return data

    def new_portfolio(self) -> NewPortfolio:
        return NewPortfolio(parent=self.cleaned_data["parent"], **self.changes())

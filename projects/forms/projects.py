from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import OrgUnit
from common.forms import PortalForm
from projects.enums import PROJECT_TRANSITIONS, ProjectStatus
from projects.forms.records import RecordForm, lock_field
from projects.models import Portfolio, Project
from projects.policies import ProjectRights, can_appoint, can_rebaseline
from projects.services.projects import APPOINTMENTS, DATE_FIELDS, NewProject

if TYPE_CHECKING:
    from django.db.models import QuerySet

_ABOUT = [
    "name", "description", "category", "external_id", "goal", "org_unit", "lead", "sponsor", "budget_owner",
    "benefits_owner", "kick_off_on", "data_class",
]  # fmt: skip
_PAIRS = (
    ("baseline_start_on", "baseline_finish_on"),
    ("forecast_start_on", "forecast_finish_on"),
    ("actual_start_on", "actual_finish_on"),
)


class _ProjectForm(RecordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "org_unit" in self.fields:
            indent_tree(self.fields["org_unit"], OrgUnit.objects.all(), _("No org unit"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        for start, finish in _PAIRS:
            if data.get(start) and data.get(finish) and data[finish] < data[start]:
                self.add_error(finish, _("The finish lies before the start."))
        return data


class ProjectForm(_ProjectForm):
    """Editing a project."""

    first: ClassVar[tuple[str, ...]] = (
        "name",
        "description",
        "lead",
        "sponsor",
        "budget_owner",
        "benefits_owner",
        "goal",
        "org_unit",
        "category",
        "kick_off_on",
        "data_class",
    )
    more_title = gettext_lazy("Dates, external id and confidentiality")

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = [*_ABOUT, *DATE_FIELDS, "is_confidential"]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}
        help_texts: ClassVar[dict[str, Any]] = {
            "external_id": gettext_lazy("The number in another system; imports find the project by it."),
            "benefits_owner": gettext_lazy("Who sees to it that the benefits come, also after the project has ended."),
            "kick_off_on": gettext_lazy("The day on which the team began together."),
            "is_confidential": gettext_lazy(
                "Only its own people and roles that see confidential projects know that it exists."
            ),
        }

    def __init__(self, *args: Any, rights: ProjectRights, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not (verdict := can_appoint(rights)):
            for name in APPOINTMENTS & self.fields.keys():
                lock_field(self, name, verdict.reason if name in {"org_unit", "is_confidential"} else "")
        for name in ("baseline_start_on", "baseline_finish_on"):
            if not (verdict := can_rebaseline(rights, is_set=bool(self.initial.get(name)))):
                lock_field(self, name, verdict.reason)


class NewProjectForm(_ProjectForm):
    """Adding a project without a request: for the PMO."""

    first: ClassVar[tuple[str, ...]] = (
        "portfolio",
        "name",
        "lead",
        "sponsor",
        "forecast_start_on",
        "forecast_finish_on",
    )

    class Meta:
        model = Project
        fields: ClassVar[list[str]] = [
            "portfolio",
            "name",
            "lead",
            "sponsor",
            "forecast_start_on",
            "forecast_finish_on",
            "description",
            "budget_owner",
            "benefits_owner",
            "goal",
            "org_unit",
            "category",
            "data_class",
            "external_id",
            "baseline_start_on",
            "baseline_finish_on",
            "is_confidential",
        ]
        widgets: ClassVar[dict[str, Any]] = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, portfolios: QuerySet[Portfolio], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        indent_tree(self.fields["portfolio"], portfolios, _("Choose…"))

    def new_project(self) -> NewProject:
        values = self.changes()
        dates: dict[str, Any] = {name: values.pop(name) for name in DATE_FIELDS if name in values}
        return NewProject(dates=dates, **values)


class StatusForm(PortalForm):
    version = forms.IntegerField(widget=forms.HiddenInput)
    status = forms.ChoiceField(label=gettext_lazy("The project is now"), widget=forms.RadioSelect)
    on = forms.DateField(label=gettext_lazy("Since"), required=False, help_text=gettext_lazy("Empty: today."))

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        steps = [status for status in ProjectStatus if status in PROJECT_TRANSITIONS[project.status]]
        field = self.fields["status"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  for the type checker
        field.choices = [(status.value, status.label) for status in steps]


def indent_tree(field: forms.Field, queryset: QuerySet[Any], empty: str) -> None:
    """Offer a tree as an indented list; read once."""
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  for the type checker
    field.queryset = queryset
    rows = list(queryset.order_by("path").values_list("pk", "name", "depth"))
    top = min((depth for _pk, _name, depth in rows), default=1)
    field.choices = [("", empty), *((pk, "\u2003" * (depth - top) + name) for pk, name, depth in rows)]

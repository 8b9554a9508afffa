from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.utils.translation import gettext_lazy

from projects.forms.money import MoneyForm
from projects.models import Project
from projects.selectors.gates import stage_money_of
from projects.services import money
from projects.views import money_rows
from projects.views.editing import RecordEdit
from projects.views.pages import ProjectPage

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from common.views import PortalRequest
    from projects.forms.records import RecordForm


class ProjectMoney(ProjectPage):
    tab: ClassVar[str] = "project-money"
    template_name: ClassVar[str] = "projects/project_money.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        context = {
            "table": money_rows.money_table(self.project), "sentence": money_rows.money_sentence(self.project),
            "stages": money_rows.stage_facts(self.project, stage_money_of(self.project)),
        }  # fmt: skip
        return self.page(context)


class ProjectMoneyEdit(RecordEdit):
    tab: ClassVar[str] = "project-money"
    back: ClassVar[str] = "project-money"
    heading: ClassVar[Any] = gettext_lazy("Edit money")
    template_name: ClassVar[str] = "projects/project_money_edit.html"
    form_class: ClassVar[type[RecordForm]] = MoneyForm

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project, "rights": self.rights}

    def load(self) -> Project:
        return self.project

    def queryset(self) -> QuerySet[Any]:
        return Project.objects.filter(pk=self.project.pk)

    def change(self, form: RecordForm, version: int | None) -> object:
        return money.set_money(actor=self.user, project_id=self.project.pk, version=version, changes=form.changes())

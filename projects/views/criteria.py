"""What a gate asks for: writing criteria, taking them out, and judging them."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from playbooks.enums import CriterionKind
from playbooks.forms_criteria import fact_choices, initial_of, rule_choices
from playbooks.selectors import criterion_outline
from projects.forms.gates import GateCriterionForm, JudgeForm
from projects.forms.records import new_token
from projects.models import GateCriterion
from projects.selectors.electors import roles_held
from projects.services import gates
from projects.services.once import once
from projects.views.gates import GateForm, OnGate
from projects.views.pages import ProjectConfirm

if TYPE_CHECKING:
    from django.forms import Form

    from common.views import PortalRequest
    from projects.models import Gate


class _CriterionForm(GateForm):
    permission: ClassVar[str] = Permission.PROJECT_CREATE
    template_name: ClassVar[str] = "projects/gates/criterion.html"

    def form(self, data: Any = None) -> Form:
        return GateCriterionForm(data, initial=self.initial(), rules=rule_choices(), facts=fact_choices())

    def initial(self) -> dict[str, Any]:
        return {"kind": CriterionKind.DOCUMENT.value, "token": new_token()}


class CriterionCreate(_CriterionForm):
    heading: ClassVar[Any] = gettext_lazy("Ask for something more")
    verb: ClassVar[Any] = gettext_lazy("Add criterion")

    def act(self, data: dict[str, Any]) -> object:
        gate = self.gate

        def make() -> str:
            gates.add_criterion(actor=self.user, project=self.project, gate_id=gate.pk, outline=data["form"].outline())
            return self.to_gate()

        return once(actor=self.user, token=data["token"] or new_token(), make=make)


class _OnCriterion(OnGate):
    """A page about one criterion; its address names the criterion."""

    @cached_property
    def criterion(self) -> GateCriterion:
        criteria = GateCriterion.objects.filter(gate__project=self.project, gate__milestone__is_gate=True)
        return get_object_or_404(criteria.select_related("gate__milestone", "judged_by"), pk=self.kwargs["pk"])

    @cached_property
    def gate(self) -> Gate:
        return self.criterion.gate


class CriterionEdit(_OnCriterion, _CriterionForm):
    heading: ClassVar[Any] = gettext_lazy("Change a criterion")

    def initial(self) -> dict[str, Any]:
        return {**initial_of(criterion_outline(self.criterion)), "version": self.criterion.version}

    def act(self, data: dict[str, Any]) -> object:
        return gates.edit_criterion(
            actor=self.user, project=self.project, criterion_id=self.criterion.pk, version=data["version"] or 0,
            outline=data["form"].outline(),
        )  # fmt: skip

    def extra(self) -> dict[str, Any]:
        return {"remove": reverse("criterion-remove", args=[self.project.key, self.criterion.pk])}


class CriterionRemove(_OnCriterion, ProjectConfirm):
    permission: ClassVar[str] = Permission.PROJECT_CREATE
    question: ClassVar[Any] = gettext_lazy("Ask no longer for “%(name)s”? History keeps it; votes become void.")
    verb: ClassVar[Any] = gettext_lazy("Remove criterion")
    done: ClassVar[Any] = gettext_lazy("The gate asks for this no longer.")

    def subject(self) -> GateCriterion:
        return self.criterion

    def act(self) -> object:
        return gates.remove_criterion(actor=self.user, project=self.project, criterion_id=self.criterion.pk)

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        target = self.to_gate()
        self.attempt(self.act)
        return HttpResponseRedirect(target)


class CriterionJudge(_OnCriterion, GateForm):
    """For whoever holds the role that judges; others are told so by the door."""

    heading: ClassVar[Any] = gettext_lazy("Is this criterion met?")
    template_name: ClassVar[str] = "projects/gates/judge.html"

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> Any:  # type: ignore[override]  # a signed-in request
        self.project  # noqa: B018  the project's door first
        if self.criterion.role not in roles_held(request.user, self.project):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)

    def form(self, data: Any = None) -> Form:
        one = self.criterion
        return JudgeForm(data, initial={"version": one.version, "judged": one.judged, "sentence": one.sentence})

    def act(self, data: dict[str, Any]) -> object:
        return gates.judge_criterion(
            actor=self.user, project=self.project, criterion_id=self.criterion.pk, version=data["version"],
            judged=data["judged"], sentence=data["sentence"],
        )  # fmt: skip

    def extra(self) -> dict[str, Any]:
        return {"criterion": self.criterion}

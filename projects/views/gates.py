"""The pages of gates: how ready they are, asking for a review, and the papers that a review leaves."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.ui import cells
from common.views import CONFLICT, INVALID
from governance import services as rulebook
from governance.enums import Checkpoint, SubjectKind
from governance.services import CheckResult, RulesNotKept
from playbooks.enums import CriterionKind
from projects.forms.gates import OpenReviewForm, StageMoneyForm
from projects.models import EvidencePack
from projects.selectors import evidence
from projects.selectors import gates as selectors
from projects.selectors.electors import roles_held
from projects.services import gates
from projects.views import gate_rows
from projects.views.pages import ProjectAction, ProjectPage

if TYPE_CHECKING:
    from django.forms import Form

    from common.views import PortalRequest
    from projects.models import Gate
    from projects.selectors.gates import GateView


class OnGates(ProjectPage):
    tab: ClassVar[str] = "project-gates"
    back: ClassVar[str] = "project-gates"


class ProjectGates(OnGates):
    template_name: ClassVar[str] = "projects/gates/project_gates.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        views = selectors.gates_of(self.project)
        conditions = list(selectors.conditions_of_gates(self.project)) if views else []
        context = {
            "views": views, "track": gate_rows.track(self.project, views),
            "table": gate_rows.gates_table(self.project, views),
            "conditions": gate_rows.conditions_table(conditions), "has_conditions": bool(conditions),
            "overdue": [one for one in conditions if one.is_overdue],
        }  # fmt: skip
        return self.page(context)


class OnGate(OnGates):
    """A page about one gate; its address names the gate."""

    @cached_property
    def gate(self) -> Gate:
        return selectors.get_gate(self.project, self.kwargs["pk"])

    def to_gate(self, gate: Gate | int | None = None) -> str:
        number = self.gate.pk if gate is None else getattr(gate, "pk", gate)
        return reverse("gate", args=[self.project.key, number])

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        return super().page({"cancel": self.to_gate(), **context}, status=status)


class GatePage(OnGate):
    template_name: ClassVar[str] = "projects/gates/gate.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        views = selectors.gates_of(self.project)
        view = next((one for one in views if one.gate.pk == self.kwargs["pk"]), None)
        if view is None:
            self.gate  # noqa: B018  404 when it is not of this project
        assert view is not None  # noqa: S101 — narrows the type
        packs = selectors.packs_of(view.gate)
        answers = view.answers
        ages: gate_rows.Ages = {}
        moved: list[evidence.Moved] = []
        if answers or view.ballot:
            records = evidence.records_of(self.project)
            ages = evidence.ages_of(records)
            newest = next((one for one in packs if view.ballot and one.ballot_id == view.ballot.pk), None)
            moved = evidence.moved_since(newest, records, answers) if newest else []
        criteria = gate_rows.criteria_table(request, self.project, answers, ages, self.rights, self._judging(view))
        context = {
            "view": view, "gate": view.gate, "packs": packs, "moved": moved, "state": gate_rows.state_tag(view.state),
            "facts": self._facts(view), "readiness": gate_rows.readiness(view), "missing": len(view.missing),
            "criteria": criteria, "reviews": self._reviews(packs), "before": self._before(views, view),
        }  # fmt: skip
        return self.page({**context, "cancel": ""})

    def to_gate(self, gate: Gate | int | None = None) -> str:
        return super().to_gate(self.kwargs["pk"] if gate is None else gate)

    def _judging(self, view: GateView) -> set[str]:
        """The roles that the reader holds among those that judge a criterion here."""
        asked = any(one.criterion.kind == CriterionKind.JUDGEMENT for one in view.answers)
        return roles_held(self.user, self.project) if asked else set()

    def _facts(self, view: GateView) -> list[tuple[str, Any]]:
        gate, money = view.gate, gate_rows.stage_money(self.project, view.gate)
        edit = reverse("gate-money", args=[self.project.key, gate.pk]) if self.rights.manage else ""
        facts: list[tuple[Any, ...]] = [
            (_("Closes the phase"), gate.phase.name if gate.phase else "–"),
            (_("When"), cells.date(gate_rows.day_of(gate), _("No date"))),
            (_("Stage money"), money) if gate.is_passed or not edit else (_("Stage money"), money, edit),
        ]
        if gate.outcome:
            facts.append((_("Last decision"), gate_rows.choice_word(gate.outcome)))
        elif gate.is_passed:
            facts.append((_("Last decision"), _("Noted by the PMO; there was no review in the portal.")))
        return facts

    @staticmethod
    def _reviews(packs: list[EvidencePack]) -> list[dict[str, Any]]:
        """Each review with its packs, the newest first."""
        found: dict[int, dict[str, Any]] = {}
        for pack in packs:
            review = found.setdefault(pack.ballot_id, {"ballot": pack.ballot, "packs": []})
            review["packs"].append(pack)
            review["word"] = (
                gate_rows.choice_word(pack.ballot.outcome) if pack.ballot.outcome else pack.ballot.get_state_display()
            )
        return list(found.values())

    @staticmethod
    def _before(views: list[GateView], view: GateView) -> str:
        """The first gate that has to be passed before this one; "" when none."""
        earlier = (one.gate.milestone.name for one in views[: views.index(view)] if not one.gate.is_passed)
        return next(earlier, "")


class GateForm(OnGate):
    """A form about one gate: GET shows it, POST gives one order and leads back to the gate."""

    template_name: ClassVar[str] = "projects/gates/form.html"
    heading: ClassVar[Any] = ""
    verb: ClassVar[Any] = ""
    done: ClassVar[Any] = gettext_lazy("Saved.")
    stopped_by: CheckResult | None = None
    """What the rulebook said to the order just given, when it stopped that."""

    def form(self, data: Any = None) -> Form:
        raise NotImplementedError

    def act(self, data: dict[str, Any]) -> object:
        raise NotImplementedError

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        return self.show(self.form())

    def post(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        form = self.form(request.POST)
        if not form.is_valid():
            return self.show(form, status=INVALID)
        try:
            self.act({"form": form, **form.cleaned_data})
        except Conflict as conflict:
            form.add_error(None, str(conflict))
            return self.show(form, status=CONFLICT)
        except RulesNotKept as error:
            form.add_error(None, error.in_short)
            self.stopped_by = error.result
            return self.show(form, status=INVALID)
        except PortalError as error:
            form.add_error(None, str(error))
            return self.show(form, status=INVALID)
        messages.success(request, str(self.done))
        return HttpResponseRedirect(self.to_gate())

    def show(self, form: Form, *, status: int = 200) -> HttpResponse:
        context = {"form": form, "heading": self.heading, "verb": self.verb or _("Save"), **self.extra()}
        return self.page(context, status=status)

    def extra(self) -> dict[str, Any]:
        return {}


class GateMoney(GateForm):
    permission: ClassVar[str] = Permission.PROJECT_CREATE
    heading: ClassVar[Any] = gettext_lazy("Stage money")

    def form(self, data: Any = None) -> Form:
        return StageMoneyForm(data, initial={"version": self.gate.version, "amount": self.gate.stage_money})

    def act(self, data: dict[str, Any]) -> object:
        return gates.set_stage_money(
            actor=self.user, project=self.project, gate_id=self.gate.pk, version=data["version"], amount=data["amount"]
        )


class GateOpen(GateForm):
    """Asking those who decide; what is missing is shown first."""

    permission: ClassVar[str] = Permission.PROJECT_EDIT
    template_name: ClassVar[str] = "projects/gates/gate_open.html"
    heading: ClassVar[Any] = gettext_lazy("Ask for the gate review")
    verb: ClassVar[Any] = gettext_lazy("Ask for the review")
    done: ClassVar[Any] = gettext_lazy("The review is open, and those who decide have a mail.")

    @cached_property
    def view(self) -> GateView:
        criteria = list(self.gate.criteria.select_related("judged_by").order_by("position", "pk"))
        answers = selectors.answers_of(self.project, criteria).get(self.gate.pk, [])
        return selectors.GateView(self.gate, "next", answers)

    def form(self, data: Any = None) -> Form:
        return OpenReviewForm(data, initial={"version": self.gate.version}, is_ready=not self.view.missing)

    def act(self, data: dict[str, Any]) -> object:
        return gates.open_review(
            actor=self.user, project=self.project, gate_id=self.gate.pk, version=data["version"],
            anyway=data.get("anyway", ""),
        )  # fmt: skip

    def extra(self) -> dict[str, Any]:
        check = self.stopped_by or rulebook.check(
            kind=SubjectKind.PROJECT, subject_id=self.project.pk, checkpoint=Checkpoint.PASS_GATE, actor=self.user
        )
        return {
            "gate": self.gate, "view": self.view, "readiness": gate_rows.readiness(self.view), "check": check,
            "may_ask_waiver": self.rights.edit,
        }  # fmt: skip


class GatePackRenew(OnGate, ProjectAction):
    permission: ClassVar[str] = Permission.PROJECT_EDIT
    done: ClassVar[Any] = gettext_lazy("The evidence is frozen anew; whoever had voted votes again.")

    def act(self) -> object:
        return gates.renew_pack(actor=self.user, project=self.project, gate_id=self.gate.pk)

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        self.gate  # noqa: B018  404 before anything is done
        self.attempt(self.act)
        return HttpResponseRedirect(self.to_gate())

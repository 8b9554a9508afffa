"""The gate review as a matter: who decides on a gate, who must not, and what follows from the decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from common import versions
from governance import matters
from governance import services as rulebook
from governance.enums import Checkpoint, Choice, SubjectKind
from governance.matters import GATE_WORDS, WITH_CONDITIONS, Matter, StepPlan
from governance.models import Ballot
from governance.subjects import Described
from projects.enums import PROJECT_TRANSITIONS, ProjectStatus
from projects.models import Gate, Milestone, Project, TeamMember
from projects.selectors.electors import people_with_role
from projects.selectors.gates import KIND
from projects.services import state
from projects.services.projects import change_status, hold_against_rules, lock_project

if TYPE_CHECKING:
    from accounts.models import User
    from governance.facts import Text
    from governance.services import CheckResult

DAYS_TO_DECIDE = 10


def register() -> None:
    matters.register(
        KIND,
        Matter(
            label=_("Gate review"), visible_to=_visible_to, describe=_describe, lock=_lock, electors=_electors,
            barred=_barred, decided=_decided, steps=_steps, choices=WITH_CONDITIONS, words=GATE_WORDS,
            office_of=_office_of, rules_say=_rules_say,
        ),
    )  # fmt: skip


def _visible_to(user: User) -> QuerySet[Any, Any]:
    return Gate.objects.visible_to(user).values("pk")


def _describe(ids: Collection[int]) -> Mapping[int, Described]:
    rows = Gate.objects.filter(pk__in=ids).values_list("pk", "project", "project__name", "milestone__name")
    return {
        pk: Described(f"{project} › {name}", reverse("gate", args=[f"P-{project_id}", pk]))
        for pk, project_id, project, name in rows
    }


def _lock(gate_id: int) -> int:
    """The project first, as every edit of it does."""
    project = Project.objects.get(gates=gate_id)
    lock_project(project)
    return Gate.objects.select_for_update(of=("self",)).values_list("version", flat=True).get(pk=gate_id)


def _project_id(gate_id: int) -> int:
    return Gate.objects.values_list("project_id", flat=True).get(pk=gate_id)


def _electors(gate_id: int, role: str) -> Collection[int]:
    return people_with_role(_project_id(gate_id), role)


def _barred(gate_id: int) -> Mapping[int, Text]:
    """Who leads a project never decides on its gates."""
    project_id = _project_id(gate_id)
    lead = Project.objects.values_list("lead_id", flat=True).get(pk=project_id)
    places = TeamMember.objects.in_force().filter(project=project_id, role=RoleName.PROJECT_LEAD)
    leads = {*places.values_list("user", flat=True), *([lead] if lead else [])}
    return dict.fromkeys(leads, _("you lead this project"))


def _steps(gate_id: int) -> tuple[StepPlan, ...]:
    """The sponsor and the budget owner, side by side; the PMO for a post that is vacant or must not vote."""
    project_id, barred = _project_id(gate_id), set(_barred(gate_id))
    sponsor = [pk for pk in people_with_role(project_id, RoleName.SPONSOR) if pk not in barred]
    owner = [pk for pk in people_with_role(project_id, RoleName.BUDGET_OWNER) if pk not in barred]
    pmo = RoleName.PMO_MANAGER.value
    plans = []
    if sponsor:
        plans.append(_step(str(_("Sponsor")), RoleName.SPONSOR.value))
    if owner and owner != sponsor:
        plans.append(_step(str(_("Budget owner")), RoleName.BUDGET_OWNER.value))
    if not sponsor or not owner:
        plans.append(StepPlan(str(_("PMO manager, for a vacant post")), (pmo,)))
    return tuple(plans)


def _step(title: str, role: str) -> StepPlan:
    return StepPlan(title, (role,), days=DAYS_TO_DECIDE, escalates_to=RoleName.PMO_MANAGER.value)


def _office_of(gate_id: int) -> int | None:
    return Gate.objects.values_list("project__portfolio__office", flat=True).get(pk=gate_id)


def _rules_say(ballot: Ballot) -> CheckResult:
    """What the rulebook would say to a go now."""
    project_id = _project_id(ballot.subject_id)
    return rulebook.check(kind=SubjectKind.PROJECT, subject_id=project_id, checkpoint=Checkpoint.PASS_GATE)


def _decided(ballot: Ballot) -> None:
    """Go passes the gate and releases its money, conditional go as well; stop stops the project; hold changes
    nothing but what is known. Runs in the transaction of the deciding vote, with project and gate locked.

    What the rules asked when the review opened they ask again of a go, as weeks may lie between: one that stops takes
    this vote back, and no other. Raises: RulesNotKept.
    """
    gate = Gate.objects.select_related("milestone", "project").get(pk=ballot.subject_id)
    changes: dict[str, Any] = {"outcome": ballot.outcome, "decided_at": ballot.decided_at, "ballot": ballot}
    if ballot.is_yes:
        milestone = versions.claim(Milestone.objects.all(), pk=gate.milestone_id, version=None)
        versions.apply(milestone, {"actual_on": timezone.localdate()})
        changes["released"] = gate.stage_money
    versions.apply(gate, changes)
    project, decider = gate.project, ballot.decided_by
    if ballot.is_yes and decider:
        hold_against_rules(decider, project.pk, Checkpoint.PASS_GATE)
    if ballot.outcome == Choice.REJECT and decider and ProjectStatus.STOPPED in PROJECT_TRANSITIONS[project.status]:
        change_status(actor=decider, project_id=project.pk, version=None, status=ProjectStatus.STOPPED)
    state.refresh([project.pk])

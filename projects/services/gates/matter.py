"""The gate review as a matter: who decides on a gate, who must not, and what follows from the decision."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from django.db.models import QuerySet
from django.db.models.functions import JSONObject
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
from projects.models import Gate, Milestone, Project
from projects.selectors.electors import leads_of, people_with_roles, with_electors
from projects.selectors.gates import KIND
from projects.services import state
from projects.services.projects import change_status, hold_against_rules, lock_project

if TYPE_CHECKING:
    from accounts.models import User
    from governance.facts import Text
    from governance.services import CheckResult

DAYS_TO_DECIDE = 10
USUAL_ROLES: Final = frozenset({RoleName.SPONSOR.value, RoleName.BUDGET_OWNER.value, RoleName.PMO_MANAGER.value})
"""Who decides where no procedure is set up."""


def register() -> None:
    matters.register(
        KIND,
        Matter(
            label=_("Gate review"), visible_to=_visible_to, told=_told, in_words=_in_words, lock=_lock, case=GateCase,
            decided=_decided, choices=WITH_CONDITIONS, words=GATE_WORDS, rules_say=_rules_say,
        ),
    )  # fmt: skip


def _visible_to(user: User) -> QuerySet[Any, Any]:
    return Gate.objects.visible_to(user).values("pk")


def _told(ids: Collection[int]) -> QuerySet[Any, Any]:
    told = JSONObject(project="project", name="project__name", gate="milestone__name")
    return Gate.objects.filter(pk__in=ids).annotate(told=told)


def _in_words(pk: int, told: Mapping[str, Any]) -> Described:
    href = reverse("gate", args=[Project(pk=told["project"]).key, pk])
    return Described(f"{told['name']} › {told['gate']}", href)


def _lock(gate_id: int) -> int:
    """The project first, as every edit of it does."""
    lock_project(Project(pk=Gate.objects.values_list("project_id", flat=True).get(pk=gate_id)))
    return Gate.objects.select_for_update(of=("self",)).values_list("version", flat=True).get(pk=gate_id)


class GateCase:
    """The project that a gate belongs to, as its deciders see it. Three queries for all that is asked of it."""

    def __init__(self, gate_id: int) -> None:
        self._project = with_electors(Project.objects.all()).get(gates=gate_id)

    @property
    def office_id(self) -> int | None:
        return self._project.portfolio.office_id

    def barred(self) -> Mapping[int, Text]:
        """Who leads a project never decides on its gates."""
        return dict.fromkeys(self._leads, _("you lead this project"))

    def electors(self, roles: Collection[str], /) -> Mapping[str, Collection[int]]:
        return self._usual if set(roles) <= USUAL_ROLES else people_with_roles(self._project, roles)

    def steps(self) -> tuple[StepPlan, ...]:
        """The sponsor and the budget owner, side by side; the PMO for a post that is vacant or must not vote."""
        sponsor, owner = (
            [pk for pk in self._usual[role.value] if pk not in self._leads]
            for role in (RoleName.SPONSOR, RoleName.BUDGET_OWNER)
        )
        plans = []
        if sponsor:
            plans.append(_step(_("Sponsor"), RoleName.SPONSOR.value))
        if owner and owner != sponsor:
            plans.append(_step(_("Budget owner"), RoleName.BUDGET_OWNER.value))
        if not sponsor or not owner:
            plans.append(StepPlan(_("PMO manager, for a vacant post"), (RoleName.PMO_MANAGER.value,)))
        return tuple(plans)

    @cached_property
    def _leads(self) -> set[int]:
        return leads_of(self._project)

    @cached_property
    def _usual(self) -> Mapping[str, Collection[int]]:
        """Those of the roles that decide where no procedure is set up."""
        return people_with_roles(self._project, USUAL_ROLES)


def _step(title: Text, role: str) -> StepPlan:
    return StepPlan(title, (role,), days=DAYS_TO_DECIDE, escalates_to=RoleName.PMO_MANAGER.value)


def _rules_say(ballot: Ballot) -> CheckResult:
    """What the rulebook would say to a go now."""
    project_id = Gate.objects.values_list("project_id", flat=True).get(pk=ballot.subject_id)
    return rulebook.check(kind=SubjectKind.PROJECT, subject_id=project_id, checkpoint=Checkpoint.PASS_GATE)


def _decided(ballot: Ballot, _reason: str) -> None:
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

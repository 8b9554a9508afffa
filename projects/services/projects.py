"""Making and changing the project itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.services import check_appointable
from common import versions
from common.errors import NotAllowed, PortalError
from governance import services as rulebook
from governance.enums import Checkpoint, Choice, SubjectKind
from governance.subjects import FREE
from projects.enums import PROJECT_TRANSITIONS, MoneyMeasure, ProjectStatus
from projects.models import Gate, Portfolio, Project
from projects.policies import can_direct
from projects.selectors.electors import leads_of
from projects.selectors.governing import control_of
from projects.services import state
from projects.services.baselines import keep_baseline, manages

if TYPE_CHECKING:
    from accounts.models import OrgUnit, User
    from playbooks.models import PlaybookVersion
    from strategy.models import Goal

DATE_FIELDS: Final = (
    "baseline_start_on",
    "baseline_finish_on",
    "forecast_start_on",
    "forecast_finish_on",
    "actual_start_on",
    "actual_finish_on",
)
APPOINTMENTS: Final = frozenset({"lead", "sponsor", "budget_owner", "is_confidential", "org_unit"})
"""What decides who may do what; only those who look after the project for the PMO change it."""
EDITABLE: Final = APPOINTMENTS | frozenset({
    "name", "description", "category", "goal", "external_id", "benefits_owner", "kick_off_on", "data_class",
    *DATE_FIELDS,
})  # fmt: skip
_BASELINES: Final = ("baseline_start_on", "baseline_finish_on")


class ProjectError(PortalError):
    """A project that cannot be."""


class StoppedAtAGate(NotAllowed):
    """A review stopped the project; whoever must not decide on its gates does not take it up again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewProject:
    """What a project starts with; without a currency it has the portfolio's.

    `dates` holds any of DATE_FIELDS, `money` amounts by measure. `born_of` names what it comes of, by kind and id:
    there the rules of its start are waived.
    """

    portfolio: Portfolio
    name: str
    description: str = ""
    external_id: str = ""
    category: str = ""
    org_unit: OrgUnit | None = None
    goal: Goal | None = None
    lead: User | None = None
    sponsor: User | None = None
    budget_owner: User | None = None
    benefits_owner: User | None = None
    data_class: str = ""
    is_confidential: bool = False
    currency: str = ""
    dates: Mapping[str, dt.date | None] = field(default_factory=dict)
    money: Mapping[str, Any] = field(default_factory=dict)
    playbook_version: PlaybookVersion | None = None
    born_of: tuple[str, int] | None = None
    is_demo: bool = False


@transaction.atomic
def create_project(*, actor: User, data: NewProject) -> Project:
    """Make a project and its first state. Raises: ProjectError, RulesNotKept, RoleNotGrantable."""
    project = add_project(actor=actor, data=data)
    state.refresh_new(project.pk)
    return project


def add_project(*, actor: User, data: NewProject) -> Project:
    """The row of a new project, for a caller who lays out more in the same transaction and then its first state.

    Raises: ProjectError, RulesNotKept, RoleNotGrantable.
    """
    check_appointable(data.lead, data.sponsor, data.budget_owner, data.benefits_owner)
    _check_external_id(data.portfolio, data.external_id)
    project = Project(
        portfolio=data.portfolio,
        name=data.name.strip(),
        description=data.description,
        external_id=data.external_id,
        category=data.category,
        org_unit=data.org_unit,
        goal=data.goal,
        lead=data.lead,
        sponsor=data.sponsor,
        budget_owner=data.budget_owner,
        benefits_owner=data.benefits_owner,
        data_class=data.data_class,
        is_confidential=data.is_confidential,
        currency=data.currency or data.portfolio.currency,
        playbook_version=data.playbook_version,
        is_demo=data.is_demo,
        **allowed_changes(data.dates, frozenset(DATE_FIELDS)),
        **allowed_changes(data.money, frozenset(MoneyMeasure.values)),
    )
    _check_dates(project)
    project.save(force_insert=True)
    hold_against_rules(actor, project.pk, Checkpoint.START_PROJECT, data.born_of)
    return project


@transaction.atomic
def edit_project(*, actor: User, project_id: int, version: int | None, changes: Mapping[str, Any]) -> Project:
    """Change what EDITABLE names. Raises: Conflict, ProjectError, NotAllowed (appointments), OnlyThePmo
    (dates), BaselineStays.
    """
    rows = Project.objects.select_related("lead", "sponsor", "budget_owner", "benefits_owner", "org_unit", "goal")
    project = versions.claim(rows, pk=project_id, version=version)
    changes = allowed_changes(changes, EDITABLE)
    if any(changes[name] != getattr(project, name) for name in APPOINTMENTS & changes.keys()):
        _require_manager(actor, project)
        check_appointable(*(changes.get(name) for name in ("lead", "sponsor", "budget_owner")))
    if changes.get("benefits_owner", project.benefits_owner) != project.benefits_owner:
        check_appointable(changes["benefits_owner"])
    if any(changes[name] != getattr(project, name) for name in changes.keys() & set(DATE_FIELDS)):
        leave_to_the_pmo(actor, project)
    keep_baseline(actor=actor, project=project, record=project, changes=changes, names=_BASELINES)
    external_id = changes.get("external_id", project.external_id)
    if external_id != project.external_id:
        _check_external_id(project.portfolio, external_id)
    _check_dates(Project(**{name: changes.get(name, getattr(project, name)) for name in DATE_FIELDS}))
    if versions.apply(project, changes):
        state.refresh([project.pk])
    return project


@transaction.atomic
def change_status(
    *, actor: User, project_id: int, version: int | None, status: str, on: dt.date | None = None
) -> Project:
    """Pause, resume, complete, stop or take a project out of its portfolio. `on` is today when left out.

    Raises: Conflict; ProjectError when the step is not in PROJECT_TRANSITIONS; StoppedAtAGate when it is to go on;
    RulesNotKept when it is completed.
    """
    project = versions.claim(Project.objects.all(), pk=project_id, version=version)
    if status == project.status:
        return project
    if status not in PROJECT_TRANSITIONS[project.status]:
        raise ProjectError(
            _("A project that is “%(old)s” cannot become “%(new)s”.")
            % {"old": project.get_status_display(), "new": ProjectStatus(status).label}
        )
    if status == ProjectStatus.ACTIVE and not project.is_live:
        _keep_stopped(actor, project)
    versions.apply(project, {"status": status, **_dates_of(project, status, on or timezone.localdate())})
    if status == ProjectStatus.COMPLETED:
        hold_against_rules(actor, project.pk, Checkpoint.CLOSE_PROJECT)
    state.refresh([project.pk])
    return project


def _keep_stopped(actor: User, project: Project) -> None:
    """Refuse to take up what the last review of a gate stopped, unless it is the PMO that does, and does not lead it.

    One query; up to three where a gate says stop. Raises: StoppedAtAGate.
    """
    gate = Gate.objects.filter(project=project, outcome=Choice.REJECT).select_related("milestone").first()
    if gate is not None and (actor.pk in leads_of(project) or not manages(actor, project)):
        raise StoppedAtAGate(
            _("The review of the gate “%(gate)s” stopped this project. The PMO takes it up again, and nobody who leads "
              "it: ask your PMO.") % {"gate": gate}
        )  # fmt: skip


def _dates_of(project: Project, status: str, on: dt.date) -> dict[str, dt.date | None]:
    """The dates that go with a status: completing ends the work, coming back takes the end away."""
    dates: dict[str, dt.date | None] = {"left_on": on if status == ProjectStatus.LEFT else None}
    if status == ProjectStatus.COMPLETED:
        dates["actual_finish_on"] = project.actual_finish_on or on
    elif project.status == ProjectStatus.COMPLETED:
        dates["actual_finish_on"] = None
    return dates


def hold_against_rules(
    actor: User, project_id: int, moment: Checkpoint, born_of: tuple[str, int] | None = None
) -> None:
    """What the rulebook asks of a project at this step, of what is written so far. Raises: RulesNotKept."""
    rulebook.check(
        kind=SubjectKind.PROJECT, subject_id=project_id, checkpoint=moment, actor=actor, born_of=born_of
    ).demand()


def lock_project(project: Project, *fresh: str) -> None:
    """Lock the project before its items, as every service does: in one order nobody waits for each other.

    Adding an item already holds the project a little; two who add and then judge it anew would stand still.
    `fresh` names own columns that are read anew with it. One query.
    """
    locked = Project.objects.select_for_update(of=("self",), no_key=True).values_list("pk", *fresh)
    for name, value in zip(fresh, locked.get(pk=project.pk)[1:], strict=True):
        setattr(project, name, value)


class OnlyThePmo(NotAllowed):
    """In a directive office the PMO itself changes plan dates and risks; the lead proposes."""


def leave_to_the_pmo(actor: User, project: Project) -> None:
    """Refuse a change of plan dates or risks by anybody but the PMO where a directive office looks after the project.

    One query; two where it does. Raises: OnlyThePmo.
    """
    control = control_of([project.pk]).get(project.pk, FREE)
    if not can_direct(control.level, manages=lambda: manages(actor, project)):
        raise OnlyThePmo(
            _("%(reason)s There the PMO itself changes plan dates and risks: propose your change instead.")
            % {"reason": control.reason}
        )


def allowed_changes(changes: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    """The changes as a dict. Raises: ValueError for a field that this service does not change."""
    unknown = set(changes) - set(allowed)
    if unknown:
        msg = f"Fields that cannot be changed here: {', '.join(sorted(unknown))}"
        raise ValueError(msg)
    return dict(changes)


def _require_manager(actor: User, project: Project) -> None:
    if not manages(actor, project):
        raise NotAllowed(_("The PMO sets the lead, sponsor, budget owner, org unit and confidentiality. Ask your PMO."))


def _check_external_id(portfolio: Portfolio, external_id: str) -> None:
    if external_id and portfolio.projects.filter(external_id=external_id).exists():
        raise ProjectError(_("Another project of this portfolio has the external id “%(id)s”.") % {"id": external_id})


def _check_dates(project: Project) -> None:
    for kind, label in (("baseline", _("baseline")), ("forecast", _("forecast")), ("actual", _("actual"))):
        start, finish = getattr(project, f"{kind}_start_on"), getattr(project, f"{kind}_finish_on")
        if start and finish and finish < start:
            raise ProjectError(_("The %(kind)s finish lies before the %(kind)s start.") % {"kind": label})

"""From an approved request to its project, in the transaction of the approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from accounts.enums import RoleName
from common.errors import PortalError
from governance.enums import SubjectKind
from governance.services import waivers
from playbooks.calendar import dated
from playbooks.selectors import newest_outline_of
from projects.models import Deliverable, Milestone, Phase, Project, TeamMember
from projects.services import baselines, gates, state
from projects.services.deliverables import lay_out_deliverables
from projects.services.projects import NewProject, add_project

if TYPE_CHECKING:
    from accounts.models import User
    from intake.models import Request
    from playbooks.models import PlaybookVersion
    from playbooks.selectors import DatedPhase


class NotProvisionable(PortalError):
    """What triage must have filled in is gone: portfolio, start, or a published playbook."""


def provision_project(*, actor: User, pitch: Request) -> Project:
    """The project of a request: from the newest published version of its playbook, with phases, milestones and
    deliverables laid out from the proposed start, the baseline equal to the first forecast and agreed with the
    decision.

    Runs inside the approval's transaction, on the locked request, so it is made with the decision or not
    at all. A budget that is known becomes baseline and forecast cost; one that is not stays unknown. The
    requester becomes a stakeholder of the project. What was waived for its start holds on for the project.
    Raises: NotProvisionable, RulesNotKept.
    """
    newest = newest_outline_of(pitch.playbook) if pitch.playbook else None
    if newest is None or pitch.portfolio is None or pitch.start_on is None:
        raise NotProvisionable(_("Send it back to the PMO: portfolio, start date or a published playbook is missing."))
    version, outline = newest
    plan = dated(outline, pitch.start_on)
    project = add_project(actor=actor, data=_new_project(pitch, version, plan))
    _lay_out(project, plan)
    TeamMember.objects.create(
        project=project, user=pitch.requester, role=RoleName.STAKEHOLDER, task=_("Asked for this project")
    )
    waivers.carry_over(
        actor=actor, of=(SubjectKind.REQUEST.value, pitch.pk), to=(SubjectKind.PROJECT.value, project.pk)
    )
    baselines.freeze_first(project=project, actor=actor, note=pitch.key)
    state.refresh_new(project.pk)
    return project


def _new_project(pitch: Request, version: PlaybookVersion, plan: tuple[DatedPhase, ...]) -> NewProject:
    assert pitch.portfolio is not None  # noqa: S101 — checked by the caller; narrows the type
    start_on, finish_on = pitch.start_on, plan[-1].finish_on
    return NewProject(
        portfolio=pitch.portfolio,
        name=pitch.title,
        description="\n\n".join(text for text in (pitch.problem, pitch.wanted_result) if text),
        org_unit=pitch.org_unit,
        goal=pitch.goal,
        lead=pitch.proposed_lead,
        sponsor=pitch.proposed_sponsor,
        benefits_owner=pitch.proposed_benefits_owner,
        currency=pitch.currency if pitch.budget is not None else "",
        dates={
            "baseline_start_on": start_on,
            "forecast_start_on": start_on,
            "baseline_finish_on": finish_on,
            "forecast_finish_on": finish_on,
        },
        money={} if pitch.budget is None else {"baseline_cost": pitch.budget, "forecast_cost": pitch.budget},
        playbook_version=version,
        born_of=(SubjectKind.REQUEST.value, pitch.pk),
        is_demo=pitch.is_demo,
    )


def _lay_out(project: Project, plan: tuple[DatedPhase, ...]) -> None:
    phases = Phase.objects.bulk_create(
        Phase(project=project, position=at, name=each.name, start_on=each.start_on, finish_on=each.finish_on)
        for at, each in enumerate(plan, 1)
    )
    milestones = Milestone.objects.bulk_create(
        Milestone(
            project=project, phase=row, name=item.name, is_gate=item.is_gate, baseline_on=item.on, forecast_on=item.on
        )
        for row, each in zip(phases, plan, strict=True)
        for item in each.milestones
    )
    items = [item for each in plan for item in each.milestones]
    gates.copy_criteria({row.pk: item.criteria for row, item in zip(milestones, items, strict=True) if item.criteria})
    lay_out_deliverables(
        project,
        [
            (
                Deliverable(project=project, phase=row, name=item.name, acceptance=item.acceptance, due_on=item.on),
                dict(item.letters),
            )
            for row, each in zip(phases, plan, strict=True)
            for item in each.deliverables
        ],
    )
    project.phase = phases[0]
    project.save(update_fields=["phase", "updated_at"])

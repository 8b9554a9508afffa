"""The rules in the demo organisation: waivers that hold and that wait, and what leads propose in a directive office."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common.errors import PortalError
from governance.enums import Enforcement, SubjectKind
from governance.models import Ballot, Finding, Waiver
from governance.selectors.findings import does_here
from governance.services import ballots, waivers
from projects.models import Project
from projects.selectors.electors import people_with_role
from projects.selectors.governing import control_of
from projects.services import proposals
from reporting.demo.deciding import at_the_table
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from collections.abc import Iterable

GRANTED, WAITING, PROPOSED = 4, 2, 3
REASONS: Final = (
    ("The supplier gives its price in January.", "The budget owner reads the weekly figures until then."),
    ("The neighbourhood is heard first.", "The alderman gets a short note every month."),
    ("The tender is still open.", "The office holds the planning and reports each Friday."),
    ("A partner town keeps the register.", "Both project leads read it together every two weeks."),
)


def ask_and_grant(project_ids: Iterable[int]) -> None:
    """Waivers for some of the findings that stop; the first are granted, the next ones wait."""
    kind = SubjectKind.PROJECT.value
    found = Finding.objects.open().filter(subject_kind=kind, subject_id__in=list(project_ids))
    controls = control_of([one.subject_id for one in found])
    stopping = [
        one
        for one in found.select_related("rule", "rule_version").order_by("subject_id", "rule__code")
        if does_here(one, controls[one.subject_id]) is not Enforcement.ADVISE
    ]
    for number, finding in enumerate(stopping[: GRANTED + WAITING]):
        waiver = _ask(finding, number)
        if waiver is not None and number < GRANTED:
            _grant(waiver)


def _ask(finding: Finding, number: int) -> Waiver | None:
    lead = Project.objects.select_related("lead").get(pk=finding.subject_id).lead
    if lead is None:
        return None
    reason, instead = REASONS[number % len(REASONS)]
    data = waivers.NewWaiver(
        finding.subject_kind, finding.subject_id, finding.rule.code, reason, instead, lead,
        timezone.localdate() + dt.timedelta(days=12 + 30 * number), is_demo=True,
    )  # fmt: skip
    try:
        return waivers.ask_waiver(actor=lead, data=data)
    except PortalError:
        return None


def _grant(waiver: Waiver) -> None:
    """By everybody who is asked, one after the other."""
    for role in (RoleName.PMO_MANAGER, RoleName.SPONSOR):
        ballot = Ballot.objects.open().about("waiver", waiver.pk).first()
        seats = [
            pk for pk in people_with_role(waiver.subject_id, role) if pk not in (ballot.barred_ids if ballot else [])
        ]
        if ballot is not None and seats:
            ballots.cast_vote(
                actor=at_the_table(User.objects.get(pk=seats[0])), ballot_id=ballot.pk, choice="approve",
                reason="For now, with what is done instead.",
            )  # fmt: skip


def propose(project_ids: Iterable[int]) -> None:
    """Leads of a directive office propose later dates for their next milestone."""
    ids = list(project_ids)
    directed = [pk for pk, control in control_of(ids).items() if control.level == ControlLevel.DIRECTIVE]
    for project in Project.objects.live().filter(pk__in=directed, lead__isnull=False).order_by("pk")[:PROPOSED]:
        milestone = project.milestones.filter(actual_on=None, forecast_on__isnull=False).order_by("forecast_on").first()
        if milestone is None or milestone.forecast_on is None or project.lead is None:
            continue
        later = milestone.forecast_on + dt.timedelta(days=14)
        proposals.propose(
            actor=project.lead, project=project, target="milestone", record=milestone, changes={"forecast_on": later},
            why="The contractor starts two weeks later.",
        )  # fmt: skip

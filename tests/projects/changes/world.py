"""What the tests of change control share: a project with an agreed baseline and all who have a say in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from governance.models import Ballot
from governance.services import ballots
from projects.models import Baseline, ChangeRequest, Milestone, Project
from projects.services import baselines, changes, state
from tests import factories as make

DAYS = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class World:
    """`today` is the day; the baseline finishes at `finish` and costs 1,000 EUR (tolerances: 14 days, 10 %)."""

    project: Project
    milestone: Milestone
    lead: User
    sponsor: User
    payer: User
    pmo: User
    helper: User
    baseline: Baseline
    today: dt.date
    finish: dt.date

    def draft(self, actor: User | None = None, **values: Any) -> ChangeRequest:
        values = {"title": "More pumps", "reason": "The ground is wetter than drilled", **values}
        return changes.draft_change(actor=actor or self.lead, project=self.project, values=values)

    def submitted(self, actor: User | None = None, **values: Any) -> ChangeRequest:
        drafted = self.draft(actor, **values)
        return changes.submit_change(
            actor=actor or self.lead, project=self.project, change_id=drafted.pk, version=drafted.version
        )

    def accepted(self, **values: Any) -> ChangeRequest:
        change = self.submitted(**values)
        for voter in (self.sponsor, self.payer, self.pmo):
            change.refresh_from_db()
            if change.is_open and ballot_of(change).seats.filter(person=voter).exists():
                vote(voter, change)
        change.refresh_from_db()
        assert change.state == "accepted"
        return change


def ballot_of(change: ChangeRequest) -> Ballot:
    return Ballot.objects.about("change_request", change.pk).order_by("-pk")[0]


def vote(voter: User, change: ChangeRequest, choice: str = "approve") -> Ballot:
    return ballots.cast_vote(actor=voter, ballot_id=ballot_of(change).pk, choice=choice, reason="So it shall be.")


def make_world(*, marks: int = 0, **fields: Any) -> World:
    """`marks` is how many milestones more there are, agreed for twenty days from today."""
    today = timezone.localdate()
    lead, sponsor, payer = (make.make_user(name) for name in ("Lena Lead", "Sam Sponsor", "Bo Budget"))
    helper, pmo = make.make_user("Hal Helper"), make.make_person(RoleName.PMO_MANAGER, name="Pia Pmo")
    project = make.make_healthy_project(
        "Alpha", lead=lead, sponsor=sponsor, budget_owner=payer, benefits=5000, description="A dry street", **fields
    )
    make.join_team(project, helper)
    milestone = make.make_milestone(project, "Go live", baseline_on=today + 50 * DAYS, forecast_on=today + 50 * DAYS)
    for number in range(marks):
        on = today + 20 * DAYS
        make.make_milestone(project, f"Mark {number}", baseline_on=on, forecast_on=on)
    state.refresh([project.pk])
    baseline = baselines.agree_baseline(actor=pmo, project_id=project.pk)
    return World(project, milestone, lead, sponsor, payer, pmo, helper, baseline, today, today + 100 * DAYS)

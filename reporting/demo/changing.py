"""How projects change what was agreed: they ask, others decide; and one plans again without asking."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from governance.models import Ballot
from governance.services import ballots
from projects.enums import CHANGE_MATTER
from projects.services import changes, plan
from reporting.demo.catalogue import Course
from reporting.demo.deciding import at_the_table
from reporting.demo.story import TROUBLED, Story

HOPES = frozenset({6, 4})
ASKED_BEFORE, DECIDED_BEFORE, ASKED_LAST = 22, 21, 2
"""Weeks before today."""


def play_changes(story: Story, weeks_left: int) -> None:
    """Who slips or gets dearer asks to change what was agreed: once it was accepted, and the last one waits."""
    if weeks_left in {ASKED_BEFORE, ASKED_LAST} and story.plan.course in {*TROUBLED, Course.RECOVERING}:
        _ask_for_change(story)
    elif weeks_left == DECIDED_BEFORE:
        accept(story)
    elif story.plan.course == Course.HOPEFUL and weeks_left in HOPES:
        _plan_again(story, weeks_left)


def _ask_for_change(story: Story) -> None:
    project = story.project
    project.refresh_from_db()
    values: dict[str, object] = {}
    agreed, expected = project.baseline_finish_on, project.forecast_finish_on
    if agreed and expected and expected > agreed:
        values["finish_to"] = expected
    if project.forecast_cost and project.baseline_cost and project.forecast_cost > project.baseline_cost:
        values["cost_delta"] = project.forecast_cost - project.baseline_cost
    if not values:
        return
    words = {
        "title": "Agree the dates anew" if "finish_to" in values else "More budget",
        "reason": "What was agreed at the start cannot be kept; the steering group knows why.",
        "options": "Do less in this phase; the users would wait a year for the rest.",
        "cost_of_not": "The team stops when the budget is spent.",
        "risks": "The supplier has no spare people in the summer.",
    }
    change = changes.draft_change(actor=story.lead, project=project, values={**words, **values})
    changes.submit_change(actor=story.lead, project=project, change_id=change.pk, version=None)


def accept(story: Story) -> bool:
    """Whoever is asked votes for it, the PMO first; whether anything waited."""
    waiting = [one.pk for one in story.project.change_requests.open()]
    for ballot in Ballot.objects.open().filter(subject_kind=CHANGE_MATTER, subject_id__in=waiting):
        _approve(story, ballot)
    return bool(waiting)


def _approve(story: Story, ballot: Ballot) -> None:
    for voter in (story.cast.pmo, story.cast.sponsor, story.cast.payer):
        if ballot.is_open and ballot.seats.filter(person=voter).exists():
            ballot = ballots.cast_vote(
                actor=at_the_table(voter), ballot_id=ballot.pk, choice="approve",
                reason="We saw it coming and want the result.",
            )  # fmt: skip


def _plan_again(story: Story, weeks_left: int) -> None:
    """A milestone goes, and comes back under nearly the same name: not wrong, but worth a look."""
    today = timezone.localdate()
    story.project.refresh_from_db()
    if weeks_left == max(HOPES):
        values = {"name": "Acceptance by users", "forecast_on": today + dt.timedelta(days=60)}
    else:
        gone = story.project.milestones.filter(name="Acceptance by users").first()
        if gone is None:
            return
        plan.delete_milestone(actor=story.planner, project=story.project, milestone_id=gone.pk)
        values = {"name": "Acceptance by the users", "forecast_on": today + dt.timedelta(days=110)}
    plan.add_milestone(actor=story.planner, project=story.project, values=values)

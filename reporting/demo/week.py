"""What happens to a project in one week: milestones, money, trouble, decisions, and the turn that some take."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from decimal import Decimal

from django.utils import timezone

from governance.services import RulesNotKept
from projects.enums import ProjectStatus
from projects.models import Milestone
from projects.services import money, plan, projects, raid, updates
from reporting.demo import gates
from reporting.demo.beginning import KICK_OFF, add_risk, file_document, note_kick_off
from reporting.demo.catalogue import BLOCKERS, DECISIONS, RISKS, Course
from reporting.demo.changing import play_changes
from reporting.demo.handover import hand_over
from reporting.demo.story import QUIET_WEEKS, WEEK, Story

LATE = {Course.SLIPPING: 0.45, Course.BLOCKED: 0.3, Course.HOPEFUL: 0.35, Course.COSTLY: 0.12, Course.RECOVERING: 0.4}
DEARER = {Course.COSTLY: 0.035, Course.HOPEFUL: 0.012, Course.SLIPPING: 0.006, Course.RECOVERING: 0.02}
STOPPED_BEFORE = 9
PAUSED_BEFORE = 11
BLOCKED_BEFORE = 3


def things_happen(story: Story, weeks_left: int) -> None:
    """The facts of one week: milestones, money, risks, blockers, decisions. `weeks_left` until today."""
    if story.is_over():
        return
    if story.begins + KICK_OFF == timezone.localdate():
        note_kick_off(story)
    _reach_or_slip(story, weeks_left)
    gates.follow_up(story)
    if weeks_left % 2 == 0:
        _spend(story, weeks_left)
    _trouble(story, weeks_left)
    _decide(story, weeks_left)
    play_changes(story, weeks_left)
    hand_over(story)
    _turn(story, weeks_left)


def _reach_or_slip(story: Story, weeks_left: int) -> None:
    if story.plan.course == Course.SILENT and weeks_left < QUIET_WEEKS:
        return
    today = timezone.localdate()
    worse = story.plan.course != Course.RECOVERING or weeks_left > 14
    for milestone in (
        story.project.milestones.open().filter(forecast_on__lte=today + WEEK).order_by("forecast_on", "pk")
    ):
        due = milestone.forecast_on or today
        if worse and due > today and story.rng.random() < LATE.get(story.plan.course, 0.04):
            _slip(story, due, story.rng.choice((7, 10, 14, 21)))
        elif due <= today:
            if not milestone.is_gate:
                plan.reach_milestone(actor=story.lead, project=story.project, milestone_id=milestone.pk, on=due)
            elif gates.decide(story, milestone):
                _enter_next_phase(story, milestone)


def _slip(story: Story, due: dt.date, days: int) -> None:
    """Everything from a late milestone on moves with it."""
    for later in story.project.milestones.open().filter(forecast_on__gte=due):
        plan.edit_milestone(
            actor=story.planner,
            project=story.project,
            milestone_id=later.pk,
            version=None,
            changes={"forecast_on": (later.forecast_on or due) + dt.timedelta(days=days)},
        )
    story.project.refresh_from_db()
    finish = (story.project.forecast_finish_on or story.ends) + dt.timedelta(days=days)
    projects.edit_project(
        actor=story.planner, project_id=story.project.pk, version=None, changes={"forecast_finish_on": finish}
    )


def _enter_next_phase(story: Story, milestone: Milestone) -> None:
    if milestone.phase is None:
        return
    following = story.project.phases.filter(position__gt=milestone.phase.position).order_by("position").first()
    if following is not None:
        plan.set_current_phase(actor=story.cast.pmo, project=story.project, version=None, phase=following)


def _spend(story: Story, weeks_left: int) -> None:
    project = story.project
    project.refresh_from_db()
    if project.baseline_cost is None or project.forecast_cost is None:
        return
    today = timezone.localdate()
    length = max((story.ends - story.begins).days, 1)
    share = Decimal(min(max((today - story.begins).days / length, 0), 1))
    forecast = project.forecast_cost
    if weeks_left > 8 or story.plan.course == Course.COSTLY:
        rise = DEARER.get(story.plan.course, 0.0) * story.rng.random()
        forecast = (forecast * Decimal(1 + rise)).quantize(Decimal(1000))
    spent = (forecast * share * Decimal("0.94")).quantize(Decimal(100))
    changes = {"forecast_cost": forecast, "actual_cost": max(spent, project.actual_cost or Decimal(0))}
    money.set_money(actor=story.lead, project_id=project.pk, version=None, changes=changes)


def _trouble(story: Story, weeks_left: int) -> None:
    rng, course = story.rng, story.plan.course
    if rng.random() < 0.06:
        add_risk(story, *rng.choice(RISKS))
    for risk in story.project.risks.open().order_by("pk")[:1]:
        if rng.random() < 0.04:
            raid.close_risk(actor=story.planner, project=story.project, risk_id=risk.pk, occurred=rng.random() < 0.2)
    if course == Course.BLOCKED and weeks_left == BLOCKED_BEFORE:
        _add_issue(story, BLOCKERS[len(story.plan.name) % len(BLOCKERS)], is_blocker=True)
    elif rng.random() < 0.03:
        _add_issue(story, rng.choice(("Test environment is slow", "Two team members ill", "Wrong version delivered")))
    for issue in story.project.issues.open().filter(is_blocker=False):
        if rng.random() < 0.4:
            raid.resolve_issue(
                actor=story.lead, project=story.project, issue_id=issue.pk, resolution="Solved in the weekly meeting."
            )


def _add_issue(story: Story, title: str, *, is_blocker: bool = False) -> None:
    today = timezone.localdate()
    raid.add_issue(
        actor=story.lead,
        project=story.project,
        values={
            "title": title, "severity": 4 if is_blocker else 2, "is_blocker": is_blocker, "owner": story.lead,
            "opened_on": today, "due_on": today + 2 * WEEK,
        },
    )  # fmt: skip


def _decide(story: Story, weeks_left: int) -> None:
    today = timezone.localdate()
    for decision in story.project.decisions.wanted():
        if (today - decision.raised_on).days > 10 and weeks_left > 2:
            outcome = next(row[2] for row in DECISIONS if row[0] == decision.question)
            raid.take_decision(
                actor=story.cast.sponsor, project=story.project, decision_id=decision.pk, version=None, outcome=outcome,
                rationale="It keeps the date and costs least over the whole life.",
            )  # fmt: skip
    for ask in story.project.asks.open().filter(asked_of=story.cast.sponsor, needed_by__lt=today):
        updates.answer_ask(
            actor=story.cast.sponsor, ask_id=ask.pk, answer="Arranged; see the notes of the steering group."
        )
    if story.rng.random() < (0.12 if weeks_left <= 2 else 0.02):
        question, options, outcome = story.rng.choice(DECISIONS)
        raid.raise_decision(
            actor=story.lead,
            project=story.project,
            values={
                "question": question, "options": options, "recommendation": outcome, "holder": story.cast.sponsor,
                "needed_by": today + dt.timedelta(days=story.rng.randint(6, 25)),
            },
        )  # fmt: skip


def _turn(story: Story, weeks_left: int) -> None:
    """The one turn that some projects take: closed, stopped or paused."""
    course = story.plan.course
    if course == Course.COMPLETED and not story.project.milestones.open().exists():
        if not story.project.documents.filter(kind="Post-mortem").exists():
            file_document(story, "What we learned", "Post-mortem")
        with suppress(RulesNotKept):  # then it stays open until the rule is kept or waived
            _change(story, ProjectStatus.COMPLETED)
    elif course == Course.STOPPED and weeks_left == STOPPED_BEFORE:
        _change(story, ProjectStatus.STOPPED)
    elif course == Course.PAUSED and weeks_left == PAUSED_BEFORE:
        _change(story, ProjectStatus.ON_HOLD)


def _change(story: Story, status: ProjectStatus) -> None:
    projects.change_status(actor=story.cast.pmo, project_id=story.project.pk, version=None, status=status)

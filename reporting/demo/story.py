"""One project's year, week by week, through the same services that people use."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from governance.models import Ballot
from governance.services import RulesNotKept, ballots
from projects.enums import CHANGE_MATTER, ColourScale, ProjectStatus
from projects.models import ChangeRequest, Milestone, Project, ProjectState
from projects.selectors.governing import control_of
from projects.services import baselines, changes, money, plan, projects, raid, team, updates
from reporting.demo import gates
from reporting.demo.catalogue import ASKS, BLOCKERS, DECISIONS, RISKS, STAGES, Course, Plan
from reporting.demo.handover import hand_over, plan_deliverables
from strategy.enums import ControlLevel

WEEK = dt.timedelta(days=7)
KICK_OFF = dt.timedelta(days=2)
KICKED_OFF = 0.8
"""So many of the projects noted their kick-off."""
DOCUMENTS = "https://documents.havenstad.example/"
"""Where all offices want the documents of their projects."""
LATE = {Course.SLIPPING: 0.45, Course.BLOCKED: 0.3, Course.HOPEFUL: 0.35, Course.COSTLY: 0.12, Course.RECOVERING: 0.4}
DEARER = {Course.COSTLY: 0.035, Course.HOPEFUL: 0.012, Course.SLIPPING: 0.006, Course.RECOVERING: 0.02}
QUIET_WEEKS = 6
HOPES = frozenset({6, 4})
STOPPED_BEFORE = 9
PAUSED_BEFORE = 11
BLOCKED_BEFORE = 3
ASKED_BEFORE, DECIDED_BEFORE, ASKED_LAST = 22, 21, 2
TROUBLED = {Course.SLIPPING, Course.COSTLY, Course.BLOCKED}


@dataclass
class Cast:
    """The people by handle, and who manages the project's portfolio for the PMO."""

    people: dict[str, User]
    pmo: User
    sponsor: User
    payer: User


@dataclass
class Story:
    """A project and what its plan says; `rng` makes each project's luck its own, the same on every machine."""

    plan: Plan
    project: Project
    cast: Cast
    rng: Random
    begins: dt.date
    ends: dt.date
    asked: int = field(default=0)

    @property
    def lead(self) -> User:
        return self.cast.people[self.plan.lead]

    @property
    def planner(self) -> User:
        """Who changes plan dates and risks: the PMO where a directive office looks after the project."""
        directed = control_of([self.project.pk])[self.project.pk].level == ControlLevel.DIRECTIVE
        return self.cast.pmo if directed else self.lead

    def token(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def is_over(self) -> bool:
        self.project.refresh_from_db()
        return not self.project.is_live


def lay_out(story: Story) -> None:
    """Phases, milestones and first risks, as the PMO and the lead agree them at the start."""
    days = (story.ends - story.begins).days
    share = {"Explore": 0.12, "Plan": 0.18, "Build": 0.55, "Hand over": 0.15}
    day = story.begins
    first = None
    for name, milestones in STAGES:
        length = int(days * share[name])
        finish = day + dt.timedelta(days=max(length - 1, 1))
        phase = plan.add_phase(
            actor=story.cast.pmo, project=story.project, values={"name": name, "start_on": day, "finish_on": finish}
        )
        first = first or phase
        for number, title in enumerate(milestones, 1):
            on = day + dt.timedelta(days=length * number // len(milestones))
            plan.add_milestone(
                actor=story.cast.pmo,
                project=story.project,
                values={
                    "name": title, "phase": phase, "is_gate": number == len(milestones),
                    "baseline_on": on, "forecast_on": on,
                },
            )  # fmt: skip
        day = finish + dt.timedelta(days=1)
    plan.set_current_phase(actor=story.cast.pmo, project=story.project, version=None, phase=first)
    gates.dress(story)
    baselines.agree_baseline(actor=story.cast.pmo, project_id=story.project.pk)
    for title, response in story.rng.sample(RISKS, 3):
        _add_risk(story, title, response)
    _gather_team(story)
    plan_deliverables(story)


def _gather_team(story: Story) -> None:
    people = story.cast.people
    for handle, task in (("koen", "Tests"), ("sofie", "Speaks for the neighbourhood")):
        if story.rng.random() < 0.35:
            team.add_member(
                actor=story.cast.pmo, project=story.project, user=people[handle], role="stakeholder", task=task
            )
    _file(story, "Project brief", "Brief")
    if story.begins + KICK_OFF < timezone.localdate():
        _kick_off(story)


def _kick_off(story: Story) -> None:
    """Most note it; those who do not are found by a rule."""
    if Random(f"{slug_of(story)} kick-off").random() < KICKED_OFF:
        changes = {"kick_off_on": story.begins + KICK_OFF}
        projects.edit_project(actor=story.lead, project_id=story.project.pk, version=None, changes=changes)


def slug_of(story: Story) -> str:
    return story.plan.name.lower().replace(" ", "-")


def _file(story: Story, title: str, kind: str) -> None:
    slug = slug_of(story)
    values = {"title": title, "url": f"{DOCUMENTS}{slug}/{kind.lower()}", "kind": kind}
    team.add_document(actor=story.lead, project=story.project, values=values)


def _add_risk(story: Story, title: str, response: str) -> None:
    rng = story.rng
    troubled = story.plan.course in TROUBLED
    raid.add_risk(
        actor=story.planner,
        project=story.project,
        values={
            "title": title,
            "probability": rng.randint(2, 4 if troubled else 3),
            "impact": rng.randint(2, 5 if troubled else 3),
            "response": "mitigate",
            "response_plan": response,
            "owner": story.lead if rng.random() < 0.8 else None,
            "review_on": timezone.localdate() + dt.timedelta(days=rng.randint(20, 80)),
        },
    )


def things_happen(story: Story, weeks_left: int) -> None:
    """The facts of one week: milestones, money, risks, blockers, decisions. `weeks_left` until today."""
    if story.is_over():
        return
    if story.begins + KICK_OFF == timezone.localdate():
        _kick_off(story)
    _reach_or_slip(story, weeks_left)
    gates.follow_up(story)
    if weeks_left % 2 == 0:
        _spend(story, weeks_left)
    _trouble(story, weeks_left)
    _decide(story, weeks_left)
    _change_control(story, weeks_left)
    hand_over(story)
    _turn(story, weeks_left)


def _change_control(story: Story, weeks_left: int) -> None:
    """Who slips or gets dearer asks to change what was agreed: once it was accepted, and the last one waits."""
    if weeks_left in {ASKED_BEFORE, ASKED_LAST} and story.plan.course in {*TROUBLED, Course.RECOVERING}:
        _ask_for_change(story)
    elif weeks_left == DECIDED_BEFORE:
        for change in story.project.change_requests.open():
            _accept(story, change)
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


def _accept(story: Story, change: ChangeRequest) -> None:
    ballot = Ballot.objects.open().about(CHANGE_MATTER, change.pk).first()
    for voter in (story.cast.sponsor, story.cast.payer, story.cast.pmo):
        if ballot is not None and ballot.is_open and ballot.seats.filter(person=voter).exists():
            ballot = ballots.cast_vote(
                actor=voter, ballot_id=ballot.pk, choice="approve", reason="We saw it coming and want the result."
            )


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
        _add_risk(story, *rng.choice(RISKS))
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
            _file(story, "What we learned", "Post-mortem")
        with suppress(RulesNotKept):  # then it stays open until the rule is kept or waived
            _change(story, ProjectStatus.COMPLETED)
    elif course == Course.STOPPED and weeks_left == STOPPED_BEFORE:
        _change(story, ProjectStatus.STOPPED)
    elif course == Course.PAUSED and weeks_left == PAUSED_BEFORE:
        _change(story, ProjectStatus.ON_HOLD)


def _change(story: Story, status: ProjectStatus) -> None:
    projects.change_status(actor=story.cast.pmo, project_id=story.project.pk, version=None, status=status)


def lead_reports(story: Story, weeks_left: int) -> None:
    """The lead's update of the week, if this is a week in which they write one."""
    cadence = story.project.portfolio.update_cadence_days // 7
    silent = story.plan.course == Course.SILENT and weeks_left < QUIET_WEEKS
    if silent or weeks_left % cadence or story.is_over() or story.rng.random() < 0.04:
        return
    if story.project.status == ProjectStatus.ON_HOLD and weeks_left % 4:
        return
    computed = ProjectState.objects.values_list("computed", flat=True).get(project=story.project)
    declared, rationale = _declare(story, computed)
    updates.publish_update(
        actor=story.lead,
        project=story.project,
        token=story.token(),
        values=_answers(story, declared, rationale),
        asks=_asks(story, weeks_left),
    )


def _declare(story: Story, computed: str) -> tuple[str, str]:
    if story.plan.course == Course.HOPEFUL and computed in {"amber", "red"}:
        return "green", "The supplier has promised to make up for it before the summer."
    if story.project.portfolio.colour_scale == ColourScale.FIVE:
        return {"grey": "amber_green", "green": "green", "amber": "amber_red", "red": "red"}[computed], ""
    return {"grey": "amber" if story.plan.course in TROUBLED else "green"}.get(computed, computed), ""


def _answers(story: Story, declared: str, rationale: str) -> dict[str, str]:
    today = timezone.localdate()
    reached = story.project.milestones.filter(actual_on__range=(today - WEEK, today)).first()
    following = story.project.milestones.open().order_by("forecast_on", "pk").first()
    happened = f"“{reached.name}” is done." if reached else "Work goes on as agreed with the team."
    coming = (
        f"Next is “{following.name}” on {following.forecast_on:%-d %B %Y}." if following else "We close the project."
    )
    softer = {"red": "amber", "amber_red": "amber"}.get(declared, declared)
    return {
        "declared": declared,
        "schedule": declared if story.plan.course in {Course.SLIPPING, Course.HOPEFUL} else softer,
        "cost": declared if story.plan.course == Course.COSTLY else softer,
        "scope": softer if softer != "amber_red" else "amber",
        "risk": declared if story.plan.course == Course.BLOCKED else softer,
        "rationale": rationale,
        "accomplished": happened,
        "next_steps": coming,
    }


def _asks(story: Story, weeks_left: int) -> list[updates.AskData]:
    if story.rng.random() > (0.25 if weeks_left < 3 else 0.03):
        return []
    by = timezone.localdate() + dt.timedelta(days=story.rng.randint(5, 20))
    return [updates.AskData(story.rng.choice(ASKS), story.cast.sponsor, by)]

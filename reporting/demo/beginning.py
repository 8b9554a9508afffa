"""How a project begins: its phases and milestones, first risks, team and papers."""

from __future__ import annotations

import datetime as dt
from random import Random

from django.utils import timezone

from projects.services import baselines, plan, projects, raid, team
from reporting.demo import gates
from reporting.demo.catalogue import RISKS, STAGES
from reporting.demo.handover import plan_deliverables
from reporting.demo.story import DOCUMENTS, TROUBLED, Story

KICK_OFF = dt.timedelta(days=2)
KICKED_OFF = 0.8
"""So many of the projects noted their kick-off."""


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
        add_risk(story, title, response)
    _gather_team(story)
    plan_deliverables(story)


def _gather_team(story: Story) -> None:
    people = story.cast.people
    for handle, task in (("koen", "Tests"), ("sofie", "Speaks for the neighbourhood")):
        if story.rng.random() < 0.35:
            team.add_member(
                actor=story.cast.pmo, project=story.project, user=people[handle], role="stakeholder", task=task
            )
    file_document(story, "Project brief", "Brief")
    if story.begins + KICK_OFF < timezone.localdate():
        note_kick_off(story)


def note_kick_off(story: Story) -> None:
    """Most note it; those who do not are found by a rule."""
    if Random(f"{story.slug} kick-off").random() < KICKED_OFF:
        changes = {"kick_off_on": story.begins + KICK_OFF}
        projects.edit_project(actor=story.lead, project_id=story.project.pk, version=None, changes=changes)


def file_document(story: Story, title: str, kind: str) -> None:
    values = {"title": title, "url": f"{DOCUMENTS}{story.slug}/{kind.lower()}", "kind": kind}
    team.add_document(actor=story.lead, project=story.project, values=values)


def add_risk(story: Story, title: str, response: str) -> None:
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

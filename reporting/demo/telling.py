"""What leads tell each week: their update, and what they ask of others."""

from __future__ import annotations

import datetime as dt

from django.utils import timezone

from projects.enums import ColourScale, ProjectStatus
from projects.models import ProjectState
from projects.services import updates
from reporting.demo.catalogue import ASKS, Course
from reporting.demo.story import QUIET_WEEKS, TROUBLED, WEEK, Story


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

"""The plan of a project: milestones and phases as tables, and the picture of both."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common.svg.plan import PlanRow, plan_strip, plan_table
from common.ui import blocks, cells
from common.ui.tables import Column, Row, data_table
from projects.views.rows import actions, anchor, button, link

if TYPE_CHECKING:
    from django.http import HttpRequest

    from projects.models import Milestone, Phase, Project
    from projects.policies import ProjectRights

IN_STRIP: Final = 40


def slip(milestone: Milestone) -> int | None:
    """Days behind the baseline: of the day it was reached, else of the forecast, or of today once that has passed."""
    day = milestone.actual_on or milestone.forecast_on
    if day and not milestone.actual_on:
        day = max(day, timezone.localdate())
    return (day - milestone.baseline_on).days if day and milestone.baseline_on else None


def slip_cell(days: int | None) -> SafeString:
    if days is None:
        return cells.unknown(_("Without a baseline or a forecast nobody can tell."))
    return cells.delta(days, _("d"), alarm=0) if days else format_html('<span class="num">{}</span>', _("on plan"))


def milestone_table(
    request: HttpRequest,
    project: Project,
    milestones: Sequence[Milestone],
    phases: Sequence[Phase],
    rights: ProjectRights,
) -> SafeString:
    names = {phase.pk: phase.name for phase in phases}
    head = [
        Column(_("Milestone")),
        Column(_("Phase"), hide_on_phone=True),
        Column(_("Baseline")),
        Column(_("Forecast")),
        Column(_("Reached")),
        Column(_("Slip"), align="end"),
        *([Column(_("Actions"))] if rights.edit else []),
    ]
    rows = [_milestone_row(request, project, one, names, rights) for one in milestones]
    return data_table(head, rows, caption=_("Milestones"), empty=_("There are no milestones yet."))


def _milestone_row(
    request: HttpRequest, project: Project, one: Milestone, names: dict[int, str], rights: ProjectRights
) -> Row:
    name = cells.lines(format_html("<b>{}</b>", one.name), _("Gate") if one.is_gate else "")
    parts: list[str] = [
        anchor("milestone", one.pk, name),
        names.get(one.phase_id or 0, "–"),
        cells.date(one.baseline_on, _("Not set")),
        cells.due(one.forecast_on, done=one.actual_on is not None)
        if one.forecast_on
        else cells.date(None, _("Not set")),
        cells.date(one.actual_on, _("Not yet")),
        slip_cell(slip(one)),
    ]
    if rights.edit:
        key = project.key
        steps = [link(reverse("milestone-edit", args=[key, one.pk]), _("Edit"), one.name)]
        if one.actual_on is None:
            steps.insert(
                0, button(request, reverse("milestone-reach", args=[key, one.pk]), _("Reached today"), one.name)
            )
        parts.append(actions(steps))
    return Row(parts)


def phase_table(request: HttpRequest, project: Project, phases: Sequence[Phase], rights: ProjectRights) -> SafeString:
    head = [
        Column(_("Phase")),
        Column(_("Start")),
        Column(_("Finish")),
        *([Column(_("Actions"))] if rights.edit else []),
    ]
    rows = [_phase_row(request, project, one, rights, index, len(phases)) for index, one in enumerate(phases)]
    return data_table(head, rows, caption=_("Phases"), empty=_("There are no phases yet."))


def _phase_row(
    request: HttpRequest, project: Project, phase: Phase, rights: ProjectRights, index: int, count: int
) -> Row:
    is_current = phase.pk == project.phase_id
    name = cells.join([format_html("<b>{}</b>", phase.name), cells.tag(_("Current"), "accent") if is_current else ""])
    parts: list[str] = [name, cells.date(phase.start_on, _("Not set")), cells.date(phase.finish_on, _("Not set"))]
    if rights.edit:
        args = [project.key, phase.pk]
        steps = [link(reverse("phase-edit", args=args), _("Edit"), phase.name)]
        if not is_current:
            steps.append(button(request, reverse("phase-current", args=args), _("Make current"), phase.name))
        if index > 0:
            steps.append(button(request, reverse("phase-move", args=[*args, "up"]), _("Earlier"), phase.name))
        if index < count - 1:
            steps.append(button(request, reverse("phase-move", args=[*args, "down"]), _("Later"), phase.name))
        parts.append(actions(steps))
    return Row(parts)


def _strip(phases: Sequence[Phase], milestones: Sequence[Milestone], href: str = "") -> list[PlanRow]:
    """The rows of the strip: each phase with its milestones, those without a phase at the end."""
    by_phase: dict[int | None, list[Milestone]] = {}
    known = {phase.pk for phase in phases}
    for one in milestones:
        by_phase.setdefault(one.phase_id if one.phase_id in known else None, []).append(one)
    rows = []
    for phase in phases:
        rows.append(PlanRow(f"p{phase.pk}", phase.name, phase.start_on, phase.finish_on, kind="phase"))
        rows += [_diamond(one, href) for one in by_phase.get(phase.pk, [])]
    return (rows + [_diamond(one, href) for one in by_phase.get(None, [])])[:IN_STRIP]


def _diamond(one: Milestone, href: str) -> PlanRow:
    day = one.actual_on or one.forecast_on or one.baseline_on
    return PlanRow(
        f"m{one.pk}",
        one.name,
        day,
        day,
        kind="milestone",
        level=1,
        progress=100 if one.actual_on else 0,
        baseline_start=one.baseline_on,
        baseline_end=one.baseline_on,
        href=f"{href}#milestone-{one.pk}",
    )


def plan_chart(project: Project, phases: Sequence[Phase], milestones: Sequence[Milestone]) -> SafeString:
    """The plan as a picture with its table twin; "" when nothing has a date."""
    rows = _strip(phases, milestones, reverse("project-plan", args=[project.key]))
    if not any(row.start or row.end for row in rows):
        return SafeString()
    title = _("Plan of %(name)s") % {"name": project.name}
    return blocks.chart(plan_strip(rows, title, timezone.localdate()), plan_table(rows), _("The plan as a table"))

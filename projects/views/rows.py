"""The long tables and pictures of a project's pages, drawn in Python: no template engine per row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.svg.matrix import risk_matrix, risk_matrix_table, risk_tone
from common.svg.plan import PlanRow, plan_strip, plan_table
from common.ui import blocks, cells
from common.ui.tables import Column, Row, data_table
from projects.enums import DecisionState, IssueStatus, RiskStatus, Severity
from projects.models import Decision, Issue, Milestone, Phase, Project, Risk

if TYPE_CHECKING:
    from django.http import HttpRequest

    from projects.policies import ProjectRights
    from projects.selectors.raid import RaidFilter, Register

IN_STRIP = 40
SEVERITY_TONES = {Severity.LOW: "plain", Severity.MEDIUM: "hold", Severity.HIGH: "risk", Severity.CRITICAL: "off"}


def button(request: HttpRequest, href: str, label: str, name: str, **hidden: str) -> SafeString:
    """A small button that posts; `name` says of which row, for screen readers."""
    fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', hidden.items())
    return format_html(
        '<form method="post" action="{}"><input type="hidden" name="csrfmiddlewaretoken" value="{}">{}'
        '<button type="submit" class="btn btn-quiet btn-sm">{}<span class="visually-hidden">: {}</span></button>'
        "</form>",
        href,
        get_token(request),
        fields,
        label,
        name,
    )


def link(href: str, label: str, name: str) -> SafeString:
    return format_html(
        '<a class="btn btn-quiet btn-sm" href="{}">{}<span class="visually-hidden">: {}</span></a>', href, label, name
    )


def actions(parts: Iterable[str]) -> SafeString:
    return format_html('<span class="actions">{}</span>', cells.join(parts))


def anchor(kind: str, pk: int, cell: str) -> SafeString:
    """A cell that signals and mails can point at."""
    return format_html('<span id="{}-{}">{}</span>', kind, pk, cell)


# --- plan ---------------------------------------------------------------------------------------------------------


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


def plan_rows(phases: Sequence[Phase], milestones: Sequence[Milestone], href: str = "") -> list[PlanRow]:
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
    rows = plan_rows(phases, milestones, reverse("project-plan", args=[project.key]))
    if not any(row.start or row.end for row in rows):
        return SafeString()
    title = _("Plan of %(name)s") % {"name": project.name}
    return blocks.chart(plan_strip(rows, title, timezone.localdate()), plan_table(rows), _("The plan as a table"))


# --- RAID ---------------------------------------------------------------------------------------------------------


def raid_chips(project: Project, filters: RaidFilter, register: Register) -> list[dict[str, Any]]:
    """The type filter and “closed ones too”, as links."""
    base = reverse("project-raid", args=[project.key])
    labels = {"": _("All"), "risk": _("Risks"), "issue": _("Issues"), "decision": _("Decisions")}
    counts = {"": sum(register.counts.values()), **register.counts}

    def href(kind: str, *, closed: bool) -> str:
        query = {**({"kind": kind} if kind else {}), **({"show": "all"} if closed else {})}
        return f"{base}?{urlencode(query)}" if query else base

    chips: list[dict[str, Any]] = [
        {
            "label": f"{label} {counts.get(kind, 0)}",
            "href": href(kind, closed=filters.closed),
            "active": filters.kind == kind and filters.probability is None,
        }
        for kind, label in labels.items()
    ]
    if filters.probability is not None:
        cell = _("Probability %(probability)d, impact %(impact)d") % {
            "probability": filters.probability,
            "impact": filters.impact,
        }
        chips.append({"label": cell, "href": href("risk", closed=filters.closed), "active": True, "remove": True})
    chips.append(
        {"label": _("Closed ones too"), "href": href(filters.kind, closed=not filters.closed), "active": filters.closed}
    )
    return chips


def risk_matrix_chart(project: Project, register: Register) -> SafeString:
    base = reverse("project-raid", args=[project.key])
    hrefs = {cell: f"{base}?{urlencode({'probability': cell[0], 'impact': cell[1]})}" for cell in register.matrix}
    picture = risk_matrix(register.matrix, _("Open risks by probability and impact"), hrefs=hrefs)
    return blocks.chart(picture, risk_matrix_table(register.matrix), _("The risk matrix as a table"))


def raid_table(request: HttpRequest, project: Project, register: Register, rights: ProjectRights) -> SafeString:
    head = [
        Column(_("What")),
        Column(_("Type")),
        Column(_("Weight")),
        Column(_("Who")),
        Column(_("When")),
        Column(_("State")),
        *([Column(_("Actions"))] if rights.edit else []),
    ]
    rows = [_raid_row(request, project, one, rights) for one in register.items]
    empty = (
        _("Nothing matches this filter.")
        if sum(register.counts.values())
        else _("No risks, issues or decisions are open.")
    )
    return data_table(head, rows, caption=_("Risks, issues and decisions"), empty=empty)


def _raid_row(request: HttpRequest, project: Project, one: Risk | Issue | Decision, rights: ProjectRights) -> Row:
    if isinstance(one, Risk):
        parts, steps = _risk_cells(one), _risk_steps(request, project, one)
    elif isinstance(one, Issue):
        parts, steps = _issue_cells(one), _issue_steps(request, project, one)
    else:
        parts, steps = _decision_cells(project, one), _decision_steps(project, one)
    return Row([*parts, actions(steps)] if rights.edit else parts)


def score_cell(risk: Risk) -> SafeString:
    """Probability times impact and its product, toned by the matrix."""
    tone = {"mild": "plain"}.get(risk_tone(risk.score), risk_tone(risk.score))
    return cells.tag(f"{risk.probability} × {risk.impact} = {risk.score}".replace(" ", formats.NBSP), tone)


def _risk_cells(risk: Risk) -> list[str]:
    sub = risk.get_response_display() if risk.response else _("No response yet")
    return [
        anchor("risk", risk.pk, cells.lines(format_html("<b>{}</b>", risk.title), sub)),
        _("Risk"),
        score_cell(risk),
        cells.person(str(risk.owner or "")),
        cells.due(risk.review_on, done=risk.status != RiskStatus.OPEN) if risk.review_on else _("No review date"),
        risk.get_status_display(),
    ]


def _risk_steps(request: HttpRequest, project: Project, risk: Risk) -> list[str]:
    args = [project.key, risk.pk]
    if risk.status != RiskStatus.OPEN:
        return [button(request, reverse("risk-reopen", args=args), _("Open again"), risk.title)]
    close = reverse("risk-close", args=args)
    return [
        link(reverse("risk-edit", args=args), _("Edit"), risk.title),
        button(request, close, _("Close"), risk.title),
        button(request, close, _("It happened"), risk.title, occurred="1"),
    ]


def _issue_cells(issue: Issue) -> list[str]:
    tone = SEVERITY_TONES.get(Severity(issue.severity), "plain")
    weight = cells.tag(_("Blocker"), "off") if issue.is_blocker else cells.tag(issue.get_severity_display(), tone)
    since = _("open since %(date)s") % {"date": formats.date_short(issue.opened_on)}
    return [
        anchor("issue", issue.pk, cells.lines(format_html("<b>{}</b>", issue.title), issue.resolution[:120] or since)),
        _("Issue"),
        weight,
        cells.person(str(issue.owner or "")),
        cells.due(issue.due_on, done=issue.status != IssueStatus.OPEN) if issue.due_on else _("No date"),
        issue.get_status_display(),
    ]


def _issue_steps(request: HttpRequest, project: Project, issue: Issue) -> list[str]:
    args = [project.key, issue.pk]
    if issue.status != IssueStatus.OPEN:
        return [button(request, reverse("issue-reopen", args=args), _("Open again"), issue.title)]
    return [
        link(reverse("issue-edit", args=args), _("Edit"), issue.title),
        link(reverse("issue-resolve", args=args), _("Resolve"), issue.title),
    ]


def _decision_cells(project: Project, decision: Decision) -> list[str]:
    href = reverse("decision", args=[project.key, decision.pk])
    late = decision.state == DecisionState.WANTED and decision.needed_by and decision.needed_by < timezone.localdate()
    return [
        anchor("decision", decision.pk, cells.title_cell(decision.question, href, decision.outcome[:120])),
        _("Decision"),
        cells.tag(_("Late"), "risk") if late else "–",
        cells.person(str(decision.holder or "")),
        cells.due(decision.needed_by, done=decision.state != DecisionState.WANTED)
        if decision.needed_by
        else _("No date"),
        decision.get_state_display(),
    ]


def _decision_steps(project: Project, decision: Decision) -> list[str]:
    args = [project.key, decision.pk]
    look = link(reverse("decision", args=args), _("Open"), decision.question)
    if decision.state != DecisionState.WANTED:
        return [look]
    return [look, link(reverse("decision-edit", args=args), _("Edit"), decision.question)]


def decision_facts(decision: Decision) -> list[tuple[str, str]]:
    """What is known of a decision, as label and value."""
    is_open = decision.state == DecisionState.WANTED
    facts = [
        (_("State"), decision.get_state_display()),
        (_("Who decides"), cells.person(str(decision.holder or ""))),
        (
            _("Asked by"),
            _("%(name)s on %(date)s") % {"name": decision.raised_by, "date": formats.date_short(decision.raised_on)},
        ),
        (_("Needed by"), cells.due(decision.needed_by, done=not is_open)),
    ]
    if decision.decided_at:
        moment = formats.moment_short(decision.decided_at)
        facts.append((_("Decided"), _("%(name)s on %(date)s") % {"name": decision.decided_by, "date": moment}))
    return facts

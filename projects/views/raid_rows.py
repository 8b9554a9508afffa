"""The register of a project: its table and chips, the risk matrix, and what is known of a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _

from common import formats
from common.svg.matrix import risk_matrix, risk_matrix_table, risk_tone
from common.ui import blocks, cells
from common.ui.tables import Column, Row, data_table
from projects.enums import DecisionState, IssueStatus, RiskStatus, Severity
from projects.models import Decision, Issue, Risk
from projects.views.rows import actions, anchor, button, link

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from projects.models import Project
    from projects.policies import ProjectRights
    from projects.selectors.raid import RaidFilter, Register

SEVERITY_TONES: Final = {
    Severity.LOW: "plain", Severity.MEDIUM: "hold", Severity.HIGH: "risk", Severity.CRITICAL: "off",
}  # fmt: skip


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

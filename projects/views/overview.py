"""The first page of a project: what a reader wants to know before they open a tab."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from common import formats
from common.ui import cells
from governance.enums import SubjectKind, Weight
from governance.selectors.findings import does_here, findings_about, is_lifted
from governance.views.findings import does_cell
from projects.enums import Dimension, MoneyMeasure
from projects.selectors.gates import track_of, unmet_conditions
from projects.selectors.governing import control_of
from projects.selectors.health import explain
from projects.selectors.overview import SHOWN, overview_of
from projects.services.projects import APPOINTMENTS
from projects.views import gate_rows, money_rows, plan_rows, raid_rows
from projects.views.audience import project_href
from projects.views.pages import ProjectPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from accounts.models import User
    from common.views import PortalRequest
    from governance.subjects import Control
    from projects.models import Decision, Project, ProjectState, Update
    from projects.policies import ProjectRights
    from projects.selectors.health import SignalView
    from projects.selectors.overview import Overview


IN_TRACK = 6


class ProjectOverview(ProjectPage):
    tab: ClassVar[str] = "project"
    template_name: ClassVar[str] = "projects/project.html"

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        overview = overview_of(self.project)
        context = overview_context(self.project, overview, self.rights)
        views = track_of(self.project, overview.gates)
        context["gates"] = gate_rows.track(self.project, views[:IN_TRACK])
        if any(view.state == "conditional" for view in views):
            context["overdue"] = unmet_conditions(self.project)
        control = control_of([self.project.pk])[self.project.pk]
        context["facts"].append((_("Rules"), control.reason or control.level.label))
        context |= {"control": control, "audience_href": project_href(self.user, self.project)}
        return self.page({**context, "findings": _findings(self.project, self.rights, control)})


def overview_context(project: Project, overview: Overview, rights: ProjectRights) -> dict[str, Any]:
    state: ProjectState | None = getattr(project, "state", None)
    return {
        "update": overview.update,
        "chips": _declared_chips(overview.update),
        "health": _health(state),
        "stamp": cells.freshness(state.computed_at) if state else "",
        "facts": key_facts(project, rights),
        "plan": plan_rows.plan_chart(project, overview.phases, overview.milestones),
        "money": [(measure.label, money_rows.amount_cell(project, measure, compact=True)) for measure in MoneyMeasure],
        "money_sentence": money_rows.money_sentence(project),
        "spent": money_rows.spent_percent(project),
        "lists": _lists(project, overview),
        "documents": overview.documents[:SHOWN],
        "asks": _asks(overview),
    }


def _findings(project: Project, rights: ProjectRights, control: Control) -> list[dict[str, Any]]:
    """The rules that the project does not keep, what that does here, and the way to mend it for whoever may."""
    return [
        {
            "does": does_cell(does_here(finding, control), waived=is_lifted(finding, does_here(finding, control))),
            "title": finding.rule_version.text("title"),
            "message": finding.rule_version.text("message"),
            "href": reverse("finding", args=[finding.pk]),
            "since": finding.opened_at,
            "remedy": finding.rule_version.text("remedy"),
            "remedy_href": _remedy_href(project, finding.rule_version.remedy_page, rights),
            "tone": Weight(finding.rule_version.weight).tone,
        }
        for finding in findings_about(SubjectKind.PROJECT, project.pk)
    ]


def _remedy_href(project: Project, page: str, rights: ProjectRights) -> str:
    """Where a finding is mended, for whoever may mend it there; appointments are the PMO's."""
    name, _hash, field = page.partition("#")
    is_appointment = field.removeprefix("id_") in APPOINTMENTS
    may = rights.write_update if name == "update-write" else rights.manage if is_appointment else rights.edit
    return f"{reverse(name, args=[project.key])}{f'#{field}' if field else ''}" if name and may else ""


def _declared_chips(update: Update | None) -> list[tuple[str, SafeString]]:
    if update is None:
        return []
    dimensions = (Dimension.SCHEDULE, Dimension.COST, Dimension.SCOPE, Dimension.RISK)
    return [
        (str(one.label), cells.status_badge(getattr(update, one.value)))
        for one in dimensions
        if getattr(update, one.value)
    ]


def _health(state: ProjectState | None) -> list[dict[str, Any]]:
    """Per dimension its colour and what was found, notes on the whole first."""
    if state is None:
        return []
    said: dict[str, list[SafeString]] = {}
    for signal in explain(state):
        place = signal.dimension if signal.dimension in Dimension.values else ""
        if signal.code != "declared.gap":  # the head of the page says it already
            said.setdefault(place, []).append(_sentence(signal))
    parts: list[dict[str, Any]] = [{"label": "", "badge": "", "signals": said[""]}] if "" in said else []
    for one in Dimension:
        colour = getattr(state, one.value)
        if one == Dimension.SCOPE and one.value not in said:
            continue
        fine = [_("Nothing speaks against it.")] if colour == "green" else []
        parts.append({"label": one.label, "badge": cells.status_badge(colour), "signals": said.get(one.value, fine)})
    return parts


def _sentence(signal: SignalView) -> SafeString:
    """One signal: its shape, the sentence with the numbers, and where to look."""
    ways = format_html_join(" ", '<a href="{}">{}</a>', ((one.url, one.label) for one in signal.links[:3]))
    mark = "" if signal.is_note else cells.status_dot(signal.colour)
    return format_html("{} {} {}", mark, signal.sentence, ways)


def key_facts(project: Project, rights: ProjectRights) -> list[tuple[str, Any]]:
    """Who answers for it, where it belongs and when; what is missing says so, with the way to fill it in."""
    edit = reverse("project-edit", args=[project.key]) if rights.edit else ""
    manage = edit if rights.manage else ""
    facts: list[tuple[str, Any]] = [
        (_("Sponsor"), _or_not_set(project.sponsor, manage, "sponsor")),
        (_("Project lead"), _or_not_set(project.lead, manage, "lead")),
        (_("Budget owner"), _or_not_set(project.budget_owner, manage, "budget_owner")),
        (_("Benefits owner"), _or_not_set(project.benefits_owner, edit, "benefits_owner")),
        (_("Goal"), _or_not_set(project.goal, edit, "goal")),
        (_("Org unit"), _or_not_set(project.org_unit, manage, "org_unit")),
        (_("Category"), _or_not_set(project.category, edit, "category")),
        (_("Data"), _or_not_set(project.get_data_class_display(), edit, "data_class")),
        (_("Phase"), _or_not_set(project.phase, reverse("project-plan", args=[project.key]) if rights.edit else "")),
        (_("Status"), project.get_status_display()),
        (_("Start"), _dates(project, "start", edit)),
        (
            _("Kick-off"),
            cells.date(project.kick_off_on) if project.kick_off_on else _or_not_set("", edit, "kick_off_on"),
        ),
        (_("Finish"), _dates(project, "finish", edit)),
    ]
    if project.external_id:
        facts.append((_("External id"), project.external_id))
    if project.imported_as_of:
        facts.append((_("Record as of"), cells.date(project.imported_as_of)))
    return facts


def _or_not_set(value: object, href: str, field: str = "") -> str:
    if value:
        return str(value)
    words = format_html('<span class="unknown">{}</span>', _("Not set"))
    if not href:
        return words
    return format_html('{} <a href="{}{}">{}</a>', words, href, f"#id_{field}" if field else "", _("Set"))


def _dates(project: Project, end: str, href: str) -> str:
    """The date that counts now, with the one that was agreed when it differs."""
    actual, forecast, baseline = (getattr(project, f"{kind}_{end}_on") for kind in ("actual", "forecast", "baseline"))
    day = actual or forecast or baseline
    if day is None:
        return _or_not_set(None, href, f"forecast_{end}_on")
    words = cells.date(day)
    if baseline and day != baseline:
        return cells.lines(words, _("baseline %(date)s") % {"date": formats.date_short(baseline)})
    return words


@dataclass(frozen=True, slots=True)
class ShortList:
    """A card with the first of a list and the way to the whole one; of each its name, a word under it, and a value."""

    title: str
    icon: str
    tone: str
    href: str
    empty: str
    items: Sequence[tuple[str, str, str]]


def _lists(project: Project, overview: Overview) -> list[ShortList]:
    plan, raid = (reverse(name, args=[project.key]) for name in ("project-plan", "project-raid"))
    milestones = [
        (one.name, cells.due(one.forecast_on or one.baseline_on), plan_rows.slip_cell(plan_rows.slip(one)))
        for one in overview.next_milestones[:SHOWN]
    ]
    risks = [(one.title, _named(one.owner), raid_rows.score_cell(one)) for one in overview.risks[:SHOWN]]
    blockers = [(one.title, _named(one.owner), cells.date_ago(one.opened_on)) for one in overview.blockers[:SHOWN]]
    decisions = [
        (_decision_link(project, one), _named(one.holder), cells.due(one.needed_by))
        for one in overview.decisions[:SHOWN]
    ]
    return [
        ShortList(_("Next milestones"), "flag", "accent", plan, _("No milestone lies ahead."), milestones),
        ShortList(_("Top risks"), "alert-triangle", "risk", f"{raid}?kind=risk", _("No risk is open."), risks),
        ShortList(_("Blockers"), "ban", "off", f"{raid}?kind=issue", _("Nothing stands still."), blockers),
        ShortList(
            _("Decisions wanted"), "gavel", "accent", f"{raid}?kind=decision",
            _("No decision is waited for."), decisions,
        ),
    ]  # fmt: skip


def _named(person: User | None) -> str:
    return str(person or _("Nobody"))


def _decision_link(project: Project, decision: Decision) -> SafeString:
    address = reverse("decision", args=[project.key, decision.pk])
    return format_html('<a href="{}">{}</a>', address, decision.question)


def _asks(overview: Overview) -> list[str]:
    return [
        _("%(text)s (asked of %(name)s, by %(date)s)")
        % {"text": one.text, "name": one.asked_of or _("nobody yet"), "date": formats.date_short(one.needed_by)}
        if one.needed_by
        else _("%(text)s (asked of %(name)s)") % {"text": one.text, "name": one.asked_of or _("nobody yet")}
        for one in overview.asks[:SHOWN]
    ]

"""Gates in words and tables: what a criterion rests on, where it is mended, and what reviews came to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from governance.conditions import Outcome, Step
from governance.matters import GATE_WORDS
from governance.words import value_in_words
from playbooks.enums import CriterionKind
from projects.enums import MoneyMeasure
from projects.facts import project_facts
from projects.selectors.evidence import kind_behind
from projects.views import rows

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.safestring import SafeString

    from governance.models import DecisionCondition
    from projects.models import Gate, GateCriterion, Project
    from projects.policies import ProjectRights
    from projects.selectors.gates import Answer, GateView

Ages = Mapping[str, "dt.datetime | None"]

_EDITED: Final = {
    "has_sponsor": "sponsor", "has_lead": "lead", "has_budget_owner": "budget_owner", "has_goal": "goal",
    "has_org_unit": "org_unit", "baseline_finish_on": "baseline_finish_on", "forecast_finish_on": "forecast_finish_on",
    "slip_days": "forecast_finish_on", "finish_overdue_days": "forecast_finish_on", "category": "category",
    "has_benefits_owner": "benefits_owner", "kick_off_on": "kick_off_on", "data_class": "data_class",
}  # fmt: skip
"""Facts that stand in a field of the project's form."""
_TABS: Final = {
    "milestone": "project-plan", "risk": "project-raid", "issue": "project-raid", "decision": "project-raid",
    "ask": "project-updates", "update": "project-updates", "gate": "project-gates",
}  # fmt: skip


def state_words() -> dict[str, tuple[str, str]]:
    """(word, tone) of each state of a gate."""
    return {
        "passed": (_("Passed"), "ok"),
        "conditional": (_("Passed with conditions"), "risk"),
        "review": (_("In review"), "accent"),
        "hold": (_("On hold"), "hold"),
        "stopped": (_("Stopped"), "off"),
        "next": (_("Next"), "accent"),
        "planned": (_("Planned"), "plain"),
    }


def state_tag(state: str) -> SafeString:
    word, tone = state_words()[state]
    return cells.tag(word, tone)


def outcome_tag(outcome: Outcome | str) -> SafeString:
    word, tone = _outcomes()[str(Outcome(outcome).value)]
    return cells.tag(word.replace(" ", formats.NBSP), tone)


def outcome_word(outcome: Outcome | str) -> str:
    return _outcomes()[str(Outcome(outcome).value)][0]


def _outcomes() -> dict[str, tuple[str, str]]:
    return {
        Outcome.PASS.value: (_("Met"), "ok"),
        Outcome.FAIL.value: (_("Not met"), "off"),
        Outcome.UNKNOWN.value: (_("Not known"), "hold"),
    }


def readiness(view: GateView) -> str:
    """How many criteria are met: "6 of 8"."""
    if not view.answers:
        return _("no criteria")
    return _("%(met)d of %(all)d met") % {"met": view.met, "all": len(view.answers)}


def day_of(gate: Gate) -> dt.date | None:
    one = gate.milestone
    return one.actual_on or one.forecast_on or one.baseline_on


def track(project: Project, views: Iterable[GateView]) -> list[dict[str, Any]]:
    """The gates as the track shows them: date, result, and how ready the open ones are."""
    shown = []
    for view in views:
        day = day_of(view.gate)
        parts = [formats.date_short(day) if day else _("No date")]
        if view.state in {"next", "review", "hold"} and view.answers:
            parts.append(readiness(view))
        if view.state not in {"passed", "next", "planned"}:
            parts.append(state_words()[view.state][0])
        state = {"review": "next", "hold": "next"}.get(view.state, view.state)
        href = reverse("gate", args=[project.key, view.gate.pk])
        shown.append({"label": view.gate.milestone.name, "sub": " · ".join(parts), "state": state, "href": href})
    return shown


def gates_table(project: Project, views: Iterable[GateView]) -> SafeString:
    head = [
        Column(_("Gate")), Column(_("Closes")), Column(_("When")), Column(_("Ready")), Column(_("State")),
        Column(_("Stage money"), align="end"),
    ]  # fmt: skip
    table = []
    for view in views:
        gate, href = view.gate, reverse("gate", args=[project.key, view.gate.pk])
        day = gate.milestone.forecast_on or gate.milestone.baseline_on
        when = (
            cells.date(gate.milestone.actual_on)
            if gate.is_passed
            else cells.due(day)
            if day
            else cells.date(None, _("No date"))
        )
        table.append(Row([
            cells.title_cell(gate.milestone.name, href), gate.phase.name if gate.phase else "–", when,
            "–" if gate.is_passed else readiness(view), state_tag(view.state), stage_money(project, gate),
        ]))  # fmt: skip
    return data_table(head, table, caption=_("Gates"), empty=_("The plan has no gates."))


def stage_money(project: Project, gate: Gate) -> SafeString | str:
    amount = gate.released if gate.is_passed and gate.released is not None else gate.stage_money
    return "–" if amount is None else cells.money(amount, project.currency)


# --- criteria -------------------------------------------------------------------------------------------------------


def criteria_table(
    request: HttpRequest,
    project: Project,
    answers: Iterable[Answer],
    ages: Ages,
    rights: ProjectRights,
    judging: set[str],
) -> SafeString:
    head = [Column(_("Criterion")), Column(_("Outcome")), Column(_("Rests on")), Column(_("What to do"))]
    table = [
        Row([
            cells.lines(format_html("<b>{}</b>", one.criterion.title), source_of(one.criterion)),
            outcome_tag(one.outcome),
            cells.join([format_html("<div>{}</div>", part) for part in rests_on(one, ages)], ""),
            rows.actions(_steps(request, project, one, rights, judging)) or "–",
        ])
        for one in answers
    ]  # fmt: skip
    return data_table(head, table, caption=_("Criteria"), empty=_("This gate asks for nothing yet."))


def source_of(criterion: GateCriterion) -> str:
    """Where a criterion comes from and how it is found out, in a few words."""
    kind = {
        CriterionKind.AUTOMATIC: _("automatic"),
        CriterionKind.DOCUMENT: _("document"),
        CriterionKind.JUDGEMENT: _("judgement"),
    }[CriterionKind(criterion.kind)]
    return f"{kind} · {_('from the playbook') if criterion.is_of_playbook else _('asked by the PMO')}"


def rests_on(answer: Answer, ages: Ages) -> list[str]:
    """The facts with their values and ages, the document with who accepted it, or the judgement with its sentence."""
    one = answer.criterion
    if one.kind == CriterionKind.JUDGEMENT:
        return [judgement_words(one)]
    if one.kind == CriterionKind.DOCUMENT:
        return [document_words(answer)]
    if one.rule and answer.rule is None:
        return [_("The rule “%(code)s” is not in force.") % {"code": one.rule}]
    return [step_words(step, ages) for step in answer.steps]


def judgement_words(one: GateCriterion) -> str:
    if not one.judged:
        return _("Nobody has said so yet; asked is: %(role)s.") % {"role": RoleName(one.role).label}
    return _("“%(sentence)s” %(name)s, %(day)s") % {
        "sentence": one.sentence, "name": one.judged_by, "day": formats.date_short(_day(one.judged_at)),
    }  # fmt: skip


def document_words(answer: Answer) -> str:
    paper = answer.document
    if paper is None:
        return _("No document of the kind “%(kind)s” is linked.") % {"kind": answer.criterion.document_kind}
    link = format_html('<a href="{}" rel="noopener noreferrer">{}</a>', paper.url, paper.title)
    if paper.accepted_at:
        told = {"name": paper.accepted_by, "day": formats.date_short(_day(paper.accepted_at))}
        return cells.lines(link, _("accepted by %(name)s, %(day)s") % told)
    return cells.lines(link, _("not accepted yet"))


def step_words(step: Step, ages: Ages) -> str:
    """One fact: its value, and when what it comes from changed last."""
    fact = project_facts.fact(step.fact)
    words = f"{capfirst(str(fact.label))}: {value_in_words(step.value, fact)}"
    changed = ages.get(kind_behind(step.fact))
    if changed is None:
        return words
    age = formats.moment_relative(changed, timezone.now())
    return cells.lines(words, _("changed %(age)s") % {"age": age})


def _day(moment: dt.datetime | None) -> dt.date | None:
    return timezone.localtime(moment).date() if moment else None


def _steps(
    request: HttpRequest, project: Project, answer: Answer, rights: ProjectRights, judging: set[str]
) -> list[str]:
    """What a reader can do about a criterion: mend the record, accept, judge, or change what is asked."""
    one, key = answer.criterion, project.key
    steps: list[str] = []
    if one.kind == CriterionKind.JUDGEMENT and one.role in judging:
        verb = _("Judge again") if one.judged else _("Judge")
        steps.append(rows.link(reverse("criterion-judge", args=[key, one.pk]), verb, one.title))
    if not answer.is_met:
        steps += _mending(request, project, answer, rights)
    if rights.manage:
        steps.append(rows.link(reverse("criterion-edit", args=[key, one.pk]), _("Edit"), one.title))
    return steps


def _mending(request: HttpRequest, project: Project, answer: Answer, rights: ProjectRights) -> list[str]:
    one, key = answer.criterion, project.key
    if one.kind == CriterionKind.DOCUMENT:
        if answer.document is None:
            href = f"{reverse('document-add', args=[key])}?kind={one.document_kind}"
            return [rows.link(href, _("Link document"), one.title)] if rights.edit else []
        return [accept_button(request, project, answer.document, rights)]
    failed = next((step for step in answer.steps if step.outcome is not Outcome.PASS), None)
    if failed is None:
        return []
    return [rows.link(_where(project, failed.fact, rights), _("See the record"), one.title)]


def accept_button(request: HttpRequest, project: Project, document: Any, rights: ProjectRights) -> SafeString | str:
    """The button with which somebody else than its owner accepts a document; "" for who may not."""
    from projects.policies import can_accept_document

    if document.accepted_at or document.owner_id is None or not can_accept_document(rights, document):
        return ""
    href = reverse("document-accept", args=[project.key, document.pk])
    return rows.button(request, href, _("Accept"), document.title, version=str(document.version))


def _where(project: Project, fact: str, rights: ProjectRights) -> str:
    """The page on which the record behind a fact stands."""
    word, kind = fact.partition(".")[2], kind_behind(fact)
    if kind in _TABS:
        return reverse(_TABS[kind], args=[project.key])
    if word in MoneyMeasure.values or word.endswith(("_percent", "_cost")):
        return reverse("project-money", args=[project.key])
    if word in _EDITED and rights.edit:
        return f"{reverse('project-edit', args=[project.key])}#id_{_EDITED[word]}"
    return reverse("project", args=[project.key])


# --- reviews --------------------------------------------------------------------------------------------------------


def choice_word(choice: str) -> str:
    """What a vote or an outcome is called in a gate review."""
    return str(GATE_WORDS.get(choice, choice))


def conditions_table(conditions: Iterable[DecisionCondition]) -> SafeString:
    head = [Column(_("Condition")), Column(_("Owner")), Column(_("Due")), Column(_("State"))]
    table = []
    for one in conditions:
        href = reverse("ballot", args=[one.ballot_id])
        state = cells.tag(_("Met"), "ok") if one.met_at else cells.tag(_("Open"), "off" if one.is_overdue else "plain")
        met = _("confirmed by %(name)s") % {"name": one.met_by} if one.met_by else ""
        table.append(Row([
            cells.title_cell(one.text, href, one.evidence), cells.person(str(one.owner)),
            cells.due(one.due_on, done=one.met_at is not None), cells.lines(state, met),
        ]))  # fmt: skip
    return data_table(head, table, caption=_("Conditions"), empty=_("No gate was passed with conditions."))

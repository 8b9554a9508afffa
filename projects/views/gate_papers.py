"""The papers of a gate review: the evidence pack and the minutes, the same on the page and as PDF."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from common import formats
from common.languages import said, text_in
from common.pdf import Paper, Part
from governance.words import value_in_words
from playbooks.enums import CriterionKind
from projects.facts import project_facts
from projects.models import EvidencePack, Gate, Project
from projects.selectors.evidence import kind_behind, name_of
from projects.views import gate_rows

if TYPE_CHECKING:
    import datetime as dt

    from governance.models import Ballot, DecisionCondition
    from governance.selectors.ballots import Place, StepView

SHORT: Final = 16
"""Signs of a fingerprint that people compare by eye."""
_KINDS: Final = (
    "project", "phase", "milestone", "gate", "gatecriterion", "documentlink", "risk", "issue", "decision", "ask",
    "update",
)  # fmt: skip


def pack_paper(project: Project, pack: EvidencePack) -> Paper:
    """What the deciders were shown. Reads nothing but the pack."""
    content = json.loads(pack.content)
    met = sum(one["outcome"] == "pass" for one in content["criteria"])
    facts = [
        (_("Question"), said(content["question"])),
        (_("Frozen"), _("%(moment)s by %(name)s") % {"moment": _moment(pack.frozen_at), "name": pack.frozen_by}),
        (_("Criteria met"), _("%(met)d of %(all)d") % {"met": met, "all": len(content["criteria"])}),
        (_("Fingerprint"), f"SHA-256 {pack.sha256}"),
    ]
    if pack.anyway:
        facts.insert(3, (_("Asked anyway because"), pack.anyway))
    return Paper(
        title=_("Evidence pack"),
        over=f"{project.key} · {project.name} · {pack.gate}",
        headline="",
        facts=facts,
        parts=[_criteria(content), *_records(content, pack.frozen_at), _rules(content)],
        foot=_("%(project)s · pack %(number)d · %(hash)s")
        % {"project": project.key, "number": pack.number, "hash": pack.sha256[:SHORT]},
    )


def _criteria(content: Mapping[str, Any]) -> Part:
    changed = {kind: max((row["updated_at"] for row in rows), default="") for kind, rows in content["records"].items()}
    papers = {row["id"]: row for row in content["records"]["documentlink"]}
    return Part(
        _("Criteria"),
        head=[_("Criterion"), _("Outcome"), _("Rests on")],
        rows=[
            [text_in(one["texts"]), gate_rows.outcome_word(one["outcome"]), _rests_on(one, changed, papers)]
            for one in content["criteria"]
        ],
        empty=_("The gate asked for nothing."),
    )


def _rests_on(one: Mapping[str, Any], changed: Mapping[str, str], papers: Mapping[int, Mapping[str, Any]]) -> str:
    if one["kind"] == CriterionKind.JUDGEMENT:
        if not one["judged"]:
            return _("Nobody had said so.")
        return _("“%(sentence)s” %(name)s") % {"sentence": one["sentence"], "name": one["judged_by"]}
    if one["kind"] == CriterionKind.DOCUMENT:
        paper = papers.get(one["document"] or 0)
        if paper is None:
            return _("No such document was linked.")
        return f"{paper['title']}: {_('accepted') if paper['accepted_at'] else _('not accepted')}"
    told = []
    for step in one["steps"]:
        fact = project_facts.facts.get(step["fact"])
        label = capfirst(str(fact.label)) if fact else step["fact"]
        value = value_in_words(step["value"], fact) if fact else str(step["value"])
        since = parse_datetime(changed.get(kind_behind(step["fact"]) if fact else "", "") or "")
        age = _(" (changed %(moment)s)") % {"moment": _moment(since)} if since else ""
        told.append(f"{label}: {value}{age}")
    if one["rule"]:
        told.append(_("rule “%(code)s”, version %(number)d") % one["rule"])
    return "; ".join(told) or "–"


def _records(content: Mapping[str, Any], frozen_at: dt.datetime) -> list[Part]:
    names = {row["id"]: row["name"] for row in content["records"]["milestone"]}
    rows = [
        [
            f"{capfirst(str(apps.get_model('projects', kind)._meta.verbose_name))}: {_named(row, names)}",
            str(row["version"]),
            str(row.get("event") or "–"),
            formats.moment_relative(moment, frozen_at) if (moment := parse_datetime(row["updated_at"])) else "–",
        ]
        for kind in _KINDS
        for row in content["records"].get(kind, [])
    ]
    head = [_("Record"), _("Version"), _("Event"), _("Changed, at that moment")]
    intro = _("Each record in the version that it had then; the event is its place in the history.")
    return [Part(_("Records"), intro, head, rows)]


def _named(row: Mapping[str, Any], milestones: Mapping[int, str]) -> str:
    """How people call a record; a gate is called as its milestone."""
    if row.get("texts"):
        return text_in(row["texts"])
    return milestones.get(row["milestone_id"], "") if "milestone_id" in row else name_of(row)


def _rules(content: Mapping[str, Any]) -> Part:
    rows = [[one["code"], str(one["number"])] for one in content["rules"]]
    return Part(_("Rules in force"), head=[_("Rule"), _("Version")], rows=rows, empty=_("No rules were in force."))


def minutes_paper(
    project: Project,
    gate: Gate,
    ballot: Ballot,
    *,
    steps: list[StepView],
    conditions: list[DecisionCondition],
    pack: EvidencePack | None,
) -> Paper:
    """The minutes of a review: the question, who voted what and why, who did not and why, and what was decided."""
    outcome = gate_rows.choice_word(ballot.outcome) if ballot.outcome else ballot.get_state_display()
    facts = [
        (_("Question"), ballot.sentence),
        (_("Asked"), _("%(moment)s by %(name)s") % {"moment": _moment(ballot.created_at), "name": ballot.asked_by}),
        (_("Outcome"), outcome),
    ]
    if ballot.decided_at:
        facts.append((_("Decided"), _moment(ballot.decided_at)))
    if ballot.amount is not None:
        facts.append((_("Stage money"), formats.money(ballot.amount, ballot.currency)))
    if pack is not None:
        number = {"number": pack.number, "hash": pack.sha256}
        facts.append((_("Evidence"), _("pack %(number)d, SHA-256 %(hash)s") % number))
        if pack.anyway:
            facts.append((_("Asked anyway because"), pack.anyway))
    return Paper(
        title=_("Minutes of a gate review"),
        over=f"{project.key} · {project.name} · {gate}",
        headline=_("Decided: %(outcome)s") % {"outcome": outcome} if ballot.outcome else "",
        facts=facts,
        parts=[_votes(steps), _void(steps), _conflicts(ballot, steps), _conditions(conditions)],
        foot=_("%(project)s · minutes of %(gate)s · review %(number)d")
        % {"project": project.key, "gate": gate, "number": ballot.pk},
    )


def _votes(steps: list[StepView]) -> Part:
    rows = [
        [_voter(place), step.step.name, _said(place), place.vote.reason if place.vote else "–"]
        for step in steps
        for place in step.places
        if not place.barred
    ]
    return Part(_("Votes"), head=[_("Who"), _("For"), _("Vote"), _("Why")], rows=rows, empty=_("Nobody has a vote."))


def _voter(place: Place) -> str:
    vote = place.vote
    if vote is None or vote.cast_by_id == place.seat.person_id:
        return str(place.seat.person)
    return _("%(name)s for %(person)s") % {"name": vote.cast_by, "person": place.seat.person}


def _said(place: Place) -> str:
    if place.vote is None:
        return _("did not vote")
    return f"{gate_rows.choice_word(place.vote.choice)}, {_moment(place.vote.cast_at)}"


def _void(steps: list[StepView]) -> Part:
    rows = [
        [str(vote.cast_by), gate_rows.choice_word(vote.choice), vote.reason, _moment(vote.voided_at)]
        for step in steps
        for place in step.places
        for vote in place.votes
        if vote.voided_at
    ]
    head = [_("Who"), _("Vote"), _("Why"), _("Void since")]
    return Part(_("Votes that became void"), head=head, rows=rows, empty=_("None: nothing was edited after a vote."))


def _conflicts(ballot: Ballot, steps: list[StepView]) -> Part:
    names = {str(place.seat.person_id): str(place.seat.person) for step in steps for place in step.places}
    rows = [[names[pk], said(reason)] for pk, reason in ballot.barred.items() if pk in names]
    return Part(
        _("Conflicts of interest"), head=[_("Who"), _("Why they did not vote")], rows=rows,
        empty=_("Nobody with a vote declared one."),
    )  # fmt: skip


def _conditions(conditions: list[DecisionCondition]) -> Part:
    rows = [
        [
            one.text, str(one.owner), formats.date_short(one.due_on),
            _("met: %(evidence)s") % {"evidence": one.evidence} if one.met_at else _("open"),
        ]
        for one in conditions
    ]  # fmt: skip
    head = [_("Condition"), _("Owner"), _("Due"), _("State")]
    return Part(_("Conditions"), head=head, rows=rows, empty=_("None."))


def _moment(moment: dt.datetime | None) -> str:
    return formats.moment_short(timezone.localtime(moment)) if moment else "–"

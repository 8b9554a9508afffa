"""The tables of change control: requests, versions of the baseline, effects, the slip ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from projects.enums import BaselineSource, ChangeKind, ChangeSize, ChangeState

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from projects.models import Baseline, ChangeRequest, Project
    from projects.selectors.changes import Effect
    from projects.selectors.moves import Look, Move

TONES = {
    ChangeState.DRAFT: "plain", ChangeState.SUBMITTED: "hold", ChangeState.IN_BALLOT: "accent",
    ChangeState.ACCEPTED: "ok", ChangeState.REJECTED: "off", ChangeState.WITHDRAWN: "plain",
}  # fmt: skip


def state_tag(change: ChangeRequest) -> SafeString:
    return cells.tag(change.get_state_display(), TONES[ChangeState(change.state)])


def age(change: ChangeRequest) -> str:
    """How long an open request waits, or when a closed one ended."""
    if change.closed_on:
        return formats.date_short(change.closed_on)
    if change.submitted_on is None:
        return "–"
    days = (timezone.localdate() - change.submitted_on).days
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def change_table(project: Project, changes: Iterable[ChangeRequest]) -> SafeString:
    head = [
        Column(_("Request")), Column(_("What it touches")), Column(_("State")), Column(_("Asked by")),
        Column(_("Open for, or closed on"), align="end", title=_("Days since it was submitted; the day it was closed")),
    ]  # fmt: skip
    rows = [Row(_change_cells(project, one)) for one in changes]
    return data_table(head, rows, caption=_("Change requests"), empty=_("Nobody has asked for a change yet."))


def _change_cells(project: Project, one: ChangeRequest) -> list[str]:
    href = reverse("change", args=[project.key, one.pk])
    return [
        cells.title_cell(one.title, href, one.key), kinds_words(one), state_tag(one),
        cells.person(str(one.requested_by)), age(one),
    ]  # fmt: skip


def kinds_words(change: ChangeRequest) -> str:
    return ", ".join(str(ChangeKind(kind).label) for kind in change.kinds) or "–"


def effect_table(effects: Sequence[Effect], before: str, after: str, caption: str) -> SafeString:
    head = [
        Column(_("What")), Column(before, align="end"), Column(after, align="end"),
        Column(_("Difference"), align="end"),
    ]  # fmt: skip
    rows = [
        Row([format_html("<b>{}</b>", one.label), one.before or "–", one.after or "–", one.difference or "–"])
        for one in effects
    ]
    return data_table(head, rows, caption=caption, empty=_("Nothing differs."))


def version_table(project: Project, versions: Iterable[Baseline]) -> SafeString:
    head = [
        Column(_("Version")), Column(_("Where it comes from")), Column(_("Agreed")), Column(_("Finish")),
        Column(_("Cost"), align="end"), Column(_("Benefits"), align="end"), Column(_("Milestones"), align="end"),
    ]  # fmt: skip
    rows = [Row(_version_cells(project, one)) for one in versions]
    return data_table(head, rows, caption=_("Versions of the baseline"), empty=_("No baseline was agreed yet."))


def _version_cells(project: Project, one: Baseline) -> list[str]:
    return [
        format_html("<b>{}</b>", one), origin(project, one),
        cells.lines(cells.date(timezone.localdate(one.agreed_at)), str(one.agreed_by or "")),
        cells.date(one.finish_on, _("Not set")), cells.money(one.cost, one.currency, one.cost_withheld),
        cells.money(one.benefits, one.currency, one.benefits_withheld), str(len(one.milestones)),
    ]  # fmt: skip


def origin(project: Project, one: Baseline) -> str:
    """Where a version comes from, with a link to its change request."""
    if one.change_request is not None:
        href = reverse("change", args=[project.key, one.change_request.pk])
        return cells.title_cell(one.change_request.key, href, one.change_request.title)
    return cells.lines(str(BaselineSource(one.source).label), one.note)


def baseline_facts(project: Project, one: Baseline) -> list[tuple[str, Any]]:
    """The baseline in force, as label and value."""
    return [
        (_("Version"), str(one.number)),
        (_("Agreed"), formats.moment_short(one.agreed_at) + (f" · {one.agreed_by}" if one.agreed_by else "")),
        (_("Where it comes from"), origin(project, one)),
        (_("Start"), cells.date(one.start_on, _("Not set"))),
        (_("Finish"), cells.date(one.finish_on, _("Not set"))),
        (_("Cost"), cells.money(one.cost, one.currency, one.cost_withheld)),
        (_("Benefits"), cells.money(one.benefits, one.currency, one.benefits_withheld)),
        (_("Milestones"), str(len(one.milestones))),
    ]


def change_facts(change: ChangeRequest, size: ChangeSize) -> list[tuple[str, Any]]:
    facts: list[tuple[str, Any]] = [
        (_("State"), state_tag(change)),
        (_("Asked by"), cells.person(str(change.requested_by))),
        (_("What it touches"), kinds_words(change)),
    ]
    facts.append((_("Size"), str(size.label)))
    if change.submitted_on:
        facts.append((_("Submitted"), cells.date(change.submitted_on)))
    if change.decided_by:
        words = _("%(name)s on %(date)s") % {
            "name": change.decided_by, "date": formats.date_short(change.closed_on),
        }  # fmt: skip
        facts.append((_("Decided by"), words))
    return facts


def ledger_table(moves: Iterable[Move]) -> SafeString:
    head = [
        Column(_("When")), Column(_("Date")), Column(_("From")),
        Column(pgettext("comparison", "To")), Column(_("Moved"), align="end"),
        Column(_("Who")), Column(_("Why")),
    ]  # fmt: skip
    rows = [
        Row(
            [
                cells.date(timezone.localdate(one.at)), cells.lines(format_html("<b>{}</b>", one.what or one.field),
                one.field if one.what else _("Project")), cells.date(one.old, _("None")),
                cells.date(one.new, _("None")),
                cells.delta(one.days, _("d"), alarm=0) if one.days is not None else "–", one.who, one.reason or "–",
            ]
        )
        for one in moves
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Slip ledger"), empty=_("No date has moved yet."))


def look_table(project: Project, looks: Iterable[Look]) -> SafeString:
    head = [Column(_("When")), Column(_("What happened")), Column(_("Who")), Column(_("Rests on"))]
    base = reverse("project-history", args=[project.key])
    rows = [
        Row(
            [
                cells.date(timezone.localdate(one.at)), one.sentence, one.who,
                format_html(
                    '<a href="{}?kind={}">{}</a>', base, one.kind, _("event %(number)s") % {"number": one.event}
                ),
            ]
        )
        for one in looks
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Moves worth a look"), empty=_("Nothing stands out."))

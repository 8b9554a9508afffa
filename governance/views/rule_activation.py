from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from common.enums import JobState
from common.errors import PortalError
from common.models import JobRun
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import PortalView, version_sent
from governance.conditions import WITHHELD
from governance.enums import SubjectKind, VersionState
from governance.facts import catalogue
from governance.models import RuleVersion
from governance.selectors import rehearsals
from governance.selectors import rules as selectors
from governance.services import activation
from governance.services import rehearsals as rehearsing
from governance.views import rule_words as words
from governance.views.rules import trail_of

SHOWN = 50


class RuleRehearse(PortalView):
    """Ask for a rehearsal of the draft."""

    permission = Permission.RULE_EDIT
    http_method_names = ["post"]

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        draft = selectors.get_draft(code)
        try:
            rehearsing.ask_for_rehearsal(actor=self.user, pk=draft.pk)
        except PortalError as error:
            messages.error(request, str(error))
        return redirect("rule-rehearsal", code=code)


class RuleRehearsal(PortalView):
    """What the newest rehearsal of the draft found; while it runs, how far it is."""

    permission = Permission.RULE_APPROVE
    template_name = "governance/rule_rehearsal.html"

    def get(self, _request: HttpRequest, code: str) -> HttpResponse:
        draft = selectors.get_draft(code)
        newest, valid = rehearsals.newest_run(draft), rehearsals.rehearsal_of(draft)
        run = newest if newest is not None and newest.is_open else valid or newest
        context: dict[str, Any] = {
            "rule": draft, "run": run, "is_stale": run is not None and valid is None and not run.is_open,
            "may_edit": self.user.can(Permission.RULE_EDIT), "trail": trail_of(draft, _("Rehearsal")),
            "is_of_requests": draft.rule.subject_kind == SubjectKind.REQUEST,
        }  # fmt: skip
        if run is not None and run.state == JobState.DONE:
            context |= found_for(self.user, draft, run)
        return self.render(context)


def found_for(user: Any, version: RuleVersion, run: JobRun) -> dict[str, Any]:
    """What a rehearsal found, as the page shows it."""
    kind = version.rule.subject_kind
    found = rehearsals.rehearsal_for(user, kind, run)
    share = formats.percent(round(100 * found.told / found.asked)) if found.asked else ""
    return {
        "found": found,
        "names": words.names_of(kind),
        "hits": _hits(found, version, kind),
        "past": _past(found, words.names_of(kind)),
        "groups": _groups(found, words.names_of(kind)),
        "coverage": share,
        "kept": _labels(found.facts_kept, kind),
        "lost": _labels(found.facts_lost, kind),
        "more": max(0, len(found.hits) - SHOWN),
    }


def _labels(facts: list[str], kind: str) -> str:
    known = catalogue(kind)
    return ", ".join(str(known.fact(word).label) for word in facts if word != WITHHELD)


def _hits(found: rehearsals.Rehearsal, version: RuleVersion, kind: str) -> SafeString:
    names = words.names_of(kind)
    head = [
        Column(names.one),
        Column(names.group, hide_on_phone=True),
        Column(_("Found")),
        Column(_("Difference")),
    ]
    rows = [
        Row([
            cells.title_cell(hit.title, hit.href),
            hit.group,
            words.evidence_words(hit.values, version, kind),
            cells.tag(_("New"), "off") if hit.is_new else _("Found already"),
        ])
        for hit in found.hits[:SHOWN]
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Hit today"), empty=_("Nobody breaks this draft today."))


def _groups(found: rehearsals.Rehearsal, names: words.Names) -> SafeString:
    head = [Column(names.group), Column(_("Hits"), align="end"), Column(names.many, align="end")]
    rows = [Row([name, formats.number(hits), formats.number(of)]) for name, hits, of in found.groups]
    return data_table(head, rows, caption=names.by_group, empty=names.no_group)


def _past(found: rehearsals.Rehearsal, names: words.Names) -> SafeString:
    head = [Column(names.one), Column(_("First")), Column(names.times, align="end"), Column(_("What came of it"))]
    rows = [
        Row([
            cells.title_cell(hit.title, hit.href, hit.group),
            cells.date(hit.first),
            formats.number(hit.days),
            cells.tag(names.ended, "off") if hit.stopped else names.went_on,
        ])
        for hit in found.past_hits[:SHOWN]
    ]  # fmt: skip
    return data_table(head, rows, caption=_("The last twelve months"), empty=_("Nobody broke it, as far as was kept."))


class RuleActivate(PortalView):
    """What a draft needs before it may hold; then it is put in force, or colleagues are asked."""

    permission = Permission.RULE_EDIT
    template_name = "governance/rule_activate.html"

    def get(self, _request: HttpRequest, code: str) -> HttpResponse:
        return self._page(selectors.get_draft(code))

    def _page(self, draft: RuleVersion, status: int = 200, error: str = "") -> HttpResponse:
        kind = draft.rule.subject_kind
        needs = activation.needs(draft)
        held = draft.rule.versions.active().first()
        context = {
            "rule": draft, "needs": needs, "is_ready": all(need.is_met for need in needs), "error": error,
            "ballot": activation.waiting_ballot(draft), "held": held, "dates": words.dates_words(draft),
            "enforcement": words.enforcement_words(draft), "trail": trail_of(draft, _("Activate")),
            "said": words.in_all_languages(draft.applies, draft.condition, kind),
        }  # fmt: skip
        return self.render(context, status=status)

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        try:
            draft = selectors.get_draft(code)
        except Http404:
            return redirect("rule", code=code)
        version = version_sent(request.POST) or 0
        try:
            if draft.can_stop:
                ballot = activation.ask_for_activation(actor=self.user, pk=draft.pk, version=version)
                return redirect("ballot", pk=ballot.pk)
            held = activation.activate_rule(actor=self.user, pk=draft.pk, version=version)
        except PortalError as error:
            return self._page(selectors.get_draft(code), 422, str(error))
        if held.state == VersionState.ACTIVE:
            scanned, other = _("The rule is in force. Findings appear within the hour."), _("The rule is in force.")
            messages.success(request, scanned if held.is_scanned else other)
        else:
            messages.success(request, _("The rule comes into force on its day."))
        return redirect(f"{reverse('rule', args=[code])}?version={held.number}")

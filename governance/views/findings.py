from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from governance import subjects
from governance.conditions import Outcome
from governance.enums import Enforcement, Weight
from governance.forms.waivers import FindingFilterForm, titles_of_rules
from governance.models import Finding
from governance.selectors import findings as selectors
from governance.services.checks import evidence_of

PAGE_SIZE = 25
DOES_TONE = {Enforcement.ADVISE: "plain", Enforcement.REQUIRE_WAIVER: "risk", Enforcement.BLOCK: "off"}


class FindingList(PortalView):
    """What is not kept, where, since when, who mends it, and whether a waiver lifts it."""

    permission = SIGNED_IN
    template_name = "governance/finding_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = FindingFilterForm(request.GET, titles=titles_of_rules())
        wanted = form.wanted()
        page = Paginator(selectors.open_findings(self.user, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
        rows = list(page)
        context = {
            "form": form,
            "page": page,
            "table": _table(rows, selectors.about(self.user, rows)),
            "is_filtered": wanted != selectors.FindingFilter(),
        }
        return self.render(context)


def _table(findings: list[Finding], about: selectors.About) -> SafeString:
    head = [
        Column(_("Rule")),
        Column(_("In")),
        Column(_("Weight")),
        Column(_("What happens")),
        Column(_("Open since")),
        Column(_("Who mends it"), hide_on_phone=True),
        Column(_("Remedy")),
    ]
    rows = [_row(one, about) for one in findings if (one.subject_kind, one.subject_id) in about.described]
    return data_table(head, rows, caption=_("Open findings"), css="wide-first")


def _row(finding: Finding, about: selectors.About) -> Row:
    place = (finding.subject_kind, finding.subject_id)
    told, people, version = about.described[place], about.people.get(place), finding.rule_version
    does = selectors.does_here(finding, about.control(*place))
    return Row([
        cells.title_cell(version.text("title"), reverse("finding", args=[finding.pk])),
        cells.title_cell(told.title, told.href),
        cells.tag(version.get_weight_display(), Weight(version.weight).tone),
        does_cell(does, waived=selectors.is_lifted(finding, does)),
        cells.date_ago(finding.opened_at),
        cells.person((people.owner if people else "") or str(finding.rule.owner or "")),
        _remedy(finding) if place in about.worked_on else version.text("remedy"),
    ])  # fmt: skip


def does_cell(enforcement: Enforcement, *, waived: bool) -> SafeString:
    """What breaking the rule does here, or that a waiver lifts it."""
    if waived:
        return cells.tag(_("waived"), "accent")
    return cells.tag(str(enforcement.label), DOES_TONE[enforcement])


def _remedy(finding: Finding) -> SafeString:
    href = subjects.registered()[finding.subject_kind].mended_at(finding.subject_id, finding.rule_version.remedy_page)
    words = finding.rule_version.text("remedy")
    return (
        format_html('<a class="btn btn-sm btn-quiet" href="{}">{}</a>', href, words)
        if href
        else conditional_escape(words)
    )


class FindingPage(PortalView):
    """A finding explains itself: which facts with which values, in which records, by which version of the rule."""

    permission = SIGNED_IN
    template_name = "governance/finding.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        finding = selectors.get_finding_for(self.user, pk)
        version, kind = finding.rule_version, finding.subject_kind
        about = selectors.about(self.user, [finding])
        place = (kind, finding.subject_id)
        control = about.control(*place)
        enforcement = selectors.does_here(finding, control)
        waiver = selectors.waiver_of(finding, enforcement)
        works = place in about.worked_on
        return self.render({
            "finding": finding,
            "title": version.text("title"),
            "message": version.text("message"),
            "told": about.described.get(place),
            "facts": _facts(finding, about, enforcement),
            "evidence": _evidence_table(finding),
            "waiver": waiver,
            "control": control,
            "remedy_href": subjects.registered()[kind].mended_at(finding.subject_id, version.remedy_page),
            "remedy": version.text("remedy"),
            "may_mend": works and finding.closed_at is None,
            "may_ask": works and finding.closed_at is None and enforcement is not Enforcement.ADVISE and not waiver,
            "trail": [(_("Findings"), reverse("finding-list")), (version.text("title"), "")],
        })  # fmt: skip


def _facts(finding: Finding, about: selectors.About, enforcement: Enforcement) -> list[tuple[str, Any]]:
    place, version = (finding.subject_kind, finding.subject_id), finding.rule_version
    told, people = about.described.get(place), about.people.get(place)
    facts: list[tuple[str, Any]] = [
        (_("Rule"), cells.title_cell(version.text("title"), reverse("rule", args=[finding.rule.code]))),
        (_("Version"), _("%(number)s, since %(date)s")
            % {"number": version.number, "date": formats.date_short(version.created_at)}),
        (_("In"), cells.title_cell(told.title, told.href) if told else cells.unknown()),
        (_("Weight"), cells.tag(version.get_weight_display(), Weight(version.weight).tone)),
        (_("What happens"), does_cell(enforcement, waived=False)),
        (_("Because"), about.control(*place).reason or _("No office looks after it, so rules advise.")),
        (_("Who mends it"), cells.person((people.owner if people else "") or str(finding.rule.owner or ""))),
        (_("Open since"), cells.date_ago(finding.opened_at)),
    ]  # fmt: skip
    if finding.closed_at is not None:
        facts.append((_("Closed"), cells.date_ago(finding.closed_at)))
    return facts


_FOUND = {Outcome.PASS.value: "ok", Outcome.FAIL.value: "off", Outcome.UNKNOWN.value: "plain"}


def _evidence_table(finding: Finding) -> SafeString:
    subject = subjects.registered()[finding.subject_kind]
    words = {Outcome.PASS: _("kept"), Outcome.FAIL: _("not kept"), Outcome.UNKNOWN: _("cannot be told")}
    told = evidence_of(finding.rule_version, finding.evidence)
    rows = [
        Row([
            cells.title_cell(one.label, subject.shown_at(finding.subject_id, one.fact.partition(".")[2])),
            one.words,
            cells.tag(words[one.outcome], _FOUND[one.outcome.value]),
        ])
        for one in told
    ]  # fmt: skip
    head = [Column(_("Fact")), Column(_("Value when it was found")), Column(_("The rule"))]
    return data_table(head, rows, caption=_("What it rests on"))

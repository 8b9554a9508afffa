from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from governance import conditions, subjects
from governance.enums import Weight
from governance.facts import Catalogue, catalogue
from governance.models import Finding, RuleVersion
from governance.selectors import rules as selectors
from governance.words import in_words, value_in_words

PAGE_SIZE = 50


def weight_tag(version: RuleVersion) -> SafeString:
    return cells.tag(version.get_weight_display(), Weight(version.weight).tone)


class RuleList(PortalView):
    """The rulebook: what good practice asks, and where it is not kept."""

    permission = SIGNED_IN
    template_name = "governance/rule_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.rules_in_force(), PAGE_SIZE).get_page(request.GET.get("page"))
        findings = selectors.open_findings_per_rule(self.user)
        head = [
            Column(_("Rule")),
            Column(_("Weight")),
            Column(_("Asks that"), hide_on_phone=True),
            Column(_("Owner"), hide_on_phone=True),
            Column(_("Open findings"), align="end"),
        ]
        rows = [_rule_row(version, findings.get(version.rule_id, 0)) for version in page]
        return self.render({"page": page, "table": data_table(head, rows, caption=_("The rulebook"))})


def _rule_row(version: RuleVersion, findings: int) -> Row:
    href = reverse("rule", args=[version.rule.code])
    return Row([
        cells.title_cell(version.text("title"), href, version.rule.code),
        weight_tag(version),
        _in_words(version, version.condition),
        cells.person(str(version.rule.owner or "")),
        formats.number(findings),
    ])  # fmt: skip


class RulePage(PortalView):
    """One rule in plain words, the facts it rests on, and who does not keep it."""

    permission = SIGNED_IN
    template_name = "governance/rule.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.get_rule(code)
        page = Paginator(selectors.findings_of_rule(self.user, version), PAGE_SIZE).get_page(request.GET.get("page"))
        return self.render({
            "rule": version,
            "title": version.text("title"),
            "facts": _facts(version),
            "rests_on": _rests_on(version),
            "page": page,
            "table": _findings_table(list(page), version),
            "trail": [(_("Rules"), reverse("rule-list")), (version.text("title"), "")],
        })  # fmt: skip


def _catalogue(version: RuleVersion) -> Catalogue:
    return catalogue(version.rule.subject_kind)


def _in_words(version: RuleVersion, tree: Any) -> str:
    known = _catalogue(version)
    labels = subjects.registered()[version.rule.subject_kind].labels
    words = in_words(conditions.parse(tree, known), known, labels)
    return f"{words[:1].upper()}{words[1:]}"


def _facts(version: RuleVersion) -> list[tuple[str, Any]]:
    return [
        (_("Applies where"), _in_words(version, version.applies) if version.applies else _("Every running project")),
        (_("Asks that"), _in_words(version, version.condition)),
        (_("Otherwise"), version.text("message")),
        (_("Remedy"), version.text("remedy")),
        (_("Weight"), weight_tag(version)),
        (_("What happens"), _("The finding advises; it stops nothing.")),
        (_("Owner"), cells.person(str(version.rule.owner or ""))),
        (_("Version"), _("%(number)s, since %(date)s") % {
            "number": version.number, "date": formats.date_short(version.created_at)}),
    ]  # fmt: skip


def _rests_on(version: RuleVersion) -> list[tuple[str, str]]:
    known = _catalogue(version)
    words: set[str] = set()
    for tree in (version.applies, version.condition):
        if tree is not None:
            words |= conditions.facts_of(conditions.parse(tree, known))
    return [(str(fact.label), str(fact.sentence)) for fact in map(known.fact, sorted(words))]


def _findings_table(findings: list[Finding], version: RuleVersion) -> SafeString:
    kind = version.rule.subject_kind
    described = subjects.describe(kind, [finding.subject_id for finding in findings])
    head = [Column(_("Project")), Column(_("Open since")), Column(_("Found"))]
    rows = [
        Row([
            cells.title_cell(described[finding.subject_id].title, described[finding.subject_id].href),
            cells.date_ago(finding.opened_at),
            _evidence(finding, _catalogue(version)),
        ])
        for finding in findings
        if finding.subject_id in described
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Open findings"), empty=_("Nobody breaks this rule."))


def _evidence(finding: Finding, known: Catalogue) -> SafeString:
    """The facts of the judgement with their values."""
    found = ((known.fact(step["fact"]), step["value"]) for step in finding.evidence)
    return format_html_join(
        ", ",
        "{}: {}",
        ((fact.label, value_in_words(value, fact)) for fact, value in found),
    )

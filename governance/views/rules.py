from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import CONFLICT, INVALID, SIGNED_IN, PortalView
from governance import subjects
from governance.contents import content_of
from governance.enums import OfferKind, VersionState
from governance.forms.rules import RuleCareForm
from governance.models import Finding, RuleVersion
from governance.selectors import rules as selectors
from governance.services import activation, drafts
from governance.views import rule_words as words

PAGE_SIZE = 50


def state_tag(version: RuleVersion) -> SafeString:
    state = VersionState(version.state)
    return cells.tag(str(state.label), state.tone)


def trail_of(version: RuleVersion, *more: str) -> list[tuple[str, str]]:
    """The way back from a page about a rule."""
    home = (_("Rules"), reverse("rule-list"))
    if not more:
        return [home, (version.text("title"), "")]
    return [home, (version.text("title"), reverse("rule", args=[version.rule.code])), *((one, "") for one in more)]


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
        return self.render({
            "page": page,
            "table": data_table(head, rows, caption=_("The rulebook")),
            "drafts": _drafts_table() if selectors.sees_drafts(self.user) else "",
            "retired": _retired_table(),
            "may_edit": self.user.can(Permission.RULE_EDIT),
        })  # fmt: skip


def _rule_row(version: RuleVersion, findings: int) -> Row:
    href = reverse("rule", args=[version.rule.code])
    return Row([
        cells.title_cell(version.text("title"), href, version.rule.code),
        words.weight_tag(version),
        words.tree_words(version.condition, version.rule.subject_kind),
        cells.person(str(version.rule.owner or "")),
        formats.number(findings) if version.is_scanned else "–",
    ])  # fmt: skip


def _drafts_table() -> SafeString | str:
    found = list(selectors.being_written())
    if not found:
        return ""
    head = [Column(_("Rule")), Column(_("State")), Column(_("Written by")), Column(_("Changed"))]
    rows = [
        Row([
            cells.title_cell(
                version.text("title"), f"{reverse('rule', args=[version.rule.code])}?version={version.number}",
                _("version %(n)s") % {"n": version.number},
            ),
            state_tag(version),
            cells.person(str(version.author or "")),
            cells.date_ago(version.updated_at),
        ])
        for version in found
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Being written"))


def _retired_table() -> SafeString | str:
    rows = [
        Row([
            cells.title_cell(version.text("title"), reverse("rule", args=[version.rule.code]), version.rule.code),
            words.weight_tag(version),
            words.tree_words(version.condition, version.rule.subject_kind),
            cells.date_ago(version.updated_at),
        ])
        for version in selectors.out_of_force()
    ]  # fmt: skip
    head = [
        Column(_("Rule")),
        Column(_("Weight")),
        Column(_("Asked that"), hide_on_phone=True),
        Column(_("Taken out of force")),
    ]
    return data_table(head, rows, caption=_("Retired rules")) if rows else ""


class RulePage(PortalView):
    """One rule in plain words, the facts it rests on, its cases and versions, and who does not keep it."""

    permission = SIGNED_IN
    template_name = "governance/rule.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        versions = selectors.versions_for(self.user, code)
        version = selectors.version_shown(versions, request.GET.get("version", ""))
        kind = version.rule.subject_kind
        may_edit = self.user.can(Permission.RULE_EDIT)
        context = {
            "rule": version,
            "title": version.text("title"),
            "badge": state_tag(version),
            "facts": _facts(version, kind),
            "said": words.in_all_languages(version.applies, version.condition, kind),
            "rests_on": words.rests_on(version, kind),
            "cases": words.shown_cases(version, list(version.cases.order_by("pk"))),
            "versions": [(one, state_tag(one), one.pk == version.pk) for one in versions],
            "draft": next((one for one in versions if one.is_draft), None),
            "previous": next((one for one in versions if one.number < version.number), None),
            "may_edit": may_edit,
            "may_retire": may_edit and version.state in {VersionState.ACTIVE, VersionState.SCHEDULED},
            "trail": trail_of(version),
        }
        return self.render(context | self._findings(request, version) | self._activation(version))

    def _findings(self, request: HttpRequest, version: RuleVersion) -> dict[str, Any]:
        if version.state != VersionState.ACTIVE or not version.is_scanned:
            return {}
        page = Paginator(selectors.findings_of_rule(self.user, version), PAGE_SIZE).get_page(request.GET.get("page"))
        return {"page": page, "table": _findings_table(list(page), version)}

    def _activation(self, version: RuleVersion) -> dict[str, Any]:
        if not version.is_draft:
            return {}
        return {"needs": activation.needs(version), "ballot": activation.waiting_ballot(version)}


def _facts(version: RuleVersion, kind: str) -> list[tuple[str, Any]]:
    content = content_of(version)
    return [
        (_("Otherwise"), version.text("message")),
        (_("Remedy"), f"{version.text('remedy')} · {words.remedy_words(content, kind)}"),
        (_("Offers"), offer_link(version) or _("Nothing")),
        (_("Weight"), words.weight_tag(version)),
        (_("Asked when"), words.checkpoint_words(content)),
        (_("What happens"), words.enforcement_words(content)),
        (_("Holds for"), words.scope_words(content, kind)),
        (_("In force"), _in_force(version)),
        (_("Owner"), cells.person(str(version.rule.owner or ""))),
        (_("Looked at again"), cells.due(version.rule.review_on)),
        (_("Version"), _version_words(version)),
    ]  # fmt: skip


def offer_link(version: RuleVersion) -> SafeString | str:
    """The way to the template, guideline or training that a rule offers; "" when it offers none."""
    if not version.offers:
        return ""
    label = OfferKind(version.offers).label
    return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', version.offer_url, label)


def _in_force(version: RuleVersion) -> str:
    if version.state == VersionState.RETIRED:
        return _("no longer")
    if version.state == VersionState.ACTIVE and version.effective_from is None and version.effective_to is None:
        return _("since %(date)s") % {"date": formats.date_short(version.activated_at or version.created_at)}
    return words.dates_words(version)


def _version_words(version: RuleVersion) -> str:
    moment = version.activated_at or version.created_at
    said = _("%(number)s, since %(date)s") % {"number": version.number, "date": formats.date_short(moment)}
    if version.activated_by:
        said += " · " + _("activated by %(person)s") % {"person": version.activated_by}
    if version.author:
        said += " · " + _("written by %(person)s") % {"person": version.author}
    return said + (f" · {version.note}" if version.note else "")


def _findings_table(findings: list[Finding], version: RuleVersion) -> SafeString:
    kind = version.rule.subject_kind
    described = subjects.describe(kind, [finding.subject_id for finding in findings])
    head = [Column(_("Project")), Column(_("Open since")), Column(_("Found"))]
    rows = [
        Row([
            cells.title_cell(described[finding.subject_id].title, described[finding.subject_id].href),
            cells.date_ago(finding.opened_at),
            words.evidence_words(finding.evidence, version, kind),
        ])
        for finding in findings
        if finding.subject_id in described
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Open findings"), empty=_("Nobody breaks this rule."))


class RuleCompare(PortalView):
    """What differs between two versions, in words."""

    permission = SIGNED_IN
    template_name = "governance/rule_compare.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        versions = selectors.versions_for(self.user, code)
        after = selectors.version_shown(versions, request.GET.get("to") or str(versions[0].number))
        earlier = next((one for one in versions if one.number < after.number), after)
        before = selectors.version_shown(versions, request.GET.get("from") or str(earlier.number))
        return self.render({
            "before": before, "after": after, "versions": versions,
            "rows": words.differences(content_of(before), content_of(after), after.rule.subject_kind),
            "trail": trail_of(after, _("Compare")),
        })  # fmt: skip


class RuleCare(PortalView):
    """Who looks after a rule, and when it is looked at again."""

    permission = Permission.RULE_EDIT
    template_name = "governance/rule_care.html"

    def get(self, _request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.version_shown(selectors.versions_for(self.user, code))
        rule = version.rule
        initial = {"owner": rule.owner, "review_on": rule.review_on, "version": rule.version}
        return self._page(version, RuleCareForm(initial=initial))

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.version_shown(selectors.versions_for(self.user, code))
        form = RuleCareForm(request.POST)
        if not form.is_valid():
            return self._page(version, form, INVALID)
        said = form.cleaned_data
        try:
            drafts.describe_rule(
                actor=self.user, pk=version.rule_id, version=said["version"] or 0, owner=said["owner"],
                review_on=said["review_on"],
            )  # fmt: skip
        except Conflict as conflict:
            rule = version.rule
            theirs = (str(rule.owner or _("Nobody")), formats.date_short(rule.review_on) if rule.review_on else "")
            fresh = RuleCareForm(initial={**said, "version": conflict.current_version})
            mine = (
                str(said["owner"] or _("Nobody")),
                formats.date_short(said["review_on"]) if said["review_on"] else "",
            )
            rows = zip((_("Owner"), _("Looked at again on")), theirs, mine, strict=True)
            return self._page(version, fresh, CONFLICT, conflict=str(conflict), differences=list(rows))
        messages.success(request, _("Saved."))
        return redirect("rule", code=code)

    def _page(self, version: RuleVersion, form: RuleCareForm, status: int = 200, **more: Any) -> HttpResponse:
        context = {"rule": version, "form": form, "trail": trail_of(version, _("Owner and review"))}
        return self.render(context | more, status=status)


class RuleRetire(PortalView):
    """Taking a rule out of force, after a look at what that means."""

    permission = Permission.RULE_EDIT
    template_name = "governance/rule_retire.html"

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.version_shown(selectors.versions_for(self.user, code), request.GET.get("version", ""))
        findings = selectors.findings_of_rule(self.user, version).count()
        return self.render({"rule": version, "findings": findings, "trail": trail_of(version, _("Retire"))})

    def post(self, request: HttpRequest, code: str) -> HttpResponse:
        version = selectors.version_shown(selectors.versions_for(self.user, code), request.GET.get("version", ""))
        try:
            activation.retire_rule(actor=self.user, pk=version.pk, version=None)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The rule is out of force; its findings close within the hour."))
        return redirect("rule", code=code)

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common import formats
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import INVALID, PortalView
from common.views_errors import conflict
from reporting.forms.estimates import EstimateForm
from reporting.selectors import governance_cost as selectors
from reporting.services import estimates
from reporting.views.waiting import days
from reporting.waiting import ENOUGH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from reporting.selectors.governance_cost import FormLine, GateLine, GovernanceCost, Overhead, RuleLine
    from reporting.waiting import Spread

FORM_NAMES = {
    "vote": gettext_lazy("Votes"), "waiver": gettext_lazy("Waivers asked for"),
    "update": gettext_lazy("Status updates"), "request": gettext_lazy("Requests"),
}  # fmt: skip


class GovernanceCostPage(PortalView):
    """What governance costs and what it changes, for the PMO, over what each may see."""

    permission: ClassVar[str] = Permission.REPORT_MAKE
    template_name: ClassVar[str] = "reporting/cost/governance_cost.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        found = selectors.cost_of_governance(self.user)
        return self.render(
            {
                "gates": gate_table(found.gates),
                "rules": rule_table(found.rules) if found.rules else "",
                "forms": form_table(found.forms),
                "figures": figures(found.overhead),
                "retire": retirement(found),
                "may_edit": self.user.can(Permission.RULE_EDIT),
                "cases": selectors.CASES_TO_RETIRE,
                "enough": ENOUGH,
            }
        )


def gate_table(found: Sequence[GateLine]) -> SafeString:
    head = [
        Column(_("Gate")), Column(_("Cases"), align="end"), Column(_("Median wait"), align="end"),
        Column(_("80% within"), align="end"), Column(_("Ended in no"), align="end"),
        Column(_("Changed something"), align="end", title=_("Decided with conditions, put on hold or rejected")),
    ]  # fmt: skip
    rows = [
        Row([
            one.label, formats.number(one.cases), _half(one.waited), days(one.waited.p80) if one.waited.p80 else "–",
            share(one.failed, one.waited.n), "–" if one.changed is None else share(one.changed, one.waited.n),
        ])
        for one in found
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Gates"))


def _half(one: Spread) -> str | SafeString:
    if one.median is None:
        return format_html('<span class="unknown">{}</span>', _("Not enough to tell"))
    return days(one.median)


def share(part: int, whole: int) -> str:
    """A share with its numbers; nothing was decided yet: a dash."""
    if not whole:
        return "–"
    return _("%(percent)s (%(part)s of %(whole)s)") % {
        "percent": formats.percent(100 * part / whole), "part": formats.number(part), "whole": formats.number(whole),
    }  # fmt: skip


def rule_table(found: Sequence[RuleLine]) -> SafeString:
    head = [
        Column(_("Rule")), Column(_("Cases"), align="end", title=_("Live projects or requests that you may see")),
        Column(_("Findings"), align="end"), Column(_("Open now"), align="end"),
        Column(_("Median until closed"), align="end"), Column(_("Waivers asked for"), align="end"),
        Column(_("Changed a decision"), align="end", title=_("Of the findings open when that very thing was decided")),
    ]  # fmt: skip
    rows = [
        Row([
            cells.title_cell(one.title, reverse("rule", args=[one.code])), formats.number(one.cases),
            formats.number(one.findings), formats.number(one.open), _half(one.lasted), formats.number(one.waivers),
            share(one.changed, one.judged) if one.judged else cells.unknown(_("No decision was about the same thing")),
        ])
        for one in found
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Rules"), css="wide-first")


def form_table(found: Sequence[FormLine]) -> SafeString:
    head = [
        Column(_("Form")), Column(_("In 365 days"), align="end"), Column(_("Minutes each (estimate)"), align="end"),
        Column(_("Hours (estimate)"), align="end"),
    ]  # fmt: skip
    rows = [
        Row([
            str(FORM_NAMES[one.name]), formats.number(one.count), formats.number(one.minutes),
            formats.number(one.hours, 1),
        ])
        for one in found
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Forms"))


def figures(found: Overhead) -> list[tuple[str, object]]:
    """Label and value: the hours, per project, per 100,000 of budget, and over what that is known."""
    budget = (
        _("%(hours)s h") % {"hours": formats.number(found.per_100k, 2)}
        if found.per_100k is not None
        else cells.unknown()
    )
    each = (
        _("%(hours)s h") % {"hours": formats.number(found.per_project, 1)} if found.per_project is not None
        else cells.unknown()
    )  # fmt: skip
    coverage = _("Budget in %(currency)s known of %(known)s of %(all)s live projects") % {
        "currency": found.currency, "known": formats.number(found.known), "all": formats.number(found.projects),
    }  # fmt: skip
    return [
        (_("Hours in 365 days (estimate)"), _("%(hours)s h") % {"hours": formats.number(found.hours)}),
        (_("Per live project"), each),
        (_("Per 100,000 of budget"), cells.lines(budget, coverage if found.projects else "")),
    ]


def retirement(found: GovernanceCost) -> list[tuple[str, str, str]]:
    """The rules that may go, with their address and the reason."""
    silent = [
        (
            one.title,
            reverse("rule", args=[one.code]),
            _("Never failed in %(n)s cases") % {"n": formats.number(one.cases)},
        )
        for one in found.never_failed
    ]
    idle = [
        (one.title, reverse("rule", args=[one.code]),
         _("Never changed a decision in %(n)s that it was open for, and nobody asked to waive it")
         % {"n": formats.number(one.judged)})
        for one in found.never_mattered
    ]  # fmt: skip
    return silent + idle


class EstimateEdit(PortalView):
    permission: ClassVar[str] = Permission.RULE_EDIT
    template_name: ClassVar[str] = "strategy/record_form.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(EstimateForm(initial=EstimateForm.initial_of(selectors.estimate_now())))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = EstimateForm(request.POST)
        if not form.is_valid():
            return self._page(form, INVALID)
        try:
            estimates.save_estimates(actor=self.user, minutes=form.values(), version=form.cleaned_data["version"])
        except Conflict as error:
            now = selectors.estimate_now()
            changes = {
                str(form.fields[name].label): (getattr(now, name), value)
                for name, value in form.values().items()
                if getattr(now, name) != value
            }
            return conflict(request, str(error), changes, request.path)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, INVALID)
        messages.success(request, _("The estimates are saved."))
        return redirect(self._back())

    def _back(self) -> str:
        name = "governance-cost" if self.user.can(Permission.REPORT_MAKE) else "governance-estimates"
        return reverse(name)

    def _page(self, form: EstimateForm, status: int = 200) -> HttpResponse:
        title, back = _("Minutes for each form"), self._back()
        trail = [(_("Cost of governance"), back), (title, "")] if self.user.can(Permission.REPORT_MAKE) else []
        return self.render({"form": form, "form_title": title, "back": back, "trail": trail}, status=status)

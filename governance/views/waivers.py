from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import formats
from common.errors import NotAllowed, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import INVALID, SIGNED_IN, PortalView
from common.views_errors import permission_denied
from governance import subjects
from governance.enums import Enforcement, SubjectKind, WaiverState
from governance.forms.waivers import WaiverFilterForm, WaiverForm, titles_of_rules, usual_last_day
from governance.models import RuleVersion, Waiver
from governance.selectors import waivers as selectors
from governance.selectors.rules import waivable
from governance.services import waivers as services
from governance.services.checks import enforcement_of
from governance.subjects import FREE, Described, Subject

PAGE_SIZE = 25
TONES = {
    WaiverState.ASKED.value: "risk", WaiverState.GRANTED.value: "ok", WaiverState.REFUSED.value: "off",
    WaiverState.WITHDRAWN.value: "plain", WaiverState.ENDED.value: "plain",
}  # fmt: skip


def state_tag(waiver: Waiver) -> SafeString:
    state = selectors.state_on(waiver, selectors.organisation_today())
    return cells.tag(str(WaiverState(state).label), TONES[state])


class WaiverList(PortalView):
    """The register: every waiver that one may see, what they come to, and which rules are waived too often."""

    permission = SIGNED_IN
    template_name = "governance/waiver_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        form = WaiverFilterForm(request.GET, titles=titles_of_rules())
        wanted = form.wanted()
        page = Paginator(selectors.register_of(self.user, wanted), PAGE_SIZE).get_page(request.GET.get("page"))
        in_force = list(selectors.in_force_for(self.user))
        described = selectors.described([*page, *in_force])
        debt = selectors.debt_of(in_force, described)
        return self.render({
            "form": form,
            "page": page,
            "table": _table(list(page), described),
            "is_filtered": wanted != selectors.WaiverFilter(),
            "debt": debt,
            "debts": _debts(debt),
            "doubtful": selectors.doubtful_rules(self.user, in_force),
            "share": selectors.DOUBTFUL_SHARE,
        })  # fmt: skip


def _debts(debt: selectors.Debt) -> list[tuple[str, list[tuple[str, str, int]]]]:
    rules = [(title, reverse("rule", args=[code]), points) for title, code, points in debt.rules]
    sponsors = [(name or _("Nobody yet"), href, points) for name, href, points in debt.sponsors]
    return [(_("By project"), debt.subjects), (_("By sponsor"), sponsors), (_("By rule"), rules)]


def _table(waivers: list[Waiver], described: Mapping[tuple[str, int], Described]) -> SafeString:
    head = [
        Column(_("Rule")),
        Column(_("For")),
        Column(_("State")),
        Column(_("Last day")),
        Column(_("Owner"), hide_on_phone=True),
        Column(_("Debt"), align="end", title=_("Points of the rule’s weight times days")),
    ]
    today = selectors.organisation_today()
    rows = [
        Row([
            cells.title_cell(one.rule_version.text("title"), reverse("waiver", args=[one.pk])),
            _link(described.get((one.subject_kind, one.subject_id))),
            state_tag(one),
            cells.due(one.expires_on, done=one.state != WaiverState.GRANTED),
            cells.person(str(one.owner)),
            formats.number(selectors.points_of(one, today)) if one.state == WaiverState.GRANTED else "–",
        ])
        for one in waivers
    ]  # fmt: skip
    return data_table(head, rows, caption=_("Waivers"))


def _link(told: Described | None) -> SafeString:
    return cells.title_cell(told.title, told.href) if told else cells.unknown()


class WaiverPage(PortalView):
    permission = SIGNED_IN
    template_name = "governance/waiver.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        waiver = selectors.get_waiver_for(self.user, pk)
        ballot = selectors.ballot_of(waiver)
        state = selectors.state_on(waiver, selectors.organisation_today())
        told = selectors.described([waiver]).get((waiver.subject_kind, waiver.subject_id))
        return self.render({
            "waiver": waiver,
            "title": waiver.rule_version.text("title"),
            "state": state_tag(waiver),
            "facts": _facts(waiver, told),
            "ballot": ballot,
            "may_withdraw": state == WaiverState.ASKED and waiver.asked_by_id == self.user.pk,
            "may_end": state == WaiverState.GRANTED and services.may_end(self.user, waiver),
            "trail": [(_("Waivers"), reverse("waiver-list")), (waiver.rule_version.text("title"), "")],
        })  # fmt: skip


def _facts(waiver: Waiver, told: Described | None) -> list[tuple[str, Any]]:
    rule = cells.title_cell(waiver.rule_version.text("title"), reverse("rule", args=[waiver.rule.code]))
    facts: list[tuple[str, Any]] = [
        (_("Rule"), rule),
        (_("For"), _link(told)),
        (_("Lifts a rule that"), Enforcement(waiver.lifts).label),
        (_("Why"), waiver.reason),
        (_("Instead"), waiver.compensating_control),
        (_("Owner"), cells.person(str(waiver.owner))),
        (_("Asked by"), _("%(who)s on %(day)s")
            % {"who": waiver.asked_by, "day": formats.date_short(waiver.asked_on)}),
        (_("Last day"), formats.date_short(waiver.expires_on)),
    ]  # fmt: skip
    if waiver.granted_at is not None:
        words = {"who": waiver.granted_by, "day": formats.date_short(waiver.granted_at)}
        facts.append((_("Granted by"), _("%(who)s on %(day)s") % words))
    if waiver.closed_at is not None:
        by = waiver.closed_by or _("by its last day")
        facts.append((_("Over"), _("%(who)s on %(day)s") % {"who": by, "day": formats.date_short(waiver.closed_at)}))
    return facts


class WaiverAsk(PortalView):
    """Ask that a rule need not be kept: opened from a finding or from a step that a rule stopped."""

    permission = SIGNED_IN
    template_name = "governance/waiver_ask.html"

    def get(self, _request: HttpRequest, kind: str, subject_id: int, code: str) -> HttpResponse:
        subject, version, told = self._door(kind, subject_id, code)
        form = WaiverForm(initial={"owner": self.user, "expires_on": usual_last_day()}, today=subject.today())
        return self._page(form, version, told)

    def post(self, request: HttpRequest, kind: str, subject_id: int, code: str) -> HttpResponse:
        subject, version, told = self._door(kind, subject_id, code)
        form = WaiverForm(request.POST, today=subject.today())
        if not form.is_valid():
            return self._page(form, version, told, INVALID)
        data = services.NewWaiver(kind=kind, subject_id=subject_id, rule_code=code, **form.cleaned_data)
        try:
            waiver = services.ask_waiver(actor=self.user, data=data)
        except NotAllowed as error:
            return permission_denied(request, error)
        except PortalError as error:
            form.add_error(getattr(error, "field", "") or None, str(error))
            return self._page(form, version, told, INVALID)
        messages.success(request, _("Asked. Those who grant it get a mail; you see here what they say."))
        return redirect("waiver", pk=waiver.pk)

    def _door(self, kind: str, subject_id: int, code: str) -> tuple[Subject, RuleVersion, Described]:
        """404 for what one may not know of; who may only read it is refused with the reason."""
        subject = subjects.registered().get(kind)
        version = waivable(kind).filter(rule__code=code).first() if subject else None
        if subject is None or version is None or not subject.visible_to(self.user).filter(pk=subject_id).exists():
            raise Http404
        if not subject.works_on(self.user).filter(pk=subject_id).exists():
            raise PermissionDenied(_("Only who works on it asks for a waiver."))
        return subject, version, subject.describe([subject_id])[subject_id]

    def _page(self, form: WaiverForm, version: RuleVersion, told: Described, status: int = 200) -> HttpResponse:
        kind, subject_id = self.kwargs["kind"], self.kwargs["subject_id"]
        control = subjects.registered()[kind].controls([subject_id]).get(subject_id, FREE)
        enforcement = enforcement_of(version, control.level)
        context = {
            "form": form,
            "rule": version,
            "title": version.text("title"),
            "message": version.text("message"),
            "told": told,
            "control": control,
            "enforcement": enforcement,
            "is_of_request": kind == SubjectKind.REQUEST,
            "is_needed": enforcement is not Enforcement.ADVISE,
            "trail": [(told.title, told.href), (_("Ask for a waiver"), "")],
        }
        return self.render(context, status=status)


class _Step(PortalView):
    """A step of a waiver: POST only, then back to its page."""

    permission = SIGNED_IN
    http_method_names = ["post", "options"]
    done: ClassVar[Any] = ""

    def act(self, pk: int) -> object:
        raise NotImplementedError

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        selectors.get_waiver_for(self.user, pk)
        try:
            self.act(pk)
        except NotAllowed as error:
            return permission_denied(request, error)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(self.done))
        return redirect("waiver", pk=pk)


class WaiverWithdraw(_Step):
    done = gettext_lazy("The question is taken back.")

    def act(self, pk: int) -> object:
        return services.withdraw_waiver(actor=self.user, waiver_id=pk)


class WaiverEnd(_Step):
    done = gettext_lazy("The waiver has ended. The rule holds again.")

    def act(self, pk: int) -> object:
        return services.end_waiver(actor=self.user, waiver_id=pk)

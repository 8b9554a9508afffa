from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import INVALID, PortalView
from common.views_errors import conflict
from governance.forms.waivers import ControlForm
from governance.models import ControlChange
from governance.selectors.control import Effect, Rehearsal, rehearse
from governance.services.control import change_control
from governance.views.findings import does_cell
from strategy.enums import ControlLevel
from strategy.models import Office
from strategy.selectors import get_office

SHOWN = 100


class OfficeControl(PortalView):
    """Change the control level of an office: first what it would do to the checks of today, then the reason."""

    permission = Permission.RULE_EDIT
    template_name = "governance/office_control.html"

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        office = get_office(slug)
        wanted = request.GET.get("to", "")
        return self._page(office, ControlForm(initial={"version": office.version, "control": wanted}), wanted)

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        office = get_office(slug)
        form = ControlForm(request.POST)
        if not form.is_valid():
            return self._page(office, form, request.POST.get("control", ""), INVALID)
        data = form.cleaned_data
        try:
            change_control(
                actor=self.user, office_id=office.pk, control=data["control"], reason=data["reason"],
                version=data["version"],
            )  # fmt: skip
        except Conflict as error:
            typed = {
                _("Control level"): (get_office(slug).get_control_display(), ControlLevel(data["control"]).label),
                _("Why does it change?"): ("", data["reason"]),
            }
            return conflict(request, str(error), typed, request.path)
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(office, form, data["control"], INVALID)
        messages.success(request, _("The control level is changed. It holds from now on."))
        return redirect("office", slug=slug)

    def _page(self, office: Office, form: ControlForm, wanted: str, status: int = 200) -> HttpResponse:
        level = ControlLevel(wanted) if wanted in ControlLevel.values and wanted != office.control else None
        seen = rehearse(self.user, office, level) if level else Rehearsal(())
        context = {
            "office": office,
            "form": form,
            "level": level,
            "levels": [one for one in ControlLevel if one != office.control],
            "starts": seen.starts,
            "ceases": seen.ceases,
            "table": _table(seen) if level else "",
            "more": max(len(seen.effects) - SHOWN, 0),
            "changes": _changes(office),
            "trail": [
                (_("Offices"), reverse("office-list")),
                (office.name, reverse("office", args=[office.slug])),
                (_("Control level"), ""),
            ],
        }
        return self.render(context, status=status)


def _table(seen: Rehearsal) -> SafeString:
    head = [Column(_("Rule")), Column(_("In")), Column(_("Now")), Column(_("Then"))]
    rows = [_row(one) for one in [*seen.starts, *seen.ceases, *seen.others][:SHOWN]]
    return data_table(head, rows, caption=_("Checks that change"), empty=_("No check of today changes."))


def _row(one: Effect) -> Row:
    return Row([
        cells.title_cell(one.finding.rule_version.text("title"), reverse("finding", args=[one.finding.pk])),
        cells.title_cell(one.told.title, one.told.href),
        does_cell(one.before, waived=one.lifted_before),
        does_cell(one.after, waived=one.lifted_after),
    ])  # fmt: skip


def _changes(office: Office) -> list[dict[str, Any]]:
    found = ControlChange.objects.filter(office=office).select_related("changed_by").order_by("-changed_at", "-pk")
    return [
        {
            "words": f"{one.get_old_display()} › {one.get_new_display()}",
            "who": one.changed_by,
            "day": formats.date_short(one.changed_at),
            "reason": one.reason,
            "stopped": one.stopped,
        }
        for one in found[:10]
    ]

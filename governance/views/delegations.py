"""Out of office: who votes for whom, and when."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from common.errors import PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from governance.forms.ballots import DelegationForm
from governance.models import Delegation
from governance.selectors import ballots as selectors
from governance.services import ballots as services

SHOWN = 50


class DelegationList(PortalView):
    """When somebody stands in for me, for whom I stand in, and the form for the next time."""

    permission = SIGNED_IN
    template_name = "governance/delegation_list.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(DelegationForm())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = DelegationForm(request.POST)
        if not form.is_valid():
            return self._page(form, 422)
        try:
            made = services.delegate(actor=self.user, data=form.delegation())
        except PortalError as error:
            form.add_error(None, str(error))
            return self._page(form, 422)
        messages.success(request, _("%(name)s stands in for you in these days.") % {"name": made.to_user})
        return redirect("delegation-list")

    def _page(self, form: DelegationForm, status: int = 200) -> HttpResponse:
        own = list(selectors.delegations_of(self.user)[:SHOWN])
        others = list(selectors.stand_ins_of(self.user)[:SHOWN])
        head = [Column(_("For")), Column(_("First day")), Column(_("Last day")), Column(_("Reason"))]
        rows = [
            Row([cells.person(str(one.from_user)), cells.date(one.starts_on), cells.date(one.ends_on), one.reason])
            for one in others
        ]
        context = {
            "form": form,
            "own": [(one, one.ends_on >= timezone.localdate()) for one in own],
            "others": data_table(head, rows, caption=_("For whom you stand in")) if others else "",
            "trail": [(_("Ballots"), reverse("ballot-list")), (_("Out of office"), "")],
        }
        return self.render(context, status=status)


class DelegationEnd(PortalView):
    """Back at the desk: nobody stands in any more."""

    permission = SIGNED_IN
    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        try:
            services.end_delegation(actor=self.user, delegation_id=pk)
        except Delegation.DoesNotExist as error:
            raise Http404 from error
        messages.success(request, _("You vote yourself again."))
        return redirect("delegation-list")

"""One change for the ticked projects: choose the value and see what happens, then do it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.views import SIGNED_IN, PortalView
from reporting.forms.bulk import ACTIONS, BulkForm
from reporting.query import TableQuery
from reporting.services import bulk

if TYPE_CHECKING:
    from django.http import HttpRequest


class ProjectBulk(PortalView):
    """Shows the change before it is made; the button of that page is the one that makes it."""

    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/project_bulk.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponseRedirect(reverse("project-list"))

    def post(self, request: HttpRequest) -> HttpResponse:
        if self.user.is_external:
            raise PermissionDenied(_("People of an external office change no projects."))
        form = BulkForm(request.POST)
        back = _back(request)
        if not form.is_valid():
            for error in form.errors.get("selected", [_("This change is not possible.")]):
                messages.error(request, str(error))
            return HttpResponseRedirect(back)
        action = bulk.BulkAction(form.cleaned_data["action"])
        is_final = "apply" in request.POST
        if is_final:
            done = bulk.apply(actor=self.user, ids=form.cleaned_data["selected"], action=action, value=form.value)
            _say(request, done)
            return HttpResponseRedirect(back)
        planned = bulk.plan(actor=self.user, ids=form.cleaned_data["selected"], action=action, value=form.value)
        label = dict(ACTIONS)[action]
        return self.render({"form": form, "plan": planned, "back": back, "label": label})


def _back(request: HttpRequest) -> str:
    query = TableQuery.parse(QueryDict(request.POST.get("query", "")))
    return f"{reverse('project-list')}?{query.query_string()}"


def _say(request: HttpRequest, done: bulk.Plan) -> None:
    count = len(done.changes)
    messages.success(request, ngettext("%(n)d project changed.", "%(n)d projects changed.", count) % {"n": count})
    for step in done.skipped:
        messages.warning(
            request, _("%(name)s is skipped. %(reason)s") % {"name": step.project.name, "reason": step.reason}
        )

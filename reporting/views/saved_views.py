"""Saving, sharing and deleting the views of a list page."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from common.errors import PortalError
from common.views import SIGNED_IN, PortalView
from reporting.forms.saved_views import QueryForm, SavedViewForm
from reporting.models import SavedView
from reporting.selectors.saved_views import PROJECTS
from reporting.services import saved_views as services

if TYPE_CHECKING:
    from django.http import HttpRequest


def _back(query: str, pk: int | None = None) -> HttpResponseRedirect:
    view = f"{'&' if query else ''}view={pk}" if pk else ""
    return HttpResponseRedirect(f"{reverse('project-list')}?{query}{view}")


class SavedViewCreate(PortalView):
    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "reporting/saved_view_create.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        query = request.GET.urlencode()
        return self.render({"form": SavedViewForm(initial={"query": query}), "back": query})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SavedViewForm(request.POST)
        if form.is_valid():
            try:
                view = services.save_view(actor=self.user, page=PROJECTS, **form.cleaned_data)
            except PortalError as error:
                form.add_error("name", str(error))
            else:
                messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
                return _back(view.query, view.pk)
        return self.render({"form": form, "back": request.POST.get("query", "")}, status=422)


class _OwnView(PortalView):
    permission: ClassVar[str] = SIGNED_IN

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = QueryForm(request.POST)
        query = form.cleaned_data["query"] if form.is_valid() else ""
        try:
            return self.act(request, pk, query)
        except SavedView.DoesNotExist as error:
            raise Http404 from error
        except PortalError as error:
            messages.error(request, str(error))
            return _back(query, pk)

    def act(self, request: HttpRequest, pk: int, query: str) -> HttpResponse:
        raise NotImplementedError


class SavedViewSave(_OwnView):
    def act(self, request: HttpRequest, pk: int, query: str) -> HttpResponse:
        view = services.change_view(actor=self.user, pk=pk, query=query)
        messages.success(request, _("View “%(name)s” saved.") % {"name": view.name})
        return _back(view.query, view.pk)


class SavedViewShare(_OwnView):
    def act(self, request: HttpRequest, pk: int, query: str) -> HttpResponse:
        view = services.change_view(actor=self.user, pk=pk, is_shared=request.POST.get("share") == "yes")
        said = _("View “%(name)s” is shared.") if view.is_shared else _("View “%(name)s” is yours alone again.")
        messages.success(request, said % {"name": view.name})
        return _back(query, view.pk)


class SavedViewDelete(_OwnView):
    def act(self, request: HttpRequest, pk: int, query: str) -> HttpResponse:
        services.delete_view(actor=self.user, pk=pk)
        messages.success(request, _("The view is deleted."))
        return _back(query)

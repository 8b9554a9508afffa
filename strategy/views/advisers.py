"""Who advises for an external office, and what is opened to them until when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common.errors import Conflict, PortalError
from common.views import PortalView
from common.views_errors import conflict
from strategy import openings, selectors
from strategy.enums import OfficeKind
from strategy.forms.advisers import AdviserForm, LastDayForm, OpeningForm
from strategy.models import Office, OfficeMember
from strategy.services import advisers


class AdviserPage(PortalView):
    """A form or a button about the people of one external office."""

    permission = Permission.OFFICE_EDIT
    template_name = "strategy/record_form.html"

    def office(self, slug: str) -> Office:
        office = selectors.get_office(slug)
        if office.kind != OfficeKind.EXTERNAL:
            raise Http404
        return office

    def member(self, office: Office, pk: int) -> OfficeMember:
        return get_object_or_404(office.members.select_related("user"), pk=pk)

    def page(self, form: Any, title: str, office: Office, status: int = 200) -> HttpResponse:
        back = reverse("office", args=[office.slug])
        return self.render({"form": form, "form_title": title, "back": back}, status=status)

    def done(self, office: Office, message: str) -> HttpResponse:
        messages.success(self.request, message)
        return redirect("office", slug=office.slug)

    def refused(self, office: Office, error: PortalError) -> HttpResponse:
        messages.error(self.request, str(error))
        return redirect("office", slug=office.slug)


class AdviserAdd(AdviserPage):
    def get(self, _request: HttpRequest, slug: str) -> HttpResponse:
        return self._page(self.office(slug), AdviserForm())

    def post(self, request: HttpRequest, slug: str) -> HttpResponse:
        office, form = self.office(slug), AdviserForm(request.POST)
        if form.is_valid():
            data = form.cleaned_data
            try:
                advisers.add_adviser(actor=self.user, office=office, user=data["user"], ends_on=data["ends_on"])
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return self.done(office, _("%(name)s advises from now on.") % {"name": data["user"]})
        return self._page(office, form, 422)

    def _page(self, office: Office, form: AdviserForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("Add an adviser to %(name)s") % {"name": office.name}, office, status)


class AdviserEdit(AdviserPage):
    def get(self, _request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        office = self.office(slug)
        member = self.member(office, pk)
        form = LastDayForm(initial={"ends_on": member.ends_on, "version": member.version})
        return self._page(office, member, form)

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        office, form = self.office(slug), LastDayForm(request.POST)
        member = self.member(office, pk)
        if form.is_valid():
            data = form.cleaned_data
            try:
                advisers.move_adviser(
                    actor=self.user, office=office, member_id=pk, ends_on=data["ends_on"], version=data["version"]
                )
            except Conflict as error:
                changes = {_("Last day"): (self.member(office, pk).ends_on, data["ends_on"])}
                return conflict(request, str(error), changes, request.path)
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return self.done(office, _("The last day is saved. What was open for longer ends on it too."))
        return self._page(office, member, form, 422)

    def _page(self, office: Office, member: OfficeMember, form: LastDayForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("Last day of %(name)s") % {"name": member.user}, office, status)


class AdviserEnd(AdviserPage):
    def post(self, _request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        office = self.office(slug)
        member = self.member(office, pk)
        try:
            advisers.end_adviser(actor=self.user, office=office, member_id=pk)
        except PortalError as error:
            return self.refused(office, error)
        return self.done(office, _("%(name)s no longer advises, and nothing is open to them.") % {"name": member.user})


class OpeningAdd(AdviserPage):
    def get(self, _request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        office = self.office(slug)
        member = self.member(office, pk)
        return self._page(office, member, OpeningForm(initial={"ends_on": member.ends_on}))

    def post(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        office, form = self.office(slug), OpeningForm(request.POST)
        member = self.member(office, pk)
        if form.is_valid():
            scope, scope_id = form.cleaned_data["holds_for"]
            try:
                advisers.open_to_adviser(
                    actor=self.user, office=office, member_id=pk, scope=scope, scope_id=scope_id,
                    ends_on=form.cleaned_data["ends_on"],
                )  # fmt: skip
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return self.done(office, _("It is open to %(name)s now.") % {"name": member.user})
        return self._page(office, member, form, 422)

    def _page(self, office: Office, member: OfficeMember, form: OpeningForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("Open something to %(name)s") % {"name": member.user}, office, status)


class OpeningEdit(AdviserPage):
    def get(self, _request: HttpRequest, slug: str, opening: str) -> HttpResponse:
        office = self.office(slug)
        found = self._find(office, opening)
        return self._page(office, found, LastDayForm(initial={"ends_on": found.ends_on}))

    def post(self, request: HttpRequest, slug: str, opening: str) -> HttpResponse:
        office, form = self.office(slug), LastDayForm(request.POST)
        if form.is_valid():
            try:
                advisers.move_opening(
                    actor=self.user, office=office, code=opening, ends_on=form.cleaned_data["ends_on"]
                )
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return self.done(office, _("The last day is saved."))
        return self._page(office, self._find(office, opening), form, 422)

    def _find(self, office: Office, code: str) -> openings.Opening:
        people = list(office.members.values_list("user_id", flat=True))
        found = openings.find(self.user, people, code)
        if found is None:
            raise Http404
        return found

    def _page(self, office: Office, found: openings.Opening, form: LastDayForm, status: int = 200) -> HttpResponse:
        return self.page(form, _("How long is %(name)s open?") % {"name": found.place}, office, status)


class OpeningEnd(AdviserPage):
    def post(self, _request: HttpRequest, slug: str, opening: str) -> HttpResponse:
        office = self.office(slug)
        try:
            advisers.end_opening(actor=self.user, office=office, code=opening)
        except PortalError as error:
            return self.refused(office, error)
        return self.done(office, _("It is closed to them from their next request."))

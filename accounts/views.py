from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from accounts import selectors, services
from accounts.drawing import audience_table
from accounts.enums import Permission
from accounts.forms import GrantForm, OrgUnitForm, PersonForm, ProfileForm
from accounts.models import OrgUnit, RoleGrant, User
from common.errors import PortalError
from common.views import SIGNED_IN, PortalView

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.audience import Seer

PAGE_SIZE = 50


class Profile(PortalView):
    permission = SIGNED_IN
    template_name = "accounts/profile.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        user = self.user
        initial = {
            "name": user.name,
            "job_title": user.job_title,
            "language": user.language,
            "time_zone": user.time_zone,
        }
        return self._page(ProfileForm(initial=initial))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=422)
        services.change_profile(actor=self.user, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("profile")

    def _page(self, form: ProfileForm, status: int = 200) -> HttpResponse:
        return self.render({"form": form, "grants": selectors.grants_of(self.user)}, status=status)


class PersonList(PortalView):
    permission = Permission.PEOPLE_MANAGE
    template_name = "accounts/person_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        text, only = request.GET.get("q", ""), request.GET.get("only", "")
        page = Paginator(selectors.people(text=text, only=only), PAGE_SIZE).get_page(request.GET.get("page"))
        return self.render({"page": page, "text": text, "only": only})


class PersonCreate(PortalView):
    permission = Permission.PEOPLE_MANAGE
    template_name = "accounts/person_create.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self.render({"form": PersonForm()})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = PersonForm(request.POST)
        if form.is_valid():
            try:
                user = services.add_person(actor=self.user, data=services.NewPerson(**form.cleaned_data))
            except services.PersonExists as error:
                form.add_error("email", str(error))
            else:
                messages.success(request, _("%(name)s is added and gets a mail.") % {"name": user.name})
                return redirect("person", user.pk)
        return self.render({"form": form}, status=422)


class Person(PortalView):
    permission = Permission.PEOPLE_MANAGE
    template_name = "accounts/person.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        return _person_page(self, get_object_or_404(User, pk=pk), GrantForm())


def _person_page(view: PortalView, person: User, form: GrantForm, status: int = 200) -> HttpResponse:
    return view.render({"person": person, "grants": selectors.grants_of(person), "form": form}, status=status)


class PersonShutOut(PortalView):
    permission = Permission.PEOPLE_MANAGE
    may = False

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(User, pk=pk)
        try:
            services.set_may_sign_in(actor=self.user, user_pk=pk, may=self.may)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Saved. It holds from their next request."))
        return redirect("person", pk)


class PersonLetIn(PersonShutOut):
    permission = Permission.PEOPLE_MANAGE
    may = True


class GrantCreate(PortalView):
    permission = Permission.PEOPLE_MANAGE
    template_name = "accounts/person.html"

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        person = get_object_or_404(User, pk=pk)
        form = GrantForm(request.POST)
        if form.is_valid():
            scope, scope_id = form.cleaned_data["holds_for"]
            try:
                services.grant_role(
                    actor=self.user,
                    user_pk=pk,
                    role=form.cleaned_data["role"],
                    scope=scope,
                    scope_id=scope_id,
                    ends_on=form.cleaned_data["ends_on"],
                )
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The role is given. It holds from their next request."))
                return redirect("person", pk)
        return _person_page(self, person, form, status=422)


class GrantEnd(PortalView):
    permission = Permission.PEOPLE_MANAGE

    def post(self, request: HttpRequest, pk: int, grant_pk: int) -> HttpResponse:
        get_object_or_404(RoleGrant, pk=grant_pk, user=pk)
        try:
            services.end_grant(actor=self.user, grant_pk=grant_pk)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("The role is taken away. It holds from their next request."))
        return redirect("person", pk)


class AudiencePage(PortalView):
    """Who can see one object, with the reasons. A page of its own, or its list alone inside the object's page."""

    on_object = True
    template_name = "accounts/audience.html"

    def show(
        self, seers: Sequence[Seer], *, crumbs: list[tuple[str, str]], about: str, sentence: str = ""
    ) -> HttpResponse:
        context = {
            "table": audience_table(seers),
            "count": len(seers),
            "crumb_items": crumbs,
            "about": about,
            "sentence": sentence,
        }
        return self.render(context, partial="names")


class RoleList(PortalView):
    permission = SIGNED_IN
    template_name = "accounts/role_list.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self.render({"roles": selectors.roles()})


class OrgUnitList(PortalView):
    permission = SIGNED_IN
    template_name = "accounts/org_unit_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.org_units(), 200).get_page(request.GET.get("page"))
        return self.render({"page": page, "can_edit": self.user.can(Permission.OFFICE_EDIT)})


class OrgUnitCreate(PortalView):
    permission = Permission.OFFICE_EDIT
    template_name = "accounts/org_unit_form.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.render({"form": OrgUnitForm(initial={"parent": request.GET.get("parent")})})

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OrgUnitForm(request.POST)
        if not form.is_valid():
            return self.render({"form": form}, status=422)
        unit = services.add_org_unit(actor=self.user, **form.cleaned_data)
        messages.success(request, _("%(name)s is added.") % {"name": unit.name})
        return redirect("org-unit-list")


class OrgUnitEdit(PortalView):
    permission = Permission.OFFICE_EDIT
    template_name = "accounts/org_unit_form.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        unit = get_object_or_404(OrgUnit, pk=pk)
        form = OrgUnitForm(initial={"name": unit.name, "code": unit.code}, with_parent=False)
        return self.render({"form": form, "unit": unit})

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        unit = get_object_or_404(OrgUnit, pk=pk)
        form = OrgUnitForm(request.POST, with_parent=False)
        if not form.is_valid():
            return self.render({"form": form, "unit": unit}, status=422)
        services.rename_org_unit(actor=self.user, pk=pk, **form.cleaned_data)
        messages.success(request, _("The org unit is saved."))
        return redirect("org-unit-list")

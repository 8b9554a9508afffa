"""What every page of one project shares: its door, its head with the two colours, and its tabs."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.errors import PortalError
from common.views import PortalView
from projects.selectors import projects as selectors
from projects.selectors.doors import get_project_page
from projects.views.head import Head

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http.response import HttpResponseBase

    from common.views import PortalRequest
    from projects.models import Project
    from projects.policies import ProjectRights


class ProjectPage(PortalView):
    """A page or action of one project. The door is passed before anything else happens."""

    permission: ClassVar[str] = Permission.PROJECT_VIEW
    on_object: ClassVar[bool] = True
    tab: ClassVar[str] = ""

    def dispatch(self, request: PortalRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:  # type: ignore[override]  # a signed-in request
        self.project  # noqa: B018  404 and 403 come before the page
        return super().dispatch(request, *args, **kwargs)

    @cached_property
    def project(self) -> Project:
        return get_project_page(self.user, self.kwargs["key"], self.permission)

    @cached_property
    def rights(self) -> ProjectRights:
        return selectors.rights_of(self.user, self.project)

    def page(self, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        head = Head(self.project, self.rights, self.tab)
        return self.render({"project": self.project, "rights": self.rights, "head": head, **context}, status=status)

    def to_tab(self, name: str, anchor: str = "") -> str:
        return reverse(name, args=[self.project.key]) + (f"#{anchor}" if anchor else "")


class ProjectAction(ProjectPage):
    """A step without a form of its own: POST only, then back to where it was asked."""

    permission: ClassVar[str] = Permission.PROJECT_EDIT
    back: ClassVar[str] = "project"
    done: ClassVar[Any] = gettext_lazy("Saved.")
    http_method_names = ["post", "options"]

    def act(self) -> object:
        raise NotImplementedError

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        self.attempt(self.act)
        return HttpResponseRedirect(self.to_tab(self.back))

    def attempt(self, act: Callable[[], object]) -> None:
        try:
            act()
        except PortalError as error:
            messages.error(self.request, str(error))
        else:
            messages.success(self.request, str(self.done))


class ProjectConfirm(ProjectAction):
    """A step that takes something away: a page that asks, then POST."""

    template_name: ClassVar[str] = "projects/confirm.html"
    question: ClassVar[Any] = ""
    verb: ClassVar[Any] = gettext_lazy("Delete")
    http_method_names = ["get", "post", "head", "options"]

    def subject(self) -> object:
        """What it is about; 404 when it is not of this project."""
        raise NotImplementedError

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        name = str(self.subject())
        context = {
            "question": str(self.question) % {"name": name}, "verb": self.verb, "cancel": self.to_tab(self.back),
            "page_name": str(self.verb),
        }  # fmt: skip
        return self.page(context)


def saved(request: PortalRequest) -> None:
    messages.success(request, _("Saved."))

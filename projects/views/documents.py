"""Accepting a document of a project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from common.views import version_sent
from projects.services import team
from projects.views.pages import ProjectAction

if TYPE_CHECKING:
    from common.views import PortalRequest


class DocumentAccept(ProjectAction):
    """For whoever decides on the project or edits it; never for the owner of the document."""

    permission: ClassVar[str] = Permission.PROJECT_VIEW
    done: ClassVar[Any] = gettext_lazy("The document is accepted.")

    def post(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        if not (self.rights.edit or self.rights.decide):
            raise PermissionDenied
        document = get_object_or_404(self.project.documents, pk=self.kwargs["pk"])
        version = version_sent(self.request.POST)
        self.attempt(
            lambda: team.accept_document(
                actor=self.user, project=self.project, document_id=document.pk, version=version
            )
        )
        return HttpResponseRedirect(self.to_tab("project-team", "documents"))

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from common import formats
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from projects.forms.team import DocumentForm, MemberForm
from projects.policies import roles_to_give
from projects.selectors import projects as project_selectors
from projects.selectors import team as selectors
from projects.services import team
from projects.views import rows
from projects.views.audience import project_href
from projects.views.deliverables import summary_of
from projects.views.editing import RecordCreate, RecordEdit
from projects.views.gate_rows import accept_button
from projects.views.pages import ProjectConfirm, ProjectPage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.utils.safestring import SafeString

    from common.views import PortalRequest
    from projects.forms.records import RecordForm
    from projects.models import DocumentLink, Project, TeamMember
    from projects.policies import ProjectRights


class ProjectTeam(ProjectPage):
    tab: ClassVar[str] = "project-team"
    template_name: ClassVar[str] = "projects/project_team.html"

    def get(self, request: PortalRequest, **_kwargs: object) -> HttpResponse:
        context = {
            **summary_of(self.user, self.project),
            "posts": [
                (label, cells.person(str(who or ""))) for label, who in project_selectors.people_in_posts(self.project)
            ],
            "team": team_table(self.project, selectors.team_of(self.project), self.rights),
            "documents": document_table(request, self.project, selectors.documents_of(self.project), self.rights),
            "audience_href": project_href(self.user, self.project),
        }
        return self.page(context)


def team_table(project: Project, places: Sequence[TeamMember], rights: ProjectRights) -> SafeString:
    given = set(roles_to_give(rights)) if rights.edit else set()
    head = [
        Column(_("Person")),
        Column(_("Role")),
        Column(_("Does what")),
        Column(_("Until")),
        *([Column(_("Actions"))] if given else []),
    ]
    table = []
    for one in places:
        ended = one.ends_on is not None and one.ends_on < timezone.localdate()
        until = cells.lines(cells.date(one.ends_on), _("ended") if ended else "") if one.ends_on else _("No end")
        parts: list[str] = [cells.person(str(one.user), avatar=True), one.get_role_display(), one.task or "–", until]
        if given:
            href = reverse("team-member-remove", args=[project.key, one.pk])
            parts.append(rows.link(href, _("Remove"), str(one.user)) if one.role in given else "")
        table.append(Row(parts))
    return data_table(head, table, caption=_("Team"), empty=_("Nobody is in the team yet."))


def document_table(
    request: PortalRequest, project: Project, documents: Sequence[DocumentLink], rights: ProjectRights
) -> SafeString:
    acts = rights.edit or rights.decide
    head = [
        Column(_("Document")),
        Column(_("Kind")),
        Column(_("Owner")),
        Column(_("Accepted")),
        *([Column(_("Actions"))] if acts else []),
    ]
    table = []
    for one in documents:
        name = format_html(
            '<a href="{}" rel="noopener noreferrer">{} {}</a>',
            one.url,
            one.title,
            cells.icon("external-link", "icon-sm"),
        )
        accepted = _("%(name)s, %(day)s") % {
            "name": one.accepted_by, "day": formats.date_short(timezone.localtime(one.accepted_at).date()),
        } if one.accepted_at else _("Not yet")  # fmt: skip
        parts: list[str] = [name, one.kind or "–", cells.person(str(one.owner or "")), accepted]
        if acts:
            args = [project.key, one.pk]
            steps = [str(accept_button(request, project, one, rights))]
            if rights.edit:
                steps += [
                    rows.link(reverse("document-edit", args=args), _("Edit"), one.title),
                    rows.link(reverse("document-remove", args=args), _("Remove"), one.title),
                ]
            parts.append(rows.actions([step for step in steps if step]))
        table.append(Row(parts))
    return data_table(head, table, caption=_("Documents"), empty=_("No documents are linked yet."))


class TeamMemberAdd(RecordCreate):
    tab: ClassVar[str] = "project-team"
    back: ClassVar[str] = "project-team"
    heading: ClassVar[Any] = gettext_lazy("Add somebody to the team")
    verb: ClassVar[Any] = gettext_lazy("Add to team")
    form_class: ClassVar[type[RecordForm]] = MemberForm

    def form_kwargs(self) -> dict[str, Any]:
        return {"project": self.project, "rights": self.rights}

    def add(self, form: RecordForm) -> object:
        return team.add_member(actor=self.user, project=self.project, **form.changes())


class TeamMemberRemove(ProjectConfirm):
    tab: ClassVar[str] = "project-team"
    back: ClassVar[str] = "project-team"
    question: ClassVar[Any] = gettext_lazy("Take “%(name)s” out of the team? What the role allows ends at once.")
    verb: ClassVar[Any] = gettext_lazy("Remove from team")
    done: ClassVar[Any] = gettext_lazy("Removed from the team.")

    def subject(self) -> TeamMember:
        return get_object_or_404(self.project.team.select_related("user"), pk=self.kwargs["pk"])

    def act(self) -> object:
        return team.remove_member(actor=self.user, project=self.project, member_id=self.kwargs["pk"])


class DocumentAdd(RecordCreate):
    tab: ClassVar[str] = "project-team"
    back: ClassVar[str] = "project-team"
    anchor: ClassVar[str] = "documents"
    heading: ClassVar[Any] = gettext_lazy("Link a document")
    verb: ClassVar[Any] = gettext_lazy("Link document")
    form_class: ClassVar[type[RecordForm]] = DocumentForm

    def initial(self) -> dict[str, Any]:
        return {"kind": self.request.GET.get("kind", "").replace("\x00", "")[:60]}

    def add(self, form: RecordForm) -> object:
        return team.add_document(actor=self.user, project=self.project, values=form.changes())


class DocumentEdit(RecordEdit):
    tab: ClassVar[str] = "project-team"
    back: ClassVar[str] = "project-team"
    anchor: ClassVar[str] = "documents"
    heading: ClassVar[Any] = gettext_lazy("Edit document link")
    form_class: ClassVar[type[RecordForm]] = DocumentForm

    def queryset(self) -> QuerySet[Any]:
        return self.project.documents.select_related("owner")

    def change(self, form: RecordForm, version: int | None) -> object:
        return team.edit_document(
            actor=self.user, project=self.project, document_id=self.record.pk, version=version, changes=form.changes()
        )


class DocumentRemove(ProjectConfirm):
    tab: ClassVar[str] = "project-team"
    back: ClassVar[str] = "project-team"
    question: ClassVar[Any] = gettext_lazy("Take the link to “%(name)s” away? The document itself stays where it is.")
    verb: ClassVar[Any] = gettext_lazy("Remove link")
    done: ClassVar[Any] = gettext_lazy("The link is removed.")

    def subject(self) -> DocumentLink:
        return get_object_or_404(self.project.documents, pk=self.kwargs["pk"])

    def act(self) -> object:
        return team.remove_document(actor=self.user, project=self.project, document_id=self.kwargs["pk"])

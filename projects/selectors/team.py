"""Who works on a project, and its documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.enums import RoleName
from projects.models import DocumentLink, Project, TeamMember
from strategy.enums import RecordKind
from strategy.openings import Opening

if TYPE_CHECKING:
    from collections.abc import Collection

    from accounts.models import User

LONGEST = 200


def team_of(project: Project) -> list[TeamMember]:
    """The places in the team, those that ended too. One query."""
    return list(project.team.select_related("user").order_by("role", "user__name", "pk")[:LONGEST])


def adviser_places(viewer: User, user_ids: Collection[int]) -> list[Opening]:
    """The projects that are opened to these external advisers, as far as the viewer may know of them. One query."""
    places = TeamMember.objects.in_force().filter(user__in=user_ids, role=RoleName.EXTERNAL_ADVISER)
    seen = places.filter(project__in=Project.objects.visible_to(viewer)).select_related("project")
    return [
        Opening(f"place-{one.pk}", one.user_id, RecordKind.PROJECT.label, one.project.name, one.ends_on)
        for one in seen.order_by("ends_on", "pk")[:LONGEST]
        if one.ends_on
    ]


def documents_of(project: Project) -> list[DocumentLink]:
    """The documents by title. One query."""
    return list(project.documents.select_related("owner", "accepted_by").order_by("title", "pk")[:LONGEST])

"""Who works on a project, and its documents."""

from __future__ import annotations

from typing import TYPE_CHECKING

from projects.models import DocumentLink, TeamMember

if TYPE_CHECKING:
    from projects.models import Project

LONGEST = 200


def team_of(project: Project) -> list[TeamMember]:
    """The places in the team, those that ended too. One query."""
    return list(project.team.select_related("user").order_by("role", "user__name", "pk")[:LONGEST])


def documents_of(project: Project) -> list[DocumentLink]:
    """The documents by title. One query."""
    return list(project.documents.select_related("owner").order_by("title", "pk")[:LONGEST])

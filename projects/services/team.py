"""Changing who works on a project, and its documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.policies import why_not_role
from common import versions
from common.errors import NotAllowed, PortalError
from projects import policies
from projects.models import DocumentLink, Project, TeamMember
from projects.selectors.projects import rights_for
from projects.services.projects import allowed_changes

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User

DOCUMENT_FIELDS: Final = frozenset({"title", "url", "kind", "owner"})


class TeamError(PortalError):
    """A team that cannot be."""


@transaction.atomic
def add_member(
    *, actor: User, project: Project, user: User, role: str, task: str = "", ends_on: dt.date | None = None
) -> TeamMember:
    """Give a person a role on the project. The same place again updates what they do and until when.

    Raises: NotAllowed when the role would allow more than the actor may (`policies.roles_to_give`);
    TeamError for a person who may no longer sign in, or of an external office (`why_not_role`).
    """
    if role not in policies.roles_to_give(rights_for(actor, project)):
        raise NotAllowed(_("Only the PMO gives this role. Ask your PMO, or choose another role."))
    if not user.is_active:
        raise TeamError(_("%(name)s no longer has access to the portal.") % {"name": user})
    if refusal := why_not_role(user, role, ends_on):
        raise TeamError(refusal)
    place, _new = TeamMember.objects.select_for_update(of=("self",)).get_or_create(
        project=project, user=user, role=role, defaults={"task": task, "ends_on": ends_on}
    )
    versions.apply(place, {"task": task, "ends_on": ends_on})
    return place


@transaction.atomic
def remove_member(*, actor: User, project: Project, member_id: int) -> None:
    """Take a place in the team away, effective at once. Gone already: nothing happens.

    Raises: NotAllowed for a role that the actor could not have given.
    """
    place = project.team.select_for_update(of=("self",)).filter(pk=member_id).first()
    if place is None:
        return
    if place.role not in policies.roles_to_give(rights_for(actor, project)):
        raise NotAllowed(_("Only the PMO takes this role away. Ask your PMO."))
    place.delete()


def move_place(actor: User, place_id: int, ends_on: dt.date) -> TeamMember:
    """Give an external adviser's place another last day. Raises: NotAllowed, TeamError."""
    place = _place_seen_by(actor, place_id)
    return add_member(
        actor=actor, project=place.project, user=place.user, role=place.role, task=place.task, ends_on=ends_on
    )


def end_place(actor: User, place_id: int) -> None:
    """Take an external adviser's place away. Raises: NotAllowed, TeamError."""
    remove_member(actor=actor, project=_place_seen_by(actor, place_id).project, member_id=place_id)


def _place_seen_by(actor: User, place_id: int) -> TeamMember:
    places = TeamMember.objects.filter(project__in=Project.objects.visible_to(actor)).select_related("project", "user")
    place = places.filter(pk=place_id).first()
    if place is None:
        raise TeamError(_("This ended already."))
    return place


@transaction.atomic
def add_document(*, actor: User, project: Project, values: Mapping[str, Any]) -> DocumentLink:
    """Link a document with any of DOCUMENT_FIELDS. Raises: TeamError for an address that is not http(s)."""
    document = DocumentLink(project=project, **allowed_changes(values, DOCUMENT_FIELDS))
    _check_address(document.url)
    document.save(force_insert=True)
    return document


@transaction.atomic
def edit_document(
    *, actor: User, project: Project, document_id: int, version: int | None, changes: Mapping[str, Any]
) -> DocumentLink:
    """Change a link; an acceptance of what it was is gone with that.

    Raises: Conflict, TeamError, DocumentLink.DoesNotExist.
    """
    document = versions.claim(project.documents.all(), pk=document_id, version=version)
    changes = allowed_changes(changes, DOCUMENT_FIELDS)
    _check_address(changes.get("url", document.url))
    if any(getattr(document, name) != value for name, value in changes.items()):
        changes |= {"accepted_at": None, "accepted_by": None}
    versions.apply(document, changes)
    return document


@transaction.atomic
def accept_document(*, actor: User, project: Project, document_id: int, version: int | None) -> DocumentLink:
    """Say that a document is good as it is: somebody else than its owner. Editing the link takes that away again.

    Accepted already: nothing happens. Raises: NotAllowed, TeamError, Conflict, DocumentLink.DoesNotExist.
    """
    document = versions.claim(project.documents.all(), pk=document_id, version=version)
    if document.accepted_at is not None:
        return document
    if document.owner_id is None:
        raise TeamError(_("Name the owner of the document first, so that somebody else can accept it."))
    verdict = policies.can_accept_document(rights_for(actor, project), document)
    if not verdict:
        raise NotAllowed(verdict.reason)
    versions.apply(document, {"accepted_at": timezone.now(), "accepted_by": actor})
    return document


@transaction.atomic
def remove_document(*, actor: User, project: Project, document_id: int) -> None:
    """Take a link away; the document itself stays where it lives."""
    project.documents.filter(pk=document_id).delete()


def _check_address(url: str) -> None:
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.netloc:
        raise TeamError(_("A document's address starts with http:// or https://."))

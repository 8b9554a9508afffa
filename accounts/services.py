"""Every change to people, their roles and the organisation's tree."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from uuid import uuid4

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import policies, scopes
from accounts.enums import ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from accounts.roles import ROLES
from common.errors import PortalError
from common.mail import queue_mail


class PersonExists(PortalError):
    """Somebody already has this e-mail address."""


class RoleNotGrantable(PortalError):
    """The role cannot be given like this."""


class NotToYourself(PortalError):
    """People do not change their own rights."""


@dataclass(frozen=True, slots=True)
class NewPerson:
    """A person to add; they choose their own password by the link in the mail they get."""

    email: str
    name: str
    job_title: str = ""
    org_unit: OrgUnit | None = None
    language: str = ""


@transaction.atomic
def add_person(*, actor: User | None, data: NewPerson) -> User:
    """Add a person and mail them how to sign in. Raises: PersonExists."""
    if User.objects.filter(email__iexact=data.email).exists():
        raise PersonExists(_("Somebody with the address %(email)s is already here.") % {"email": data.email})
    user = User.objects.create_user(
        data.email, None, name=data.name, job_title=data.job_title, org_unit=data.org_unit, language=data.language
    )
    queue_mail(
        message_id=f"invitation-{user.pk}-{uuid4().hex[:8]}@pmo-portal",
        to=user,
        subject=_("You can use the PMO portal"),
        template="person_invited",
        context={"inviter": actor, "reset_path": reverse("account_reset_password")},
    )
    return user


@transaction.atomic
def change_profile(*, actor: User, name: str, job_title: str, language: str, time_zone: str) -> User:
    """A person changes what the portal knows of themselves."""
    user = User.objects.select_for_update().get(pk=actor.pk)
    user.name, user.job_title, user.language, user.time_zone = name, job_title, language, time_zone
    user.save(update_fields=["name", "job_title", "language", "time_zone"])
    return user


@transaction.atomic
def set_may_sign_in(*, actor: User, user_pk: int, may: bool) -> User:
    """Let a person in or shut them out; it holds from their next request. Raises: NotToYourself."""
    user = User.objects.select_for_update().get(pk=user_pk)
    if user.pk == actor.pk:
        raise NotToYourself(_("You cannot shut yourself out. Ask another administrator."))
    if user.is_active != may:
        user.is_active = may
        user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def grant_role(
    *, actor: User | None, user_pk: int, role: str, scope: str, scope_id: int | None, ends_on: dt.date | None = None
) -> RoleGrant:
    """Give a role within a scope. Granting it again only moves its last day.

    `actor` None is the command line. Raises: NotToYourself, RoleNotGrantable.
    """
    user = User.objects.select_for_update().get(pk=user_pk)
    if actor is not None and user.pk == actor.pk:
        raise NotToYourself(_("You cannot give yourself a role. Ask another administrator."))
    _check_grantable(role, scope, scope_id)
    if refusal := policies.why_not_role(user, role, ends_on):
        raise RoleNotGrantable(refusal)
    if ends_on is not None and ends_on < timezone.localdate():
        raise RoleNotGrantable(_("The last day has passed already. Choose today or later, or leave it empty."))
    grant, created = RoleGrant.objects.get_or_create(
        user=user, role=role, scope=scope, scope_id=scope_id, defaults={"ends_on": ends_on, "granted_by": actor}
    )
    if not created and grant.ends_on != ends_on:
        grant.ends_on, grant.granted_by = ends_on, actor
        grant.save(update_fields=["ends_on", "granted_by", "updated_at"])
    return grant


def _check_grantable(role: str, scope: str, scope_id: int | None) -> None:
    if role not in ROLES or ScopeKind(scope) not in ROLES[role].scopes:
        raise RoleNotGrantable(_("This role cannot be given for that. Choose another scope."))
    if scope == ScopeKind.ORGANISATION:
        if scope_id is not None:
            raise RoleNotGrantable(_("A role for the whole organisation names no unit or portfolio."))
    elif scope_id is None or scope_id not in scopes.names_of(scope, [scope_id]):
        raise RoleNotGrantable(_("Choose what the role is for: the unit or portfolio does not exist."))


def check_appointable(*people: User | None) -> None:
    """Refuse to let people of an external office answer for anything. Raises: RoleNotGrantable."""
    for person in people:
        if refusal := policies.why_not_appointed(person):
            raise RoleNotGrantable(refusal)


@transaction.atomic
def end_grant(*, actor: User, grant_pk: int) -> User:
    """Take a role away; it holds from the person's next request. Doing it twice is fine. Raises: NotToYourself."""
    grant = RoleGrant.objects.select_for_update().select_related("user").filter(pk=grant_pk).first()
    if grant is None:
        raise RoleNotGrantable(_("This role was taken away already."))
    if grant.user_id == actor.pk:
        raise NotToYourself(_("You cannot take a role from yourself. Ask another administrator."))
    user = grant.user
    grant.delete()
    return user


@transaction.atomic
def add_org_unit(*, actor: User | None, name: str, code: str = "", parent: OrgUnit | None = None) -> OrgUnit:
    """Add a unit to the organisation's tree, at the top or below `parent`."""
    fields = {"name": name, "code": code}
    if parent is None:
        return _as_unit(OrgUnit.objects.add_root(create_kwargs=fields))
    fresh = OrgUnit.objects.select_for_update().get(pk=parent.pk)
    return _as_unit(OrgUnit.objects.add_child(fresh, create_kwargs=fields))


def _as_unit(node: object) -> OrgUnit:
    assert isinstance(node, OrgUnit)  # noqa: S101 — treebeard is untyped
    return node


@transaction.atomic
def rename_org_unit(*, actor: User, pk: int, name: str, code: str) -> OrgUnit:
    """Give a unit another name or code."""
    unit: OrgUnit = OrgUnit.objects.select_for_update().get(pk=pk)
    unit.name, unit.code = name, code
    unit.save(update_fields=["name", "code"])
    return unit

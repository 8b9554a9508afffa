"""Who may see something, person by person and why: what `visible_to` says of one reader, asked the other way round."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Q

from accounts.enums import Permission, RoleName, ScopeKind
from accounts.models import RoleGrant, User
from accounts.roles import ROLES

if TYPE_CHECKING:
    from django.db.models import QuerySet


@dataclass(frozen=True, slots=True)
class Reason:
    """Why somebody sees it: a role or post, what it is held for ("" is the object itself), its last day."""

    role: str
    place: str = ""
    ends_on: dt.date | None = None


@dataclass(slots=True)
class Seer:
    """A person who sees it, with every reason there is."""

    user: User
    reasons: list[Reason] = field(default_factory=list)


class Audience:
    """Collects people and reasons. Whoever may not sign in or has left their external office sees nothing; to people
    of an external office only the role of external adviser opens something (see `Access.counts`).
    """

    def __init__(self) -> None:
        self._seers: dict[int, Seer] = {}

    def add(self, user: User | None, reason: Reason, role: str = "") -> None:
        """One more reason for a person; `role` is the one that opens it, when it is one."""
        if user is None or not user.is_active or user.has_left:
            return
        if user.is_external and role != RoleName.EXTERNAL_ADVISER:
            return
        seer = self._seers.setdefault(user.pk, Seer(user))
        if reason not in seer.reasons:
            seer.reasons.append(reason)

    def seers(self) -> list[Seer]:
        """Everybody by name."""
        return sorted(self._seers.values(), key=lambda one: (str(one.user).casefold(), one.user.pk))


@dataclass(frozen=True, slots=True)
class Places:
    """Where a grant reaches the object: these org units and portfolios (and those above them), by id with names."""

    org_units: Mapping[int, str] = field(default_factory=dict)
    portfolios: Mapping[int, str] = field(default_factory=dict)

    def name_of(self, grant: RoleGrant) -> str:
        if grant.scope == ScopeKind.ORGANISATION or grant.scope_id is None:
            return str(ScopeKind.ORGANISATION.label)
        return (self.org_units if grant.scope == ScopeKind.ORG_UNIT else self.portfolios).get(grant.scope_id, "")


def roles_with(*needed: Permission) -> list[str]:
    """The roles that allow all of these."""
    return [name for name, role in ROLES.items() if set(needed) <= role.permissions]


def grants_reaching(places: Places, roles: Collection[str]) -> QuerySet[RoleGrant]:
    """The grants in force of these roles that hold for the organisation or one of these places. One query."""
    here = Q(scope=ScopeKind.ORGANISATION)
    here |= Q(scope=ScopeKind.ORG_UNIT, scope_id__in=list(places.org_units))
    here |= Q(scope=ScopeKind.PORTFOLIO, scope_id__in=list(places.portfolios))
    found = RoleGrant.objects.in_force().filter(here, role__in=roles, user__is_active=True)
    return found.select_related("user").order_by("user__name", "pk")


def add_grants(audience: Audience, places: Places, grants: Iterable[RoleGrant]) -> None:
    """Each grant as a reason of its person."""
    for grant in grants:
        reason = Reason(str(RoleName(grant.role).label), places.name_of(grant), grant.ends_on)
        audience.add(grant.user, reason, grant.role)

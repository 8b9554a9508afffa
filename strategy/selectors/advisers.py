"""Who belongs to an external office, and what is opened to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts import scopes
from accounts.enums import RoleName, ScopeKind
from accounts.models import RoleGrant
from strategy import openings
from strategy.models import OfficeMember

if TYPE_CHECKING:
    from accounts.models import User
    from strategy.models import Office
    from strategy.openings import Opening

MOST = 200


@dataclass(frozen=True, slots=True)
class Adviser:
    """A person of the office with what is opened to them now."""

    member: OfficeMember
    openings: list[Opening]


def advisers_of(office: Office, viewer: User) -> list[Adviser]:
    """The people of the office, who stay longest first, each with what the viewer may know is opened to them.

    One query, and at most three for each way of opening.
    """
    members = list(office.members.select_related("user").order_by("-ends_on", "user__name", "pk")[:MOST])
    opened: dict[int, list[Opening]] = defaultdict(list)
    for one in openings.openings_of(viewer, [member.user_id for member in members if not member.has_ended]):
        opened[one.user_id].append(one)
    return [Adviser(member, opened[member.user_id]) for member in members]


def grants_opened(_viewer: User, user_ids: Collection[int]) -> list[Opening]:
    """Org units and portfolios that are opened to these people. At most three queries."""
    grants = RoleGrant.objects.in_force().filter(user__in=user_ids, role=RoleName.EXTERNAL_ADVISER)
    rows = [grant for grant in grants.order_by("ends_on", "pk")[:MOST] if grant.ends_on and grant.scope_id]
    names: dict[tuple[str, int], str] = {}
    for kind in {grant.scope for grant in rows}:
        ids = [grant.scope_id for grant in rows if grant.scope == kind and grant.scope_id]
        names |= {(kind, pk): name.replace("— ", "") for pk, name in scopes.names_of(kind, ids).items()}
    return [
        openings.Opening(
            f"grant-{grant.pk}", grant.user_id, ScopeKind(grant.scope).label,
            names.get((grant.scope, grant.scope_id), ""), grant.ends_on,
        )
        for grant in rows
        if grant.ends_on and grant.scope_id
    ]  # fmt: skip


def membership_of(user: User) -> OfficeMember | None:
    """Where the person belongs now; None for who is not of an external office, or was."""
    return OfficeMember.objects.in_force().select_related("office").filter(user=user).first()

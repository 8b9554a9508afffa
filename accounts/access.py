"""What a person may do, read from their grants with one query per request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.enums import Permission, RoleName, ScopeKind
from accounts.roles import EVERYBODY, EXTERNAL, EXTERNAL_MAY, ORGANISATION_ONLY, ROLES


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a permission holds: everywhere, or below these org units and portfolios (roots of subtrees)."""

    everywhere: bool = False
    org_unit_ids: frozenset[int] = frozenset()
    portfolio_ids: frozenset[int] = frozenset()

    def __bool__(self) -> bool:
        return self.everywhere or bool(self.org_unit_ids) or bool(self.portfolio_ids)


NOWHERE = Reach()


@dataclass(frozen=True, slots=True)
class Access:
    """All that a person's grants allow, by permission. Roles on single projects are not in here:
    those are the project's team and are read by the project's own queryset, which asks `counts` of each.

    `is_external`: the person belongs to an external office. `always` is what they can do without any grant.
    """

    reaches: dict[str, Reach] = field(default_factory=dict)
    always: frozenset[Permission] = EVERYBODY
    is_external: bool = False

    def reach(self, permission: str) -> Reach:
        return self.reaches.get(Permission(permission).value, NOWHERE)

    def allows_somewhere(self, permission: str) -> bool:
        return Permission(permission) in self.always or bool(self.reach(permission))

    def counts(self, role: str) -> bool:
        """Whether a role on one project (a place in its team, a post) gives this person anything.

        For a person of an external office only the role of external adviser does: being named lead, sponsor
        or budget owner by mistake opens nothing to them.
        """
        return not self.is_external or (bool(self.always) and role == RoleName.EXTERNAL_ADVISER)


NO_ACCESS = Access(always=frozenset())
ENDED = Access(always=frozenset(), is_external=True)
"""The access of a person whose time at an external office is over."""


def access_from_grants(grants: Iterable[tuple[str, str, int | None]], *, is_external: bool = False) -> Access:
    """Fold (role, scope kind, scope id) rows into an Access. Pure; unknown roles are an error.

    For a person of an external office every other role than external adviser is left out, and whatever that
    role may come to allow, nothing beyond reading and recommending.
    """
    everywhere: set[str] = set()
    units: dict[str, set[int]] = defaultdict(set)
    portfolios: dict[str, set[int]] = defaultdict(set)
    for role, kind, scope_id in grants:
        if is_external and role != RoleName.EXTERNAL_ADVISER:
            continue
        for permission in ROLES[role].permissions & (EXTERNAL_MAY if is_external else frozenset(Permission)):
            if kind == ScopeKind.ORGANISATION:
                everywhere.add(permission.value)
            elif scope_id is not None and permission not in ORGANISATION_ONLY:
                (units if kind == ScopeKind.ORG_UNIT else portfolios)[permission.value].add(scope_id)
    return Access(
        {
            name: Reach(name in everywhere, frozenset(units[name]), frozenset(portfolios[name]))
            for name in everywhere | units.keys() | portfolios.keys()
        },
        always=EXTERNAL if is_external else EVERYBODY,
        is_external=is_external,
    )

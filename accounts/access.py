"""What a person may do, read from their grants with one query per request."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from accounts.enums import Permission, ScopeKind
from accounts.roles import EVERYBODY, ORGANISATION_ONLY, ROLES


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
    those are the project's team and are read by the project's own queryset.
    """

    reaches: dict[str, Reach] = field(default_factory=dict)

    def reach(self, permission: str) -> Reach:
        return self.reaches.get(Permission(permission).value, NOWHERE)

    def allows_somewhere(self, permission: str) -> bool:
        return Permission(permission) in EVERYBODY or bool(self.reach(permission))


def access_from_grants(grants: Iterable[tuple[str, str, int | None]]) -> Access:
    """Fold (role, scope kind, scope id) rows into an Access. Pure; unknown roles are an error."""
    everywhere: set[str] = set()
    units: dict[str, set[int]] = defaultdict(set)
    portfolios: dict[str, set[int]] = defaultdict(set)
    for role, kind, scope_id in grants:
        for permission in ROLES[role].permissions:
            if kind == ScopeKind.ORGANISATION:
                everywhere.add(permission.value)
            elif scope_id is not None and permission not in ORGANISATION_ONLY:
                (units if kind == ScopeKind.ORG_UNIT else portfolios)[permission.value].add(scope_id)
    return Access(
        {
            name: Reach(name in everywhere, frozenset(units[name]), frozenset(portfolios[name]))
            for name in everywhere | units.keys() | portfolios.keys()
        }
    )

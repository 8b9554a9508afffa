"""Objects that a role can be granted for. Higher apps register theirs, so that this app need not know them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from accounts.enums import ScopeKind
from accounts.models import OrgUnit


@dataclass(frozen=True, slots=True)
class ScopeSource:
    """`names(ids)` gives the names of these objects, or of all when ids is None, in the order to show them."""

    kind: ScopeKind
    names: Callable[[Iterable[int] | None], dict[int, str]]


_sources: dict[str, ScopeSource] = {}


def register(source: ScopeSource) -> None:
    _sources[source.kind] = source


def names_of(kind: str, ids: Iterable[int] | None = None) -> dict[int, str]:
    """Names by id, with an indent for depth; one query. Empty for the organisation, which has no object."""
    source = _sources.get(kind)
    return source.names(ids) if source else {}


def _org_unit_names(ids: Iterable[int] | None) -> dict[int, str]:
    units = OrgUnit.objects.all() if ids is None else OrgUnit.objects.filter(pk__in=ids)
    return {pk: f"{'— ' * (depth - 1)}{name}" for pk, depth, name in units.values_list("pk", "depth", "name")}


register(ScopeSource(ScopeKind.ORG_UNIT, _org_unit_names))

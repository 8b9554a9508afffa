"""Every read of the pages about people and roles."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Prefetch, Q, QuerySet

from accounts import scopes
from accounts.enums import Permission, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from accounts.roles import ROLES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True, slots=True)
class RoleView:
    """A role as people read it."""

    label: StrOrPromise
    sentence: StrOrPromise
    permissions: list[StrOrPromise]
    on_project: bool
    holders: int


def people(*, text: str = "", only: str = "") -> QuerySet[User]:
    """People by name with their grants in force; `only` is "active", "shut_out" or empty for all."""
    found = User.objects.select_related("org_unit").prefetch_related(
        Prefetch("grants", queryset=RoleGrant.objects.in_force().order_by("role"), to_attr="grants_in_force")
    )
    if text:
        found = found.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(job_title__icontains=text))
    if only in {"active", "shut_out"}:
        found = found.filter(is_active=only == "active")
    return found.order_by("name", "pk")


def pickable_people() -> QuerySet[User]:
    """Whom a form may name: everybody who may sign in, by name, but nobody of an external office."""
    return User.objects.filter(is_active=True, external_until__isnull=True).order_by("name", "pk")


@dataclass(frozen=True, slots=True)
class GrantView:
    """A grant as people read it: "PMO manager for Infrastructure, until 3 Mar 2027"."""

    pk: int
    role: StrOrPromise
    place: str
    ends_on: object


def grants_of(user: User) -> list[GrantView]:
    """A person's grants, ended ones too, with the names of what they hold for. At most three queries."""
    grants = list(user.grants.order_by("role", "pk"))
    names = _places(grants)
    return [
        GrantView(g.pk, g.get_role_display(), names.get((g.scope, g.scope_id)) or g.get_scope_display(), g.ends_on)
        for g in grants
    ]


def _places(grants: Iterable[RoleGrant]) -> dict[tuple[str, int | None], str]:
    return places_of((grant.scope, grant.scope_id) for grant in grants)


def places_of(scopes_asked: Iterable[tuple[str, int | None]]) -> dict[tuple[str, int | None], str]:
    """The names of what roles are granted for, by scope kind and id. A query for each kind, at most two."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for scope, scope_id in scopes_asked:
        if scope_id is not None:
            wanted[scope].add(scope_id)
    return {
        (kind, pk): name.replace("— ", "")
        for kind, ids in wanted.items()
        for pk, name in scopes.names_of(kind, ids).items()
    }


def roles() -> list[RoleView]:
    """Every role with what it allows and how many people hold it. One query."""
    holders = dict(
        RoleGrant.objects.in_force()
        .filter(user__is_active=True)
        .values_list("role")
        .annotate(n=Count("user", distinct=True))
    )
    return [
        RoleView(
            role.name.label,
            role.sentence,
            [p.label for p in Permission if p in role.permissions],
            role.on_project,
            holders.get(name, 0),
        )
        for name, role in ROLES.items()
    ]


def org_units() -> QuerySet[OrgUnit]:
    """The organisation's tree, top down, with how many people each unit has. One query."""
    units: QuerySet[OrgUnit] = OrgUnit.objects.annotate(people_count=Count("people", filter=Q(people__is_active=True)))
    return units


def scope_choices() -> list[tuple[StrOrPromise, list[tuple[str, str]]]]:
    """What a role can be granted for, grouped, as values "kind:id" of a select. A query per kind."""
    groups: list[tuple[StrOrPromise, list[tuple[str, str]]]] = [
        (ScopeKind.ORGANISATION.label, [(f"{ScopeKind.ORGANISATION}:", str(ScopeKind.ORGANISATION.label))])
    ]
    for kind in (ScopeKind.ORG_UNIT, ScopeKind.PORTFOLIO):
        choices = [(f"{kind}:{pk}", name) for pk, name in scopes.names_of(kind).items()]
        if choices:
            groups.append((kind.label, choices))
    return groups


def grants_reaching(*, org_unit: OrgUnit | None = None, portfolios: QuerySet[Any, Any] | None = None) -> Q:
    """Grants that reach a place: for the whole organisation, for the org unit or one above it, or for one of these
    portfolios (a portfolio and those above it).
    """
    reaches = Q(scope=ScopeKind.ORGANISATION)
    if org_unit is not None:
        units = OrgUnit.objects.at_or_above(org_unit).values("pk")
        reaches |= Q(scope=ScopeKind.ORG_UNIT, scope_id__in=units)
    if portfolios is not None:
        reaches |= Q(scope=ScopeKind.PORTFOLIO, scope_id__in=portfolios.order_by().values("pk"))
    return reaches


def holders_by_role(
    roles: Collection[str], *, org_unit: OrgUnit | None = None, portfolios: QuerySet[Any, Any] | None = None
) -> dict[str, set[int]]:
    """By role, who holds it so that it reaches a place (`grants_reaching`): ids of people who may sign in and are of
    no external office. One query, none without a role.
    """
    held: dict[str, set[int]] = {role: set() for role in roles}
    if not held:
        return held
    reaches = grants_reaching(org_unit=org_unit, portfolios=portfolios)
    grants = RoleGrant.objects.in_force().filter(
        reaches, role__in=held, user__is_active=True, user__external_until__isnull=True
    )
    for role, person in grants.values_list("role", "user_id"):
        held[role].add(person)
    return held

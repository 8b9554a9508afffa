"""Records that advice can speak of. Each app registers its own kind, so that this app need not know them.

Advice names a record by kind and id. A name is only ever told to whoever may know the record: `described` leaves
the others out, and `about` turns "may know" into a condition on rows that name a record.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import Q

from accounts.enums import Permission
from strategy.enums import RecordKind

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django_stubs_ext import StrOrPromise

    from accounts.models import User

MOST = 300
"""As many of a kind as a form offers."""

Ref = tuple[str, int]
"""A record by kind and id."""


@dataclass(frozen=True, slots=True)
class RecordSource:
    """`within(user, permission)` gives the records, which have a `name`, on which the person has the permission;
    `href` gets the value of the column `address` of one of them.
    """

    kind: RecordKind
    within: Callable[[User, str], QuerySet[Any]]
    href: Callable[[Any], str]
    address: str = "pk"


@dataclass(frozen=True, slots=True)
class Described:
    """A record as a page shows it."""

    kind: StrOrPromise
    name: str
    href: str


def readable_by_all(model: type[Model]) -> Callable[[User, str], QuerySet[Any]]:
    """For records that everybody who is signed in may read anyway: all of them, for who may speak of them."""

    def within(user: User, permission: str) -> QuerySet[Any]:
        rows = model._default_manager.all()
        return rows if user.can(permission) else rows.none()

    return within


_sources: dict[str, RecordSource] = {}


def register(source: RecordSource) -> None:
    _sources[source.kind] = source


def about(user: User, permission: str, kinds: Iterable[str], prefix: str) -> Q:
    """The condition that `<prefix>_kind` and `<prefix>_id` name a record on which the person has the permission."""
    q = Q(pk__in=[])
    for kind in kinds:
        if source := _sources.get(kind):
            ids = source.within(user, permission).order_by().values("pk")
            q |= Q(**{f"{prefix}_kind": kind, f"{prefix}_id__in": ids})
    return q


def described(user: User, refs: Iterable[Ref]) -> dict[Ref, Described]:
    """Name and address of those of these records that the person may know. One query for each kind named."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for kind, pk in refs:
        if kind in _sources:
            wanted[kind].add(pk)
    found: dict[Ref, Described] = {}
    for kind, ids in wanted.items():
        source = _sources[kind]
        rows = source.within(user, Permission.ADVICE_VIEW).filter(pk__in=ids)
        for pk, name, address in rows.values_list("pk", "name", source.address):
            found[kind, pk] = Described(RecordKind(kind).label, name, source.href(address))
    return found


def choices(user: User, kinds: Collection[str]) -> list[tuple[StrOrPromise, list[tuple[str, str]]]]:
    """What the person may speak of, grouped, as values "kind:id" of a select. A query for each kind."""
    groups: list[tuple[StrOrPromise, list[tuple[str, str]]]] = []
    for kind in kinds:
        if source := _sources.get(kind):
            rows = source.within(user, Permission.ADVICE_VIEW).order_by("name", "pk").values_list("pk", "name")[:MOST]
            if offered := [(f"{kind}:{pk}", name) for pk, name in rows]:
                groups.append((RecordKind(kind).label, offered))
    return groups


def is_open_to(user: User, ref: Ref) -> bool:
    """Whether the person may speak of this record. One query."""
    kind, pk = ref
    source = _sources.get(kind)
    return source is not None and source.within(user, Permission.ADVICE_VIEW).filter(pk=pk).exists()

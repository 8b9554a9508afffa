"""Every change to offices and goals."""

from __future__ import annotations

import zoneinfo
from typing import TYPE_CHECKING, Any

import pghistory
from django.db import IntegrityError, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import versions
from common.errors import NotAllowed, PortalError
from strategy.enums import OfficeKind
from strategy.models import Goal, Office

if TYPE_CHECKING:
    from collections.abc import Mapping

    from accounts.models import User

OFFICE_FIELDS = frozenset({
    "name", "kind", "control", "time_zone", "fiscal_year_starts_in", "purpose", "mandate", "success_metrics", "sponsor",
    "head", "accountable_limit", "document_places",
})  # fmt: skip
GOAL_FIELDS = frozenset({"name", "description", "owner", "office", "ends_on"})


class NameTaken(PortalError):
    """There is one of this name already."""


class OfficeHasAdvisers(PortalError):
    """An office with external advisers does not become internal."""


class UnknownTimeZone(PortalError):
    """Weeks of an office need a real time zone."""


def _demand(actor: User) -> None:
    if not actor.can(Permission.OFFICE_EDIT):
        raise NotAllowed(_("Only the PMO and administrators set up offices and goals."))


def _known(values: Mapping[str, Any], fields: frozenset[str]) -> dict[str, Any]:
    if strange := set(values) - fields:
        raise TypeError(f"cannot be set: {', '.join(sorted(strange))}")
    return dict(values)


def _check_zone(values: Mapping[str, Any]) -> None:
    if "time_zone" in values and values["time_zone"] not in zoneinfo.available_timezones():
        raise UnknownTimeZone(
            _("“%(zone)s” is not a time zone. Choose one from the list.") % {"zone": values["time_zone"]}
        )


@transaction.atomic
def create_office(*, actor: User, values: Mapping[str, Any], serves: tuple[int, ...] = ()) -> Office:
    """Set up an office that serves these org units (ids). Raises: NotAllowed, NameTaken, UnknownTimeZone."""
    _demand(actor)
    values = _known(values, OFFICE_FIELDS)
    _check_zone(values)
    with pghistory.context(user=actor.pk):
        office = Office(slug=slugify(values["name"])[:60] or "office", **values)
        _insert(office)
        office.serves.set(serves)
    return office


@transaction.atomic
def edit_office(
    *,
    actor: User,
    pk: int,
    values: Mapping[str, Any],
    serves: tuple[int, ...] | None = None,
    version: int | None = None,
) -> Office:
    """Change an office; its address stays, and its control level changes by an order of its own that asks for a reason
    (`governance.services.control`). Raises: NotAllowed, Conflict, NameTaken, UnknownTimeZone,
    OfficeHasAdvisers.
    """
    _demand(actor)
    values = _known(values, OFFICE_FIELDS - {"control"})
    _check_zone(values)
    with pghistory.context(user=actor.pk):
        office = versions.claim(Office.objects.all(), pk=pk, version=version)
        _refuse_taken(Office, values, pk)
        if values.get("kind", office.kind) != OfficeKind.EXTERNAL and office.members.exists():
            raise OfficeHasAdvisers(_("People belong to this office as external advisers, so it stays external."))
        versions.apply(office, values)
        if serves is not None:
            office.serves.set(serves)
    return office


@transaction.atomic
def create_goal(*, actor: User, values: Mapping[str, Any]) -> Goal:
    """Write down a goal. Raises: NotAllowed, NameTaken."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        goal = Goal(**_known(values, GOAL_FIELDS))
        _insert(goal)
    return goal


@transaction.atomic
def edit_goal(*, actor: User, pk: int, values: Mapping[str, Any], version: int | None = None) -> Goal:
    """Change a goal. Raises: NotAllowed, Conflict, NameTaken."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        goal = versions.claim(Goal.objects.all(), pk=pk, version=version)
        _refuse_taken(Goal, values, pk)
        versions.apply(goal, _known(values, GOAL_FIELDS))
    return goal


def _insert(record: Office | Goal) -> None:
    try:
        with transaction.atomic():
            record.save(force_insert=True)
    except IntegrityError as error:
        raise NameTaken(_taken(record.name)) from error


def _refuse_taken(model: type[Office | Goal], values: Mapping[str, Any], pk: int) -> None:
    name = values.get("name", "")
    if name and model.objects.filter(name__iexact=name).exclude(pk=pk).exists():
        raise NameTaken(_taken(name))


def _taken(name: str) -> str:
    return _("“%(name)s” is there already. Choose another name.") % {"name": name}

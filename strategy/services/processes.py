"""Changing the processes of an office and who has which part in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pghistory
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.models import User as Person
from common import versions
from common.errors import NotAllowed
from strategy.enums import Post
from strategy.models import Office, Process, ProcessAssignment
from strategy.models.raci import PERSON
from strategy.raci.cells import Wanted
from strategy.services.offices import NameTaken
from strategy.services.raci import MatrixError, write_matrix

if TYPE_CHECKING:
    from accounts.models import User

PROCESS_FIELDS = frozenset({"name", "description", "rhythm"})
POSTS = frozenset({Post.PMO.value, Post.SPONSOR.value})


def _demand(actor: User) -> None:
    if not actor.can(Permission.OFFICE_EDIT):
        raise NotAllowed(_("Only the PMO and administrators set up the processes of an office."))


@transaction.atomic
def add_process(*, actor: User, office: Office, values: Mapping[str, Any]) -> Process:
    """Write down a process of an office. Raises: NotAllowed, NameTaken."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        _lock(office)
        _refuse_taken(office, values["name"])
        process = Process(office=office, **_known(values))
        process.save(force_insert=True)
    return process


@transaction.atomic
def edit_process(
    *, actor: User, office: Office, pk: int, values: Mapping[str, Any], version: int | None = None
) -> Process:
    """Change a process. Raises: NotAllowed, Conflict, NameTaken, Process.DoesNotExist."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        _lock(office)
        process = versions.claim(office.processes.all(), pk=pk, version=version)
        _refuse_taken(office, values.get("name", ""), pk)
        versions.apply(process, _known(values))
    return process


@transaction.atomic
def delete_process(*, actor: User, office: Office, pk: int) -> None:
    """Take a process away with its parts; history keeps it. Gone already: nothing happens. Raises: NotAllowed."""
    _demand(actor)
    with pghistory.context(user=actor.pk):
        _lock(office)
        office.processes.filter(pk=pk).delete()


@transaction.atomic
def set_process_raci(*, actor: User, office: Office, wanted: Mapping[int, Wanted]) -> None:
    """Give out the parts in these processes; the same again changes nothing.

    Raises: NotAllowed, MatrixConflict, MatrixError for a second accountable or somebody who left.
    """
    _demand(actor)
    with pghistory.context(user=actor.pk):
        _lock(office)
        subjects = {one.pk: one for one in office.processes.select_for_update().filter(pk__in=wanted)}
        changed = write_matrix(model=ProcessAssignment, subjects=subjects, wanted=wanted)
        _check_seats({seat for cells in changed.values() for seat, code in cells.items() if code})


def _check_seats(seats: set[str]) -> None:
    people = {int(seat.removeprefix(PERSON)) for seat in seats if seat.startswith(PERSON)}
    if {seat for seat in seats if not seat.startswith(PERSON)} - POSTS:
        raise MatrixError(_("An office has only a head and a sponsor; give other parts to people."))
    if people and Person.objects.filter(pk__in=people, is_active=True).count() != len(people):
        raise MatrixError(_("One of these people no longer has access to the portal. Choose somebody else."))


def _lock(office: Office) -> None:
    Office.objects.select_for_update(of=("self",), no_key=True).values_list("pk").get(pk=office.pk)


def _known(values: Mapping[str, Any]) -> dict[str, Any]:
    if strange := set(values) - PROCESS_FIELDS:
        raise TypeError(f"cannot be set: {', '.join(sorted(strange))}")
    return dict(values)


def _refuse_taken(office: Office, name: str, pk: int = 0) -> None:
    if name and office.processes.filter(name=name).exclude(pk=pk).exists():
        raise NameTaken(_("“%(name)s” is there already. Choose another name.") % {"name": name})

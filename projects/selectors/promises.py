"""What the pages about promises read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import F
from django.http import Http404
from django.utils.translation import gettext as _

from accounts.enums import Permission
from projects import policies
from projects.enums import PROMISE_MOVES, PromiseMove
from projects.models import Project, Promise
from projects.selectors import history

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from accounts.models import User
    from projects.selectors.history import Change, Entry

MANY = 200
"""A page of a project shows at most this many of each side, the open ones first, and says when there are more."""


@dataclass(frozen=True, slots=True)
class Sides:
    """The two projects as a person may read them: with an address, or without a name at all."""

    taker: str
    giver: str
    taker_key: str
    """Empty when the person may not see it."""
    giver_key: str


def get_promise_for(user: User, pk: int) -> Promise:
    """The one door to a promise. Raises: Http404."""
    related = ("project", "giver", "asked_by", "answered_by")
    promise = Promise.objects.visible_to(user).select_related(*related).filter(pk=pk).first()
    if promise is None:
        raise Http404
    return promise


def promises_of(project: Project) -> tuple[list[Promise], list[Promise], bool]:
    """What a project needs, what it is asked for, and whether there is more than MANY of either. Two queries.

    The open ones come first, the soonest before.
    """
    related = ("project", "giver", "asked_by", "answered_by")
    order = (F("closed_on").desc(nulls_first=True), "needed_on", "pk")
    needs, gives = (
        list(side.select_related(*related).order_by(*order)[: MANY + 1])
        for side in (project.promises, project.promises_given)
    )
    return needs[:MANY], gives[:MANY], max(len(needs), len(gives)) > MANY


def named_for(user: User, promises: Iterable[Promise]) -> dict[int, Sides]:
    """The names of both projects of each promise, as far as the person may see them, by its id. One query."""
    ids = {pk for one in promises for pk in (one.project_id, one.giver_id)}
    seen = set(Project.objects.visible_to(user).filter(pk__in=ids).values_list("pk", flat=True))

    def name(project: Project) -> str:
        return project.name if project.pk in seen else _("A project that you cannot see")

    def key(project: Project) -> str:
        return project.key if project.pk in seen else ""

    return {one.pk: Sides(name(one.project), name(one.giver), key(one.project), key(one.giver)) for one in promises}


def moves_for(user: User, promise: Promise) -> list[PromiseMove]:
    """What the person may say next. One query."""
    edits = set(
        Project.objects.allowed(user, Permission.PROJECT_EDIT)
        .filter(pk__in=[promise.project_id, promise.giver_id])
        .values_list("pk", flat=True)
    )
    return [
        move for move in PROMISE_MOVES[promise.state]
        if policies.can_move(user.pk, promise, move, edits=edits.__contains__)
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """One step: when, by whom, what it changed of the state and the days, and in which words."""

    at: dt.datetime
    who: str
    changes: list[Change]
    word: str


def said(promise: Promise) -> list[Said]:
    """All that was said, newest first. Three queries."""
    events = history.event_model(Promise)._default_manager.filter(pgh_obj_id=promise.pk)
    rows = list(history.events_of(Promise, list(events.values_list("pgh_id", flat=True))).order_by("-pgh_id"))
    names = history.names_of(history.references_of(rows))
    told = {history.label_of(Promise, name) for name in ("state", "needed_on", "offered_on", "promised_on")}
    return [_said(history.entry_of(row, names), told, row) for row in rows]


def _said(entry: Entry, told: set[str], row: Sequence[Any]) -> Said:
    *_rest, after, _address = row
    return Said(entry.at, entry.who, [one for one in entry.changes if one.label in told], after["word"])

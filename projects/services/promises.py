"""Promises across projects: asked, promised or refused, moved by both sides, delivered and received."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext as _

from common import versions
from common.errors import NotAllowed, PortalError
from projects import policies
from projects.enums import GIVER_MOVES, MOVES_WITH_DAY, MOVES_WITH_REASON, PromiseMove, PromiseState
from projects.models import Project, Promise
from projects.selectors.projects import rights_for
from projects.services import letters, state
from projects.services.projects import allowed_changes

if TYPE_CHECKING:
    import datetime as dt

    from accounts.models import User
    from projects.models.project import ProjectQuerySet

PROMISE_FIELDS: Final = frozenset({"name", "description", "needed_on"})


class PromiseError(PortalError):
    """Something that cannot be asked or promised, or a step whose moment has passed."""


@transaction.atomic
def ask_promise(*, actor: User, project: Project, giver: Project, values: Mapping[str, Any]) -> Promise:
    """Ask another project for something, with PROMISE_FIELDS; its lead gets a mail.

    Raises: NotAllowed, PromiseError.
    """
    if project.pk == giver.pk:
        raise PromiseError(_("Choose another project: this one cannot promise something to itself."))
    locked = _locked(Project.objects.visible_to(actor).select_related("lead"), project.pk, giver.pk)
    if not rights_for(actor, project).edit:
        raise NotAllowed(_("Only the project lead and the PMO edit this project."))
    if giver.pk not in locked:
        raise NotAllowed(_("You cannot see the project that you ask."))
    giver = locked[giver.pk]
    if over := [one.name for one in (locked[project.pk], giver) if not one.is_live]:
        raise PromiseError(_("“%(project)s” is over; nothing can be asked for it or of it.") % {"project": over[0]})
    today = state.organisation_today()
    wanted = allowed_changes(values, PROMISE_FIELDS)
    _demand_future(wanted["needed_on"], today)
    dated = {"asked_on": today, "waits_since": today}
    promise = Promise.objects.create(project=project, giver=giver, asked_by=actor, **dated, **wanted)
    _tell(promise, PromiseMove.ASK)
    return promise


@transaction.atomic
def move_promise(
    *, actor: User, promise_id: int, version: int | None, move: str, on: dt.date | None = None, word: str = ""
) -> Promise:
    """Say the next thing about a promise, for the side whose turn that is; the other side gets a mail.

    `on` is the day that is promised or asked for, `word` what is said with it. The same step by the same person again:
    nothing happens. Raises: NotAllowed, PromiseError, Conflict, Promise.DoesNotExist.
    """
    _locked(Project.objects.only("pk"), *Promise.objects.values_list("project", "giver").get(pk=promise_id))
    related = Promise.objects.select_related("project", "giver", "asked_by", "answered_by")
    promise = versions.claim(related, pk=promise_id, version=None)
    word = word.strip()
    if version == promise.version - 1 and _was_said(promise, actor, move, on, word):
        return promise
    verdict = policies.can_move(actor.pk, promise, move, edits=_editor(actor))
    if not verdict and not verdict.is_state:
        raise NotAllowed(verdict.reason)
    versions.demand(promise, version)
    if not verdict:
        raise PromiseError(verdict.reason)
    today = state.organisation_today()
    if move in MOVES_WITH_REASON and not word:
        raise PromiseError(_("Write why, so that the other project understands it."))
    day = promise.offered_on if move == PromiseMove.AGREE else on
    if move in MOVES_WITH_DAY and day is None:
        raise PromiseError(_("Fill in the day."))
    if move in {*MOVES_WITH_DAY, PromiseMove.AGREE}:
        _demand_future(day, today)
    spoke = {"answered_by" if move in GIVER_MOVES else "asked_by": actor}
    versions.apply(promise, {**_SAID[move](promise, day, today), **spoke, "move": move, "word": word})
    _tell(promise, move)
    return promise


def _locked(projects: ProjectQuerySet, *project_ids: int) -> dict[int, Project]:
    """Both projects before the promise, in one order, so that nobody waits for each other."""
    found = projects.select_for_update(of=("self",), no_key=True).filter(pk__in=project_ids)
    return {one.pk: one for one in found.order_by("pk")}


def _editor(actor: User) -> Callable[[int], bool]:
    return lambda pk: Project.objects.allowed(actor, "project.edit").filter(pk=pk).exists()


def _demand_future(day: dt.date | None, today: dt.date) -> None:
    if day is not None and day < today:
        raise PromiseError(_("This day has passed. Choose a day from today on."))


def _tell(promise: Promise, move: str) -> None:
    state.refresh([promise.project_id, promise.giver_id])
    letters.promise_moved(promise, move)


def _was_said(promise: Promise, actor: User, move: str, on: dt.date | None, word: str) -> bool:
    """Whether just this, by this person, was the last thing that was said: a button that was pressed twice."""
    spoke = promise.answered_by_id if move in GIVER_MOVES else promise.asked_by_id
    if move == PromiseMove.OFFER:
        same_day = on in {promise.offered_on, promise.promised_on}
    else:
        same_day = move != PromiseMove.ASK or on == promise.needed_on
    return (promise.move, promise.word, spoke) == (move, word, actor.pk) and same_day


Said = Callable[[Promise, "dt.date | None", "dt.date"], dict[str, Any]]


def _offer(promise: Promise, on: dt.date | None, _today: dt.date) -> dict[str, Any]:
    """A day in time is agreed; a later one waits for the other side, and what was promised before holds."""
    if on is not None and on <= promise.needed_on:
        return {"state": PromiseState.AGREED, "promised_on": on, "offered_on": None, "waits_since": None}
    return {"state": PromiseState.OFFERED, "offered_on": on, "waits_since": None}


def _refuse(promise: Promise, _on: dt.date | None, _today: dt.date) -> dict[str, Any]:
    """No to what was asked last; what was promised before still holds."""
    to = PromiseState.AGREED if promise.promised_on else PromiseState.REFUSED
    return {"state": to, "offered_on": None, "waits_since": None}


def _ask(promise: Promise, on: dt.date | None, today: dt.date) -> dict[str, Any]:
    """Another day is needed; where the promise is in time for it, it simply holds."""
    if on is not None and promise.promised_on is not None and promise.promised_on <= on:
        return {"state": PromiseState.AGREED, "needed_on": on, "offered_on": None, "waits_since": None}
    return {"state": PromiseState.ASKED, "needed_on": on, "offered_on": None, "waits_since": today}


_SAID: Final[dict[str, Said]] = {
    PromiseMove.OFFER.value: _offer,
    PromiseMove.REFUSE.value: _refuse,
    PromiseMove.ASK.value: _ask,
    PromiseMove.AGREE.value: lambda _one, on, _today: {
        "state": PromiseState.AGREED, "promised_on": on, "offered_on": None,
    },
    PromiseMove.DELIVER.value: lambda _one, _on, today: {"state": PromiseState.DELIVERED, "delivered_on": today},
    PromiseMove.RECEIVE.value: lambda _one, _on, today: {"state": PromiseState.KEPT, "closed_on": today},
    PromiseMove.RETURN.value: lambda _one, _on, _today: {"state": PromiseState.AGREED, "delivered_on": None},
    PromiseMove.WITHDRAW.value: lambda _one, _on, today: {
        "state": PromiseState.WITHDRAWN, "closed_on": today, "offered_on": None, "waits_since": None,
    },
}  # fmt: skip
"""What each step leaves behind."""

"""History: each insert, change and delete of a tracked model is an event, written by the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import pghistory
from django.db.models import Model

M = TypeVar("M", bound=Model)


def track(*, exclude: list[str] | None = None) -> Callable[[type[M]], type[M]]:
    """Decorates a model whose every change is to be kept, but for the columns in `exclude`.

    Rows inserted or deleted together are one event statement: a trigger per row would take most of the time
    of an import. Changes stay with a trigger per row, because a statement would have to join old to new rows,
    and Postgres keeps for a thousand of them the plan that it made for one. The trackers are made anew for each
    model, because those of the settings come as copies that statement triggers do not recognise.
    """
    made = (
        pghistory.InsertEvent(level=pghistory.Statement),
        pghistory.UpdateEvent(level=pghistory.Row),
        pghistory.DeleteEvent(level=pghistory.Statement),
    )
    tracked: Callable[[type[M]], type[M]] = pghistory.track(*made, exclude=exclude)
    return tracked

"""History: each insert, change and delete of a tracked model is an event, written by the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import pghistory
from django.apps import apps
from django.db import connections
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


def event_models() -> list[type[Model]]:
    """The models of all event tables, those of apps to come included."""
    return [model for model in apps.get_models() if hasattr(model, "pgh_tracked_model")]


def secure_event_tables(*, using: str = "default", **_signal: Any) -> None:
    """After each migration: rows of history are not changed or deleted, and the newest are found fast.

    Done here and not by a migration for each table, so that no event table of a model to come is forgotten. Two
    queries when nothing is new. A superuser can take the triggers away; that is what the seals are for.
    """
    tables = [model._meta.db_table for model in event_models()]
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regproc('pmo_history_stays') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return  # this app is not migrated yet
        cursor.execute(
            """
            SELECT asked.name, asked.name || '_newest' FROM unnest(%s::text[]) AS asked(name)
            WHERE to_regclass(quote_ident(asked.name)) IS NOT NULL AND NOT EXISTS (
                SELECT FROM pg_trigger
                WHERE tgname = 'history_stays' AND tgrelid = to_regclass(quote_ident(asked.name)))
            """,
            [tables],
        )
        quote = connections[using].ops.quote_name
        for table, index in cursor.fetchall():
            cursor.execute(
                f"CREATE TRIGGER history_stays BEFORE UPDATE OR DELETE ON {quote(table)}"
                " FOR EACH ROW EXECUTE FUNCTION pmo_history_stays()"
            )
            cursor.execute(
                f"CREATE INDEX IF NOT EXISTS {quote(index)} ON {quote(table)} (pgh_created_at DESC, pgh_id DESC)"
            )

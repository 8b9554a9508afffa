"""The rows of history, by table, and the hash over a range of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.apps import apps
from django.db import connection, transaction

from common.models import AuditEvent

CONTEXT: Final = "pgh_context.metadata"


@dataclass(frozen=True, slots=True)
class EventTable:
    """A table whose rows only ever come: its name, its ascending key, and what of it is sealed."""

    name: str
    key: str
    columns: tuple[str, ...]


def event_tables() -> dict[str, EventTable]:
    """Every table of history: the events of all tracked models and the audit events, by name."""
    found = {}
    for model in apps.get_models():
        if model is AuditEvent or hasattr(model, "pgh_tracked_model"):
            columns = [str(one.column) for one in model._meta.local_concrete_fields]
            if "pgh_context_id" in columns:
                columns.append(CONTEXT)
            key = str(model._meta.pk.column)
            found[model._meta.db_table] = EventTable(model._meta.db_table, key, (key, *sorted(set(columns) - {key})))
    return dict(sorted(found.items()))


def digest_of(name: str, key: str, columns: tuple[str, ...], after: int | None, to: int) -> tuple[int, str]:
    """How many rows a range has, and the SHA-256 over them, computed by the database. One statement.

    Raises: django.db.ProgrammingError when the table or a column is gone.
    """
    quote = connection.ops.quote_name
    texts = ["c.metadata::text" if column == CONTEXT else f"e.{quote(column)}::text" for column in columns]
    row = " || ',' || ".join(f"coalesce(octet_length({text}) || ':' || {text}, '-')" for text in texts)
    context = "LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id" if CONTEXT in columns else ""
    at = f"e.{quote(key)}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO', true)")
        cursor.execute(
            f"""
            SELECT count(*), encode(sha256(coalesce(
                string_agg(sha256(convert_to({row}, 'UTF8')), ''::bytea ORDER BY {at}), ''::bytea)), 'hex')
            FROM {quote(name)} e {context}
            WHERE ({at} > %s OR %s IS NULL) AND {at} <= %s
            """,  # noqa: S608 — names come from the models or from a seal whose hash was checked
            [after, after, to],
        )
        rows, digest = cursor.fetchone()
    return int(rows), str(digest)

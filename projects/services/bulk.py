"""Writing many wide rows in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.db import connection
from psycopg2 import sql

if TYPE_CHECKING:
    from django.db.models import Model


def write_rows(model: type[Model], rows: Iterable[dict[str, Any]], *, key: str = "") -> None:
    """Insert rows given by column, all with the same columns; with `key`, rows that exist are overwritten.

    One statement with one parameter: Postgres unfolds a JSON text into the rows. For rows of fifty columns
    that takes a fifth of the time of `bulk_create`, which adapts every value on its own. No model code
    runs, so only for tables that the portal computes (states and snapshots).
    """
    listed = list(rows)
    if not listed:
        return
    table, columns = sql.Identifier(model._meta.db_table), [sql.Identifier(name) for name in listed[0]]
    names = sql.SQL(", ").join(columns)
    statement = sql.SQL("INSERT INTO {table} ({names}) SELECT {names} FROM json_populate_recordset(NULL::{table}, %s)")
    query = statement.format(table=table, names=names)
    if key:
        new = sql.SQL(", ").join(sql.SQL("{name} = EXCLUDED.{name}").format(name=name) for name in columns)
        query += sql.SQL(" ON CONFLICT ({key}) DO UPDATE SET {new}").format(key=sql.Identifier(key), new=new)
    with connection.cursor() as cursor:
        cursor.execute(query.as_string(cursor.cursor), [json.dumps(listed, default=str)])

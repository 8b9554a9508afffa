"""Sealing what is new and settled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection, transaction
from django.utils import timezone

from common.models import Seal, SealMark
from common.seals import chain
from common.seals.rows import EventTable, digest_of, event_tables

EVERY_SECONDS: Final = 300
MOST_IDS: Final = 20_000
"""Ids of one table within one seal, so that memory and time of one statement are bounded."""

TURNS: Final = 200
_LOCK: Final = 7_233_905_001
_WRITERS: Final = ("RowExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")


def seal_new() -> int:
    """Seal everything that is settled; how many seals were made. The duty. Safe twice and at once."""
    for made in range(TURNS):
        if seal_once() is None:
            return made
    return TURNS


@transaction.atomic
def seal_once() -> Seal | None:
    """One more seal over what is new and settled, at most MOST_IDS ids of each table; None when there is nothing.

    None, too, while somebody else is at it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        if not cursor.fetchone()[0]:
            return None
    marks = {mark.table: mark for mark in SealMark.objects.all()}
    covered: dict[str, dict[str, Any]] = {}
    tables = event_tables()
    for name, settled in _settled(tables, marks).items():
        entry = _cover(tables[name], marks[name], settled)
        if entry is not None:
            covered[name] = entry
            marks[name].sealed_to = entry["to"]
    keep = [mark for name, mark in marks.items() if name in tables]
    SealMark.objects.bulk_create(
        keep,
        update_conflicts=True,
        unique_fields=["table"],
        update_fields=["sealed_to", "wanted_to", "waiting_for"],
    )
    return _add(covered) if covered else None


def _add(covered: dict[str, dict[str, Any]]) -> Seal:
    last = chain.head()
    seal = Seal(
        number=last.number + 1 if last else 1,
        sealed_at=timezone.now(),
        previous=last.hash if last else chain.START,
        rows=sum(entry["rows"] for entry in covered.values()),
        covered=covered,
    )
    seal.hash = chain.hash_of(seal)
    seal.save(force_insert=True)
    return seal


def _settled(tables: Mapping[str, EventTable], marks: dict[str, SealMark]) -> dict[str, int]:
    """Per table with something new the id up to which nothing can be added any more; the marks are brought up to date.

    The order of the two questions is what the proof in the package's docstring rests on.
    """
    newest = _newest_ids(tables)
    writers = _writers(tables)
    settled: dict[str, int] = {}
    for name in tables:
        mark = marks.setdefault(name, SealMark(table=name))
        at_work = writers.get(name, set())
        if mark.wanted_to is None:
            if newest[name] is None or newest[name] == mark.sealed_to:
                continue
            mark.wanted_to, mark.waiting_for = newest[name], sorted(at_work)
        else:
            mark.waiting_for = sorted(at_work & set(mark.waiting_for))
        if not mark.waiting_for and mark.wanted_to is not None:
            settled[name] = mark.wanted_to
    return settled


def _newest_ids(tables: Mapping[str, EventTable]) -> dict[str, int | None]:
    names, keys = list(tables), [table.key for table in tables.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT name, pg_sequence_last_value(pg_get_serial_sequence(quote_ident(name), key)::regclass)
            FROM unnest(%s::text[], %s::text[]) AS asked(name, key)
            """,
            [names, keys],
        )
        return dict(cursor.fetchall())


def _writers(tables: Mapping[str, EventTable]) -> dict[str, set[str]]:
    """The transactions of others that may write to each table, by a name that none after them gets."""
    found: dict[str, set[str]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT asked.name, held.virtualtransaction
            FROM unnest(%s::text[]) AS asked(name)
            JOIN pg_locks AS held ON held.relation = quote_ident(asked.name)::regclass
            WHERE held.locktype = 'relation' AND held.mode = ANY(%s) AND held.pid IS DISTINCT FROM pg_backend_pid()
              AND held.database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """,
            [list(tables), list(_WRITERS)],
        )
        for name, transaction_name in cursor.fetchall():
            found.setdefault(name, set()).add(transaction_name)
    return found


def _cover(table: EventTable, mark: SealMark, settled: int) -> dict[str, Any] | None:
    """What the seal says of one table. A range without rows is left for the next seal, unless it fills this one."""
    after = mark.sealed_to
    to = min(settled, (after or 0) + MOST_IDS)
    rows, digest = digest_of(table.name, table.key, table.columns, after, to)
    if to == settled:
        mark.wanted_to, mark.waiting_for = None, []
        if not rows:
            return None
    return {"after": after, "to": to, "rows": rows, "columns": list(table.columns), "sha256": digest}


def unsealed() -> int:
    """How many rows wait for their first seal. One query for each event table."""
    sealed = dict(SealMark.objects.values_list("table", "sealed_to"))
    quote = connection.ops.quote_name
    parts, params = [], []
    for table in event_tables().values():
        parts.append(f"SELECT count(*) FROM {quote(table.name)} WHERE {quote(table.key)} > %s")  # noqa: S608  names of our own tables
        params.append(sealed.get(table.name) or 0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sum(count)::bigint FROM ({' UNION ALL '.join(parts)}) AS waiting", params)  # noqa: S608  names of our own tables
        return int(cursor.fetchone()[0] or 0)

"""The history sealed: every so often all new rows of all event tables become one more link of a chain of hashes.

A seal covers of each table the rows with ids from (exclusive) to (inclusive). No row may come into such a range
later, although transactions commit in any order. That is made sure by asking in this order:

1. what is the newest id that the table's sequence has given out (W)?
2. which transactions hold a lock on the table that allows writing?

Whoever took an id up to W held that lock when they took it and holds it until they end. So when none of those
of step 2 is left, every row up to W is there or never will be. Those still at work are noted (`SealMark`), and the
next turn looks again; nobody is made to wait. See docs/adr/0030.

The hash of a row is the SHA-256 of its columns in the order that the seal names, joined by commas: `-` for null, else
the number of bytes in UTF-8, a colon, and the value as PostgreSQL writes it as text in UTC. The hash of a range is the
SHA-256 of the hashes (32 bytes each) of its rows by id. The hash of a seal is that of its JSON (`body_of`).
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.apps import apps
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from common import jobs
from common.enums import JobState
from common.models import AuditEvent, JobRun, Seal, SealMark

EVERY_SECONDS: Final = 300
MOST_IDS: Final = 20_000
"""Ids of one table within one seal, so that memory and time of one statement are bounded."""

TURNS: Final = 200
SHORT: Final = 16
"""Digits of a head that people read and compare."""

LEAST_KNOWN: Final = 12
START: Final = "0" * 64
_LOCK: Final = 7_233_905_001
_CONTEXT: Final = "pgh_context.metadata"
_WRITERS: Final = ("RowExclusiveLock", "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock")


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
                columns.append(_CONTEXT)
            key = str(model._meta.pk.column)
            found[model._meta.db_table] = EventTable(model._meta.db_table, key, (key, *sorted(set(columns) - {key})))
    return dict(sorted(found.items()))


# --- sealing -------------------------------------------------------------------------------------------------------


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
    last = Seal.objects.order_by("-number").first()
    seal = Seal(
        number=last.number + 1 if last else 1,
        sealed_at=timezone.now(),
        previous=last.hash if last else START,
        rows=sum(entry["rows"] for entry in covered.values()),
        covered=covered,
    )
    seal.hash = hash_of(seal)
    seal.save(force_insert=True)
    return seal


def _settled(tables: Mapping[str, EventTable], marks: dict[str, SealMark]) -> dict[str, int]:
    """Per table with something new the id up to which nothing can be added any more; the marks are brought up to date.

    The order of the two questions is what the proof in the module's docstring rests on.
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


# --- hashes --------------------------------------------------------------------------------------------------------


def body_of(seal: Seal) -> bytes:
    """What the hash of a seal is made of: its JSON without spaces, keys sorted, in ASCII."""
    body = {
        "number": seal.number,
        "previous": seal.previous,
        "sealed_at": seal.sealed_at.astimezone(dt.UTC).isoformat(),
        "covered": seal.covered,
    }
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode("ascii")


def hash_of(seal: Seal) -> str:
    return hashlib.sha256(body_of(seal)).hexdigest()


def digest_of(name: str, key: str, columns: tuple[str, ...], after: int | None, to: int) -> tuple[int, str]:
    """How many rows a range has, and the SHA-256 over them, computed by the database. One statement.

    Raises: django.db.ProgrammingError when the table or a column is gone.
    """
    quote = connection.ops.quote_name
    texts = ["c.metadata::text" if column == _CONTEXT else f"e.{quote(column)}::text" for column in columns]
    row = " || ',' || ".join(f"coalesce(octet_length({text}) || ':' || {text}, '-')" for text in texts)
    context = "LEFT JOIN pghistory_context c ON c.id = e.pgh_context_id" if _CONTEXT in columns else ""
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


# --- reading -------------------------------------------------------------------------------------------------------


def head() -> Seal | None:
    """The newest seal. One query."""
    return Seal.objects.order_by("-number").first()


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


@dataclass(slots=True)
class Finding:
    """What does not fit, at which seal and in which table ("" is the chain itself)."""

    number: int
    table: str
    what: str


@dataclass(slots=True)
class Verdict:
    """What a walk over the chain has found. `broken` is the first thing that does not fit."""

    seals: int = 0
    rows: int = 0
    head: str = ""
    sealed_at: str = ""
    broken: Finding | None = None
    knows_head: bool | None = None
    """Whether the head that somebody kept outside is in the chain; None when none was given."""

    ends: dict[str, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        return self.broken is None and self.knows_head is not False

    def as_dict(self) -> dict[str, Any]:
        return {
            "whole": self.is_whole,
            "seals": self.seals,
            "rows": self.rows,
            "head": self.head,
            "sealed_at": self.sealed_at,
            "known_head_found": self.knows_head,
            "broken": {"seal": self.broken.number, "table": self.broken.table, "what": self.broken.what}
            if self.broken
            else None,
        }


def verify(*, known_head: str = "") -> Iterator[Verdict]:
    """Walk the chain from its first seal and compute every hash anew; yields the same verdict after each seal.

    Stops at the first thing that does not fit, but still looks for `known_head` among all hashes: 12 digits or more
    of a head that was kept outside. Memory does not grow with the history.
    """
    verdict = Verdict(head=START)
    known = known_head.strip().lower()
    for seal in Seal.objects.order_by("number").iterator(chunk_size=100):
        verdict.broken = _first_fault(seal, verdict)
        if verdict.broken is not None:
            break
        verdict.seals, verdict.rows = verdict.seals + 1, verdict.rows + seal.rows
        verdict.head, verdict.sealed_at = seal.hash, seal.sealed_at.isoformat()
        if known and seal.hash.startswith(known):
            verdict.knows_head = True
        yield verdict
    if known and verdict.knows_head is None:
        verdict.knows_head = len(known) >= LEAST_KNOWN and Seal.objects.filter(hash__startswith=known).exists()
    yield verdict


VERIFY: Final = "history.verify"


@jobs.handler(VERIFY)
def verify_in_background(job: JobRun, progress: jobs.Progress) -> dict[str, Any]:
    """The walk as a run with progress; what it found is the run's result."""
    total = Seal.objects.count()
    verdict = Verdict()
    for turn, verdict in enumerate(verify()):  # noqa: B007 — the last one counts
        if turn % 25 == 0:
            progress(_("Checking the seals"), min(turn, total), total)
    return {**verdict.as_dict(), "href": job.params.get("href", "")}


def verify_daily() -> None:
    """Have the chain walked once a day, so that a break shows without anybody asking. The duty."""
    day = timezone.now().date().isoformat()
    jobs.ask_for(kind=VERIFY, label=_("Verify the history"), actor=None, dedupe_key=f"{VERIFY}-{day}")


def last_verification() -> JobRun | None:
    """The newest walk that came to its end. One query."""
    return JobRun.objects.filter(kind=VERIFY, state=JobState.DONE).order_by("-finished_at").first()


def _first_fault(seal: Seal, so_far: Verdict) -> Finding | None:
    if seal.number != so_far.seals + 1:
        return Finding(so_far.seals + 1, "", "the seal is missing")
    if seal.previous != so_far.head:
        return Finding(seal.number, "", "it does not follow from the seal before")
    if hash_of(seal) != seal.hash:
        return Finding(seal.number, "", "the seal itself was changed")
    if seal.rows != sum(entry["rows"] for entry in seal.covered.values()):
        return Finding(seal.number, "", "the seal itself was changed")
    for table in sorted(seal.covered):
        what = _table_fault(table, seal.covered[table], so_far)
        if what:
            return Finding(seal.number, table, what)
    return None


def _table_fault(table: str, entry: Mapping[str, Any], so_far: Verdict) -> str:
    if entry["after"] != so_far.ends.get(table):
        return "it does not begin where the seal before ended"
    gone = set(entry["columns"]) - _columns_of(table) - {_CONTEXT}
    if gone:
        return f"the table or its columns {', '.join(sorted(gone))} are gone"
    columns = tuple(entry["columns"])
    rows, digest = digest_of(table, columns[0], columns, entry["after"], entry["to"])
    if rows != entry["rows"]:
        return f"{entry['rows']} rows were sealed, {rows} are there"
    if digest != entry["sha256"]:
        return "a row was changed"
    so_far.ends[table] = entry["to"]
    return ""


def _columns_of(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(quote_ident(%s))"
            " AND attnum > 0 AND NOT attisdropped",
            [table],
        )
        return {name for (name,) in cursor.fetchall()}

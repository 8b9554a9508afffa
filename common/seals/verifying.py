"""Walking the chain: every hash computed anew."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from common import jobs
from common.enums import JobState
from common.models import JobRun, Seal
from common.seals.chain import START, hash_of
from common.seals.rows import CONTEXT, digest_of

LEAST_KNOWN: Final = 12
"""Digits of a head, kept outside, by which it can be looked for."""

VERIFY: Final = "history.verify"


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
    gone = set(entry["columns"]) - _columns_of(table) - {CONTEXT}
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

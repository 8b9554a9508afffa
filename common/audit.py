"""The trail of what happens without a change of a record: refusals, sign-ins, exports, work asked for.

An event is written in the caller's transaction, so it is there exactly when what it tells of happened. Refusals are
written after the request, when its own transaction is long rolled back. A robot cannot fill the disk with them: of
each person or address the first few of an hour are written one by one, the rest is counted, and the count becomes
one event when the hour is over.
"""

from __future__ import annotations

import json
import logging
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError, connection, transaction

from common.enums import AuditKind
from common.models import MOST_DETAIL, AuditEvent

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

EACH_HOUR = 30
"""Refusals of one person or address that are written one by one within an hour."""

STRANGERS_EACH_HOUR = 500
"""The same for everybody together who is not signed in: addresses are cheap."""

_STRANGERS = "strangers"


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What is known of the request in hand, without anything that was typed into it."""

    person_id: int | None = None
    person_name: str = ""
    address: str = ""
    request_id: str = ""
    method: str = ""
    url_name: str = ""
    path: str = ""
    subject: str = ""


NOTHING = Circumstances()
current: ContextVar[Circumstances] = ContextVar("circumstances", default=NOTHING)


def record(  # noqa: PLR0913 — the columns of one row
    kind: AuditKind,
    *,
    what: str = "",
    actor: User | None = None,
    subject: str = "",
    reason: str = "",
    status: int | None = None,
    detail: dict[str, Any] | None = None,
    repeats: int = 1,
) -> AuditEvent:
    """Write one event, in the caller's transaction. Texts are cut to what their columns hold. One statement.

    `actor` when it is not the person of the request: a sign-in has none yet, a worker has none at all.
    """
    about = current.get()
    person_id, person_name = (actor.pk, str(actor)) if actor is not None else (about.person_id, about.person_name)
    return AuditEvent.objects.create(
        kind=kind,
        what=what[:60],
        person_id=person_id,
        person_name=person_name[:120],
        address=about.address[:64],
        request_id=about.request_id[:64],
        method=about.method[:10],
        url_name=about.url_name[:80],
        path=about.path[:200],
        status=status,
        subject=(subject or about.subject)[:80],
        reason=reason[:300],
        detail=_short(detail or {}),
        repeats=repeats,
    )


def record_export(what: str, *, rows: int, form: str, subject: str = "", filters: str = "") -> AuditEvent:
    """Write that the person of the request took a list out: which, how many rows, in which form, filtered how.

    Called before the first byte leaves, so that nothing leaves without it.
    """
    detail = {"rows": rows, "form": form, **({"filters": filters[:1000]} if filters else {})}
    return record(AuditKind.EXPORTED, what=what, subject=subject, detail=detail)


def _short(detail: dict[str, Any]) -> dict[str, Any]:
    """The details, or what of them fits: long ones are cut at their longest texts, then left out."""
    if len(json.dumps(detail, ensure_ascii=False)) <= MOST_DETAIL // 2:
        return detail
    cut = {str(name)[:60]: str(value)[:60] for name, value in list(detail.items())[:15]}
    return {**cut, "cut": True}


def record_refusal(
    kind: AuditKind, *, what: str, reason: str = "", status: int | None = None, detail: dict[str, Any] | None = None
) -> None:
    """Write a refusal in a transaction of its own, or only count it when its origin has had many this hour.

    A trail that cannot be written does not turn a refusal into an error: it is logged. Two or three statements.
    """
    try:
        with transaction.atomic():
            if _is_worth_a_row():
                record(kind, what=what, reason=reason, status=status, detail=detail)
    except DatabaseError:
        log.exception("A refusal could not be written to the audit trail: %s %s", kind, what)


def _is_worth_a_row() -> bool:
    about = current.get()
    if about.person_id is not None:
        return _count(f"person {about.person_id}") <= EACH_HOUR
    return _count(_STRANGERS) <= STRANGERS_EACH_HOUR and _count(f"address {about.address}") <= EACH_HOUR


def _count(origin: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO common_refusalcount AS known (origin, hour, seen)
            VALUES (%s, date_trunc('hour', clock_timestamp()), 1)
            ON CONFLICT (origin, hour) DO UPDATE SET seen = known.seen + 1
            RETURNING seen
            """,
            [origin[:100]],
        )
        return int(cursor.fetchone()[0])


@transaction.atomic
def close_hours() -> int:
    """Turn the counts of hours that are over into one event each, where more was counted than written.

    How many events. Safe twice and at once: a count is taken out and told of in one transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM common_refusalcount WHERE hour < date_trunc('hour', clock_timestamp())
            RETURNING origin, hour, seen
            """
        )
        over = [row for row in cursor.fetchall() if row[2] > _limit(row[0])]
    for origin, hour, seen in over:
        word, _space, name = origin.partition(" ")
        AuditEvent.objects.create(
            kind=AuditKind.REFUSED,
            what="many",
            person_id=int(name) if word == "person" else None,
            address=name[:64] if word == "address" else "",
            detail={"hour": hour.isoformat()},
            repeats=seen - _limit(origin),
        )
    return len(over)


def _limit(origin: str) -> int:
    return STRANGERS_EACH_HOUR if origin == _STRANGERS else EACH_HOUR

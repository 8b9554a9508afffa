"""What happened to a request, from the history that the database keeps."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.db.models import F, Q, Window
from django.db.models.functions import Lag
from django.utils.translation import gettext_lazy

from accounts.models import User
from intake.enums import RequestState as S

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

    from intake.models import Request

WHAT: Final[dict[str, StrPromise]] = {
    S.DRAFT: gettext_lazy("Started"),
    S.SUBMITTED: gettext_lazy("Handed in"),
    S.TRIAGED: gettext_lazy("Found clear and complete; ready for a decision"),
    S.RETURNED: gettext_lazy("Sent back with questions"),
    S.APPROVED: gettext_lazy("Approved; the project was set up"),
    S.REJECTED: gettext_lazy("Not approved"),
    S.WITHDRAWN: gettext_lazy("Withdrawn"),
}


@dataclass(frozen=True, slots=True)
class Happening:
    """One step in the life of a request: when, who, what, and what they said."""

    at: dt.datetime
    by: str
    what: StrPromise
    said: str


def history_of(pitch: Request) -> list[Happening]:
    """Its steps, the newest first. Two queries, however often it was edited in between."""
    events = apps.get_model("intake", "RequestEvent").objects.filter(pgh_obj_id=pitch.pk)
    steps = list(
        events.annotate(before=Window(Lag("state"), order_by="pgh_id"))
        .filter(Q(before__isnull=True) | ~Q(before=F("state")))
        .order_by("-pgh_id")
        .values("pgh_created_at", "state", "triage_note", "reason", "pgh_context__metadata__user")
    )
    people = User.objects.in_bulk({row["pgh_context__metadata__user"] for row in steps} - {None})
    return [
        Happening(
            row["pgh_created_at"],
            str(people.get(row["pgh_context__metadata__user"], "")),
            WHAT[row["state"]],
            _said(row),
        )
        for row in steps
    ]


def _said(row: dict[str, str]) -> str:
    if row["state"] in {S.TRIAGED, S.RETURNED}:
        return row["triage_note"]
    return row["reason"] if row["state"] in {S.APPROVED, S.REJECTED} else ""

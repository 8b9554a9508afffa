"""What somebody asks of the audit trail, read from the address of the page."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django_stubs_ext import StrPromise

KINDS: Final[dict[str, StrPromise]] = {
    "records": _("Changes of records"),
    "roles": _("People, roles and teams"),
    "refused": _("Refusals"),
    "sign_in": _("Sign-in"),
    "exported": _("Exports"),
    "asked": _("Work asked for"),
}
_CURSOR: Final = re.compile(r"^(?P<at>[0-9T:.+Z-]{19,40})~(?P<kind>[a-z_.]{1,80})~(?P<pk>\d{1,18})$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: what comes after it in the order by moment (newest first), table and id."""

    at: dt.datetime
    kind: str
    pk: int

    def __str__(self) -> str:
        return f"{self.at.astimezone(dt.UTC).isoformat()}~{self.kind}~{self.pk}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        match = _CURSOR.match(text)
        at = _moment(match["at"]) if match else None
        return cls(at, match["kind"], int(match["pk"])) if match and at else None


def _moment(text: str) -> dt.datetime | None:
    try:
        at = parse_datetime(text)
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """The filters: part of a person's name or address, a kind, the first and last day, what it is about, a place."""

    person: str = ""
    kind: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    about: str = ""
    after: Cursor | None = None

    @classmethod
    def parse(cls, given: Mapping[str, str]) -> TrailQuery:
        """Whatever cannot be read is left out. A `+` of a time zone comes through an address as a space."""
        kind = given.get("kind", "")
        return cls(
            person=given.get("person", "").strip()[:120],
            kind=kind if kind in KINDS else "",
            since=_day(given.get("since", "")),
            until=_day(given.get("until", "")),
            about=given.get("about", "").strip()[:120],
            after=Cursor.parse(given.get("after", "").replace(" ", "+")),
        )

    def string(self) -> str:
        """The filters as they stand in an address; without the place."""
        texts = {
            "person": self.person,
            "kind": self.kind,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "about": self.about,
        }
        return urlencode({name: text for name, text in texts.items() if text})

    def older_than(self, cursor: Cursor) -> TrailQuery:
        return replace(self, after=cursor)

    @property
    def is_filtered(self) -> bool:
        return bool(self.string())

    def bounds(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        """The moments between which it looks: half-open, in the viewer's time zone."""
        until = self.until + dt.timedelta(days=1) if self.until and self.until < dt.date.max else None
        return _midnight(self.since), _midnight(until)


def _day(text: str) -> dt.date | None:
    try:
        day = parse_date(text[:10])
    except ValueError:
        return None
    return day if day is not None and dt.date.min.year + 1 < day.year < dt.date.max.year else None


def _midnight(day: dt.date | None) -> dt.datetime | None:
    return timezone.make_aware(dt.datetime.combine(day, dt.time())) if day else None

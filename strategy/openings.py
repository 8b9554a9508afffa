"""What is opened to whom until when. Each app registers the ways that it opens something to an external adviser."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

    from accounts.models import User


@dataclass(frozen=True, slots=True)
class Opening:
    """One thing that one adviser can read until its last day. `code` names it in addresses ("grant-12")."""

    code: str
    user_id: int
    kind: StrOrPromise
    place: str
    ends_on: dt.date


@dataclass(frozen=True, slots=True)
class OpeningSource:
    """`of(viewer, user_ids)` lists what the viewer may know of; `move` gives another last day, `end` ends at once.

    `move` and `end` raise PortalError when the actor may not, or when it ended meanwhile.
    """

    prefix: str
    of: Callable[[User, Collection[int]], list[Opening]]
    move: Callable[[User, int, dt.date], object]
    end: Callable[[User, int], object]


_sources: dict[str, OpeningSource] = {}


def register(source: OpeningSource) -> None:
    _sources[source.prefix] = source


def openings_of(viewer: User, user_ids: Collection[int]) -> list[Opening]:
    """Everything in force that is opened to these people, as far as the viewer may know it."""
    found = [opening for source in _sources.values() for opening in source.of(viewer, user_ids)]
    return sorted(found, key=lambda one: (one.ends_on, one.place))


def find(viewer: User, user_ids: Collection[int], code: str) -> Opening | None:
    return next((one for one in openings_of(viewer, user_ids) if one.code == code), None)


def move(actor: User, code: str, ends_on: dt.date) -> None:
    source, pk = _of(code)
    source.move(actor, pk, ends_on)


def end(actor: User, code: str) -> None:
    source, pk = _of(code)
    source.end(actor, pk)


def _of(code: str) -> tuple[OpeningSource, int]:
    prefix, _dash, pk = code.rpartition("-")
    return _sources[prefix], int(pk)

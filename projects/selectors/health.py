"""A colour explained: its signals as sentences, with the records that they rest on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from projects.health.sentences import NOTES, Link, links, sentence

if TYPE_CHECKING:
    from projects.models import FactRow


@dataclass(frozen=True, slots=True)
class SignalView:
    """A signal as a page shows it. A note (`is_note`) explains but colours nothing."""

    code: str
    dimension: str
    colour: str
    sentence: str
    links: list[Link] = field(default_factory=list)
    is_note: bool = False


_ORDER: Final = {"red": 0, "amber": 1, "grey": 2}


def explain(row: FactRow) -> list[SignalView]:
    """The reasons of a state's or snapshot's colours: red first, then amber, then what is unknown, then notes.

    No query: the sentences are made from the numbers that the row keeps.
    """
    key = f"P-{row.project_id}"  # type: ignore[attr-defined]
    views = [_view(signal, key) for signal in row.signals]
    return sorted(views, key=lambda one: (one.is_note, _ORDER.get(one.colour, 3)))


def _view(signal: Mapping[str, Any], key: str) -> SignalView:
    return SignalView(
        code=signal["code"],
        dimension=signal["dimension"],
        colour=signal["colour"],
        sentence=sentence(signal),
        links=links(signal, key),
        is_note=signal["code"] in NOTES,
    )

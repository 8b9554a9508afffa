"""What a judgement is made of, and the one rule by which colours are put together.

The rule: **a colour is stated only when what is unknown could not change it; else grey.**
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from projects.enums import Colour, Dimension

GREEN, AMBER, RED, GREY = Colour.GREEN.value, Colour.AMBER.value, Colour.RED.value, Colour.GREY.value

SEVERITY: Final[dict[str, int]] = {GREEN: 0, AMBER: 1, RED: 2}
"""Of computed colours only; declared colours of five points are never put on this scale."""
_COLOURS: Final = tuple(SEVERITY)

NOTE: Final = ""
"""The colour of a signal that is shown but does not colour anything."""

COUNTED: Final = tuple(one.value for one in (Dimension.SCHEDULE, Dimension.COST, Dimension.RISK, Dimension.FRESHNESS))
"""The dimensions that the overall colour rests on. Scope has no signal yet, so it is not among them."""


class SignalData(TypedDict):
    """A signal as a stored row keeps it (`FactRow.signals`)."""

    code: str
    dimension: str
    colour: str
    params: dict[str, Any]
    records: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What a portfolio calls late, dear and stale."""

    schedule_tolerance_days: int = 14
    cost_tolerance_percent: int = 10
    update_cadence_days: int = 7

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Thresholds:
        """Those of the project's own portfolio, which are facts too."""
        return cls(facts["schedule_tolerance"], facts["cost_tolerance"], facts["update_cadence"])


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason for a colour. Grey: could not be judged; `could_be` is the worst it might then be."""

    code: str
    dimension: str
    colour: str
    params: dict[str, Any] = field(default_factory=dict)
    records: list[dict[str, Any]] = field(default_factory=list)
    could_be: str = RED

    def as_data(self) -> SignalData:
        return SignalData(
            code=self.code, dimension=self.dimension, colour=self.colour, params=self.params, records=self.records
        )


@dataclass(frozen=True, slots=True)
class Health:
    """The computed health: overall, per dimension, and the signals that fired or could not be judged."""

    overall: str
    dimensions: dict[str, str]
    signals: tuple[Signal, ...]
    is_stale: bool

    def signal_data(self) -> list[SignalData]:
        return [signal.as_data() for signal in self.signals]


def combine(colours: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """The colour of several (colour, could be) pairs, and its floor: the worst that is known for certain.

    The worst known colour stands when no unknown could be worse than it; else grey. Nothing at all is grey.
    """
    known: list[int] = []
    unknown: list[int] = []
    for colour, could_be in colours:
        (unknown if colour == GREY else known).append(SEVERITY[could_be if colour == GREY else colour])
    if not known and not unknown:
        return GREY, GREEN
    floor = max(known, default=0)
    return (GREY if max(unknown, default=-1) > floor or not known else _COLOURS[floor]), _COLOURS[floor]

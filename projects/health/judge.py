"""From facts to health: a pure function."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from projects.enums import FIVE_POINTS, THREE_POINTS, Colour, ColourScale, Dimension
from projects.health.model import COUNTED, GREEN, GREY, NOTE, RED, SEVERITY, Health, Signal, Thresholds, combine
from projects.health.signals import SIGNALS

OVERALL: Final = "overall"
_DIMENSIONS: Final = tuple(Dimension.values)


def judge(facts: Mapping[str, Any], thresholds: Thresholds) -> Health:
    """The health that these facts give. Same facts and thresholds, same answer; nothing is read or written.

    Dimension: its worst signal. Overall: the worst of schedule, cost, risk and freshness. On both levels
    a colour is stated only when what is unknown could not change it; else grey.
    """
    signals = [signal for judged in SIGNALS if (signal := judged(facts, thresholds)) is not None]
    dimensions = dict.fromkeys(_DIMENSIONS, GREY)
    floors: dict[str, str] = {}
    for dimension in COUNTED:
        pairs = ((one.colour, one.could_be) for one in signals if one.dimension == dimension)
        dimensions[dimension], floors[dimension] = combine(pairs)
    overall, _known = combine((dimensions[dimension], RED) for dimension in COUNTED)
    floors[OVERALL] = max(floors.values(), key=SEVERITY.__getitem__)
    told = [*_told(signals), *_floors({OVERALL: overall, **dimensions}, floors), *_gap(facts, overall)]
    return Health(overall, dimensions, tuple(told), is_stale=_is_stale(dimensions))


def _is_stale(dimensions: Mapping[str, str]) -> bool:
    return dimensions[Dimension.FRESHNESS.value] == GREY


def _told(signals: Iterable[Signal]) -> Iterator[Signal]:
    """What fired or could not be judged; the same gap in the facts is told once."""
    unknown: set[str] = set()
    for signal in signals:
        if signal.colour == GREEN:
            continue
        if signal.colour == GREY:
            told = f"{signal.code} {signal.params.get('missing')}"
            if told in unknown:
                continue
            unknown.add(told)
        yield signal


def _floors(colours: Mapping[str, str], floors: Mapping[str, str]) -> Iterator[Signal]:
    """Notes that a grey is at least amber, so that a page can say so."""
    for dimension, floor in floors.items():
        if colours[dimension] == GREY and floor != GREEN:
            yield Signal("floor", dimension, NOTE, {"floor": floor})


def _gap(facts: Mapping[str, Any], overall: str) -> Iterator[Signal]:
    """The declared beside the computed colour when the lead is more hopeful. Five points are not compared."""
    declared = facts["declared"]
    if facts["declared_scale"] != ColourScale.THREE or declared not in SEVERITY or overall not in SEVERITY:
        return
    if SEVERITY[declared] < SEVERITY[overall]:
        yield Signal("declared.gap", "declared", NOTE, {"declared": declared, "computed": overall})


def shown_declared(declared: str, is_stale: bool) -> str:  # noqa: FBT001 — a fact, not a switch
    """The declared colour as it may be shown: a stale good colour is no longer known.

    A stale amber or red stays: nobody said that it got better.
    """
    hopeful = {Colour.GREEN.value, Colour.AMBER_GREEN.value}
    return GREY if is_stale and declared in hopeful else declared


_NEED: Final[dict[str, int]] = {
    Colour.GREEN.value: 0,
    Colour.AMBER_GREEN.value: 1,
    Colour.GREY.value: 2,
    Colour.NOT_ASSESSED.value: 2,
    Colour.AMBER.value: 3,
    Colour.AMBER_RED.value: 4,
    Colour.RED.value: 5,
    Colour.EXEMPT.value: 0,
}


def need_of_attention(declared: str, health: Health) -> int:
    """How far up a list a project belongs, 0 to 5: an order for eyes, not a conversion of scales."""
    floors = [one.params["floor"] for one in health.signals if one.code == "floor" and one.dimension == OVERALL]
    computed = floors[0] if floors else health.overall
    return max(_NEED[shown_declared(declared, health.is_stale)], _NEED[computed])


_THREE: Final = {point.value: place for place, point in enumerate(THREE_POINTS)}
_FIVE: Final = {point.value: place for place, point in enumerate(FIVE_POINTS)}


def is_worse(colour: str, previous: str, *, scale: int = ColourScale.THREE) -> bool:
    """Whether a colour is worse than the one before it on the same scale; never across "unknown"."""
    order = _FIVE if scale == ColourScale.FIVE else _THREE
    return colour in order and previous in order and order[colour] > order[previous]

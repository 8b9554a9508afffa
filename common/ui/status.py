"""The status words: one shape, one word and one tone per colour, used by every screen."""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Status:
    """How one status looks and reads: CSS tone, word, and its shape as SVG markup (16 by 16)."""

    tone: str
    word: Promise
    shape: str
    rank: int


_TICK = '<path class="k" d="M4.8 8.2l2.2 2.2 4.2-4.6"/>'
_CROSS = '<path class="k" d="M5.7 5.7l4.6 4.6M10.3 5.7l-4.6 4.6"/>'
_CIRCLE = '<circle cx="8" cy="8" r="7"/>'
_RING = '<circle class="o" cx="8" cy="8" r="6"/>'
_TRIANGLE = '<path d="M8 1.4 15.4 14.4H.6z"/>'
_BANG = '<path class="k" d="M8 6v3.6M8 12v.1"/>'

STATUSES: Final[dict[str, Status]] = {
    "green": Status("ok", _("On track"), _CIRCLE + _TICK, 1),
    "amber_green": Status(
        "mild", _("Mostly on track"), '<rect x="1.5" y="1.5" width="13" height="13" rx="4"/>' + _TICK, 2
    ),
    "amber": Status("risk", _("At risk"), _TRIANGLE + _BANG, 3),
    "amber_red": Status("severe", _("Serious risk"), '<path d="M8 .6 15.4 8 8 15.4.6 8z"/>' + _BANG, 4),
    "red": Status("off", _("Off track"), '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z"/>' + _CROSS, 5),
    "on_hold": Status(
        "hold",
        _("Paused"),
        '<rect x="1.5" y="1.5" width="13" height="13" rx="2.5"/><path class="k" d="M6.2 5.4v5.2M9.8 5.4v5.2"/>',
        0,
    ),
    "grey": Status(
        "unknown",
        _("Unknown"),
        '<circle class="o d" cx="8" cy="8" r="6"/>'
        '<path class="s" d="M6.4 6.4c0-2 3.4-2 3.4.1 0 1.3-1.7 1.4-1.7 2.7M8.1 11.5v.1"/>',
        0,
    ),
    "exempt": Status("hold", _("Exempt"), _RING + '<path class="s" d="M5 8h6"/>', 0),
    "not_assessed": Status("unknown", _("Not assessed"), '<circle class="o d" cx="8" cy="8" r="6"/>', 0),
    "completed": Status(
        "done", _("Completed"), '<path d="M3 1h10v8.2L8 14.6 3 9.2z"/><path class="k" d="M5.6 6.6l1.8 1.8 3.2-3.6"/>', 0
    ),
    "stopped": Status("hold", _("Stopped"), '<rect x="1.5" y="1.5" width="13" height="13" rx="2.5"/>' + _CROSS, 0),
}


def status_of(colour: str | None) -> Status:
    """Return the status for a colour name; an empty or unheard-of one is "Unknown", never green."""
    return STATUSES.get(str(colour or "grey").lower(), STATUSES["grey"])

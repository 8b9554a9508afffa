"""The colour of a portfolio, from the counts of its projects' computed colours.

By shares: red when at least 20 % are red; amber when at least 30 % are red or amber; else green. An unknown
project counts as could-be-anything: where the unknown ones, were they bad, would change the answer, it is grey.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from projects.health.model import AMBER, GREEN, GREY, RED

RED_SHARE: Final = 20
AMBER_SHARE: Final = 30


@dataclass(frozen=True, slots=True)
class PortfolioHealth:
    """`floor` is the best that the portfolio can be; it differs from `colour` only when that is grey."""

    colour: str
    floor: str
    projects: int
    red: int
    amber: int
    unknown: int

    @property
    def sentence(self) -> str:
        """The counts, and the rule that they were held against."""
        if not self.projects:
            return _("There are no projects, so there is no health to speak of.")
        counts = ngettext(
            "Of %(projects)d project %(red)d is red, %(amber)d amber and %(unknown)d unknown.",
            "Of %(projects)d projects %(red)d are red, %(amber)d amber and %(unknown)d unknown.",
            self.projects,
        ) % {"projects": self.projects, "red": self.red, "amber": self.amber, "unknown": self.unknown}
        return f"{counts} {self._reason()} {rule()}"

    def _reason(self) -> str:
        if self.colour != GREY:
            return ""
        if self.floor == AMBER:
            return _("It is at least amber; the unknown ones could make it red.")
        return _("The unknown ones could change the colour.")


def rule() -> str:
    """The rule in words."""
    return _("Red from %(red)d %% red; amber from %(amber)d %% red or amber.") % {
        "red": RED_SHARE,
        "amber": AMBER_SHARE,
    }


def portfolio_health(computed: Mapping[str, int]) -> PortfolioHealth:
    """The health of so many projects per computed colour. Pure."""
    projects = sum(computed.values())
    red, amber, green = computed.get(RED, 0), computed.get(AMBER, 0), computed.get(GREEN, 0)
    unknown = projects - red - amber - green
    floor = _colour(red, amber, projects)
    ceiling = _colour(red + unknown, amber, projects)
    colour = floor if floor == ceiling else GREY
    return PortfolioHealth(GREY if not projects else colour, floor, projects, red, amber, unknown)


def _colour(red: int, amber: int, projects: int) -> str:
    if red and red * 100 >= RED_SHARE * projects:
        return RED
    if red + amber and (red + amber) * 100 >= AMBER_SHARE * projects:
        return AMBER
    return GREEN

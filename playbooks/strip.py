"""A playbook as one strip: phases side by side by their length, milestones as diamonds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.svg.base import diamond, esc, line, rect, svg, text
from playbooks.calendar import length

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.utils.safestring import SafeString

    from playbooks.selectors import MilestoneOutline, PhaseOutline

WIDTH = 1120
BAR, AXIS, HEIGHT = 30, 62, 88
EDGE = 8
"""Room at both ends, so that the last diamond is whole."""
ROOM = 7
"""Pixels that a letter of a phase's name takes."""


def phase_strip(outline: Sequence[PhaseOutline]) -> SafeString:
    """The picture; gates are filled diamonds, other milestones open ones. Everything has its day in a tooltip."""
    total = max(length(outline), 1)
    scale = (WIDTH - 2 * EDGE) / total
    parts, begins = [], 0
    for at, phase in enumerate(outline):
        x, width = EDGE + begins * scale, phase.days * scale
        parts.append(rect(x, 4, width - 2, BAR, "t-accent" if at % 2 == 0 else "t-hold", 4, tip=_phase_words(phase)))
        if width > ROOM * len(phase.name):
            parts.append(text(x + 8, 4 + BAR / 2 + 4, phase.name, "b"))
        parts += [_mark(EDGE + (begins + item.day + 0.5) * scale, item, begins) for item in phase.milestones]
        begins += phase.days
    axis = [line(0, AXIS, WIDTH, AXIS, "ax"), text(0, HEIGHT - 6, _("day %(n)s") % {"n": 1}, "m"),
            text(WIDTH, HEIGHT - 6, _("day %(n)s") % {"n": total}, "m e")]  # fmt: skip
    title = _("Phases and milestones by their length in days")
    return svg(WIDTH, HEIGHT, [*axis, *parts], title, css="chart chart-wide")


def _phase_words(phase: PhaseOutline) -> str:
    return f"{phase.name}: " + ngettext("%(n)d day", "%(n)d days", phase.days) % {"n": phase.days}


def _mark(x: float, item: MilestoneOutline, begins: int) -> str:
    words = f"{item.name}: " + _("day %(n)s") % {"n": begins + item.day + 1}
    shape = diamond(x, AXIS, 6, "f-accent" if item.is_gate else "o-accent t-accent")
    return f"<g><title>{esc(words)}</title>{shape}</g>"


def strip_table(outline: Sequence[PhaseOutline]) -> tuple[list[str], list[list[str]]]:
    """The same as a table: (head, rows) for the chart's twin."""
    head = [_("Phase"), _("Days"), _("Milestone"), _("On day of the phase"), _("Gate")]
    rows = []
    for phase in outline:
        items = phase.milestones or ()
        if not items:
            rows.append([phase.name, str(phase.days), "", "", ""])
        rows += [
            [phase.name, str(phase.days), item.name, str(item.day + 1), _("Gate") if item.is_gate else ""]
            for item in items
        ]
    return head, rows

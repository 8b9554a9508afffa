"""The plan of one project as a Gantt strip: phases, tasks, baseline, slip, critical path, milestones."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.svg.base import diamond, link, num, rect, svg, text
from common.svg.timeline import HEAD, Scale, grid, span, today_line

ROW = 24
LABELS = 250


@dataclass(frozen=True, slots=True)
class PlanRow:
    """A row of the plan. ``kind``: phase, task or milestone. ``after`` lists keys of rows it waits for."""

    key: str
    label: str
    start: dt.date | None
    end: dt.date | None
    kind: str = "task"
    progress: float = 0
    level: int = 0
    baseline_start: dt.date | None = None
    baseline_end: dt.date | None = None
    critical: bool = False
    owner: str = ""
    href: str = ""
    after: Sequence[str] = ()

    @property
    def slip(self) -> int:
        """Days that the end lies behind the baseline; negative is earlier, 0 without a baseline."""
        return (self.end - self.baseline_end).days if self.end and self.baseline_end else 0


def sentence(row: PlanRow) -> str:
    """Return a row as one sentence, the name of its bar."""
    if row.start is None or row.end is None:
        return f"{row.label}: {_('no dates yet')}"
    if row.kind == "milestone":
        words = [f"{row.label}: {formats.date_short(row.end)}"]
    else:
        words = [
            f"{row.label}: {formats.date_short(row.start)} – {formats.date_short(row.end)}",
            formats.percent(row.progress),
        ]
    if row.slip > 0:
        words.append(ngettext("%(n)d day late", "%(n)d days late", row.slip) % {"n": row.slip})
    if row.critical:
        words.append(_("critical"))
    return ", ".join(words)


def plan_strip(
    rows: Sequence[PlanRow],
    title: str,
    today: dt.date,
    *,
    first_month: int = 1,
    width: int = 1120,
    standalone: bool = False,
) -> SafeString:
    """Return the plan. Light is planned, solid is done, red is critical, the thin line the baseline."""
    days = [day for row in rows for day in (row.start, row.end, row.baseline_start, row.baseline_end)]
    scale = Scale(*span(days, today), LABELS, width - 60)
    places = {row.key: HEAD + 4 + index * ROW for index, row in enumerate(rows)}
    height = HEAD + 4 + len(rows) * ROW + 8
    bands = [rect(0, places[row.key], width, ROW, "f-band") for row in rows if row.kind == "phase"]
    arrows = [part for row in rows for part in _arrows(row, rows, places, scale)]
    bars = [link(row.href, sentence(row), "".join(_row(row, places[row.key], scale))) for row in rows]
    parts = [*bands, *grid(scale, height, first_month, today), *arrows, *bars, *today_line(scale, today, height)]
    return svg(
        width,
        height,
        parts,
        title,
        standalone=standalone,
        css="chart chart-wide",
        interactive=any(r.href for r in rows),
    )


def _row(row: PlanRow, y: float, scale: Scale) -> list[str]:
    indent = 8 + (row.level * 14 if row.kind != "phase" else 0)
    room = int((LABELS - indent - 44) / 5.9)
    label = row.label if len(row.label) <= room else row.label[: room - 1].rstrip() + "…"
    parts = [text(indent, y + 16, label, "b" if row.kind == "phase" else "")]
    if row.owner:
        parts.append(text(LABELS - 12, y + 16, row.owner, "m e"))
    if row.start is None or row.end is None:
        return [*parts, text(scale.left + 6, y + 16, _("No dates yet"), "m")]
    draw = {"phase": _phase, "milestone": _milestone}.get(row.kind, _task)
    return [*parts, *draw(row, y, scale)]


def _phase(row: PlanRow, y: float, scale: Scale) -> list[str]:
    left, right = scale.x(row.start or scale.start), scale.x(row.end or scale.end)
    return [f'<path class="f-ink" d="M{num(left)} {num(y + 8)}H{num(right)}v9l-5-4H{num(left + 5)}l-5 4z"/>']


def _task(row: PlanRow, y: float, scale: Scale) -> list[str]:
    left, right = scale.x(row.start or scale.start), scale.x(row.end or scale.end)
    tone = "off" if row.critical else "accent"
    parts = [rect(left, y + 5, max(right - left, 3), 11, f"t-{tone} o-{tone}", 2)]
    if row.progress:
        parts.append(rect(left, y + 5, (right - left) * min(row.progress, 100) / 100, 11, f"f-{tone}", 2))
    if row.baseline_start and row.baseline_end:
        base = scale.x(row.baseline_start)
        parts.append(rect(base, y + 18, max(scale.x(row.baseline_end) - base, 2), 2.5, "f-hold"))
    return [*parts, *_slip(row, right, y)]


def _milestone(row: PlanRow, y: float, scale: Scale) -> list[str]:
    day = row.end or scale.end
    x = scale.x(day)
    parts = []
    if row.baseline_end and row.baseline_end != day:
        parts.append(diamond(scale.x(row.baseline_end), y + 12, 6, "f-card s-hold dash"))
    parts.append(diamond(x, y + 12, 8, "f-ink o-ink" if row.progress >= 100 else "f-card o-ink"))  # noqa: PLR2004  per cent
    parts.append(text(x + 13, y + 16, formats.date_short(day).rsplit(" ", 1)[0], "bad" if row.slip > 0 else "m"))
    return parts


def _slip(row: PlanRow, x: float, y: float) -> list[str]:
    if row.slip == 0:
        return []
    words = _("%(days)s d") % {"days": formats.signed(row.slip)}
    return [text(x + 8, y + 15, words, "bad" if row.slip > 0 else "m")]


def _arrows(row: PlanRow, rows: Sequence[PlanRow], places: Mapping[str, float], scale: Scale) -> list[str]:
    parts = []
    for other in rows:
        if other.key not in row.after or other.end is None or row.start is None:
            continue
        x, y = scale.x(other.end), places[other.key] + 11
        target = scale.x(row.start if row.kind != "milestone" else row.end or row.start)
        bend, below = max(x + 6, min(x + 6, target - 4)), places[row.key] + 11
        parts.append(
            f'<path class="{"s-off" if row.critical and other.critical else "ax"}" '
            f'd="M{num(x)} {num(y)}H{num(bend)}V{num(below)}H{num(target)}"/>'
        )
    return parts


def plan_table(rows: Sequence[PlanRow]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`plan_strip`."""
    head = [_("Task"), _("Start"), _("End"), _("Progress"), _("Against baseline"), _("Critical"), _("Owner")]
    return head, [
        [
            row.label,
            formats.date_short(row.start),
            formats.date_short(row.end),
            formats.percent(row.progress),
            _("%(days)s d") % {"days": formats.signed(row.slip)} if row.baseline_end else formats.unknown(),
            _("Yes") if row.critical else _("No"),
            row.owner,
        ]
        for row in rows
    ]


def legend_words() -> str:
    """Return the reading aid of the plan."""
    return _("Solid = done · light = planned · red = critical path · thin line = baseline")

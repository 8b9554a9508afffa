# ruff: noqa: PLR0913, PLR0917  (the options of a chart are its arguments)
"""Pictures of two judgements at once: the risk matrix and value against risk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common.svg.base import esc, line, link, num, rect, svg, text
from common.ui.status import status_of

SIZE = 5
LEVELS = (range(1, 5), range(5, 10), range(10, 16), range(16, 26))
TONES = ("ok", "mild", "risk", "off")


def risk_tone(score: int) -> str:
    """Return the tone of probability × impact: 1–4 low, 5–9 medium, 10–15 high, 16–25 critical."""
    return next(tone for tone, level in zip(TONES, LEVELS, strict=True) if score in level)


def risk_matrix(
    counts: Mapping[tuple[int, int], int],
    title: str,
    *,
    hrefs: Mapping[tuple[int, int], str] | None = None,
    width: int = 360,
    standalone: bool = False,
) -> SafeString:
    """Return the 5 × 5 matrix. ``counts`` maps (probability, impact), each 1 to 5, to a number of risks.

    A cell with risks is a link when ``hrefs`` has one for it.
    """
    hrefs = hrefs or {}
    left, top, cell_w, cell_h = 26, 6, (width - 30) / SIZE, 38
    parts = []
    for row in range(SIZE):
        probability = SIZE - row
        parts.append(text(left - 8, top + row * cell_h + 23, probability, "m e"))
        for impact in range(1, SIZE + 1):
            x, y = left + (impact - 1) * cell_w, top + row * cell_h
            parts.append(_cell(x, y, cell_w, cell_h, (probability, impact), counts, hrefs))
    floor = top + SIZE * cell_h
    parts += [text(left + (i - 0.5) * cell_w, floor + 14, i, "c m") for i in range(1, SIZE + 1)]
    parts.append(text(left + SIZE * cell_w, floor + 30, _("Impact →"), "e m"))
    parts.append(text(left, floor + 30, _("↑ Probability"), "m"))
    words = "; ".join(_sentence(place, count) for place, count in sorted(counts.items(), reverse=True) if count)
    return svg(width, floor + 36, parts, title, words, standalone=standalone, interactive=bool(hrefs))


def _sentence(place: tuple[int, int], count: int) -> str:
    words = ngettext("%(n)d risk", "%(n)d risks", count) % {"n": count}
    return _("probability %(probability)d, impact %(impact)d: %(risks)s") % {
        "probability": place[0],
        "impact": place[1],
        "risks": words,
    }


def _cell(
    x: float,
    y: float,
    width: float,
    height: float,
    place: tuple[int, int],
    counts: Mapping[tuple[int, int], int],
    hrefs: Mapping[tuple[int, int], str],
) -> str:
    tone = risk_tone(place[0] * place[1])
    count = counts.get(place, 0)
    inner = rect(x + 1, y + 1, width - 2, height - 2, f"t-{tone}", 3)
    if count:
        inner += text(x + width / 2, y + height / 2 + 5, count, f"c b x-{tone} big")
    return link(hrefs.get(place, "") if count else "", _sentence(place, count), inner)


def risk_matrix_table(counts: Mapping[tuple[int, int], int]) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`risk_matrix`."""
    head = [_("Probability"), _("Impact"), _("Score"), _("Risks")]
    return head, [
        [str(probability), str(impact), str(probability * impact), str(count)]
        for (probability, impact), count in sorted(counts.items(), key=lambda item: -item[0][0] * item[0][1])
        if count
    ]


@dataclass(frozen=True, slots=True)
class Bubble:
    """A project judged on two scales from 0 to 10, and its size (0 to 1) for the area."""

    label: str
    x: float
    y: float
    size: float
    colour: str = "grey"
    href: str = ""


def bubbles(
    items: Sequence[Bubble],
    title: str,
    x_label: str,
    y_label: str,
    *,
    width: int = 380,
    height: int = 240,
    standalone: bool = False,
) -> SafeString:
    """Return numbered bubbles, the large ones below; the numbers are those of the list beside it."""
    left, floor, roof, right = 34, height - 34, 8, width - 8
    span_x, span_y = right - left, floor - roof
    parts = [
        rect(left, roof, span_x / 2, span_y / 2, "t-ok"),
        rect(left + span_x / 2, roof + span_y / 2, span_x / 2, span_y / 2, "t-off"),
    ]
    for tick in (0, 2, 4, 6, 8, 10):
        x, y = left + span_x * tick / 10, floor - span_y * tick / 10
        parts += [line(left, y, right, y), text(left - 6, y + 4, tick, "m e"), text(x, floor + 14, tick, "c m")]
    parts += [text(right, height - 4, f"{x_label} →", "e m"), text(left, height - 4, f"↑ {y_label}", "m")]
    for number, item in sorted(enumerate(items, 1), key=lambda pair: -pair[1].size):
        x, y = left + span_x * min(max(item.x, 0), 10) / 10, floor - span_y * min(max(item.y, 0), 10) / 10
        radius = 9 + 10 * min(max(item.size, 0), 1)
        tone = status_of(item.colour).tone
        inner = (
            f'<circle class="t-{tone} o-{tone} w2" cx="{num(x)}" cy="{num(y)}" r="{num(radius)}">'
            f"<title>{esc(item.label)}</title></circle>" + text(x, y + 4, number, "c b")
        )
        parts.append(link(item.href, f"{number}. {item.label}, {status_of(item.colour).word}", inner))
    words = "; ".join(f"{number}. {item.label}" for number, item in enumerate(items, 1))
    return svg(width, height, parts, title, words, standalone=standalone, interactive=any(i.href for i in items))


def bubbles_table(items: Sequence[Bubble], x_label: str, y_label: str) -> tuple[list[str], list[list[str]]]:
    """Return head and rows of the table twin of :func:`bubbles`."""
    head = [_("Project"), x_label, y_label, _("Status")]
    return head, [
        [f"{number}. {item.label}", num(item.x), num(item.y), str(status_of(item.colour).word)]
        for number, item in enumerate(items, 1)
    ]

"""How the dashboard says its numbers: bars with counts, money with its coverage, what got worse and why."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.svg.bars import Period as Column
from common.svg.bars import Share, health_bar, stacked_bars, stacked_bars_table
from common.ui.blocks import chart
from common.ui.status import status_of
from projects.enums import Colour, MoneyMeasure
from projects.health.sentences import NOTES, sentence
from reporting import lean

if TYPE_CHECKING:
    from projects.selectors.sums import Data
    from reporting.query import TableQuery
    from reporting.selectors.dashboard import Listed
    from reporting.selectors.dashboard_sums import Period

ORDER: Final = (
    Colour.GREEN, Colour.AMBER_GREEN, Colour.AMBER, Colour.AMBER_RED, Colour.RED, Colour.GREY, Colour.EXEMPT,
    Colour.NOT_ASSESSED,
)  # fmt: skip
_COLOURLESS: Final = (Colour.GREY, Colour.EXEMPT, Colour.NOT_ASSESSED)
MEASURES: Final = (MoneyMeasure.FORECAST_COST, MoneyMeasure.WHOLE_LIFE_COST)
MOST_CURRENCIES: Final = 3


def list_href(query: TableQuery, **more: str) -> str:
    """The list behind a number: the same portfolio and date, and what the number counts."""
    kept = {name: values for name, values in query.parameters().items() if name in {"portfolio", "as_of"}}
    return f"{reverse('project-list')}?{urlencode(kept | {k: [v] for k, v in more.items()}, doseq=True)}"


def health(counts: Mapping[str, int], label: str, field: str, query: TableQuery) -> SafeString:
    """A bar split by colour with the word and number of each part; every number leads to its projects."""
    shown = [colour for colour in ORDER if counts.get(colour)]
    bar = health_bar([Share(colour, counts[colour]) for colour in shown], label)
    words = lean.words()
    parts = format_html_join(
        "",
        '<li><a href="{}">{} <b class="num">{}</b></a></li>',
        (
            (list_href(query, **{field: colour}), lean.join([words.badge(colour)]), words.number(counts[colour]))
            for colour in shown
        ),
    )
    return format_html(
        '<div class="health-row"><span class="kpi-label">{}</span>{}<ul class="counts">{}</ul></div>', label, bar, parts
    )


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum in one currency with how much of the portfolio it covers."""

    text: str
    exact: str
    coverage: str


@dataclass(frozen=True, slots=True)
class Money:
    """A measure: a sum per currency, never added up over currencies."""

    label: str
    amounts: list[Amount]
    rest: str = ""


def money(totals: Data) -> list[Money]:
    """Forecast and whole-life cost, as far as anything is known or withheld. The largest sums first."""
    found = []
    for measure in MEASURES:
        sums = {c: part for c, part in totals["sums"].get(measure, {}).items() if part["known"] or part["withheld"]}
        if not any(part["known"] for part in sums.values()):
            continue
        ordered = sorted(sums.items(), key=lambda pair: -Decimal(pair[1]["amount"]))
        over = len(ordered) - MOST_CURRENCIES
        rest = ngettext("and %(n)d more currency", "and %(n)d more currencies", over) % {"n": over} if over > 0 else ""
        found.append(Money(str(measure.label), [_amount(c, part) for c, part in ordered[:MOST_CURRENCIES]], rest))
    return found


def _amount(currency: str, part: Mapping[str, Any]) -> Amount:
    amount = Decimal(part["amount"])
    said = _("over %(known)s of %(of)s") % {
        "known": formats.number(part["known"]),
        "of": formats.number(part["projects"]),
    }
    if part["withheld"]:
        said += "; " + _("%(n)s withheld") % {"n": formats.number(part["withheld"])}
    return Amount(formats.money(amount, currency, compact=True), formats.money(amount, currency), said)


def why(listed: Listed) -> str:
    """The first reason for its colour: red before amber; nothing when no signal tells."""
    reasons = [signal for signal in listed.signals if signal["code"] not in NOTES]
    for colour in (Colour.RED, Colour.AMBER):
        for signal in reasons:
            if signal["colour"] == colour:
                return sentence(signal)
    return ""


def moved(listed: Listed) -> SafeString:
    """What became of a project since the last snapshot, in one sentence with its reason."""
    was, now, by = listed.previous_computed, listed.computed, _("computed")
    if was == now:
        was, now, by = listed.previous_declared, listed.declared, _("declared")
    reason = why(listed)
    return format_html(
        '<a href="{}"><b>{}</b></a> {} <b>{}</b>{}',
        listed.href,
        listed.name,
        _("went from %(was)s to") % {"was": status_of(was).word},
        f"{status_of(now).word} ({by})",
        f": {reason}" if reason else ".",
    )


def since(totals: Data) -> str:
    """How many got worse and better since the snapshots of last week."""
    worse, better = int(totals["worsened"]), int(totals["improved"])
    if not worse and not better:
        return _("No project changed its colour.")
    said = [
        ngettext("%(n)s project got worse", "%(n)s projects got worse", worse) % {"n": formats.number(worse)},
        ngettext("%(n)s got better", "%(n)s got better", better) % {"n": formats.number(better)},
    ]
    return ", ".join(said) + "."


def movement(joined: int, left: int, day: dt.date) -> str:
    """How many projects came and went since a day; nothing when none did."""
    if not joined and not left:
        return ""
    words = {"joined": formats.number(joined), "left": formats.number(left), "day": formats.date_short(day)}
    return _("Since %(day)s, %(joined)s joined and %(left)s left the portfolio.") % words


def honest(totals: Data, newest: dt.date | None) -> str:
    """What the reader must know before believing the colours: how many rest on an update that is too old."""
    stale, projects = int(totals["stale"]), int(totals["projects"])
    if not stale:
        return ""
    said = ngettext(
        "The declared colour of %(n)s of %(of)s projects is older than its update rhythm allows, or was never given.",
        "The declared colours of %(n)s of %(of)s projects are older than their update rhythm allows, or were never "
        "given.",
        stale,
    ) % {"n": formats.number(stale), "of": formats.number(projects)}
    if newest:
        said += " " + _("The newest snapshots are of %(day)s.") % {"day": formats.date_short(newest)}
    return said


def share(part: int, whole: int) -> str:
    """A part in percent, rounded down: only all of it is 100 %."""
    return formats.percent(part * 100 // whole) if whole else formats.unknown()


def main_colours(totals: Data) -> str:
    """Which colours tell more: computed, unless most of the portfolio cannot be computed (an import without a plan)."""
    grey = totals["computed"].get(Colour.GREY, 0)
    declared = sum(n for c, n in totals["declared"].items() if c not in {Colour.GREY, Colour.NOT_ASSESSED})
    return "declared" if grey * 2 > totals["projects"] and declared else "computed"


def history(periods: Sequence[Period], which: str) -> SafeString:
    """Stacked bars over time with the table behind them."""
    labels = _labels([period.day for period in periods])
    bars = [Column(label, _stacked(getattr(period, which))) for label, period in zip(labels, periods, strict=True)]
    title = _("Declared health over time") if which == "declared" else _("Computed health over time")
    used = [colour for colour in ORDER if any(bar.counts.get(colour) for bar in bars)]
    return chart(stacked_bars(bars, title, height=190), stacked_bars_table(bars), title, " ".join(used))


def _stacked(counts: Mapping[str, int]) -> dict[str, int]:
    """What has no colour is one grey part on top."""
    found = {colour: number for colour, number in counts.items() if colour not in _COLOURLESS}
    grey = sum(counts.get(colour, 0) for colour in _COLOURLESS)
    return found | ({str(Colour.GREY): grey} if grey else {})


def _labels(days: Sequence[dt.date]) -> list[str]:
    """Short names of months; with the year where a year has one date only."""
    words = lean.words()
    if len({(day.year, day.month) for day in days}) == len(days) and len({day.year for day in days}) <= 2:  # noqa: PLR2004  two years have names that tell them apart
        return [words.months[day.month] for day in days]
    return [f"{words.months[day.month]} {day.year}" for day in days]

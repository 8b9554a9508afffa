"""The cells of long lists, as lean as they can be.

Each word, shape and symbol is worked out once for a language and then only put together; `common.ui.cells`
draws the same things one at a time.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING, Final

from babel.numbers import get_currency_symbol
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from common import formats
from common.ui.status import STATUSES, Status, status_of
from projects.enums import Dimension, ProjectStatus

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

NOTHING: Final = ""
_HEIGHTS: Final = {0: 6, 1: 8, 2: 10, 3: 13, 4: 16, 5: 19}
_BILLION, _MILLION, _THOUSAND = Decimal(10) ** 9, Decimal(10) ** 6, Decimal(1000)
_FROM_BILLION, _FROM_MILLION, _FROM_THOUSAND = Decimal(999950000), Decimal(999950), Decimal("999.5")
"""From where an amount rounds up to the next unit."""


class Words:
    """What a list says in one language. Make it through `words()`: it is kept per language."""

    def __init__(self) -> None:
        self.unknown = f'<span class="unknown">{escape(gettext("Unknown"))}</span>'
        self.nobody = f'<span class="unknown">{escape(gettext("Nobody"))}</span>'
        self.never = f'<span class="unknown">{escape(gettext("Never"))}</span>'
        self.yes, self.no = escape(gettext("Yes")), escape(gettext("No"))
        self.withheld = escape(gettext("Withheld"))
        self.withheld_because = escape(gettext("Withheld by the source"))
        self.confidential = escape(gettext("Confidential"))
        self.none = f'<span class="unknown">{escape(gettext("None"))}</span>'
        self.days = escape(gettext("d"))
        self.trend = escape(gettext("Trend, oldest first"))
        self.months = ["", *(formats.month_short(dt.date(2024, month, 1)) for month in range(1, 13))]
        self.dutch = formats.locale().language == "nl"
        self.point = "," if self.dutch else "."
        self.comma = "." if self.dutch else ","
        self.billion, self.million = self._suffix(gettext("bn")), self._suffix(gettext("m"))
        self._badges: dict[str, str] = {}
        self._dots: dict[tuple[str, str], str] = {}
        self._symbols: dict[str, str] = {}
        self._statuses = {value: escape(str(label)) for value, label in ProjectStatus.choices}

    @staticmethod
    def _suffix(word: str) -> str:
        return (formats.NBSP if len(word) > 2 else "") + word  # noqa: PLR2004  "m" sticks to its number, "mln" does not

    def badge(self, colour: str) -> str:
        """The badge of a status: shape and word."""
        found = self._badges.get(colour)
        if found is None:
            status = status_of(colour)
            found = f'<span class="badge-status tone-{status.tone}">{_shape(colour)}{escape(str(status.word))}</span>'
            self._badges[colour] = found
        return found

    def dot(self, dimension: Dimension, colour: str) -> str:
        """Only the shape; "Schedule: At risk" is there for screen readers and as a tooltip."""
        found = self._dots.get((dimension, colour))
        if found is None:
            status = status_of(colour)
            says = escape(f"{dimension.label}: {status.word}")
            found = (
                f'<span class="dot tone-{status.tone}" title="{says}">{_shape(colour)}'
                f'<span class="visually-hidden">{says}</span></span>'
            )
            self._dots[dimension, colour] = found
        return found

    def strip(self, colours: Sequence[str]) -> str:
        """The last periods as small bars, oldest first: higher is worse."""
        return _strip(tuple(colours), self.trend) if colours else NOTHING

    def date(self, day: dt.date | None, empty: str = "") -> str:
        """`22 Nov 2026`, or what stands for no date."""
        return f"{day.day} {self.months[day.month]} {day.year}" if day else empty or self.unknown

    def number(self, value: Decimal | float, digits: int = 0) -> str:
        """A number with the separators of the language."""
        text = self._local(f"{abs(value):,.{digits}f}")
        return f"{formats.MINUS}{text}" if value < 0 else text

    def _local(self, text: str) -> str:
        return text.translate(_SWAP) if self.dutch else text

    def signed(self, value: Decimal | float, digits: int = 0) -> str:
        """A number with its sign; what rounds to zero has none."""
        rounded = round(Decimal(value), digits)
        if not rounded:
            return self.number(0, digits)
        return f"+{self.number(rounded, digits)}" if rounded > 0 else self.number(rounded, digits)

    def money(self, amount: Decimal | None, currency: str, *, withheld: bool = False) -> str:
        """A short amount (`€1.2m`) with the exact one as its tooltip; withheld and unknown are words."""
        if withheld:
            return f'<span class="withheld" title="{self.withheld_because}">{self.withheld}</span>'
        if amount is None:
            return self.unknown
        symbol = self.symbol(currency)
        sign = formats.MINUS if amount < 0 else ""
        value = abs(amount)
        whole = int(value)
        exact = self._local(f"{whole:,}") if whole == value else self.number(value, 2)
        return f'<span class="num" title="{sign}{symbol}{exact}">{sign}{symbol}{self.short(value)}</span>'

    def short(self, value: Decimal) -> str:
        """A positive number in at most five signs: `618k`, `13.4m`, `2.2bn`."""
        if value >= _FROM_BILLION:
            return self._tenths(value / _BILLION) + self.billion
        if value >= _FROM_MILLION:
            return self._tenths(value / _MILLION) + self.million
        if value >= _FROM_THOUSAND:
            return f"{value / _THOUSAND:.0f}k"
        return f"{value:.0f}"

    def _tenths(self, value: Decimal) -> str:
        return self.number(value, 1).removesuffix(f"{self.point}0")

    def symbol(self, currency: str) -> str:
        """The sign of a currency, with a space where the language wants one."""
        found = self._symbols.get(currency)
        if found is None:
            sign = get_currency_symbol(currency, locale=formats.locale())
            gap = formats.NBSP if self.dutch or sign.isalpha() else ""
            found = self._symbols[currency] = escape(sign) + gap
        return found

    def age(self, days: int | None, *, stale: bool) -> str:
        """How many days old an update is; a stale one in the alarm tone."""
        if days is None:
            return self.never
        return f'<span class="{"num stale" if stale else "num"}">{days}{formats.NBSP}{self.days}</span>'

    def late(self, count: int) -> str:
        """How many milestones are past their date."""
        return escape(ngettext("%(n)d late", "%(n)d late", count) % {"n": count})

    def slip(self, days: int | None) -> str:
        """Days later (plus) or earlier (minus) than planned; later is the alarm tone."""
        if days is None:
            return self.unknown
        bad = " delta-bad" if days > 0 else ""
        return f'<span class="num delta{bad}">{self.signed(days)}{formats.NBSP}{self.days}</span>'

    def percent(self, value: Decimal | None, alarm: float = 0) -> str:
        """A difference in percent; above `alarm` in the alarm tone."""
        if value is None:
            return self.unknown
        bad = " delta-bad" if value > alarm else ""
        return f'<span class="num delta{bad}">{self.signed(value, 1)}%</span>'

    def status(self, status: str) -> str:
        """The word of a project's status."""
        return self._statuses.get(status, escape(status))


_SWAP: Final = str.maketrans(",.", ".,")


def words() -> Words:
    """The words of the active language, worked out once."""
    return _words(get_language() or "en")


@lru_cache(maxsize=8)
def _words(_language: str) -> Words:
    return Words()


def _shape(colour: str) -> str:
    name = colour if colour in STATUSES else "grey"
    return f'<svg class="shape" aria-hidden="true"><use href="#s-{name}"/></svg>'


@lru_cache(maxsize=1)
def sprite() -> SafeString:
    """The shapes of all statuses, once on a page; badges and dots of `Words` point at them."""
    shapes = ((name, SafeString(status.shape)) for name, status in STATUSES.items())
    return format_html(
        '<svg class="shape visually-hidden" aria-hidden="true" focusable="false">{}</svg>',
        format_html_join("", '<symbol id="s-{}" class="shape" viewBox="0 0 16 16">{}</symbol>', shapes),
    )


@lru_cache(maxsize=4096)
def _strip(colours: tuple[str, ...], title: str) -> str:
    statuses: list[Status] = [status_of(colour) for colour in colours]
    says = escape(f"{title}: " + ", ".join(str(status.word) for status in statuses))
    tones: dict[str, list[str]] = {}
    for index, status in enumerate(statuses):
        height = _HEIGHTS[status.rank]
        tones.setdefault(status.tone, []).append(f"M{index * 9} {20 - height}h7v{height}h-7z")
    bars = "".join(f'<path class="f-{tone}" d="{"".join(paths)}"/>' for tone, paths in tones.items())
    width = max(len(statuses) * 9 - 2, 7)
    return f'<svg class="trend" viewBox="0 0 {width} 20" role="img" aria-label="{says}">{bars}</svg>'


def join(parts: Iterable[str]) -> SafeString:
    """Put finished pieces together."""
    return mark_safe("".join(parts))  # noqa: S308  the pieces are finished markup

"""Numbers, money and dates as words for people, in the active language.

Three things are never mixed up: a value nobody knows (``None`` → "Unknown"), a value
the viewer may not see (``WITHHELD`` text passed by the caller) and a real zero.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, TypeAlias

from babel import Locale
from babel.dates import format_date as babel_date
from babel.numbers import format_currency, format_decimal, get_currency_symbol
from django.utils import timezone
from django.utils.translation import get_language, gettext, ngettext

NBSP: Final = "\u00a0"
MINUS: Final = "\u2212"

Number: TypeAlias = Decimal | int | float


def locale() -> Locale:
    """Return the Babel locale of the active language; plain English is read as British."""
    code = (get_language() or "en").split("-")[0]
    return Locale("nl") if code == "nl" else Locale("en", "GB")


def unknown() -> str:
    """Return the word for a value that nobody has recorded."""
    return gettext("Unknown")


def withheld() -> str:
    """Return the word for a value that exists but is not shown to this viewer."""
    return gettext("Withheld")


def money(amount: Number | None, currency: str, *, compact: bool = False) -> str:
    """Return an amount with its currency: ``€1,234,567`` or, compact, ``€1.2m``.

    Cents are printed only when there are any. ``None`` reads "Unknown".
    """
    if amount is None:
        return unknown()
    value = Decimal(str(amount))
    sign = MINUS if value < 0 else ""
    value = abs(value)
    if compact:
        return sign + _with_symbol(_compact(value), currency)
    whole = value == value.to_integral_value()
    text = format_currency(value.quantize(Decimal("0.01"), ROUND_HALF_UP), currency, locale=locale())
    decimals = locale().number_symbols["latn"]["decimal"] + "00"
    if whole:
        text = text.replace(decimals, "")
    return sign + text


def _with_symbol(number: str, currency: str) -> str:
    symbol = get_currency_symbol(currency, locale=locale())
    gap = NBSP if locale().language == "nl" or symbol.isalpha() else ""
    return f"{symbol}{gap}{number}"


def compact_number(value: Number | None) -> str:
    """Return a short number: ``618k``, ``13.4m``, ``2.2bn`` (Dutch: ``13,4 mln``, ``2,2 mld``)."""
    if value is None:
        return unknown()
    exact = Decimal(str(value))
    return (MINUS if exact < 0 else "") + _compact(abs(exact))


def _compact(value: Decimal) -> str:
    steps = (
        (Decimal(10) ** 9, gettext("bn")),
        (Decimal(10) ** 6, gettext("m")),
    )
    for size, suffix in steps:
        if value >= size * Decimal("0.99995"):
            short = format_decimal(_round(value / size, 1), locale=locale(), decimal_quantization=False)
            return short + (NBSP + suffix if len(suffix) > 2 else suffix)  # noqa: PLR2004  one letter sticks to its number
    if value >= Decimal("999.5"):
        return f"{_round(value / 1000, 0)}k"
    return format_decimal(_round(value, 0), locale=locale())


def _round(value: Decimal, digits: int) -> Decimal:
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    whole = rounded.to_integral_value()
    return whole if rounded == whole else rounded


def number(value: Number | None, digits: int = 0) -> str:
    """Return a number with the separators of the language; ``None`` reads "Unknown"."""
    if value is None:
        return unknown()
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    text = format_decimal(abs(rounded), locale=locale(), decimal_quantization=False)
    return (MINUS if rounded < 0 else "") + text


def signed(value: Number | None, digits: int = 0) -> str:
    """Return a number with its sign (``+3``, ``-4``, ``0``)."""
    if value is None:
        return unknown()
    rounded = Decimal(str(value)).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    plus = "+" if rounded > 0 else ""
    return plus + number(rounded, digits)


def percent(value: Number | None, digits: int = 0) -> str:
    """Return ``82%`` for 82. The value is in percent points, not a fraction."""
    return unknown() if value is None else f"{number(value, digits)}%"


def signed_percent(value: Number | None, digits: int = 1) -> str:
    """Return ``+4.1%`` for 4.1: a difference in percent with its sign."""
    return unknown() if value is None else f"{signed(value, digits)}%"


def date_short(day: dt.date | None) -> str:
    """Return ``22 Nov 2026`` / ``22 nov 2026``; a moment is read in the viewer's time zone."""
    if day is None:
        return unknown()
    if isinstance(day, dt.datetime):
        day = timezone.localtime(day).date() if timezone.is_aware(day) else day.date()
    plain = Locale("nl") if locale().language == "nl" else Locale("en")
    return babel_date(day, "d MMM yyyy", locale=plain)


def moment_short(moment: dt.datetime | None) -> str:
    """Return ``22 Nov 2026, 09:14`` in the viewer's time zone."""
    if moment is None:
        return unknown()
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return f"{date_short(local.date())}, {local:%H:%M}"


def days_relative(day: dt.date | None, today: dt.date) -> str:
    """Return how far a date is from ``today`` in words: "in 3 days", "yesterday"."""
    if day is None:
        return unknown()
    distance = (day - today).days
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if distance in near:
        return near[distance]
    if distance > 0:
        return ngettext("in %(n)d day", "in %(n)d days", distance) % {"n": distance}
    return ngettext("%(n)d day ago", "%(n)d days ago", -distance) % {"n": -distance}


HOUR = 60
"""Minutes."""


def moment_relative(moment: dt.datetime | None, now: dt.datetime) -> str:
    """Return the age of a moment in words: "5 minutes ago", "3 hours ago", "2 days ago"."""
    if moment is None:
        return gettext("Never")
    minutes = int((now - moment).total_seconds() // 60)
    if minutes < -1:
        return _ahead(moment, now)
    if minutes < 1:
        return gettext("just now")
    if minutes < HOUR:
        return ngettext("%(n)d minute ago", "%(n)d minutes ago", minutes) % {"n": minutes}
    if minutes < 24 * HOUR:
        hours = minutes // HOUR
        return ngettext("%(n)d hour ago", "%(n)d hours ago", hours) % {"n": hours}
    return days_relative(timezone.localtime(moment).date(), timezone.localtime(now).date())


def _ahead(moment: dt.datetime, now: dt.datetime) -> str:
    minutes = int((moment - now).total_seconds() // 60)
    if minutes < HOUR:
        return ngettext("in %(n)d minute", "in %(n)d minutes", minutes) % {"n": minutes}
    if minutes < 24 * HOUR:
        return ngettext("in %(n)d hour", "in %(n)d hours", minutes // HOUR) % {"n": minutes // HOUR}
    return days_relative(timezone.localtime(moment).date(), timezone.localtime(now).date())


def iso_week(day: dt.date) -> str:
    """Return the ISO week in words: "week 47"."""
    return gettext("week %(week)d") % {"week": day.isocalendar().week}


def quarter(day: dt.date, first_month: int = 1) -> str:
    """Return the quarter, ``Q4 2026`` / ``K4 2026``, of a year that starts in ``first_month``.

    A fiscal year that does not start in January is named after the year it ends in.
    """
    months = (day.month - first_month) % 12
    year = day.year + (1 if first_month > 1 and day.month >= first_month else 0)
    return gettext("Q%(quarter)d %(year)d") % {"quarter": months // 3 + 1, "year": year}


def month_short(day: dt.date) -> str:
    """Return the abbreviated month name: ``Nov`` / ``nov``."""
    plain = Locale("nl") if locale().language == "nl" else Locale("en")
    return babel_date(day, "MMM", locale=plain).rstrip(".")

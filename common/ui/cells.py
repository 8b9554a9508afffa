"""The small, hot components: pure functions from plain values to ``SafeString``.

List pages call these from Python (no template engine per cell); templates reach the same
functions through ``{% load ui %}``.
"""

import datetime as dt
import json
from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Final

from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.svg.bars import trend_svg
from common.ui.status import Status, status_of

_ICONS: Final[dict[str, SafeString]] = {
    name: SafeString(markup)
    for name, markup in json.loads((Path(__file__).parent / "icons.json").read_text("utf-8")).items()
}
_STALE: Final = SafeString(' class="stale"')


def icon_names() -> list[str]:
    """Return the names of all icons that ``icon`` can draw."""
    return sorted(_ICONS)


@cache
def icon(name: str, css: str = "") -> SafeString:
    """Return a decorative inline icon; the text beside it carries the meaning.

    Raises:
        KeyError: the icon is not in the registry (``common/ui/icons.json``).
    """
    return format_html(
        '<svg class="{}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>',
        f"icon {slugify(css)}".strip(),
        _ICONS[name],
    )


@cache
def _shape(markup: str) -> SafeString:
    """Draw a shape of ``common.ui.status``, which is our own markup."""
    return format_html(
        '<svg class="shape" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>', SafeString(markup)
    )


def status_badge(colour: str | None, text: str = "") -> SafeString:
    """Return the badge of a status: shape, word and tone. ``text`` replaces the usual word."""
    status: Status = status_of(colour)
    return format_html(
        '<span class="badge-status tone-{}">{}{}</span>', status.tone, _shape(status.shape), text or status.word
    )


def status_dot(colour: str | None, label: str = "") -> SafeString:
    """Return only the shape in a square, for dense tables; the words are there for screen readers.

    ``label`` names what is judged ("Schedule"), so that the cell reads "Schedule: At risk".
    """
    status = status_of(colour)
    words = f"{label}: {status.word}" if label else str(status.word)
    return format_html(
        '<span class="dot tone-{}" title="{}">{}<span class="visually-hidden">{}</span></span>',
        status.tone,
        words,
        _shape(status.shape),
        words,
    )


def tag(text: str, tone: str = "plain") -> SafeString:
    """Return a small label (``plain``, ``accent``, ``ok``, ``risk``, ``off``, ``hold``)."""
    return format_html('<span class="tag tone-{}">{}</span>', tone, text)


def trend_bars(colours: Iterable[str | None]) -> SafeString:
    """Return the last periods, oldest first, as small bars: higher is worse."""
    statuses = [status_of(colour) for colour in colours]
    return trend_svg(statuses) if statuses else format_html('<span class="unknown">{}</span>', _("No trend yet"))


def money(amount: Decimal | float | None, currency: str, withheld: str = "", *, compact: bool = False) -> SafeString:
    """Return an amount with even figures; the exact amount is the tooltip of a compact one.

    A non-empty ``withheld`` is the reason why this viewer does not see it and wins over the amount.
    """
    if withheld:
        return format_html('<span class="withheld" title="{}">{}</span>', withheld, formats.withheld())
    if amount is None:
        return unknown()
    text = formats.money(amount, currency, compact=compact)
    if not compact:
        return format_html('<span class="num">{}</span>', text)
    return format_html('<span class="num" title="{}">{}</span>', formats.money(amount, currency), text)


def unknown(reason: str = "") -> SafeString:
    """Return "Unknown" as a value that stands back; ``reason`` says why."""
    return format_html('<span class="unknown"{}>{}</span>', _title(reason), formats.unknown())


def _title(text: str) -> SafeString:
    return format_html(' title="{}"', text) if text else SafeString()


def delta(
    value: Decimal | float | None, unit: str = "%", *, good: str = "down", digits: int = 1, alarm: float = 0
) -> SafeString:
    """Return a difference with its sign. ``good`` (``up``, ``down``, ``none``) says which way helps.

    A change the wrong way that passes ``alarm`` is printed in the alarm tone.
    """
    if value is None:
        return unknown()
    bad = {"down": float(value) > alarm, "up": float(value) < -alarm}.get(good, False)
    gap = "" if unit == "%" else formats.NBSP if unit else ""
    text = f"{formats.signed(value, digits if unit == '%' else 0)}{gap}{unit}"
    return format_html('<span class="num delta{}">{}</span>', " delta-bad" if bad else "", text)


def date(day: dt.date | None, empty: str = "") -> SafeString:
    """Return a date with its month name inside ``<time>``; without a date ``empty`` or "Unknown"."""
    if day is None:
        return format_html('<span class="unknown">{}</span>', empty or formats.unknown())
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), formats.date_short(day))


def date_ago(moment: dt.datetime | dt.date | None, stale_days: int = 0) -> SafeString:
    """Return the age of a moment in words, the exact moment as tooltip.

    Older than ``stale_days`` (when given) is printed in the alarm tone.
    """
    if moment is None:
        return format_html('<span class="unknown">{}</span>', _("Never"))
    now = timezone.now()
    if isinstance(moment, dt.datetime):
        exact, text = formats.moment_short(moment), formats.moment_relative(moment, now)
        days = (now - moment).days
    else:
        exact, text = formats.date_short(moment), formats.days_relative(moment, timezone.localdate())
        days = (timezone.localdate() - moment).days
    late = bool(stale_days) and days > stale_days
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>',
        moment.isoformat(),
        exact,
        _STALE if late else "",
        text,
    )


def due(day: dt.date | None, *, done: bool = False) -> SafeString:
    """Return a due date; one that passed while the work is open says so in words."""
    if day is None or done or day >= timezone.localdate():
        return date(day, empty=_("No date"))
    late = (timezone.localdate() - day).days
    words = ngettext("%(n)d day late", "%(n)d days late", late) % {"n": late}
    return format_html('{} <span class="stale">{}</span>', date(day), words)


def person(name: str, role: str = "", *, avatar: bool = False) -> SafeString:
    """Return a person's name, with initials in a circle or a role below when asked."""
    if not name:
        return format_html('<span class="unknown">{}</span>', _("Nobody"))
    picture = format_html('<span class="avatar" aria-hidden="true">{}</span>', initials(name)) if avatar else ""
    under = format_html('<span class="sub">{}</span>', role) if role else ""
    return format_html('<span class="person">{}<span>{}{}</span></span>', picture, name, under)


def initials(name: str) -> str:
    """Return the first letters of the first and the last word of a name."""
    words = [word for word in name.split() if word[:1].isalpha()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper() or "?"


def progress(value: Decimal | float | None, maximum: float = 100, label: str = "") -> SafeString:
    """Return a progress bar with its number in words; ``label`` names it for screen readers."""
    if value is None or not maximum:
        return unknown()
    share = max(0, min(100, round(float(value) / float(maximum) * 100)))
    text = formats.percent(share) if maximum == 100 else f"{formats.number(value)} / {formats.number(maximum)}"  # noqa: PLR2004  per cent
    return format_html(
        '<span class="meter"><progress value="{}" max="100" aria-label="{}"></progress>'
        '<span class="num">{}</span></span>',
        share,
        label or _("Progress"),
        text,
    )


def freshness(as_of: dt.datetime | dt.date | None, known: int | None = None, of: int | None = None) -> SafeString:
    """Return the stamp of a page: as of when, and how much of what it sums is up to date."""
    if as_of is None:
        words = _("No data yet")
    else:
        moment = formats.moment_short(as_of) if isinstance(as_of, dt.datetime) else formats.date_short(as_of)
        words = _("As of %(moment)s") % {"moment": moment}
    if known is not None and of is not None:
        words += " · " + _("%(known)s of %(of)s up to date") % {"known": known, "of": of}
    partial = known is not None and of is not None and known < of
    return format_html('<span class="stamp{}">{}</span>', " stamp-partial" if partial else "", words)


def why(text: str, label: str = "", href: str = "") -> SafeString:
    """Return a "How is this decided?" disclosure; it opens without JavaScript."""
    more = format_html(' <a href="{}">{}</a>', href, _("More")) if href else ""
    return format_html(
        '<details class="why"><summary>{}</summary><div class="why-body">{}{}</div></details>',
        label or _("How is this decided?"),
        text,
        more,
    )


def glossary(term: str, meaning: str = "", href: str = "") -> SafeString:
    """Return a word of the glossary; its meaning opens on click and is a plain link without one."""
    if not meaning:
        return format_html('<a class="term" href="{}">{}</a>', href or f"/glossary/?q={slugify(term)}", term)
    key = f"term-{slugify(term)}"
    link = format_html(' <a href="{}">{}</a>', href, _("Glossary")) if href else ""
    return format_html(
        '<button type="button" class="term" popovertarget="{0}">{1}</button>'
        '<span class="pop" id="{0}" popover><b>{1}</b> {2}{3}</span>',
        key,
        term,
        meaning,
        link,
    )


def title_cell(title: str, href: str = "", sub: str = "") -> SafeString:
    """Return the first cell of a row: the name as a link, keys and people below it."""
    name = format_html('<a class="row-link" href="{}">{}</a>', href, title) if href else format_html("<b>{}</b>", title)
    return format_html('{}<span class="sub">{}</span>', name, sub) if sub else name


def lines(first: str, second: str = "") -> SafeString:
    """Return two lines in one cell, the second one muted."""
    return format_html('{}<span class="sub">{}</span>', first, second) if second else format_html("{}", first)


def join(parts: Iterable[str], separator: str = " ") -> SafeString:
    """Join pieces, escaping what is not yet safe."""
    return format_html_join(separator, "{}", ((part,) for part in parts))

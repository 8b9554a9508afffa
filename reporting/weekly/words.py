"""The sentences of a weekly report, in the active language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from common import formats
from common.seals import chain
from projects.enums import Colour
from projects.health.portfolio import portfolio_health

ORDER: Final = tuple(Colour.values)


def day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def date(text: str | None, empty: str = "") -> str:
    """A date of the content in words; `empty` (or "Unknown") when there is none."""
    return formats.date_short(day(text)) if text else empty or formats.unknown()


def amount(text: str | None, currency: str) -> str:
    return formats.money(Decimal(text) if text is not None else None, currency, compact=True)


def title(content: Mapping[str, Any]) -> str:
    """Such as `Weekly health report, week 47 of 2026`."""
    week = content["week"]
    return _("Weekly health report, week %(week)d of %(year)d") % {"week": week["week"], "year": week["year"]}


def period(content: Mapping[str, Any]) -> str:
    """The first and last day of the week."""
    last = dt.date.fromisoformat(content["week"]["as_of"])
    first = last - dt.timedelta(days=6)
    return _("%(first)s to %(last)s") % {"first": formats.date_short(first), "last": formats.date_short(last)}


def headline(content: Mapping[str, Any]) -> str:
    """The week in one sentence with its numbers, the worst first."""
    counts = content["counts"]
    start = ngettext(
        "%(off)d of %(total)d project is off track", "%(off)d of %(total)d projects are off track", counts["projects"]
    ) % {"off": counts["off_track"], "total": counts["projects"]}
    return f"{start}{_against(counts['off_track'], counts['before'])}; {joined(_movements(content))}."


def sealed(content: Mapping[str, Any]) -> str:
    """How far the history was sealed when the report was made, with the head; "" when nothing was."""
    found = content.get("history")
    if not found:
        return ""
    moment = formats.moment_short(dt.datetime.fromisoformat(found["sealed_at"]))
    return _("History sealed up to %(moment)s: %(head)s") % {"moment": moment, "head": found["head"][: chain.SHORT]}


def rule(content: Mapping[str, Any]) -> str:
    """How the portfolio's colour comes about: the counts and the rule they were held against."""
    return portfolio_health(content["counts"]["computed"]).sentence


def _against(off_track: int, before: Mapping[str, Any] | None) -> str:
    if before is None:
        return ""
    difference = off_track - before["off_track"]
    if not difference:
        return " " + _("(as many as last time)")
    if difference > 0:
        return " " + _("(%(n)d more than last time)") % {"n": difference}
    return " " + _("(%(n)d fewer than last time)") % {"n": -difference}


def _movements(content: Mapping[str, Any]) -> list[str]:
    changes, counts = content["changes"], content["counts"]
    missed, unknown = content["milestones_missed"]["this_week"], counts["computed"].get(Colour.GREY, 0)
    parts = []
    if counts["before"] is not None:
        parts += [
            _("%(n)d got worse") % {"n": changes["worse"]["total"]},
            _("%(n)d got better") % {"n": changes["better"]["total"]},
        ]
    parts.append(ngettext("%(n)d milestone was missed", "%(n)d milestones were missed", missed) % {"n": missed})
    if unknown:
        parts.append(_("for %(n)d the health cannot be computed") % {"n": unknown})
    return parts


def joined(parts: Sequence[str]) -> str:
    """Such as `a, b and c`."""
    if len(parts) < 2:  # noqa: PLR2004  one part needs no "and"
        return "".join(parts)
    return _("%(first)s and %(last)s") % {"first": ", ".join(parts[:-1]), "last": parts[-1]}


def notes(content: Mapping[str, Any], note: str = "") -> tuple[str, ...]:
    """What a reader must know before reading: a correction, lateness, what it is compared with and what is left out."""
    found = [_("Correction: %(note)s") % {"note": note}] if note else []
    if content["late_days"]:
        found.append(
            ngettext(
                "This report was made %(n)d day later than due. Colours, money and milestones are as of the last day"
                " of its week; risks, asks and texts are as they were when it was made.",
                "This report was made %(n)d days later than due. Colours, money and milestones are as of the last day"
                " of its week; risks, asks and texts are as they were when it was made.",
                content["late_days"],
            )
            % {"n": content["late_days"]}
        )
    previous, as_of = day(content["previous_as_of"]), dt.date.fromisoformat(content["week"]["as_of"])
    if previous is None:
        found.append(_("This is the first report of the portfolio: there is nothing to compare with yet."))
    elif (as_of - previous).days != 7:  # noqa: PLR2004  a week
        found.append(
            _("Compared with %(day)s, the last week that has figures.") % {"day": formats.date_short(previous)}
        )
    if content["portfolio"].get("programmes"):
        found.append(_("Projects of the programmes below this portfolio are included."))
    found.append(_("Confidential projects are left out of this report and its counts."))
    return tuple(found)


def difference(now: int, before: int | None) -> str:
    """Such as `+2` against last time; nothing when there is no last time."""
    return "" if before is None else formats.signed(now - before)


def age(days: int | None) -> str:
    if days is None:
        return _("never")
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


def more(total: int, shown: int) -> str:
    """Such as `and 12 more` when a list was cut."""
    return _("and %(n)s more") % {"n": formats.number(total - shown)} if total > shown else ""

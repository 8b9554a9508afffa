"""From content to document, in the active language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from common import formats
from common.svg.bars import Period, Share
from reporting.weekly import words
from reporting.weekly.document import Document, Figure
from reporting.weekly.sections import sections


def document(content: Mapping[str, Any], note: str = "") -> Document:
    """The report in words. Pure: no queries, nothing but the content and the language."""
    counts = content["counts"]
    return Document(
        title=words.title(content),
        portfolio=content["portfolio"]["name"],
        period=words.period(content),
        headline=words.headline(content),
        colour=content["colour"],
        rule=words.rule(content),
        notes=words.notes(content, note),
        figures=_figures(content),
        shares=_shares(counts["computed"]),
        declared_shares=_shares(counts["declared"]),
        trend=tuple(Period(_week(week["as_of"]), dict(week["computed"])) for week in content["trend"]),
        sections=sections(content),
        sealed=words.sealed(content),
    )


def _shares(counts: Mapping[str, int]) -> tuple[Share, ...]:
    return tuple(Share(colour, counts[colour]) for colour in words.ORDER if counts.get(colour))


def _week(as_of: str) -> str:
    return str(dt.date.fromisoformat(as_of).isocalendar().week)


def _figures(content: Mapping[str, Any]) -> tuple[Figure, ...]:
    counts, before = content["counts"], content["counts"]["before"] or {}
    missed, blockers = content["milestones_missed"], content["blockers"]
    waiting = content["decisions"]["total"] + content["asks"]["total"]

    shares = {"n": formats.number(counts["off_track"]), "all": formats.number(counts["projects"])}
    off_track = _("%(n)s of %(all)s") % shares

    def against(name: str) -> str:
        return _("%(n)s since last time") % {"n": words.difference(counts[name], before[name])} if before else ""

    return (
        Figure(_("Off track"), off_track, against("off_track")),
        Figure(_("Without a recent update"), formats.number(counts["stale"]), against("stale")),
        Figure(
            _("Milestones late"),
            formats.number(missed["total"]),
            _("%(n)d fell due this week") % {"n": missed["this_week"]},
        ),
        Figure(_("Blockers"), formats.number(blockers["total"])),
        Figure(_("Decisions and asks waiting"), formats.number(waiting)),
    )

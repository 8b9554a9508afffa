"""The report as PDF, set by typst from the same document as the page; charts are the page's, standing alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from common import formats
from common.pdf import typeset
from common.svg.bars import Share, health_bar, stacked_bars
from common.svg.base import FILLS
from common.ui.status import status_of
from reporting.models import Report
from reporting.weekly.document import Cell, Document, Section

HERE: Final = Path(__file__).resolve().parent
TEMPLATE: Final = HERE / "report.typ"


def pdf(report: Report, document: Document, portal_url: str) -> bytes:
    """The pages as PDF in the active language, with real text, tags and links. About 0.2 s."""
    return typeset(TEMPLATE, _data(report, document, portal_url), report.published_at)


def _data(report: Report, document: Document, portal_url: str) -> dict[str, Any]:
    moment = formats.moment_short(report.published_at)
    return {
        "language": (get_language() or "en").split("-")[0],
        "title": document.title,
        "portfolio": document.portfolio,
        "period": document.period,
        "headline": document.headline,
        "status": _status(document.colour),
        "rule": document.rule,
        "notes": document.notes,
        "figures": [asdict(figure) for figure in document.figures],
        "charts": _charts(document),
        "sections": [_section(section, portal_url) for section in document.sections],
        "foot": _("%(portfolio)s · published %(moment)s · revision %(revision)d")
        % {"portfolio": document.portfolio, "moment": moment, "revision": report.revision},
        "sealed": document.sealed,
        "fingerprint": report.content_sha256[:16],
        "words": {"previous": _("was"), "none": _("None")},
    }


def _charts(document: Document) -> list[dict[str, str]]:
    charts = [
        _chart(
            _("Computed health"), health_bar(document.shares, _("Computed health"), standalone=True), document.shares
        ),
        _chart(
            _("Declared health"),
            health_bar(document.declared_shares, _("Declared health"), standalone=True),
            document.declared_shares,
        ),
    ]
    if len(document.trend) > 1:
        title = _("Computed health per week")
        charts.append(_chart(title, stacked_bars(document.trend, title, height=140, standalone=True)))
    return charts


def _chart(title: str, svg: str, shares: Sequence[Share] = ()) -> dict[str, str]:
    caption = " · ".join(f"{status_of(share.colour).word} {formats.number(share.count)}" for share in shares)
    return {"title": title, "svg": str(svg), "caption": caption}


def _status(colour: str) -> dict[str, str]:
    status = status_of(colour)
    return {
        "word": str(status.word),
        "fill": FILLS.get(f"f-{status.tone}", FILLS["f-unknown"]),
        "tint": FILLS.get(f"t-{status.tone}", FILLS["t-unknown"]),
    }


def _section(section: Section, portal_url: str) -> dict[str, Any]:
    return {
        "title": section.title,
        "intro": section.intro,
        "head": section.head,
        "ends": [index for index in range(len(section.head)) if any(row[index].end for row in section.rows)],
        "rows": [[_cell(cell, portal_url) for cell in row] for row in section.rows],
        "empty": section.empty,
        "more": section.more,
        "more_href": portal_url + section.more_href if section.more_href else "",
    }


def _cell(cell: Cell, portal_url: str) -> dict[str, Any]:
    return {
        "text": cell.text,
        "href": portal_url + cell.href if cell.href else "",
        "status": _status(cell.colour) if cell.colour else None,
        "before": str(status_of(cell.before).word) if cell.before else "",
        "lines": cell.lines,
    }

"""The report as mail: the headline, what got worse, and what waits for somebody; the rest is behind the link."""

from __future__ import annotations

from typing import Any, Final

from common.svg.base import FILLS
from common.ui.status import status_of
from reporting.weekly.document import Cell, Document, Section

SECTIONS: Final = ("worse", "projects", "milestones_missed", "blockers", "decisions", "asks")
CAP: Final = 5


def mail_context(document: Document) -> dict[str, Any]:
    """What the mail's templates need of the document."""
    status = status_of(document.colour)
    return {
        "document": document,
        "status": {"word": status.word, "fill": FILLS[f"f-{status.tone}"]},
        "bar": _bar(document),
        "sections": [_section(document.section(key)) for key in SECTIONS],
    }


def _bar(document: Document) -> list[dict[str, Any]]:
    """The computed colours as table cells: a width in percent, a colour, a count and its word."""
    total = sum(share.count for share in document.shares) or 1
    return [
        {
            "width": max(round(share.count * 100 / total), 3),
            "fill": FILLS[f"f-{status_of(share.colour).tone}"],
            "count": share.count,
            "word": status_of(share.colour).word,
        }
        for share in document.shares
    ]


def _section(section: Section) -> dict[str, Any]:
    rows = [_row(section.head, row) for row in section.rows[:CAP]]
    return {
        "title": section.title,
        "empty": section.empty,
        "rows": rows,
        "cut": len(section.rows) > CAP or section.more,
    }


def _row(head: tuple[str, ...], row: tuple[Cell, ...]) -> dict[str, Any]:
    first, *rest = row
    href = next((cell.href for cell in row if cell.href), "")
    named = zip(head[1:], rest, strict=True)
    details = [f"{label}: {cell.text}" if cell.colour else cell.text for label, cell in named if cell.text]
    reasons = [line for cell in row for line in cell.lines]
    return {"text": first.text, "href": href, "detail": " · ".join(details), "reasons": reasons[:3]}

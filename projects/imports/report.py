"""Reconciliation and summary as plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.enums import Colour, MoneyMeasure
from projects.imports.mapping import LABELS
from projects.imports.presets import CHECK_LABELS

SHOWN: Final = 20

KINDS: Final[dict[str, Any]] = {
    "no_id": gettext_lazy("no id"),
    "long_id": gettext_lazy("the id is too long"),
    "no_name": gettext_lazy("no name"),
    "duplicate": gettext_lazy("the same id stands in an earlier row"),
    "no_date": gettext_lazy("no date in the row"),
    "misfit": gettext_lazy("more cells than the header has"),
    "money": gettext_lazy("not an amount, kept as text"),
    "date": gettext_lazy("not a date, kept as text"),
    "colour": gettext_lazy("not a colour, kept as text"),
    "cut": gettext_lazy("too long; shortened, the whole text is kept"),
    "withheld": gettext_lazy("withheld by the source"),
    "explained": gettext_lazy("no colour, with a reason"),
}
FIXES: Final[dict[str, Any]] = {
    "no_id": gettext_lazy("Give each row the id that the source knows it by."),
    "long_id": gettext_lazy("Match another column as the id: it may have 120 characters."),
    "no_name": gettext_lazy("Give each row a name."),
    "duplicate": gettext_lazy("Remove the double row, or match the column that makes the rows different."),
    "no_date": gettext_lazy("Correct the dates, or match another column as the date of a row."),
    "misfit": gettext_lazy("A quotation mark or delimiter is likely wrong in this row."),
    "money": gettext_lazy("Nothing to do when the text is meant; the amount counts as unknown, not as zero."),
    "date": gettext_lazy("Nothing to do when the text is meant; the date counts as unknown."),
    "colour": gettext_lazy("Nothing to do when the text is meant; the project counts as not assessed."),
    "cut": gettext_lazy("Nothing to do, or shorten it in the source."),
    "withheld": gettext_lazy("Nothing to do: it is shown as withheld, with this reason."),
    "explained": gettext_lazy("Nothing to do: it is shown with this reason."),
}


def as_text(result: Mapping[str, Any]) -> str:
    """A reconciliation as lines."""
    lines = [*result.get("said", []), _head(result), *_counts(result), *_colours(result["colours"])]
    lines += [_sum_line(name, values) for name, values in result["sums"].items()]
    lines += [check_line(check) for check in result["checks"]]
    lines += [_("Not used: %(columns)s") % {"columns": "; ".join(result["not_used"])}] if result["not_used"] else []
    lines += [str(note) for note in result["notes"]]
    return "\n".join([*lines, *_group_lines(result["groups"])])


def _head(result: Mapping[str, Any]) -> str:
    words = _("Rehearsal, nothing was written") if result["status"] == "dry-run" else _("Imported")
    return f"{words}: {result['file']} → {result['portfolio']}, {result['as_of']}"


def _counts(result: Mapping[str, Any]) -> list[str]:
    rows = _(
        "Rows: %(rows_read)s read, %(rows_used)s used, %(rows_refused)s refused, %(rows_not_read)s later than the date"
    )
    projects = _(
        "Projects: %(projects)s in the file; %(made)s made, %(changed)s changed, %(unchanged)s unchanged, "
        "%(earlier)s only added to the history; %(left)s left, %(returned)s returned"
    )
    return [rows % result, projects % result]


def _colours(colours: Mapping[str, int]) -> list[str]:
    counted = ", ".join(f"{count} {Colour(colour).label}" for colour, count in colours.items())
    return [_("Declared: %(colours)s") % {"colours": counted}] if counted else []


def _sum_line(name: str, values: Mapping[str, Any]) -> str:
    words = _("%(name)s: %(currency)s %(amount)s over %(known)s of %(of)s (%(withheld)s withheld, %(unknown)s unknown)")
    return words % {
        "name": MoneyMeasure(name).label, **values, "amount": values["amount"] or "–",
        "currency": values["currency"] or _("several currencies"),
    }  # fmt: skip


def check_line(check: Mapping[str, Any]) -> str:
    """A control total as a sentence."""
    label = CHECK_LABELS.get(check["label"], check["label"])
    if check["tolerance"] == "0":
        words = _("%(label)s: the single changes equal the published total in %(equal)s of %(of)s")
    else:
        words = _(
            "%(label)s: the single changes are within %(tolerance)s of the published total in %(within)s of %(of)s "
            "(largest difference %(largest)s)"
        )
    return words % {**check, "label": label}


def _group_lines(groups: list[Mapping[str, Any]]) -> list[str]:
    lines = [group_line(group) for group in groups[:SHOWN]]
    more = len(groups) - SHOWN
    return lines + ([_("… and %(more)s more kinds of problems") % {"more": more}] if more > 0 else [])


def group_line(group: Mapping[str, Any]) -> str:
    """A group of problems as a line: how many rows, where, what."""
    label = str(LABELS.get(group["field"], ""))
    text = " ".join(group["text"].split())
    what = f"{label}: {KINDS[group['kind']]}" if label else str(KINDS[group["kind"]])
    rows = ", ".join(map(str, group["rows"])) + ("…" if group["count"] > len(group["rows"]) else "")
    quoted = f" “{text[:80]}”" if text else ""
    return _("%(count)s × %(what)s%(text)s (rows %(rows)s)") % {
        "count": group["count"], "what": what, "text": quoted, "rows": rows,
    }  # fmt: skip


def summary_text(data: Mapping[str, Any]) -> str:
    """A portfolio summary as lines."""
    lines = [f"{data['portfolio']}, {data['as_of']}", _("Projects: %(projects)s") % data, *_colours(data["colours"])]
    lines += [_sum_line(name, values) for name, values in data["sums"].items()]
    since = data["since_previous"]
    if since:
        lines.append(_("Since %(previous)s: %(stay)s stayed, %(joined)s joined, %(left)s left") % since)
    for label, name in ((_("Categories"), "categories"), (_("Org units"), "org_units")):
        counted = ", ".join(f"{key} {count}" for key, count in data[name].items())
        lines += [f"{label}: {counted}"] if counted else []
    return "\n".join(lines)

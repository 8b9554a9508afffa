"""The columns of the portfolio table: for each fact its label, how it is aligned, sorted, drawn and exported.

Paths are written as `fact.<column of FactRow>` or `project.<path from Project>`, so the same column reads the
state of today or the snapshots of a date (see `Source`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, Final, TypeVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from common import formats
from projects.enums import Colour, Dimension, MoneyMeasure, ProjectStatus
from reporting.lean import Words

if TYPE_CHECKING:
    from django.utils.functional import Promise

Value = TypeVar("Value")
Draw = Callable[..., str]
Plain = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where facts are read: the states of today (from Project) or the snapshots of a date (from Snapshot)."""

    facts: str
    project: str
    is_past: bool = False

    def path(self, path: str) -> str:
        """The lookup of a column's path in this source."""
        kind, _dot, rest = path.partition(".")
        return (self.project if kind == "project" else self.facts) + rest


NOW: Final = Source(facts="state__", project="")
PAST: Final = Source(facts="", project="project__", is_past=True)


@dataclass(frozen=True, slots=True)
class Column:
    """One column.

    `paths` are read in one query; `draw(words, *values)` makes the cell and `plain(*values)`
    the value for an export: text, number, date or None. `sort` is a path, empty when it cannot be sorted;
    `colour.<name>` sorts a colour by how bad it is. `worst_first` starts a sort with the highest.
    """

    name: str
    label: Promise | str
    paths: tuple[str, ...]
    draw: Draw
    plain: Plain
    align: str = "start"
    sort: str = ""
    hide_on_phone: bool = False
    title: Promise | str = ""
    worst_first: bool = False


def text(value: str | None) -> str | None:
    """A text as it is; nothing for an empty one."""
    return value or None


def first(value: Value, *_rest: object) -> Value:
    """The value itself; what follows only says how to draw it."""
    return value


def _withheld() -> str:
    return formats.withheld()


def colour_word(value: str) -> str | None:
    """The word of a colour for an export; nothing when none was declared."""
    return str(Colour(value).label) if value in Colour.values else None


def _colour(name: str, label: Promise | str, title: Promise | str = "") -> Column:
    return Column(
        name, label, (f"fact.{name}",), lambda words, colour: words.badge(colour or "not_assessed"), colour_word,
        sort=f"colour.{name}", title=title, worst_first=True,
    )  # fmt: skip


def _dot(dimension: Dimension) -> Column:
    label = dimension.label
    return Column(
        dimension.value, label, (f"fact.{dimension.value}",),
        lambda words, colour: words.dot(dimension, colour), colour_word, align="center",
        sort=f"colour.{dimension.value}", worst_first=True,
        title=_("Computed by the portal from the facts"),
    )  # fmt: skip


def _declared_dot(dimension: Dimension) -> Column:
    name, label = f"declared_{dimension.value}", format_lazy(_("{dimension}, declared"), dimension=dimension.label)
    return Column(
        name, label, (f"fact.{name}",), lambda words, colour: words.dot(dimension, colour) if colour else "",
        colour_word, align="center", sort=f"colour.{name}", hide_on_phone=True, worst_first=True,
    )  # fmt: skip


def _money(measure: str, label: Promise | str) -> Column:
    return Column(
        measure, label, (f"fact.{measure}", "fact.currency", "fact.withheld"),
        lambda words, amount, currency, withheld: words.money(amount, currency, withheld=measure in withheld),
        lambda amount, _currency, withheld: _withheld() if measure in withheld else amount, align="end",
        sort=f"fact.{measure}",
    )  # fmt: skip


def _date(name: str, label: Promise | str, path: str = "") -> Column:
    where = path or f"fact.{name}"
    return Column(name, label, (where,), Words.date, first, align="end", sort=where, hide_on_phone=True)


def _count(name: str, label: Promise | str) -> Column:
    return Column(
        name, label, (f"fact.{name}",), lambda _words, count: str(count), first, align="end",
        sort=f"fact.{name}", worst_first=True,
    )  # fmt: skip


def _text(name: str, label: Promise | str, path: str) -> Column:
    return Column(name, label, (path,), lambda _words, value: escape(value or ""), text, sort=path, hide_on_phone=True)


def _person(name: str, label: Promise | str) -> Column:
    path = f"project.{name}__name"
    return Column(
        name, label, (path,), lambda words, value: escape(value) if value else words.nobody, text, sort=path,
        hide_on_phone=True,
    )  # fmt: skip


def _project_cell(words: Words, pk: int, name: str, lead: str | None, status: str, confidential: object) -> str:
    sub = f"P-{pk}" + (f" · {escape(lead)}" if lead else "")
    if status != ProjectStatus.ACTIVE:
        sub += f" · {words.status(status)}"
    if confidential:
        sub += f' <span class="tag tone-hold">{words.confidential}</span>'
    return f'<a class="row-link" href="/projects/P-{pk}/">{escape(name)}</a><span class="sub">{sub}</span>'


def _next_milestone(words: Words, name: str, on: dt.date | None) -> str:
    if not name:
        return words.none
    return f'{escape(name)}<span class="sub">{words.date(on)}</span>'


def _milestones(_words: Words, reached: int, total: int, overdue: int) -> str:
    late = f' <span class="stale">{_words.late(overdue)}</span>' if overdue else ""
    return f'<span class="num">{reached}/{total}</span>{late}'


PROJECT: Final = Column(
    "project", _("Project"),
    ("project.pk", "project.name", "project.lead__name", "fact.status", "project.is_confidential"),
    _project_cell, lambda _pk, name, *_rest: name, sort="project.name",
)  # fmt: skip

_ALL: Final[tuple[Column, ...]] = (
    PROJECT,
    _colour("computed", _("Computed"), _("What the portal computes from the facts")),
    _colour("declared", _("Declared"), _("What the project lead, or the imported source, says")),
    Column(
        "trend", _("Trend"), ("fact.trend",), Words.strip,
        lambda colours: ", ".join(str(Colour(c).label) for c in colours if c in Colour.values) or None, align="center",
    ),
    *(_dot(dimension) for dimension in Dimension),
    *(_declared_dot(dimension) for dimension in Dimension if dimension != Dimension.FRESHNESS),
    _money(MoneyMeasure.FORECAST_COST, _("Forecast")),
    Column(
        "variance", _("Deviation"), ("fact.cost_variance_percent",), Words.percent, first, align="end",
        sort="fact.cost_variance_percent", title=_("Forecast cost against baseline"), worst_first=True,
    ),
    _money(MoneyMeasure.BASELINE_COST, _("Baseline")),
    _money(MoneyMeasure.ACTUAL_COST, _("Actual")),
    _money(MoneyMeasure.WHOLE_LIFE_COST, _("Whole-life cost")),
    _money(MoneyMeasure.BENEFITS, _("Benefits")),
    Column(
        "next_milestone", _("Next milestone"), ("fact.next_milestone_name", "fact.next_milestone_on"), _next_milestone,
        lambda name, on: f"{name} ({on})" if name else None, sort="fact.next_milestone_on",
    ),
    Column(
        "milestones", _("Milestones reached"),
        ("fact.milestones_reached", "fact.milestones_total", "fact.milestones_overdue"),
        _milestones, lambda reached, total, _late: f"{reached}/{total}", align="end", sort="fact.milestones_overdue",
        worst_first=True,
    ),
    _date("start_on", _("Start")),
    _date("baseline_finish_on", _("Baseline finish")),
    _date("forecast_finish_on", _("Finish")),
    Column(
        "slip_days", _("Slip"), ("fact.slip_days",), Words.slip, first, align="end", sort="fact.slip_days",
        title=_("Forecast finish against baseline, in days"), worst_first=True,
    ),
    Column(
        "moved_days", _("Moved"), ("fact.moved_days",), Words.slip, first, align="end", sort="fact.moved_days",
        title=_("Forecast finish against the one before, in days"), worst_first=True,
    ),
    Column(
        "update", pgettext_lazy("age", "Update"), ("fact.update_age_days", "fact.is_stale"),
        lambda words, days, stale: words.age(days, stale=stale), first, align="end", sort="fact.update_age_days",
        title=_("Age of the last status update in days"), worst_first=True,
    ),
    _count("risks_open", _("Open risks")),
    Column(
        "top_risk_score", _("Top risk"), ("fact.top_risk_score",), lambda _words, score: str(score or "–"), first,
        align="end", sort="fact.top_risk_score", title=_("Highest score of an open risk, at most 25"), worst_first=True,
    ),
    _count("issues_open", _("Open issues")),
    _count("blockers_open", _("Blockers")),
    _count("decisions_wanted", _("Decisions waiting")),
    _count("asks_open", _("Open asks")),
    _count("changes_open", _("Open changes")),
    _text("portfolio", _("Portfolio"), "project.portfolio__name"),
    _text("org_unit", _("Org unit"), "project.org_unit__name"),
    _text("category", _("Category"), "fact.category"),
    _text("phase", _("Phase"), "fact.phase_name"),
    _text("goal", _("Goal"), "project.goal__name"),
    _person("lead", _("Lead")),
    _person("sponsor", _("Sponsor")),
    Column(
        "status", pgettext_lazy("project", "Status"), ("fact.status",), Words.status,
        lambda status: str(ProjectStatus(status).label), sort="fact.status", hide_on_phone=True,
    ),
    _text("external_id", _("External id"), "project.external_id"),
    _text("currency", _("Currency"), "fact.currency"),
)  # fmt: skip

COLUMNS: Final[dict[str, Column]] = {column.name: column for column in _ALL}
DEFAULT: Final = (
    "project", "computed", "declared", "trend", "schedule", "cost", "risk", "forecast_cost", "variance",
    "next_milestone", "update",
)  # fmt: skip
KEY: Final = Column("key", _("Key"), ("project.pk",), lambda _words, pk: f"P-{pk}", lambda pk: f"P-{pk}")
NOT_IN_THE_PAST: Final = frozenset({"trend"})
DEFAULT_SORT: Final = "-rank"
SORTS: Final[dict[str, str]] = {"rank": "fact.rank"} | {c.name: c.sort for c in _ALL if c.sort}


def chosen(names: Sequence[str], source: Source) -> list[Column]:
    """The columns of these names in this order, the project always first; the usual ones for no names."""
    wanted = [name for name in names if name in COLUMNS] or list(DEFAULT)
    ordered = dict.fromkeys(["project", *wanted])
    return [COLUMNS[name] for name in ordered if not (source.is_past and name in NOT_IN_THE_PAST)]


def exported(shown: Sequence[Column], source: Source, *, every: bool) -> list[Column]:
    """What a file holds: the key, then the columns on screen (or every one), and the currency of their money."""
    found = [c for c in _ALL if not (source.is_past and c.name in NOT_IN_THE_PAST)] if every else list(shown)
    if any(column.name in MoneyMeasure.values for column in found) and COLUMNS["currency"] not in found:
        found.append(COLUMNS["currency"])
    return [KEY, *found]

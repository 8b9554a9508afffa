"""The filters of the portfolio table and the roadmap: what each parameter of the URL means.

A filter turns the values of its parameter into a condition over a `Source`. Nonsense values are dropped and
never an error: addresses are typed, shortened and shared by people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Left, Length
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import OrgUnit
from projects.enums import LIVE_STATUSES, Colour, Dimension, ProjectStatus
from projects.models import Portfolio
from reporting.columns import Source

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from accounts.models import User

Where = Callable[[Source, list[str], "User"], Q]
COMPUTABLE: Final = (Colour.GREEN, Colour.AMBER, Colour.RED, Colour.GREY)
ANY: Final = "all"
_LONGEST_ID: Final = 18  # digits that fit a bigint


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter.

    `clean` keeps the values that mean something; `kind` says how a form asks for it
    (choices, text, date, flag); `words(value)` names a value on a chip.
    """

    name: str
    label: Promise | str
    where: Where
    clean: Callable[[Sequence[str]], list[str]]
    kind: str
    words: Callable[[str], Promise | str] = str
    choices: tuple[tuple[str, Promise | str], ...] = ()


def _one_of(allowed: Sequence[str]) -> Callable[[Sequence[str]], list[str]]:
    known = frozenset(allowed)
    return lambda values: list(dict.fromkeys(value for value in values if value in known))


def _words_of(choices: Sequence[tuple[str, Promise | str]]) -> Callable[[str], Promise | str]:
    labels = dict(choices)
    return lambda value: labels.get(value, value)


def _texts(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(value.strip()[:200] for value in values if value.strip()))[:20]


def _last_text(values: Sequence[str]) -> list[str]:
    return _texts(values)[-1:]


def _dates(values: Sequence[str]) -> list[str]:
    return [value for value in values if day_of(value)][-1:]


def day_of(value: str) -> dt.date | None:
    """The day that an ISO text names; nothing when there is no such day."""
    try:
        return parse_date(value.strip())
    except ValueError:
        return None


def _in(path: str) -> Where:
    return lambda source, values, _user: Q(**{f"{source.path(path)}__in": values})


def _colours(name: str, label: Promise | str, colours: Sequence[Colour] = COMPUTABLE) -> Filter:
    choices = tuple((str(colour), colour.label) for colour in colours)
    return Filter(
        name, label, _in(f"fact.{name}"), _one_of([v for v, _l in choices]), "choices", _words_of(choices), choices
    )


YES_NO: Final = (("yes", _("Yes")), ("no", _("No")))


def _flag(name: str, label: Promise | str, condition: Callable[[Source], Q]) -> Filter:
    return _yes_no(name, label, lambda source, is_yes: condition(source) if is_yes else ~condition(source))


def _yes_no(name: str, label: Promise | str, condition: Callable[[Source, bool], Q]) -> Filter:
    def where(source: Source, values: list[str], _user: User) -> Q:
        return condition(source, values[-1] == "yes")

    return Filter(
        name, label, where, lambda values: _one_of(["yes", "no"])(values)[-1:], "flag", _words_of(YES_NO), YES_NO
    )


def _more_than_zero(path: str) -> Callable[[Source], Q]:
    return lambda source: Q(**{f"{source.path(path)}__gt": 0})


def _true(name: str, label: Promise | str, path: str) -> Filter:
    """A column that is true or false and never null, so that both answers may use an index."""
    return _yes_no(name, label, lambda source, is_yes: Q(**{source.path(path): is_yes}))


def _names(name: str, label: Promise | str, path: str) -> Filter:
    """Exact names, one or more of them."""
    return Filter(name, label, _in(path), _texts, "names")


def _portfolio(source: Source, values: list[str], _user: User) -> Q:
    roots = Portfolio._base_manager.filter(slug__in=values, path=Left(OuterRef("path"), Length("path")))
    return Q(**{f"{source.project}portfolio__in": Portfolio.objects.filter(Exists(roots)).values("pk")})


def _org_unit(source: Source, values: list[str], _user: User) -> Q:
    numbers = frozenset(int(value) for value in values if value.isdecimal() and len(value) < _LONGEST_ID)
    texts = [value for value in values if not value.isdecimal()]
    condition = Q(**{f"{source.project}org_unit__in": OrgUnit.objects.under(numbers).values("pk")}) if numbers else Q()
    for value in texts:
        condition |= Q(**{f"{source.project}org_unit__name__icontains": value})
    return condition


def _person(field: str) -> Where:
    def where(source: Source, values: list[str], user: User) -> Q:
        path, condition = f"{source.project}{field}", Q()
        for value in values:
            if value == "me":
                condition |= Q(**{path: user})
            elif value == "none":
                condition |= Q(**{f"{path}__isnull": True})
            elif value.isdecimal() and len(value) < _LONGEST_ID:
                condition |= Q(**{path: int(value)})
            else:
                condition |= Q(**{f"{path}__name__icontains": value})
        return condition

    return where


def _person_words(value: str) -> Promise | str:
    return {"me": _("me"), "none": _("nobody")}.get(value, value)


def _status(source: Source, values: list[str], _user: User) -> Q:
    return Q() if ANY in values else Q(**{f"{source.path('fact.status') if source.is_past else 'status'}__in": values})


def _search(source: Source, values: list[str], _user: User) -> Q:
    """Name, key or external id: each word must occur in the name, or the whole is a key or external id."""
    value = values[-1]
    name = Q()
    for word in value.split():
        name &= Q(**{f"{source.project}name__icontains": word})
    key = value.upper().removeprefix("P-")
    if key.isdecimal() and len(key) < _LONGEST_ID:
        name |= Q(**{f"{source.project}pk": int(key)})
    return name | Q(**{f"{source.project}external_id__iexact": value})


def _day(path: str, lookup: str) -> Where:
    return lambda source, values, _user: Q(**{f"{source.path(path)}__{lookup}": day_of(values[-1])})


def _date(name: str, label: Promise | str, lookup: str) -> Filter:
    return Filter(name, label, _day("fact.forecast_finish_on", lookup), _dates, "date")


_STATUSES: Final = (
    *((str(value), label) for value, label in ProjectStatus.choices),
    (ANY, pgettext_lazy("project status", "Any")),
)

_ALL: Final[tuple[Filter, ...]] = (
    Filter("q", _("Name or key"), _search, _last_text, "text"),
    Filter("portfolio", _("Portfolio"), _portfolio, _texts, "portfolio"),
    Filter("org_unit", _("Org unit"), _org_unit, _texts, "org_unit"),
    _colours("computed", _("Computed")),
    _colours("declared", _("Declared"), list(Colour)),
    *(_colours(dimension.value, dimension.label) for dimension in Dimension),
    Filter("status", pgettext_lazy("project", "Status"), _status, _one_of([v for v, _label in _STATUSES]), "choices",
           _words_of(_STATUSES), _STATUSES),
    _names("category", _("Category"), "fact.category"),
    _names("phase", _("Phase"), "fact.phase_name"),
    _names("goal", _("Goal"), "project.goal__name"),
    Filter("lead", _("Lead"), _person("lead"), _texts, "person", _person_words),
    Filter("sponsor", _("Sponsor"), _person("sponsor"), _texts, "person", _person_words),
    _true("stale", _("Update too old"), "fact.is_stale"),
    _true("worsened", _("Worse than last week"), "fact.worsened"),
    _flag("blocked", _("Blocked"), _more_than_zero("fact.blockers_open")),
    _flag("decisions", _("Waits for a decision"), _more_than_zero("fact.decisions_wanted")),
    _flag("overdue", _("Milestones overdue"), _more_than_zero("fact.milestones_overdue")),
    _flag("due_soon", _("Milestones due soon"), _more_than_zero("fact.milestones_due_soon")),
    _flag("over_budget", _("Over budget"), _more_than_zero("fact.cost_variance_percent")),
    _flag("differs", _("Declared differs from computed"), lambda source: ~Q(
        **{source.path("fact.declared"): F(source.path("fact.computed"))})),
    _true("confidential", _("Confidential"), "project.is_confidential"),
    _date("finish_after", _("Finishes from"), "gte"),
    _date("finish_before", _("Finishes until"), "lte"),
)  # fmt: skip

FILTERS: Final[dict[str, Filter]] = {item.name: item for item in _ALL}
NOT_IN_THE_PAST: Final = frozenset({"worsened"})


def condition(values: dict[str, list[str]], source: Source, user: User) -> Q:
    """All filters of a query together. Without a status filter: the projects that run or rest."""
    total = Q()
    for name, chosen in values.items():
        if name in FILTERS and not (source.is_past and name in NOT_IN_THE_PAST):
            total &= FILTERS[name].where(source, chosen, user)
    return total if "status" in values else total & _status(source, [str(s) for s in LIVE_STATUSES], user)

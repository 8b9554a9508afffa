"""What a filter can be set to. Only its form asks for lists; the table needs a few names for its chips."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Exists, OuterRef

from accounts.models import OrgUnit, User
from projects.models import Portfolio, Project
from reporting import filters
from reporting.selectors import table

if TYPE_CHECKING:
    from django.utils.functional import Promise

    from reporting.filters import Filter
    from reporting.query import TableQuery

MOST_BOXES: Final = 12
MOST_HINTS: Final = 100


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Promise | str
    on: bool
    level: int = 0


@dataclass(frozen=True, slots=True)
class Field:
    """One filter on the form: boxes to tick when there are few choices, else a text with hints."""

    filter: Filter
    options: list[Option] = field(default_factory=list)
    value: str = ""

    @property
    def look(self) -> str:
        """How it is drawn: boxes, select, hints, date, text."""
        if self.filter.kind in {"date", "text"}:
            return self.filter.kind
        if self.filter.kind in {"flag", "portfolio"}:
            return "select"
        if self.filter.kind == "choices" or (self.filter.kind == "names" and 0 < len(self.options) <= MOST_BOXES):
            return "boxes"
        return "hints"


def names_of(user: User, query: TableQuery) -> dict[str, str]:
    """The names of what the filters give by id or short name, as `filter:value`. At most one query per such filter."""
    found: dict[str, str] = {}
    slugs = query.values.get("portfolio", [])
    if slugs:
        seen = Portfolio.objects.visible_to(user).filter(slug__in=slugs)
        found |= {f"portfolio:{slug}": name for slug, name in seen.values_list("slug", "name")}
    units = _numbers(query.values.get("org_unit", []))
    if units:
        found |= {f"org_unit:{pk}": name for pk, name in OrgUnit.objects.filter(pk__in=units).values_list("pk", "name")}
    people = {name: _numbers(query.values.get(name, [])) for name in ("lead", "sponsor")}
    if wanted := [pk for numbers in people.values() for pk in numbers]:
        named = dict(User.objects.filter(pk__in=wanted).values_list("pk", "name"))
        found |= {f"{kind}:{pk}": named[pk] for kind, numbers in people.items() for pk in numbers if pk in named}
    return found


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) < 18]  # noqa: PLR2004  fits a bigint


def options_for(user: User, query: TableQuery) -> list[Field]:
    """The form's fields. A query for each filter whose choices are data, each capped."""
    return [_field(user, item, query) for item in filters.FILTERS.values()]


def _field(user: User, item: Filter, query: TableQuery) -> Field:
    on = query.values.get(item.name, [])
    if item.choices:
        options = [Option(value, label, value in on) for value, label in item.choices]
        return Field(item, options, on[-1] if on else "")
    makers = {
        "portfolio": _portfolios, "org_unit": _org_units, "names": _distinct, "person": _people,
    }  # fmt: skip
    maker: Any = makers.get(item.kind)
    found = maker(user, item, on) if maker else []
    known = {option.value for option in found}
    if item.kind == "names":
        found = [*(Option(value, value, on=True) for value in on if value not in known), *found]
    return Field(item, found, on[-1] if on else "")


def _portfolios(user: User, _item: Filter, on: list[str]) -> list[Option]:
    return [Option(p.slug, p.name, p.slug in on, p.depth - 1) for p in table.portfolios_for(user)]


def _org_units(user: User, _item: Filter, on: list[str]) -> list[Option]:
    used = Project.objects.visible_to(user).filter(org_unit=OuterRef("pk"))
    units = OrgUnit.objects.filter(Exists(used)).order_by("name")[:MOST_HINTS]
    return [Option(unit.name, unit.name, unit.name in on) for unit in units]


def _distinct(user: User, item: Filter, on: list[str]) -> list[Option]:
    path = {"category": "category", "phase": "state__phase_name", "goal": "goal__name"}[item.name]
    seen = Project.objects.visible_to(user).live().exclude(**{path: ""}).exclude(**{f"{path}__isnull": True})
    names = seen.order_by(path).values_list(path, flat=True).distinct()[:MOST_HINTS]
    return [Option(str(name), str(name), name in on) for name in names]


def _people(user: User, item: Filter, on: list[str]) -> list[Option]:
    used = Project.objects.visible_to(user).live().filter(**{item.name: OuterRef("pk")})
    people = User.objects.filter(Exists(used)).order_by("name")[:MOST_HINTS]
    return [Option(person.name, person.name, person.name in on) for person in people]

"""Which column is which field, as data: the form of presets and of what people save.

In JSON: `{"columns": {"name": {"columns": ["Project Name"]}, "whole_life_cost": {"columns": [...],
"scale": "1000000"}, …}, "currency": "GBP", "row_date": {"columns": [...], "order": "mdy"}, …}`.
A column is named by its header, compared without case, blanks and signs; the beginning of a header is
enough, "*words" means that they stand anywhere in it, "=header" the whole header (but for what is in
brackets), and "this|that" the first of the two that the file has. Several names: the first cell with a
value counts (or all of them, with `"join": true`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from projects.enums import Colour, MoneyMeasure
from projects.imports.errors import ImportRefused

DATE_FIELDS: Final = (
    "baseline_start_on",
    "baseline_finish_on",
    "forecast_start_on",
    "forecast_finish_on",
    "actual_start_on",
    "actual_finish_on",
)
MONEY_FIELDS: Final = tuple(MoneyMeasure.values)
COLOUR_FIELDS: Final = ("declared", "schedule", "cost", "scope", "risk")
NARRATIVE_FIELDS: Final = ("accomplished", "next_steps", "asks_text")
REQUIRED: Final = ("external_id", "name")

LABELS: Final[dict[str, Any]] = {
    "external_id": gettext_lazy("Id in the source"),
    "name": gettext_lazy("Name"),
    "description": gettext_lazy("Description"),
    "category": gettext_lazy("Category"),
    "org_unit": gettext_lazy("Org unit"),
    "phase": gettext_lazy("Phase"),
    "declared": gettext_lazy("Declared colour"),
    "schedule": gettext_lazy("Declared colour: schedule"),
    "cost": gettext_lazy("Declared colour: cost"),
    "scope": gettext_lazy("Declared colour: scope"),
    "risk": gettext_lazy("Declared colour: risk"),
    "baseline_start_on": gettext_lazy("Baseline start"),
    "baseline_finish_on": gettext_lazy("Baseline finish"),
    "forecast_start_on": gettext_lazy("Forecast start"),
    "forecast_finish_on": gettext_lazy("Forecast finish"),
    "actual_start_on": gettext_lazy("Actual start"),
    "actual_finish_on": gettext_lazy("Actual finish"),
    "baseline_cost": gettext_lazy("Baseline cost"),
    "forecast_cost": gettext_lazy("Forecast cost"),
    "actual_cost": gettext_lazy("Actual cost"),
    "whole_life_cost": gettext_lazy("Whole-life cost"),
    "benefits": gettext_lazy("Benefits"),
    "accomplished": gettext_lazy("What happened"),
    "next_steps": gettext_lazy("What will happen"),
    "asks_text": gettext_lazy("What is needed"),
}
"""Every field that a column can fill, in the order of the matching page."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where a field comes from.

    `add` names columns with days to add to a date; `scale` empty: as the
    header says ("£m"), else 1; `order` of dates and `decimal` sign empty: told from the column.
    """

    columns: tuple[str, ...]
    join: bool = False
    scale: str = ""
    order: str = ""
    decimal: str = "."
    add: tuple[str, ...] = ()
    unescape: bool = False


@dataclass(frozen=True, slots=True)
class Check:
    """A control total: the changes in one column add up, per project, to what another column publishes."""

    label: str
    sum_of: tuple[str, ...]
    equals: tuple[str, ...]
    tolerance: str = "0"


@dataclass(frozen=True, slots=True)
class Mapping:
    """A whole matching.

    `row_date` dates each row; `file_date` holds the date of the file in each row;
    `financial_year_from` is the first month of the year that baseline, forecast and actual cost cover.
    """

    columns: dict[str, Source]
    currency: str = ""
    scale: int = 0
    row_date: Source | None = None
    file_date: Source | None = None
    colours: dict[str, str] = field(default_factory=dict)
    withheld: tuple[str, ...] = ()
    checks: tuple[Check, ...] = ()
    financial_year_from: int = 0
    is_complete: bool = True
    preset: str = ""


DEFAULT_WITHHELD: Final = (
    r"^\W*exempt\b",
    r"^\W*withheld\b",
    r"^\W*redacted\b",
    r"commercial(ly)?[ -]?(in confidence|sensitive)",
)


def to_json(mapping: Mapping) -> dict[str, Any]:
    """The mapping as plain values; what is empty is left out."""
    return {key: value for key, value in asdict(mapping).items() if value not in (None, "", 0, (), {})} | {
        "columns": {name: _slim(source) for name, source in mapping.columns.items()},
        "is_complete": mapping.is_complete,
    }


def _slim(source: Source) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in asdict(source).items() if value}


def from_json(data: object) -> Mapping:
    """Read a mapping back, refusing what is not one. Raises: ImportRefused that names the part."""
    if not isinstance(data, MappingOf) or not isinstance(data.get("columns"), MappingOf):
        raise ImportRefused(_("The matching of columns is not in the expected form."))
    unknown = sorted(set(data["columns"]) - set(LABELS))
    if unknown:
        raise ImportRefused(
            _("The matching names fields that do not exist: %(fields)s.") % {"fields": ", ".join(unknown)}
        )
    mapping = Mapping(
        columns={name: _source(value) for name, value in data["columns"].items()},
        currency=str(data.get("currency", "")).upper(),
        scale=int(data.get("scale") or 0),
        row_date=_source(data["row_date"]) if data.get("row_date") else None,
        file_date=_source(data["file_date"]) if data.get("file_date") else None,
        colours={str(key): str(value) for key, value in dict(data.get("colours") or {}).items()},
        withheld=tuple(str(pattern) for pattern in data.get("withheld") or ()),
        checks=tuple(_check(check) for check in data.get("checks") or ()),
        financial_year_from=int(data.get("financial_year_from") or 0),
        is_complete=bool(data.get("is_complete", True)),
        preset=str(data.get("preset", "")),
    )
    _judge(mapping)
    return mapping


def _source(data: MappingOf[str, Any]) -> Source:
    allowed = {item.name for item in fields(Source)}
    values: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in dict(data).items() if key in allowed
    }
    if isinstance(values.get("columns"), str):
        values["columns"] = (values["columns"],)
    if not values.get("columns"):
        raise ImportRefused(_("The matching of columns is not in the expected form."))
    return Source(**values)


def _check(data: MappingOf[str, Any]) -> Check:
    return Check(str(data["label"]), tuple(data["sum_of"]), tuple(data["equals"]), str(data.get("tolerance", "0")))


def _judge(mapping: Mapping) -> None:
    if mapping.currency and not re.fullmatch(r"[A-Z]{3}", mapping.currency):
        raise ImportRefused(_("“%(currency)s” is not a currency code such as EUR.") % {"currency": mapping.currency})
    if not set(mapping.colours.values()) <= set(Colour.values) or mapping.scale not in {0, 3, 5}:
        raise ImportRefused(_("The matching names a colour or a scale that does not exist."))
    for source in mapping.columns.values():
        if source.scale and not _positive(source.scale):
            raise ImportRefused(_("“%(scale)s” is not a factor for amounts.") % {"scale": source.scale})
    for pattern in mapping.withheld:
        try:
            re.compile(pattern)
        except re.error as error:
            raise ImportRefused(_("“%(pattern)s” is not a pattern.") % {"pattern": pattern}) from error


def _positive(text: str) -> bool:
    try:
        number = Decimal(text)
    except InvalidOperation:
        return False
    return number.is_finite() and number > 0


# --- finding columns ---------------------------------------------------------------------------------------

_SIGNS: Final = re.compile(r"[^0-9a-z%]+")
_UNIT: Final = re.compile(
    r"(?:[£€$(]|\b(?:usd|eur|gbp|cad|aud|chf|in)\b)\s*"
    r"(?:(?P<bn>bn|billions?)|(?P<m>m|mn|mln|mio|millions?)|(?P<k>k|thousands?|'?000s?))\b",
    re.IGNORECASE,
)
_BRACKETS: Final = re.compile(r"\([^()]*\)")
_BARE_UNIT: Final = re.compile(r"\(\s*[£€$]\s*\)")


def folded(header: str) -> str:
    """A header without case, blanks and signs, for comparing."""
    return _SIGNS.sub(" ", header.casefold()).strip()


def find(header: Sequence[str], names: Sequence[str]) -> list[int]:
    """The positions of the columns that these names mean, one for each name, in the order of the names."""
    texts = [(folded(text), folded(_BRACKETS.sub(" ", text))) for text in header]
    found: list[int] = []
    for name in names:
        position = _position(texts, name)
        if position is not None and position not in found:
            found.append(position)
    return found


def _position(texts: Sequence[tuple[str, str]], name: str) -> int | None:
    alternatives = dict.fromkeys([name, *name.split("|")])
    return next((at for one in alternatives if (at := _match(texts, one.strip())) is not None), None)


def _match(texts: Sequence[tuple[str, str]], name: str) -> int | None:
    """The column of one name. `texts` are the headers, folded, with and without what is in brackets."""
    wanted = folded(name)
    if not wanted:
        return None
    if name.startswith("*"):
        return next((at for at, (text, _bare) in enumerate(texts) if wanted in text), None)
    for side in (0, 1):
        equal = next((at for at, pair in enumerate(texts) if pair[side] == wanted), None)
        if equal is not None:
            return equal
    if name.startswith("="):
        return None
    return next((at for at, (text, _bare) in enumerate(texts) if text.startswith(wanted + " ")), None)


def header_scale(header: str) -> Decimal | None:
    """What the header says a bare number is to be multiplied with: "(£m)" is a million."""
    match = _UNIT.search(header)
    if match:
        return Decimal({"bn": 10**9, "m": 10**6, "k": 10**3}[match.lastgroup or "m"])
    return Decimal(1) if _BARE_UNIT.search(header) else None

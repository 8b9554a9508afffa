"""A first matching for a file that no preset knows, from the words that people use in headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from projects.imports.mapping import DATE_FIELDS, DEFAULT_WITHHELD, MONEY_FIELDS, Mapping, Source, find

WORDS: Final[dict[str, tuple[str, ...]]] = {
    "external_id": (
        "id",
        "project id",
        "project number",
        "project no",
        "project code",
        "code",
        "key",
        "number",
        "nummer",
        "projectnummer",
    ),
    "name": ("name", "project name", "project", "title", "project title", "naam", "projectnaam", "titel"),
    "description": ("description", "summary", "aims", "objective", "omschrijving", "beschrijving"),
    "category": ("category", "type", "project type", "categorie", "soort"),
    "org_unit": (
        "department",
        "org unit",
        "organisation",
        "organization",
        "agency",
        "division",
        "business unit",
        "afdeling",
        "directie",
    ),
    "phase": ("phase", "current phase", "stage", "fase"),
    "declared": (
        "rag",
        "rag status",
        "status colour",
        "overall status",
        "health",
        "rating",
        "colour",
        "color",
        "status",
        "kleur",
    ),
    "baseline_start_on": ("baseline start", "planned start", "original start"),
    "baseline_finish_on": (
        "baseline finish",
        "baseline end",
        "planned finish",
        "planned end",
        "original finish",
        "original end",
    ),
    "forecast_start_on": ("forecast start", "start", "start date", "startdatum"),
    "forecast_finish_on": (
        "forecast finish",
        "forecast end",
        "forecast completion",
        "finish",
        "finish date",
        "end",
        "end date",
        "due date",
        "einddatum",
    ),
    "actual_start_on": ("actual start",),
    "actual_finish_on": ("actual finish", "actual end", "actual completion"),
    "baseline_cost": (
        "baseline cost",
        "baseline budget",
        "approved budget",
        "budget",
        "original budget",
        "planned cost",
    ),
    "forecast_cost": ("forecast cost", "budget forecast", "forecast", "estimate at completion", "eac", "prognose"),
    "actual_cost": ("actual cost", "actuals", "spend to date", "spent", "actual", "realisatie"),
    "whole_life_cost": ("whole life cost", "total budget", "total cost", "lifecycle cost"),
    "benefits": ("benefits", "total benefits", "baten"),
    "accomplished": ("commentary", "comment", "narrative", "status update", "progress", "toelichting"),
    "next_steps": ("next steps", "next", "volgende stappen"),
    "asks_text": ("asks", "help needed", "support needed"),
}


def guess_mapping(header: Sequence[str], *, currency: str) -> Mapping:
    """A matching by header words; each column is used once, what is unclear is left to the person."""
    taken: set[int] = set()
    columns: dict[str, Source] = {}
    for name, words in WORDS.items():
        position = next((at for at in find(header, words) if at not in taken), None)
        if position is None:
            continue
        taken.add(position)
        columns[name] = Source(
            (f"={header[position]}",), decimal="" if name in MONEY_FIELDS or name in DATE_FIELDS else "."
        )
    return Mapping(columns=columns, currency=currency, withheld=DEFAULT_WITHHELD)

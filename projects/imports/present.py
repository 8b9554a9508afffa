"""Reading what a portfolio holds, as the comparison of an import needs it. A fixed number of queries."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.db.models import F

from projects.enums import SnapshotSource
from projects.imports.changes import Present
from projects.imports.mapping import DATE_FIELDS, MONEY_FIELDS
from projects.models import Portfolio, Project, SnapshotSet

COLUMNS: Final = (
    "id", "external_id", "name", "description", "category", "status", "left_on", "currency", "cost_period",
    "source_texts", "imported_as_of", "version", *DATE_FIELDS, *MONEY_FIELDS,
    *(f"{measure}_withheld" for measure in MONEY_FIELDS),
)  # fmt: skip


def present_projects(portfolio: Portfolio, *, lock: bool = False) -> dict[str, Present]:
    """The projects of a portfolio that bear an external id, by that id. One query; `lock` holds their rows."""
    projects = Project.objects.filter(portfolio=portfolio).exclude(external_id="").order_by("pk")
    if lock:
        list(projects.select_for_update().values_list("pk", flat=True))
    rows = projects.values(*COLUMNS, org_unit_name=F("org_unit__name"), phase_name=F("phase__name"))
    found: dict[str, Present] = {}
    for row in rows:
        values: dict[str, Any] = dict(row)
        values["org_unit"] = values.pop("org_unit_name") or ""
        values["phase"] = values.pop("phase_name") or ""
        found[values["external_id"]] = Present(values["id"], values)
    return found


def import_sets(portfolio: Portfolio) -> list[tuple[dt.date, bool, int]]:
    """The sets that imports made: (date, whether complete, scale), oldest first."""
    sets = SnapshotSet.objects.filter(portfolio=portfolio, source=SnapshotSource.IMPORT).order_by("as_of")
    return list(sets.values_list("as_of", "is_complete", "scale"))


def complete_dates(portfolio: Portfolio) -> list[dt.date]:
    return [as_of for as_of, is_complete, _scale in import_sets(portfolio) if is_complete]

"""Updates and snapshots of an import: what the file said at its date, whatever came later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, Model
from django.utils import timezone

from projects.enums import Colour, ProjectStatus, SnapshotSource, UpdateState
from projects.facts import project_facts
from projects.health import Thresholds, judge, need_of_attention
from projects.imports.changes import folded_name
from projects.imports.mapping import COLOUR_FIELDS, MONEY_FIELDS, NARRATIVE_FIELDS
from projects.imports.records import Planned
from projects.models import Portfolio, Snapshot, SnapshotSet, Update
from projects.services.bulk import write_rows

BATCH: Final = 1000
PERCENT_LIMIT: Final = Decimal("99999999999.0")
CONTENT: Final = (*COLOUR_FIELDS, *NARRATIVE_FIELDS)


# --- updates -----------------------------------------------------------------------------------------------


def write_updates(records: Iterable[Planned], ids: Mapping[str, int], scale: int) -> set[tuple[int, dt.date]]:
    """Publish what the file declares and tells, one update per project and date; which were written.

    The same content again writes nothing; other content supersedes what an earlier import published.
    """
    wanted = {(ids[record.external_id], record.as_of): _content(record) for record in records if record.update}
    if not wanted:
        return set()
    before = _published({project for project, _date in wanted}, {date for _project, date in wanted})
    written = {
        key: content for key, content in wanted.items() if key not in before or _differs(before[key], content, scale)
    }
    stale = [before[key].pk for key in written if key in before]
    Update.objects.filter(pk__in=stale).update(
        state=UpdateState.SUPERSEDED, version=F("version") + 1, updated_at=timezone.now()
    )
    now = timezone.now()
    _write(
        Update,
        [
            {
                "project_id": project_id, "as_of": as_of, "scale": scale, "state": UpdateState.PUBLISHED.value,
                "is_imported": True, "published_at": now, "updated_at": now, "version": 1, "computed": "",
                "rationale": "",
                "supersedes_id": before[project_id, as_of].pk if (project_id, as_of) in before else None, **content,
            }
            for (project_id, as_of), content in written.items()
        ],
    )  # fmt: skip
    return set(written)


def _write(model: type[Model], rows: Sequence[dict[str, Any]]) -> None:
    for start in range(0, len(rows), BATCH):
        write_rows(model, rows[start : start + BATCH])


def _content(record: Planned) -> dict[str, str]:
    return {name: record.update.get(name, "") for name in CONTENT} | {
        "declared": record.update.get("declared") or Colour.NOT_ASSESSED.value
    }


def _published(projects: set[int], dates: set[dt.date]) -> dict[tuple[int, dt.date], Update]:
    rows = Update.objects.in_force().filter(is_imported=True, project__in=projects, as_of__in=dates)
    return {(row.project_id, row.as_of): row for row in rows}


def _differs(update: Update, content: Mapping[str, str], scale: int) -> bool:
    return update.scale != scale or any(getattr(update, name) != value for name, value in content.items())


# --- snapshots ---------------------------------------------------------------------------------------------


def write_snapshots(  # noqa: PLR0913  the sides of one file
    portfolio: Portfolio,
    as_of: dt.date,
    records: Sequence[Planned],
    ids: Mapping[str, int],
    unit_names: Mapping[str, str],
    *,
    scale: int,
    is_complete: bool,
) -> SnapshotSet | None:
    """The set of this date from what the file says, so that it is the same in whatever order files come.

    None when a set of the same content is there already; one of other content is made anew.
    """
    previous = _previous_finishes(portfolio, as_of)
    rows = [
        snapshot_row(portfolio, record, ids[record.external_id], unit_names, scale=scale, previous=previous)
        for record in records
    ]
    there = SnapshotSet.objects.filter(portfolio=portfolio, as_of=as_of, source=SnapshotSource.IMPORT).first()
    if there is not None:
        if (there.scale, there.is_complete) == (scale, is_complete) and _same(there, rows):
            return None
        there.delete()
    made = SnapshotSet.objects.create(
        portfolio=portfolio, as_of=as_of, source=SnapshotSource.IMPORT, scale=scale, is_complete=is_complete
    )
    _write(Snapshot, [{**row, "snapshot_set_id": made.pk} for row in rows])
    return made


def _previous_finishes(portfolio: Portfolio, as_of: dt.date) -> dict[int, dt.date | None]:
    sets = SnapshotSet.objects.filter(portfolio=portfolio, source=SnapshotSource.IMPORT, as_of__lt=as_of)
    newest = sets.order_by("-as_of").first()
    if newest is None:
        return {}
    return dict(newest.snapshots.values_list("project_id", "forecast_finish_on"))


_STATED: Final = ("declared", "declared_scale", "category", "phase_name", "currency", "name", "org_unit_name",
                  "start_on", "baseline_finish_on", "forecast_finish_on", "actual_finish_on", "last_update_on",
                  *MONEY_FIELDS)  # fmt: skip


def _same(there: SnapshotSet, rows: Sequence[dict[str, Any]]) -> bool:
    stored = {row.pop("project_id"): row for row in there.snapshots.values("project_id", "withheld", *_STATED)}
    if len(stored) != len(rows):
        return False
    return all(
        (before := stored.get(row["project_id"])) is not None
        and set(before["withheld"]) == set(row["withheld"])
        and all(before[name] == row[name] for name in _STATED)
        for row in rows
    )


def snapshot_row(
    portfolio: Portfolio,
    record: Planned,
    project_id: int,
    unit_names: Mapping[str, str],
    *,
    scale: int,
    previous: Mapping[int, dt.date | None],
) -> dict[str, Any]:
    """The columns of a snapshot: the facts and the health of a project as its row in the file gives them."""
    known = stated_facts(portfolio, record, scale)
    known["org_unit_name"] = unit_names.get(folded_name(record.org_unit), record.org_unit or "")
    known["has_previous"] = project_id in previous
    known["previous_finish_on"] = before = previous.get(project_id)
    finish = known["forecast_finish_on"]
    known["moved_days"] = (finish - before).days if finish and before else None
    thresholds = Thresholds(
        portfolio.schedule_tolerance_days, portfolio.cost_tolerance_percent, portfolio.update_cadence_days
    )
    health = judge(known, thresholds)
    stored = {column: known[word] for word, column in STORED.items()} | {"next_milestone_name": ""}
    return {
        "project_id": project_id, "name": known["name"], "org_unit_name": known["org_unit_name"],
        "is_stale": health.is_stale, "moved_days": known["moved_days"], "computed": health.overall,
        "signals": health.signal_data(), "rank": need_of_attention(known["declared"], health),
        **health.dimensions, **stored,
    }  # fmt: skip


STORED: Final[dict[str, str]] = {fact.word: fact.column for fact in project_facts.columns()}
ABSENT: Final[dict[str, Any]] = {fact.word: fact.absent for fact in project_facts.facts.values()}
"""What each fact is when nothing was recorded."""


def stated_facts(portfolio: Portfolio, record: Planned, scale: int) -> dict[str, Any]:
    """Every fact of the catalogue as far as the file tells it; the rest is what nothing recorded means."""
    own = record.fields
    known = dict(ABSENT)
    known.update({name: own.get(name) for name in MONEY_FIELDS})
    known.update(
        name=own["name"], portfolio_id=portfolio.pk, status=ProjectStatus.ACTIVE.value, imported_as_of=record.as_of,
        category=own.get("category", ""), phase_name=record.phase or "",
        currency=own.get("currency") or portfolio.currency,
        schedule_tolerance=portfolio.schedule_tolerance_days, cost_tolerance=portfolio.cost_tolerance_percent,
        update_cadence=portfolio.update_cadence_days,
        withheld=[measure for measure in MONEY_FIELDS if own.get(f"{measure}_withheld")],
        cost_is_whole=not own.get("cost_period"),
    )  # fmt: skip
    known.update(_schedule(own, record.as_of))
    known.update(_cost(own))
    if record.update:
        known.update(_declared(record, scale))
    return known


def _declared(record: Planned, scale: int) -> dict[str, Any]:
    content = _content(record)
    told = {f"declared_{name}": content[name] for name in COLOUR_FIELDS if name != "declared"}
    return {
        **told, "declared": content["declared"], "declared_scale": scale,
        "last_update_on": record.as_of, "update_age_days": 0,
    }  # fmt: skip


def _schedule(own: Mapping[str, Any], as_of: dt.date) -> dict[str, Any]:
    actual = own.get("actual_finish_on")
    finished = actual if actual and actual <= as_of else None
    forecast, baseline = own.get("forecast_finish_on"), own.get("baseline_finish_on")
    finish, begun = finished or forecast, own.get("actual_start_on")
    return {
        "start_on": begun or own.get("forecast_start_on") or own.get("baseline_start_on"),
        "is_started": True
        if begun and begun <= as_of
        else False
        if _is_later(own.get("forecast_start_on"), as_of)
        else None,
        "baseline_finish_on": baseline,
        "forecast_finish_on": forecast,
        "actual_finish_on": finished,
        "slip_days": (finish - baseline).days if finish and baseline else None,
        "finish_overdue_days": 0 if finished else max((as_of - forecast).days, 0) if forecast else None,
        "elapsed_percent": _elapsed(begun, forecast, as_of),
    }


def _is_later(date: dt.date | None, as_of: dt.date) -> bool:
    return date is not None and date > as_of


def _elapsed(begun: dt.date | None, finish: dt.date | None, as_of: dt.date) -> Decimal | None:
    if begun is None or finish is None or begun > as_of or finish <= begun:
        return None
    return _percent(Decimal((min(as_of, finish) - begun).days), Decimal((finish - begun).days))


def _cost(own: Mapping[str, Any]) -> dict[str, Any]:
    baseline, forecast, actual = (own.get(name) for name in ("baseline_cost", "forecast_cost", "actual_cost"))
    return {
        "cost_variance_percent": _over(forecast, baseline),
        "spent_over_baseline_percent": _over(actual, baseline),
        "spent_of_forecast_percent": _percent(actual, forecast),
    }


def _over(amount: Decimal | None, base: Decimal | None) -> Decimal | None:
    return None if amount is None or base is None else _percent(amount - base, base)


def _percent(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    """100 × part ÷ whole with one decimal, within what a column holds; None without a positive whole."""
    if part is None or whole is None or whole <= 0:
        return None
    share = max(min(part * 100 / whole, PERCENT_LIMIT), -PERCENT_LIMIT)
    return share.quantize(Decimal("0.1"))

"""A portfolio of any size, laid down by SQL: the same shape at 100 and at 10,000 projects.

Everything follows from the row number, so two runs measure the same data. Triggers rest meanwhile: history is not
what is measured here.
"""

# ruff: noqa: E501  wrapped SQL hides what belongs together
from __future__ import annotations

import time
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.hashers import make_password
from django.db import connection, transaction

from accounts.models import OrgUnit, RoleGrant, User
from projects.enums import SnapshotSource
from projects.models import Portfolio, Project, SnapshotSet
from projects.services import state
from strategy.models import Goal, Office

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    from django.db.backends.utils import CursorWrapper

PORTFOLIOS: Final = 4
UNITS: Final = 25
LEADS: Final = 40
WEEKS: Final = 52

PROJECTS: Final = """
INSERT INTO projects_project (version, updated_at, portfolio_id, external_id, name, description, category, org_unit_id,
    goal_id, lead_id, sponsor_id, status, is_confidential, baseline_start_on, baseline_finish_on, forecast_start_on,
    forecast_finish_on, currency, cost_period, baseline_cost, baseline_cost_withheld, forecast_cost,
    forecast_cost_withheld, actual_cost, actual_cost_withheld, whole_life_cost, whole_life_cost_withheld, benefits,
    benefits_withheld, source_texts, is_demo)
SELECT 1, now(), (%(portfolios)s::bigint[])[1 + i %% 4], 'B-' || i,
    (ARRAY['Smart meters', 'Customer portal', 'Rail signalling', 'Data quality', 'Wind at sea', 'Payroll renewal',
           'Archive move', 'Bridge repair'])[1 + i %% 8] || ' phase ' || i,
    'What project ' || i || ' is to bring.',
    (ARRAY['ICT', 'Infrastructure', 'Transformation', 'Research'])[1 + i %% 4],
    (%(units)s::bigint[])[1 + i %% 25], (%(goals)s::bigint[])[1 + i %% 5], (%(leads)s::bigint[])[1 + i %% 40],
    (%(leads)s::bigint[])[1 + (i * 7) %% 40], CASE WHEN i %% 25 = 0 THEN 'on_hold' ELSE 'active' END, i %% 33 = 0,
    d - 200 - i %% 100, d + i %% 500, d - 200 - i %% 100, d + i %% 500 + (i %% 13) * 2 + CASE WHEN i %% 17 = 0 THEN 60 ELSE 0 END, 'EUR', '',
    100000 + (i %% 90) * 25000, '', 100000 + (i %% 90) * 26000, '', 40000 + (i %% 90) * 9000, '', NULL, '',
    CASE WHEN i %% 6 = 0 THEN NULL ELSE 300000 END, '', '{}', false
FROM generate_series(1, %(size)s) i, (SELECT %(today)s::date d) today
"""

PHASES: Final = """
INSERT INTO projects_phase (version, updated_at, project_id, position, name, start_on, finish_on)
SELECT 1, now(), p.id, n, (ARRAY['Start', 'Design', 'Build', 'Closure'])[n],
    p.forecast_start_on + (n - 1) * ((p.forecast_finish_on - p.forecast_start_on) / 4),
    p.forecast_start_on + n * ((p.forecast_finish_on - p.forecast_start_on) / 4)
FROM projects_project p, generate_series(1, 4) n
"""

CURRENT_PHASE: Final = """
UPDATE projects_project p SET phase_id = h.id FROM projects_phase h WHERE h.project_id = p.id AND h.position = 1 + p.id %% 4
"""

MILESTONES: Final = """
INSERT INTO projects_milestone (version, updated_at, project_id, name, is_gate, baseline_on, forecast_on, actual_on)
SELECT 1, now(), p.id, (ARRAY['Mandate', 'Plan agreed', 'Supplier chosen', 'Design ready', 'First release', 'Pilot done',
    'Training', 'Go-live', 'Handover', 'Closed'])[n], n %% 3 = 1, day, day + (n %% 4), CASE WHEN day + (n %% 4) < d AND (p.id %% 9 > 0 OR n < 4) THEN day END
FROM (SELECT p.id, n, p.forecast_start_on + n * ((p.forecast_finish_on - p.forecast_start_on) / 11) AS day
      FROM projects_project p, generate_series(1, 10) n) p, (SELECT %(today)s::date d) today
"""

GATES: Final = """
INSERT INTO projects_gate (version, created_at, updated_at, project_id, milestone_id, outcome)
SELECT 1, now(), now(), project_id, id, '' FROM projects_milestone WHERE is_gate
"""

RISKS: Final = """
INSERT INTO projects_risk (version, updated_at, project_id, title, description, probability, impact, response,
    response_plan, status)
SELECT 1, now(), p.id, 'Too few testers ' || n, '', 1 + (p.id + n) %% 3, 1 + (p.id * n) %% 3 + CASE WHEN p.id %% 10 = 0 THEN 2 ELSE 0 END, '', '', 'open'
FROM projects_project p, generate_series(1, 3) n
"""

ISSUES: Final = """
INSERT INTO projects_issue (version, updated_at, project_id, title, description, severity, is_blocker, opened_on, status,
    resolution)
SELECT 1, now(), p.id, 'Delivery is late', '', 2, p.id %% 10 = 0, %(today)s::date - (p.id %% 40)::int, 'open', ''
FROM projects_project p WHERE p.id %% 2 = 0
"""

DECISIONS: Final = """
INSERT INTO projects_decision (version, updated_at, project_id, question, options, recommendation, holder_id, raised_by_id,
    raised_on, needed_by, state, outcome, rationale)
SELECT 1, now(), p.id, 'May we go on with project ' || p.id || '?', '', '', p.sponsor_id, p.lead_id, %(today)s::date - 10,
    %(today)s::date + (p.id %% 20)::int, 'wanted', '', ''
FROM projects_project p WHERE p.id %% 5 = 0
"""

UPDATES: Final = """
INSERT INTO projects_update (version, updated_at, project_id, author_id, as_of, state, scale, declared, schedule, cost, scope,
    risk, computed, rationale, accomplished, next_steps, asks_text, published_at, is_imported)
SELECT 1, now(), p.id, p.lead_id, %(today)s::date - (p.id %% 12)::int, 'published', 3,
    (ARRAY['green', 'green', 'amber', 'red'])[1 + p.id %% 4], 'green', 'amber', 'green', 'amber', '', '',
    'We did what we had planned.', 'We do the next part.', '', now() - (p.id %% 12) * interval '1 day', false
FROM projects_project p
"""

TABLES: Final = (
    "projects_rollup", "projects_snapshot", "projects_snapshotset", "projects_projectstate", "projects_update",
    "projects_decision", "projects_issue", "projects_risk", "projects_gate", "projects_milestone", "projects_phase", "projects_project",
)  # fmt: skip


def lay_down(size: int, today: date) -> None:
    """Empty the scratch database of projects and lay down this many, with people, plan, risks and updates."""
    people = _people()
    parameters: dict[str, Any] = {
        "size": size, "today": today, "leads": people, "portfolios": _portfolios(), "units": _units(), "goals": _goals(),
    }  # fmt: skip
    with _without_history() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY CASCADE")
        for statement in (PROJECTS, PHASES, CURRENT_PHASE, MILESTONES, GATES, RISKS, ISSUES, DECISIONS, UPDATES):
            cursor.execute(statement, parameters)


@contextmanager
def _without_history() -> Iterator[CursorWrapper]:
    """A transaction in which the tables' own triggers rest, for a role that owns them and need not be superuser."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def _people() -> list[int]:
    password = make_password(None)
    for number in range(LEADS):
        User.objects.get_or_create(
            email=f"lead{number}@bench.invalid", defaults={"name": f"Lead {number}", "password": password}
        )
    for role in ("pmo_manager", "executive"):
        person, _made = User.objects.get_or_create(
            email=f"{role}@bench.invalid", defaults={"name": role, "password": password}
        )
        RoleGrant.objects.get_or_create(user=person, role=role, scope="organisation")
    return list(User.objects.filter(email__startswith="lead").order_by("pk").values_list("pk", flat=True))


def _portfolios() -> list[int]:
    if not Portfolio.objects.exists():
        office = Office.objects.create(name="Bench office", slug="bench")
        root = Portfolio.add_root(name="Everything", slug="everything", office=office)
        for number in range(PORTFOLIOS - 1):
            root = Portfolio.objects.get(pk=root.pk)
            root.add_child(name=f"Programme {number}", slug=f"programme-{number}", office=office)
    return list(Portfolio.objects.order_by("pk").values_list("pk", flat=True))


def _units() -> list[int]:
    if not OrgUnit.objects.exists():
        for number in range(UNITS):
            OrgUnit.add_root(name=f"Department {number}")
    return list(OrgUnit.objects.order_by("pk").values_list("pk", flat=True))


def _goals() -> list[int]:
    for number in range(5):
        Goal.objects.get_or_create(name=f"Goal {number}")
    return list(Goal.objects.order_by("pk").values_list("pk", flat=True))


def analyse() -> None:
    """Let the planner know what lies there, as a database does that has been running for a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def copy_weeks(first: list[SnapshotSet]) -> None:
    """Lay the first week's snapshots and roll-ups down again for each of the weeks before it."""
    columns = _columns("projects_snapshot", {"id", "snapshot_set_id"})
    with _without_history() as cursor:
        for one in first:
            cursor.execute(COPY_SETS, {"set": one.pk, "weeks": WEEKS})
            cursor.execute(COPY_SNAPSHOTS.replace("COLUMNS", ", ".join(columns)), {"set": one.pk})
            cursor.execute(COPY_ROLLUPS, {"set": one.pk})


def _columns(table: str, without: set[str]) -> list[str]:
    with connection.cursor() as cursor:
        found = [column.name for column in connection.introspection.get_table_description(cursor, table)]
    return [name for name in found if name not in without]


COPY_SETS: Final = """
INSERT INTO projects_snapshotset (portfolio_id, as_of, source, scale, is_complete)
SELECT portfolio_id, as_of - 7 * n, source, scale, is_complete FROM projects_snapshotset, generate_series(1, %(weeks)s - 1) n
WHERE id = %(set)s
"""
COPY_SNAPSHOTS: Final = """
INSERT INTO projects_snapshot (snapshot_set_id, COLUMNS)
SELECT older.id, COLUMNS FROM projects_snapshot one
JOIN projects_snapshotset newest ON newest.id = one.snapshot_set_id
JOIN projects_snapshotset older ON older.portfolio_id = newest.portfolio_id AND older.as_of < newest.as_of
WHERE one.snapshot_set_id = %(set)s
"""
COPY_ROLLUPS: Final = """
INSERT INTO projects_rollup (portfolio_id, snapshot_set_id, is_confidential, as_of, computed_at, data)
SELECT one.portfolio_id, older.id, one.is_confidential, older.as_of, one.computed_at, one.data FROM projects_rollup one
JOIN projects_snapshotset newest ON newest.id = one.snapshot_set_id
JOIN projects_snapshotset older ON older.portfolio_id = newest.portfolio_id AND older.as_of < newest.as_of
WHERE one.snapshot_set_id = %(set)s
"""


def build(size: int, today: date) -> float:
    """Everything that the pages read: projects, their states, a year of snapshots and the roll-ups. Returns the seconds."""
    start = time.perf_counter()
    lay_down(size, today)
    analyse()
    state.refresh(Project.objects.values_list("pk", flat=True))
    newest = today - timedelta(days=today.isoweekday() + 14)  # so that the weekly round has snapshots to take
    first = state.take_sets(Portfolio.objects.all(), as_of=newest, source=SnapshotSource.WEEKLY)
    copy_weeks(first)
    state.refresh(Project.objects.values_list("pk", flat=True))
    state.refresh_rollups()
    return time.perf_counter() - start

"""The measurements, one size after the other, and the tables that they print."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Final

from django.db import connection
from django.utils import timezone

from accounts.models import User
from bench import data, heavy
from bench.floor.models import Item, Owner
from bench.sides import GROWTH_GOAL, Page, floor, measure, portal
from projects.models import Project

MOST_GET, MOST_POST, MOST_BYTES = 12, 20, 150 * 1024
HEAD: Final = f"{'page':<34}{'p50 ms':>9}{'p95 ms':>9}{'× floor':>9}{'goal':>7}{'SQL':>5}{'kB':>7}"

FLOOR_ROWS: Final = """
INSERT INTO floor_item (name, code, status, phase, schedule, cost, risk, budget, forecast, starts_on, finishes_on,
    next_on,    updated_on, rank, owner_id)
SELECT 'Item number ' || i, 'I-' || i, s[1 + i %% 3], 'Build', s[1 + i %% 3], s[1 + (i + 1) %% 3], s[1 + (i + 2) %% 3],
    100000 + i, 110000 + i, d - 200, d + i %% 500, d + i %% 90, d - i %% 12, i %% 6, 1 + i %% 40
FROM generate_series(1, %(size)s) i, (SELECT %(today)s::date d, ARRAY['green', 'amber', 'red'] s) x
"""


def run(sizes: list[int], runs: int, only: str | None) -> int:
    """Measure everything (or one part) and print it. Returns 1 when a goal is missed."""
    _floor_tables()
    seen: dict[str, dict[int, Page]] = {}
    missed: list[str] = []
    for size in sizes:
        if only != "import":
            _build(size)
        if only in {None, "pages"}:
            pages = _pages(size)
            measure(pages, runs)
            missed += _print_pages(size, pages)
            for page in pages:
                seen.setdefault(page.name, {})[size] = page
        if only in {None, "report"}:
            missed += heavy.report(size)
        if only in {None, "scan"} and size == max(sizes):
            missed += heavy.scans()
    missed += _print_growth(seen, sizes)
    if only in {None, "import"}:
        missed += heavy.imports()
    print("\nAll goals are met." if not missed else "\nMissed:\n  " + "\n  ".join(missed))
    return 1 if missed else 0


def _floor_tables() -> None:
    tables = connection.introspection.table_names()
    with connection.schema_editor() as editor:
        for model in (Owner, Item):
            if model._meta.db_table not in tables:
                editor.create_model(model)


def _build(size: int) -> None:
    today = timezone.localdate()
    seconds = data.build(size, today)
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE floor_item, floor_owner RESTART IDENTITY CASCADE")
        cursor.execute("INSERT INTO floor_owner (name) SELECT 'Owner ' || i FROM generate_series(1, 40) i")
        cursor.execute(FLOOR_ROWS, {"size": size, "today": today})
        cursor.execute("VACUUM ANALYZE")
    print(f"\n{size:,} projects, {size * 10:,} milestones, {data.WEEKS} weeks of snapshots: built in {seconds:.0f} s")


def _pages(size: int) -> list[Page]:
    pmo, executive = (User.objects.get(email=f"{who}@bench.invalid") for who in ("pmo_manager", "executive"))
    bare, manager, reader = floor(pmo), portal(pmo), portal(executive)
    key = Project.objects.order_by("-pk").values_list("pk", flat=True)[size // 2]

    def get(client: object, path: str) -> Callable[[], object]:
        return lambda: client.get(path)  # type: ignore[attr-defined]  # a client of Django

    def pitch() -> object:
        answers = {"token": str(uuid.uuid4()), "title": "A better archive", "later": "yes"}
        return manager.post("/requests/new/", answers)

    return [
        Page("floor: 50 rows", get(bare, "/")),
        Page("floor: 50 rows, filtered", get(bare, "/?status=amber&status=red")),
        Page("floor: a bare POST", lambda: bare.post("/new/", {"name": "New"})),
        Page("portfolio table, PMO", get(manager, "/projects/"), 1.0),
        Page("portfolio table, executive", get(reader, "/projects/"), 1.0),
        Page(
            "portfolio table, filtered",
            get(reader, "/projects/?status=active&computed=red&computed=amber&computed=green"),
            1.0,
            "floor: 50 rows, filtered",
        ),
        # what grows here is the count of nearly all projects: the floor counts as many, and the goal is held against it
        Page(
            "portfolio table, most pass",
            get(reader, "/projects/?stale=no"),
            1.2,
            "floor: 50 rows, filtered",
            growth_goal=1.5,
        ),
        Page("project page", get(manager, f"/projects/P-{key}/"), 2.0),
        Page("dashboard, PMO", get(manager, "/dashboard/"), 3.0),
        Page("dashboard, executive", get(reader, "/dashboard/"), 3.0),
        Page("roadmap, 100 rows", get(manager, "/roadmap/"), 3.0),
        Page("search", get(manager, "/search/?q=smart+meters")),
        Page("search, mistyped", get(manager, "/search/?q=smrat+metres")),
        Page("a request is pitched (POST)", pitch, 3.0, "floor: a bare POST"),
    ]


def _print_pages(size: int, pages: list[Page]) -> list[str]:
    floors = {page.name: page.p50 for page in pages if page.name.startswith("floor")}
    print(f"\n{HEAD}\n{'-' * len(HEAD)}")
    missed = []
    for page in pages:
        ratio = page.p50 / floors.get(page.against, floors["floor: 50 rows"])
        goal = f"{page.goal:.1f}" if page.goal else ""
        print(
            f"{page.name:<34}{page.p50:>9.1f}{page.p95:>9.1f}{ratio:>9.2f}{goal:>7}"
            f"{page.queries:>5}{page.size / 1024:>7.0f}"
        )
        if page.goal and ratio > page.goal:
            missed.append(f"{page.name} at {size:,}: {ratio:.2f} × floor, the goal is {page.goal:.1f}")
        if not page.name.startswith("floor"):
            missed += _too_much(page, size)
    return missed


def _too_much(page: Page, size: int) -> list[str]:
    most = MOST_POST if "POST" in page.name else MOST_GET
    found = []
    if page.queries > most:
        found.append(f"{page.name} at {size:,}: {page.queries} statements, the goal is {most}")
    if page.size > MOST_BYTES:
        found.append(f"{page.name} at {size:,}: {page.size / 1024:.0f} kB, the goal is {MOST_BYTES // 1024}")
    return found


def _print_growth(seen: dict[str, dict[int, Page]], sizes: list[int]) -> list[str]:
    first, last = sizes[0], sizes[-1]
    if first == last or not seen:
        return []
    print(f"\nGrowth from {first:,} to {last:,} projects (goal {GROWTH_GOAL}, unless a page has its own)")
    missed = []
    for name, pages in seen.items():
        # a filter may find less than a page of rows in a small portfolio: pages are compared when they are as long
        alike = next(size for size in sizes if pages[size].size >= pages[last].size * 0.9)
        growth = pages[last].p50 / pages[alike].p50
        print(f"{name:<34}{growth:>9.2f}")
        goal = pages[last].growth_goal
        if growth > goal and not name.startswith("floor"):
            missed.append(f"{name}: grows {growth:.2f} times, the goal is {goal}")
    return missed

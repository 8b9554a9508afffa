"""What runs in the background: the weekly round and the import.

Each runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import csv
import io
import json
import resource
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils import timezone

if TYPE_CHECKING:
    from collections.abc import Callable

SECONDS_GOAL: Final = 10.0
QUERIES_GOAL: Final = 10
MEGABYTES_GOAL: Final = 20.0
SCAN_GOAL: Final = 30.0
"""Seconds for 100 rules over 10,000 projects."""
SCAN_RULES: Final = 100
SCAN_STATEMENTS_AT_ALL: Final = 6
SCAN_STATEMENTS_PER_1000: Final = 8
IMPORT_GOAL: Final = 1000
IMPORT_ROWS: Final = 10_000
_found: dict[int, dict[str, Any]] = {}
"""What each size took, smallest first."""


def report(size: int) -> list[str]:
    """Facts, health, snapshots and weekly reports over all projects. Prints a line and returns the goals missed.

    Below 1,000 projects most statements are the fixed part of the reports, so they are judged from there on.
    """
    found = _found[size] = _child("weekly")
    smaller = _found.get(1000, found)
    thousands = (size - 1000) / 1000
    statements = found["queries"] / (size / 1000)
    further = (found["queries"] - smaller["queries"]) / thousands if thousands > 0 else 0.0
    megabytes = found["megabytes"] - smaller["megabytes"]
    added = f" ({statements:.1f} per 1,000; {further:.1f} for each further 1,000)" if further else ""
    print(
        f"\nweekly round over {size:,}: {found['seconds']:.1f} s, {found['queries']} statements{added}, peak "
        f"{found['megabytes']:.0f} MB, {found['reports']} reports, {found['snapshots']:,} snapshots"
    )
    measured = (
        (found["seconds"], SECONDS_GOAL, "s"),
        (statements if thousands > 0 else 0.0, QUERIES_GOAL, "statements per 1,000"),
        (megabytes, MEGABYTES_GOAL, "MB above 1,000 projects"),
    )
    return [
        f"weekly round over {size:,}: {number:.1f} {what}, the goal is {goal:.0f}"
        for number, goal, what in measured
        if number > goal
    ]


def scans() -> list[str]:
    """A scan of all projects against a hundred rules, on one worker. Prints a line and returns the goals missed."""
    found = _child("scan")
    print(
        f"\nscan of {found['rules']} rules over {found['projects']:,} projects: {found['seconds']:.1f} s, "
        f"{found['queries']} statements, peak {found['megabytes']:.0f} MB; the first one, which opened "
        f"{found['findings']:,} findings, {found['first']:.1f} s"
    )
    allowed = SCAN_STATEMENTS_AT_ALL + SCAN_STATEMENTS_PER_1000 * -(-found["projects"] // 1000)
    seconds = SCAN_GOAL * max(found["projects"], 1000) / 10_000
    missed = []
    slowest = max(found["seconds"], found["first"])
    if slowest > seconds:
        missed.append(f"scan of rules: {slowest:.1f} s, the goal is {seconds:.0f}")
    if found["queries"] > allowed:
        missed.append(f"scan of rules: {found['queries']} statements, the goal is {allowed}")
    return missed


def imports() -> list[str]:
    """Rows a second when a file of projects is imported, reading and checking it not counted."""
    found = _child("import")
    speed = found["rows"] / found["seconds"]
    print(
        f"\nimport of {found['rows']:,} rows: {found['seconds']:.1f} s after {found['parsing']:.1f} s of parsing, "
        f"{speed:,.0f} rows a second, peak {found['megabytes']:.0f} MB"
    )
    return [] if speed >= IMPORT_GOAL else [f"import: {speed:,.0f} rows a second, the goal is {IMPORT_GOAL:,}"]


def _child(name: str) -> dict[str, Any]:
    answer = subprocess.run(  # noqa: S603  ourselves
        [sys.executable, "-W", "ignore", "-m", "bench.heavy", name], check=True, capture_output=True, text=True
    )
    return dict(json.loads(answer.stdout.splitlines()[-1]))


class Counter:
    """Counts statements while it is on."""

    def __init__(self) -> None:
        self.queries = 0

    def __call__(self, execute: Callable[..., object], *arguments: Any) -> object:
        self.queries += 1
        return execute(*arguments)


def weekly() -> dict[str, Any]:
    """The weekly round as the sweep does it: states, then a report per portfolio with the snapshots it freezes."""
    from projects.models import Portfolio, Project, Snapshot
    from projects.services import state
    from reporting.models import ReportSlot
    from reporting.services import reports

    _forget_reports()
    slots = [reports.slot_to_make(portfolio) for portfolio in Portfolio.objects.all()]
    ReportSlot.objects.update(due_at=timezone.now())
    before = Snapshot.objects.count()
    counter, start = Counter(), time.perf_counter()
    with connection.execute_wrapper(counter):
        state.refresh(Project.objects.values_list("pk", flat=True))
        made = [reports.make_report(slot.pk) for slot in slots]
    result = _result(start, queries=counter.queries, reports=sum(one is not None for one in made))
    return result | {"snapshots": Snapshot.objects.count() - before}


def _forget_reports() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE reporting_reportslot, reporting_report CASCADE")


def scanned() -> dict[str, Any]:
    """The start set again and again until there are a hundred rules; a scan of every live project that opens the
    findings, and then the one that is measured, as it comes round every hour.
    """
    from dataclasses import replace

    from governance import services as rulebook
    from governance.models import Finding, RuleVersion
    from projects.models import Project
    from projects.services import rules
    from projects.start_rules import start_set

    there = start_set()
    rulebook.add_rules(
        replace(one, code=f"{one.code}-{turn}" if turn else one.code)
        for turn in range(-(-SCAN_RULES // len(there)))
        for one in there
    )
    extra = RuleVersion.objects.active().order_by("pk").values("pk")[SCAN_RULES:]
    RuleVersion.objects.filter(pk__in=list(extra.values_list("pk", flat=True))).update(state="retired")
    Finding.objects.all().delete()
    ids = list(Project.objects.live().order_by("pk").values_list("pk", flat=True))
    begun = time.perf_counter()
    opened, _closed = rules.scan(ids)
    first = time.perf_counter() - begun
    counter, start = Counter(), time.perf_counter()
    with connection.execute_wrapper(counter):
        rules.scan(ids)
    count = RuleVersion.objects.active().count()
    return _result(start, rules=count, projects=len(ids), queries=counter.queries, findings=opened, first=first)


def imported() -> dict[str, Any]:
    """An import of many new projects into an empty portfolio, from the parsed rows to the end of the transaction."""
    from projects.imports import apply, plan, presets, reconcile, tables
    from projects.models import Portfolio
    from projects.services.imports import no_step
    from strategy.models import Office

    office, _made = Office.objects.get_or_create(slug="bench-import", defaults={"name": "Bench import office"})
    number = Portfolio.objects.count()
    portfolio = Portfolio.add_root(name=f"Imported {number}", slug=f"imported-{number}", office=office, currency="GBP")
    begun = time.perf_counter()
    table = tables.read_table(_file(), sheet="")
    columns = presets.preset(presets.guess(table.columns))
    parsed = plan.make_plan(table, columns, as_of=timezone.localdate().replace(day=1))
    start = time.perf_counter()
    done = apply.apply_plan(portfolio.pk, parsed, actor=None, step=no_step)
    rows = reconcile.reconciliation(parsed, done.found, done.warnings)["made"]
    return _result(start, rows=rows, parsing=start - begun)


def _file() -> bytes:
    """A file such as the UK government publishes of its major projects."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([
        "GMPP ID Number", "Project Name", "Department", "Annual Report Category", "Description / Aims",
        "IPA Delivery Confidence Assessment", "SRO Delivery Confidence Assessment",
        "Project - Start Date (Latest Approved Start Date)",
        "Project - End Date (Latest Approved End Date)",
        "TOTAL Baseline Whole Life Costs (£m) (including Non-Government Costs)",
    ])  # fmt: skip
    for number in range(IMPORT_ROWS):
        colour = ("Green", "Amber", "Red")[number % 3]
        writer.writerow([
            f"B_{number:05d}", f"Project {number}", f"Department {number % 20}", "ICT", "What it is for.",
            colour, colour,
            "01/04/2020", "31/03/2029", str(100 + number % 900),
        ])  # fmt: skip
    return text.getvalue().encode()


def _result(start: float, **more: Any) -> dict[str, Any]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"seconds": time.perf_counter() - start, "megabytes": peak, **more}


def main(name: str) -> None:
    """Run one of them in this process and print what came of it."""
    import django

    django.setup()
    print(json.dumps({"weekly": weekly, "scan": scanned, "import": imported}[name]()))


if __name__ == "__main__":
    main(sys.argv[1])

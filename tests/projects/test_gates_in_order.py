"""Known data: 200 capital projects with their gate dates, none of which breaks the order of its gates.

Melbourne Water, capital delivery projects (CC0). The file is read where it lies beside the working copy.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from governance.models import Finding
from projects.models import Milestone, Phase, Portfolio, Project
from projects.services import plan, projects, rules, state
from tests import factories as make

pytestmark = pytest.mark.django_db

FILE = next(
    (
        found
        for place in (Path(settings.BASE_DIR).parent / "shared", Path(settings.BASE_DIR).parent.parent / "shared")
        if (found := place / "data" / "melbourne_water" / "first_200.csv").exists()
    ),
    None,
)
GATES = ("BNI", "BCA", "Stage1", "Stage2", "Stage3")
NAMES = (
    "Need agreed",
    "Business case approved",
    "Practical completion 1",
    "Practical completion 2",
    "Defects period over",
)
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})")

needs_file = pytest.mark.skipif(FILE is None, reason="the Melbourne Water file does not lie beside the working copy")


def day(text: str) -> dt.date | None:
    """The day of a cell: ISO, or day first (11/07/2016 is 11 July)."""
    found = _DAY_FIRST.match(text.strip())
    if found:
        return dt.date(int(found[3]), int(found[2]), int(found[1]))
    return dt.date.fromisoformat(text.strip()[:10]) if text.strip() else None


def test_dates_are_read_day_first() -> None:
    assert day("11/07/2016 5:00:00 PM") == dt.date(2016, 7, 11)
    assert day("2016-05-25 17:00:00") == dt.date(2016, 5, 25)
    assert day(" ") is None


def file_rows() -> list[dict[str, str]]:
    assert FILE is not None
    with FILE.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture
def pmo() -> User:
    return make.make_person()


def bring_in(pmo: User, rows: list[dict[str, str]]) -> Portfolio:
    """Each row as a project with a phase and a gate per date that it has; a day that lies ahead is a forecast."""
    portfolio = make.make_portfolio("Capital delivery", currency="AUD")
    today = timezone.localdate()
    with state.put_off():
        for row in rows:
            data = projects.NewProject(
                portfolio=portfolio, name=f"{row['Owner Team']} {row['ID']}", external_id=row["ID"],
                category=row["Delivery Program"],
            )  # fmt: skip
            project = projects.create_project(actor=pmo, data=data)
            for gate, name in zip(GATES, NAMES, strict=True):
                on = day(row[gate])
                if on is None:
                    continue
                phase = plan.add_phase(actor=pmo, project=project, values={"name": f"Until {name.lower()}"})
                values: dict[str, Any] = {"name": name, "phase": phase, "is_gate": True, "forecast_on": on}
                plan.add_milestone(
                    actor=pmo, project=project, values={**values, "actual_on": on if on <= today else None}
                )
    return portfolio


def out_of_order() -> list[str]:
    """The external ids of the projects with a finding of the rule."""
    rules.scan_all()
    ids = Finding.objects.open().filter(rule__code="gates-in-order").values("subject_id")
    return sorted(Project.objects.filter(pk__in=ids).values_list("external_id", flat=True))


@needs_file
def test_known_gates_are_all_in_order_and_one_swapped_row_is_found(pmo: User) -> None:
    rows = file_rows()
    assert len(rows) == 200
    portfolio = bring_in(pmo, rows)
    gates = Milestone.objects.filter(project__portfolio=portfolio, is_gate=True)
    assert gates.count() == sum(day(row[gate]) is not None for row in rows for gate in GATES)
    assert Phase.objects.filter(project__portfolio=portfolio).count() == gates.count()
    assert gates.filter(actual_on__isnull=False).count() > 900
    assert out_of_order() == []

    swapped = rows[41]
    project = Project.objects.get(external_id=swapped["ID"])
    first, second = (project.milestones.get(name=name) for name in NAMES[1:3])
    for milestone, other in ((first, second), (second, first)):
        plan.edit_milestone(
            actor=pmo, project=project, milestone_id=milestone.pk, version=None, changes={"actual_on": other.actual_on}
        )
    assert out_of_order() == [swapped["ID"]]


def test_rule_is_silent_about_projects_without_gates(pmo: User) -> None:
    project = make.make_project()
    make.make_milestone(project, actual_on=timezone.localdate())
    assert out_of_order() == []

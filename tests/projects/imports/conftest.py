"""Published files for import tests, and makers of small ones."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings

from projects.imports import plan, presets, tables
from projects.imports.records import Plan

PUBLISHED = Path(settings.BASE_DIR).parent / "shared" / "data"


@pytest.fixture(scope="session")
def published() -> Callable[[str], Path]:
    """The path of a published file; skips where the folder of published files is absent."""

    def path(name: str) -> Path:
        if not PUBLISHED.is_dir():
            pytest.skip(f"The published files are not there: {PUBLISHED}")
        return PUBLISHED / name

    return path


def csv_bytes(rows: Sequence[Sequence[str]], delimiter: str = ",") -> bytes:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue().encode()


def xlsx_bytes(rows: Sequence[Sequence[object]], title: str = "Projects") -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def planned(content: bytes, preset: str, as_of: str | None) -> Plan:
    """The plan of a file with a preset."""
    date = dt.date.fromisoformat(as_of) if as_of else None
    return plan.make_plan(tables.read_table(content), presets.preset(preset), as_of=date)


GMPP_HEADER = [
    "GMPP ID Number",
    "Project Name",
    "Department",
    "IPA Delivery Confidence Assessment",
    "TOTAL Baseline Whole Life Costs (£m)",
    "Project - End Date",
]


def gmpp_csv(*rows: Sequence[str]) -> bytes:
    """A small file in the manner of the UK's: id, name, department, rating, whole-life cost, end date."""
    return csv_bytes([GMPP_HEADER, *rows])

"""Exports: the same rows and rights as on screen, in one query, and never a formula."""

from __future__ import annotations

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.enums import RoleName
from projects.models import Project
from projects.services import state
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db
DANGEROUS = ("=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx")


def _csv(client: Client, path: str) -> str:
    return client.get(path).getvalue().decode()


def test_csv_holds_every_row_and_the_exact_amounts() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    portfolios.many(120)
    rows = list(csv.DictReader(io.StringIO(_csv(client, "/projects/export.csv?cols=forecast_cost"))))
    assert len(rows) == 120
    assert rows[0]["Forecast"] == "110000.00"
    assert rows[0]["Currency"] == "EUR"
    assert {row["Key"] for row in rows} == {f"P-{pk}" for pk in Project.objects.values_list("pk", flat=True)}


def test_dutch_csv_has_semicolons_a_byte_order_mark_and_decimal_commas() -> None:
    user = factories.make_person(RoleName.PMO_MANAGER)
    factories.make_project("Eén", forecast_cost=Decimal("1234.50"), refresh=True)
    client = portfolios.signed_in(user)
    client.cookies["django_language"] = "nl"
    text = _csv(client, "/projects/export.csv?cols=forecast_cost")
    assert text.startswith("\ufeff")
    assert "Eén;1234,50" in text
    translation.activate("en-gb")


def test_no_text_becomes_a_formula() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    portfolio = factories.make_portfolio()
    made = [factories.make_project(name, portfolio=portfolio, category=name) for name in DANGEROUS]
    state.refresh([project.pk for project in made])
    rows = list(csv.reader(io.StringIO(_csv(client, "/projects/export.csv?cols=category"), newline="")))
    cells = [cell for row in rows[1:] for cell in row]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    answer = client.get("/projects/export.xlsx?cols=category")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    found = [cell for row in sheet.iter_rows(min_row=2) for cell in row if cell.value is not None]
    assert all(cell.data_type != "f" for cell in found)
    assert {"=1+1", "@SUM(A1)"} <= {cell.value for cell in found}


def test_xlsx_holds_numbers_as_numbers_and_dates_as_dates() -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    portfolios.many(3)
    answer = client.get("/projects/export.xlsx?cols=forecast_cost,forecast_finish_on")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active
    assert sheet is not None
    values = [cell.value for cell in next(sheet.iter_rows(min_row=2))]
    assert values[2] == 110000
    assert getattr(values[3], "year", 0) >= 2026


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_takes_the_same_statements_for_more_rows(kind: str) -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.EXECUTIVE))
    portfolio = portfolios.many(10)
    counts = []
    for more in (0, 300):
        if more:
            portfolios.many(more, portfolio)
        with CaptureQueriesContext(connection) as found:
            b"".join(client.get(f"/projects/export.{kind}?columns=all").streaming_content)
        counts.append(len(found))
    assert counts[0] == counts[1]

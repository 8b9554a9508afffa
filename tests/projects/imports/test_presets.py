"""Files of years and publishers that no preset was made from."""

import datetime as dt
from decimal import Decimal

import pytest

from projects.imports import guesses, mapping, plan, presets, tables
from projects.imports.errors import ImportRefused
from tests.projects.imports.conftest import csv_bytes, planned, xlsx_bytes


@pytest.mark.parametrize(
    ("header", "rating", "colour", "scale"),
    [
        (
            ["GMPP ID Number", "Project Name", "MPA RAG Rating", "Total Budgeted Whole Life Costs (£m)"],
            "A/R",
            "amber_red",
            5,
        ),
        (
            ["GMPP ID", "Project name", "IPA Delivery Confidence Assessment", "Whole Life Costs (£bn)"],
            "Reset",
            "not_assessed",
            3,
        ),
        (
            [
                "gmpp id number",
                "PROJECT  NAME",
                "NISTA Delivery Confidence Assessment",
                "TOTAL Baseline Whole Life Costs (£)",
            ],
            "Green",
            "green",
            3,
        ),
        (
            [
                "Project ID",
                "Project Name",
                "2019 IPA Delivery Confidence Assessment",
                "2019 TOTAL Baseline Whole Life Costs (£k)",
            ],
            "AMBER-GREEN",
            "amber_green",
            5,
        ),
    ],
)
def test_other_years_of_the_uk_are_read(header, rating, colour, scale):
    found = planned(csv_bytes([header, ["X_1", "Bridge", rating, "2"]]), "gmpp", "2019-03-31")
    record = found.records[0]
    factor = {"(£m)": 10**6, "(£bn)": 10**9, "(£)": 1, "(£k)": 1000}[header[3].rsplit(" ", 1)[1]]
    assert (record.update["declared"], found.scale) == (colour, scale)
    assert record.fields["whole_life_cost"] == Decimal(2) * factor


def test_a_missing_column_is_simply_not_spoken_of():
    record = planned(csv_bytes([["GMPP ID", "Project Name"], ["X", "Bridge"]]), "gmpp", "2019-03-31").records[0]
    assert "whole_life_cost" not in record.fields
    assert "cost_period" not in record.fields


def test_amounts_of_one_year_say_of_which():
    content = csv_bytes([["GMPP ID", "Project Name", "Financial Year Forecast (£m)"], ["X", "Bridge", "£3"]])
    assert planned(content, "gmpp", "2019-03-31").records[0].fields["cost_period"] == "Financial year 2018/19"
    assert planned(content, "gmpp", "2019-04-01").records[0].fields["cost_period"] == "Financial year 2019/20"


def test_an_unheard_of_rating_is_a_warning_and_its_text_is_kept():
    found = planned(
        csv_bytes([["GMPP ID", "Project Name", "IPA Delivery Confidence Assessment"], ["X", "Bridge", "Purple"]]),
        "gmpp",
        "2019-03-31",
    )
    assert found.records[0].update["declared"] == "not_assessed"
    assert found.records[0].texts == {"declared": "Purple"}
    assert [problem.kind.value for problem in found.warnings] == ["colour"]


def test_headers_may_hold_newlines_and_come_in_a_workbook():
    content = xlsx_bytes(
        [
            ["GMPP ID\nNumber", "Project\nName", "Project - End Date \n(Latest Approved End Date)"],
            ["X", "Bridge", dt.date(2030, 1, 2)],
        ]
    )
    assert planned(content, "gmpp", "2022-03-31").records[0].fields["forecast_finish_on"] == dt.date(2030, 1, 2)


def test_a_file_of_nobody_we_know_gets_a_first_matching():
    content = csv_bytes(
        [
            ["Projectnummer", "Naam", "Afdeling", "Kleur", "Budget", "Einddatum"],
            ["7", "Brug", "Wegen", "Oranje", "1.250.000,50", "31-12-2026"],
            ["8", "Tunnel", "Wegen", "Groen", "900.000,00", "onbekend"],
        ],
        ";",
    )
    table = tables.read_table(content)
    assert presets.guess(table.columns) == ""
    found = plan.make_plan(table, guesses.guess_mapping(table.columns, currency="EUR"), as_of=dt.date(2026, 1, 1))
    first, second = found.records
    assert (first.external_id, first.org_unit, first.update["declared"]) == ("7", "Wegen", "amber")
    assert first.fields["baseline_cost"] == Decimal("1250000.50")
    assert first.fields["forecast_finish_on"] == dt.date(2026, 12, 31)
    assert second.texts["forecast_finish_on"] == "onbekend"


def test_a_mapping_survives_json():
    for name in presets.PRESETS:
        known = presets.preset(name)
        assert mapping.from_json(mapping.to_json(known)) == known


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {},
        {"columns": {"nonsense": {"columns": ["a"]}}},
        {"columns": {"name": {"columns": []}}},
        {"columns": {}, "currency": "EURO"},
        {"columns": {}, "withheld": ["("]},
        {"columns": {}, "scale": 4},
        {"columns": {"benefits": {"columns": ["a"], "scale": "NaN"}}},
    ],
)
def test_what_is_no_mapping_is_refused(data):
    with pytest.raises(ImportRefused):
        mapping.from_json(data)


def test_an_unknown_preset_lists_the_presets():
    with pytest.raises(ImportRefused, match="nyc-capital"):
        presets.preset("mars")


def test_a_file_without_a_date_asks_for_one():
    with pytest.raises(ImportRefused, match="Give the date"):
        planned(csv_bytes([["GMPP ID", "Project Name"], ["X", "Bridge"]]), "gmpp", None)

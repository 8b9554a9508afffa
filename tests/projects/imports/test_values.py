import datetime as dt
import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from projects.enums import Colour
from projects.imports.values import (
    Known,
    Unknown,
    Unreadable,
    clean,
    date_order,
    parse_colour,
    parse_date,
    parse_money,
    withheld_reason,
)

MILLION = Decimal(1_000_000)
DAYS = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 31))
AMOUNTS = st.decimals(Decimal("-99999999999.99"), Decimal("99999999999.99"), places=2)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("£12,131.50", "12131.50"),
        ("£1.90m", "1900000"),
        ("34", "34"),
        ("£0.00", "0"),
        ("-£3.50", "-3.50"),
        ("(£1,000)", "-1000"),
        ("1.234.567,89", "1234567.89"),
        ("1 234 567", "1234567"),
        ("£\u00a012", "12"),
        ("9e-05", "0"),
        ("1.2bn", "1200000000"),
        ("GBP 480k", "480000"),
        ("1,234,567", "1234567"),
        ("−5", "-5"),  # noqa: RUF001  the real minus sign
        (".5", "0.5"),
    ],
)
def test_amounts_are_read(text, amount):
    assert parse_money(text, currency="GBP") == Known(Decimal(amount).quantize(Decimal("0.01")))


@pytest.mark.parametrize(
    "text",
    ["TBD", "£", "1.2.3", "12 or 13", "€5", "1,23,4", "1e309", "Infinity", "--5", "(5", "9" * 40, "=1+1", "1/2", "5%"],
)
def test_what_is_no_amount_in_pounds_is_kept_as_text(text):
    assert parse_money(text, currency="GBP") == Unreadable(text)


@pytest.mark.parametrize("text", ["", " ", "-", "n/a", "\u00a0", "None", "NaN"])
def test_nothing_is_unknown_and_not_zero(text):
    assert parse_money(text) == Unknown()
    assert parse_date(text) == Unknown()
    assert parse_colour(text) == Unknown()


def test_a_suffix_counts_instead_of_the_scale_of_the_column():
    assert parse_money("£1.90m", scale=MILLION) == parse_money("1.90", scale=MILLION) == Known(Decimal("1900000.00"))


def test_the_decimal_sign_of_a_column_decides_a_lone_separator():
    assert parse_money("1.234", decimal=".") == Known(Decimal("1.23"))
    assert parse_money("1.234", decimal=",") == Known(Decimal("1234.00"))
    assert parse_money("12,5", decimal=".") == Known(Decimal("12.50"))


@given(AMOUNTS)
def test_every_written_amount_is_read_back(amount):
    assert parse_money(f"£{amount:,.2f}".replace("£-", "-£"), currency="GBP") == Known(amount.quantize(Decimal("0.01")))
    dutch = f"{amount:,.2f}".translate(str.maketrans(",.", ".,"))
    assert parse_money(dutch, decimal=",") == Known(amount.quantize(Decimal("0.01")))


@given(DAYS)
def test_every_written_date_is_read_back(day):
    assert parse_date(day.isoformat()) == Known(day)
    assert parse_date(day.strftime("%d/%m/%Y")) == Known(day)
    assert parse_date(day.strftime("%m/%d/%Y 12:00:00 AM"), order="mdy") == Known(day)
    assert parse_date(day.strftime("%B %d, %Y")) == Known(day)
    assert parse_date(day.strftime("%d %b %Y")) == Known(day)


@given(st.text(max_size=80))
def test_no_text_makes_a_reader_fall_over(text):
    for value in (parse_money(text), parse_date(text), parse_colour(text)):
        assert isinstance(value, Known | Unknown | Unreadable)
    assert "\x00" not in clean(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("31.12.40", dt.date(2040, 12, 31)),
        ("11/07/2016", dt.date(2016, 7, 11)),
        ("June 30, 2020", dt.date(2020, 6, 30)),
        ("2022-03-31 00:00:00", dt.date(2022, 3, 31)),
        ("1st May 2019", dt.date(2019, 5, 1)),
        ("30-Jun-20", dt.date(2020, 6, 30)),
        ("31 december 2025", dt.date(2025, 12, 31)),
        ("20220331", dt.date(2022, 3, 31)),
    ],
)
def test_dates_are_read(text, day):
    assert parse_date(text) == Known(day)


@pytest.mark.parametrize(
    "text", ["TBD", "Fiscal Year 22/23 Q2", "2020-21", "March 2020", "31/02/2020", "0000-01-01", "44651", "2"]
)
def test_what_is_no_date_is_kept_as_text(text):
    assert parse_date(text) == Unreadable(text)


def test_a_column_says_whether_its_dates_begin_with_the_day():
    assert date_order(["01/02/2020", "12/31/2020"]) == "mdy"
    assert date_order(["01/02/2020", "31/12/2020"]) == "dmy"
    assert date_order(["01/02/2020"]) == "dmy"


@pytest.mark.parametrize(
    ("text", "colour"),
    [
        ("Amber/red", "amber_red"),
        ("A/R", "amber_red"),
        ("Amber-Green", "amber_green"),
        ("AMBER / GREEN", "amber_green"),
        ("A/G", "amber_green"),
        ("Green", "green"),
        ("R", "red"),
        ("Reset", "not_assessed"),
        ("Oranje", "amber"),
        ("Amber (feasible)", "amber"),
        ("Exempt under Section 43 of the Freedom of Information Act 2000", "exempt"),
        ("The project is not in a position to provide this information.", "not_assessed"),
        ("RAG rating: red", "red"),
        ("Early planning GMPP project \n\n(The project has not yet passed SOC)", "not_assessed"),
    ],
)
def test_colours_are_read_however_they_are_spelt(text, colour):
    assert parse_colour(text) == Known(Colour(colour))


def test_an_unheard_of_colour_is_kept_as_text_and_a_source_can_bring_its_words():
    assert parse_colour("Purple") == Unreadable("Purple")
    assert parse_colour("Purple", {"purple": "red"}) == Known(Colour.RED)


def test_a_withheld_value_carries_its_reason():
    patterns = [re.compile("^exempt", re.IGNORECASE)]
    assert withheld_reason("Exempt under\n Section 43", patterns) == "Exempt under Section 43"
    assert withheld_reason("£5", patterns) == ""

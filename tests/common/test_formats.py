# ruff: noqa: RUF001  (amounts carry the real minus sign)
"""Numbers, money and dates read right in both languages, and typed money is understood or refused."""

import datetime as dt
from decimal import Decimal

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

from common import formats
from common.forms import DateInput, MoneyField, PortalForm
from common.money_text import AmbiguousError, UnreadableError, parse_money

NB = formats.NBSP


@pytest.mark.parametrize(
    ("amount", "english", "dutch"),
    [
        (Decimal(1234567), "€1,234,567", f"€{NB}1.234.567"),
        (Decimal("1234.50"), "€1,234.50", f"€{NB}1.234,50"),
        (Decimal(-12), "−€12", f"−€{NB}12"),
        (Decimal(0), "€0", f"€{NB}0"),
    ],
)
def test_money_reads_right_in_both_languages(amount, english, dutch):
    with translation.override("en-gb"):
        assert formats.money(amount, "EUR") == english
    with translation.override("nl"):
        assert formats.money(amount, "EUR") == dutch


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (950, "£950"),
        (618_000, "£618k"),
        (999_499, "£999k"),
        (13_400_000, "£13.4m"),
        (2_000_000, "£2m"),
        (471_800_000_000, "£471.8bn"),
        (-1_250_000, "−£1.3m"),
    ],
)
def test_compact_money_is_short(amount, words):
    with translation.override("en-gb"):
        assert formats.money(amount, "GBP", compact=True) == words


def test_unknown_is_a_word_and_not_a_zero():
    with translation.override("en-gb"):
        assert formats.money(None, "EUR") == "Unknown"
        assert formats.date_short(None) == "Unknown"
        assert formats.percent(None) == "Unknown"


def test_dates_carry_the_month_by_name():
    day = dt.date(2026, 9, 2)
    with translation.override("en-gb"):
        assert formats.date_short(day) == "2 Sep 2026"
        assert formats.iso_week(dt.date(2026, 11, 22)) == "week 47"
    with translation.override("nl"):
        assert formats.date_short(dt.date(2026, 3, 2)) == "2 mrt 2026"


def test_fiscal_year_is_named_after_the_year_it_ends_in():
    with translation.override("en-gb"):
        assert formats.quarter(dt.date(2026, 11, 22)) == "Q4 2026"
        assert formats.quarter(dt.date(2026, 11, 22), first_month=4) == "Q3 2027"
        assert formats.quarter(dt.date(2027, 2, 1), first_month=4) == "Q4 2027"


@pytest.mark.parametrize(
    ("days", "words"), [(0, "today"), (1, "tomorrow"), (-1, "yesterday"), (26, "in 26 days"), (-9, "9 days ago")]
)
def test_relative_days_are_words(days, words):
    today = dt.date(2026, 11, 22)
    with translation.override("en-gb"):
        assert formats.days_relative(today + dt.timedelta(days=days), today) == words


@pytest.mark.parametrize(
    ("text", "dutch", "amount"),
    [
        ("€ 1.234", True, "1234"),
        ("1.234.567,50", True, "1234567.50"),
        ("1234567,50", True, "1234567.50"),
        ("EUR 1.200,-", True, "1200"),
        ("1,2 mln", True, "1200000"),
        ("1,2 mln.", False, "1200000"),
        ("480k", True, "480000"),
        ("480K", False, "480000"),
        ("2.5bn", False, "2500000000"),
        ("1,234.50", False, "1234.50"),
        ("480,000", False, "480000"),
        ("480,000", True, "480000"),
        ("£1,5", False, "1.5"),
        ("1.5", True, "1.5"),
        ("-250", False, "-250"),
        ("1 234 567", True, "1234567"),
        ("0", True, "0"),
    ],
)
def test_typed_money_is_understood(text, dutch, amount):
    if text == "480,000" and dutch:
        with pytest.raises(AmbiguousError):
            parse_money(text, decimal_comma=True)
        return
    assert parse_money(text, decimal_comma=dutch) == Decimal(amount)


@pytest.mark.parametrize(
    "text", ["", "abc", "12 apples", "1.23.4", "1,2,3", "12 13k 4", "--5", "1.234,567,8", "k", "€", "1e9"]
)
def test_other_text_is_refused(text):
    with pytest.raises(UnreadableError):
        parse_money(text, decimal_comma=True)


@pytest.mark.parametrize("text", ["1,234", "480,000"])
def test_amount_with_two_readings_is_refused(text):
    with pytest.raises(AmbiguousError):
        parse_money(text, decimal_comma=True)


@pytest.mark.parametrize("language", ["en-gb", "nl"])
@pytest.mark.parametrize("amount", ["0", "1234", "1234567.50", "999999999.99", "-12.30"])
def test_stored_amount_survives_being_shown_and_sent_back(language, amount):
    field = MoneyField()
    with translation.override(language):
        assert field.clean(field.prepare_value(Decimal(amount))) == Decimal(amount)


def test_money_field_says_what_it_wants():
    with translation.override("en-gb"), pytest.raises(ValidationError, match="such as 480,000"):
        MoneyField().clean("twelve")


@pytest.mark.parametrize("language", ["en-gb", "nl"])
def test_date_field_shows_iso_so_that_browsers_keep_it(language):
    class When(PortalForm):
        on = forms.DateField()

    with translation.override(language):
        form = When(initial={"on": dt.date(2026, 11, 22)})
        assert isinstance(form.fields["on"].widget, DateInput)
        assert 'value="2026-11-22"' in str(form["on"])
        assert When({"on": "2026-11-22"}).is_valid()


def test_optional_fields_say_so_and_errors_name_their_field():
    class Idea(PortalForm):
        title = forms.CharField(label="Title")
        notes = forms.CharField(label="Notes", required=False)

    with translation.override("en-gb"):
        form = Idea({})
        assert str(form.fields["notes"].label) == "Notes (optional)"
        assert form.errors["title"] == ["Fill in “Title”."]


@pytest.mark.parametrize(
    ("ahead", "words"),
    [({"minutes": 5}, "in 5 minutes"), ({"hours": 4}, "in 4 hours"), ({"seconds": 30}, "just now")],
)
def test_a_moment_ahead_is_never_called_past(ahead: dict[str, int], words: str) -> None:
    now = dt.datetime(2026, 11, 23, 1, tzinfo=dt.UTC)
    assert formats.moment_relative(now + dt.timedelta(**ahead), now) == words

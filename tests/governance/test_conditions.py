"""Conditions: read strictly, judged with three values, said in words."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Value
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from governance.conditions import (
    AllOf,
    AnyOf,
    Between,
    Compare,
    Condition,
    ConditionError,
    Count,
    Empty,
    Exists,
    FactRef,
    Filled,
    Not,
    OlderThan,
    OneOf,
    Outcome,
    Step,
    Total,
    Withheld,
    Within,
    as_data,
    compiled,
    evaluate,
    facts_of,
    never_decides,
    parse,
)
from governance.conditions.certainty import never_kept, never_stops
from governance.facts import Catalogue, Children, Fact, FactKind, Source
from governance.words import in_words

PASS, FAIL, UNKNOWN = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
MONDAY = dt.date(2026, 11, 23)
KINDS = {
    "name": FactKind.TEXT,
    "status": FactKind.CHOICE,
    "score": FactKind.NUMBER,
    "slip": FactKind.DAYS,
    "tolerance": FactKind.DAYS,
    "variance": FactKind.PERCENT,
    "cost": FactKind.MONEY,
    "budget": FactKind.MONEY,
    "updated": FactKind.DATE,
    "started": FactKind.YES_NO,
    "withheld": FactKind.LIST,
}
UNITS = {FactKind.DAYS: "days", FactKind.PERCENT: "%"}
ROOM = Catalogue("room")
ROOM.declare(
    *(Fact(f"room.{word}", word, kind, Source(word, Value(1)), "", UNITS.get(kind, "")) for word, kind in KINDS.items())
)
CHAIR_KINDS = {
    "colour": FactKind.TEXT,
    "legs": FactKind.NUMBER,
    "price": FactKind.MONEY,
    "bought": FactKind.DATE,
    "broken": FactKind.YES_NO,
}
CHAIR = Catalogue("chair")
CHAIR.declare(*(Fact(f"chair.{w}", w, kind, Source("x", Value(1)), "", key=w) for w, kind in CHAIR_KINDS.items()))
ROOM.declare_children(Children("room.chairs", "chairs", Source("chairs", Value(1)), "", CHAIR))

DAYS = st.dates(dt.date(2026, 10, 1), dt.date(2026, 12, 31))
DECIMALS = st.decimals(-50, 50, places=2)
VALUES = {
    FactKind.TEXT: st.sampled_from(["a", "b", "%(x)s"]),
    FactKind.CHOICE: st.sampled_from(["on_hold", "done"]),
    FactKind.NUMBER: st.integers(-5, 5),
    FactKind.DAYS: st.integers(-5, 20),
    FactKind.PERCENT: DECIMALS,
    FactKind.MONEY: DECIMALS,
    FactKind.DATE: DAYS,
    FactKind.YES_NO: st.booleans(),
}
EMPTY = {FactKind.TEXT: st.just(""), FactKind.CHOICE: st.just("")}


@st.composite
def questions(draw: st.DrawFn) -> Condition:
    word = draw(st.sampled_from([word for word in KINDS if word != "withheld"]))
    kind, name = KINDS[word], f"room.{word}"
    ends: list[Any] = [draw(VALUES[kind]), draw(VALUES[kind])]
    low, high = sorted(ends)
    op = draw(st.sampled_from(["eq", "ne"]))
    may_be_withheld = kind is FactKind.MONEY
    choices: list[Condition] = [Compare(name, op, low), Filled(name, may_be_withheld), Empty(name, may_be_withheld)]
    if kind not in {FactKind.TEXT, FactKind.CHOICE, FactKind.YES_NO}:
        ordered = draw(st.sampled_from(["lt", "le", "gt", "ge"]))
        choices += [Compare(name, ordered, high), Between(name, low, high)]
        choices.append(
            Compare(name, ordered, FactRef({"slip": "room.tolerance", "cost": "room.budget"}.get(word, name)))
        )
    if kind is not FactKind.YES_NO:
        choices.append(OneOf(name, (low, high)))
    if kind is FactKind.DATE:
        age = draw(st.sampled_from([OlderThan, Within]))
        choices.append(age(name, draw(st.integers(0, 20)), draw(st.booleans())))
    if kind is FactKind.MONEY:
        choices.append(Withheld(name))
    return draw(st.sampled_from(choices))


def _grown(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return parts.map(AllOf) | parts.map(AnyOf) | inner.map(Not)


@st.composite
def chair_questions(draw: st.DrawFn) -> Condition:
    word = draw(st.sampled_from(list(CHAIR_KINDS)))
    value = draw(VALUES[CHAIR_KINDS[word]])
    choices: list[Condition] = [Compare(f"chair.{word}", "eq", value), Filled(f"chair.{word}")]
    return draw(st.sampled_from(choices))


FILTERS = st.none() | st.recursive(chair_questions(), _grown, max_leaves=3)


@st.composite
def over_chairs(draw: st.DrawFn) -> Condition:
    where, op = draw(FILTERS), draw(st.sampled_from(["eq", "ne", "lt", "le", "gt", "ge"]))
    choices: list[Condition] = [
        Exists("room.chairs", where),
        Count("room.chairs", where, op, draw(st.integers(0, 4))),
        Total("room.chairs", where, op, draw(st.integers(-5, 5)), "legs"),
        Total("room.chairs", where, op, draw(DECIMALS), "price"),
    ]
    return draw(st.sampled_from(choices))


CONDITIONS = st.recursive(questions() | over_chairs(), _grown, max_leaves=6)
CHAIRS = st.lists(
    st.fixed_dictionaries({word: st.none() | VALUES[kind] for word, kind in CHAIR_KINDS.items()}), max_size=4
)
FACTS = st.fixed_dictionaries(
    {},
    optional={
        "chairs": CHAIRS,
        **{
            word: st.none() | EMPTY.get(kind, st.nothing()) | VALUES[kind]
            for word, kind in KINDS.items()
            if kind in VALUES
        },
        "withheld": st.lists(st.sampled_from(["cost", "budget"]), unique=True),
    },
)


@given(CONDITIONS)
def test_what_is_stored_is_read_back(condition: Condition) -> None:
    assert parse(as_data(condition), ROOM) == condition
    assert facts_of(condition) <= KINDS.keys() | {"chairs"}


@given(CONDITIONS, FACTS)
def test_the_fast_way_answers_as_the_explained_way(condition: Condition, facts: dict[str, Any]) -> None:
    verdict = evaluate(condition, facts, MONDAY)
    assert compiled(condition)(facts, MONDAY) is verdict.outcome
    assert evaluate(condition, dict(facts), MONDAY) == verdict
    assert all(isinstance(step.value, str | int | None) for step in verdict.trace)


@given(CONDITIONS, FACTS, st.sets(st.sampled_from([*KINDS, "chairs"])))
def test_knowing_less_never_turns_an_answer_around(condition: Condition, facts: dict[str, Any], gone: set[str]) -> None:
    before = evaluate(condition, facts, MONDAY).outcome
    after = evaluate(condition, {word: facts[word] for word in facts.keys() - gone}, MONDAY).outcome
    assert after in {before, UNKNOWN}


@given(over_chairs() | _grown(over_chairs()), CHAIRS, st.data())
def test_knowing_less_of_a_row_never_turns_an_answer_around(
    condition: Condition, chairs: list[dict[str, Any]], data: st.DataObject
) -> None:
    before = evaluate(condition, {"chairs": chairs}, MONDAY).outcome
    gone = data.draw(st.lists(st.sets(st.sampled_from(list(CHAIR_KINDS))), min_size=len(chairs), max_size=len(chairs)))
    left = [{w: chair[w] for w in chair.keys() - lost} for chair, lost in zip(chairs, gone, strict=True)]
    assert evaluate(condition, {"chairs": left}, MONDAY).outcome in {before, UNKNOWN}


@given(CONDITIONS, CONDITIONS, FACTS)
def test_a_rule_that_is_called_useless_is(applies: Condition, condition: Condition, facts: dict[str, Any]) -> None:
    concerned = evaluate(applies, facts, MONDAY).outcome is PASS
    outcome = evaluate(condition, facts, MONDAY).outcome
    assert not (never_stops(applies, condition) and concerned and outcome is FAIL)
    assert not (never_kept(applies, condition) and concerned and outcome is PASS)


@given(CONDITIONS, FACTS)
def test_only_the_named_facts_count(condition: Condition, facts: dict[str, Any]) -> None:
    named = {word: value for word, value in facts.items() if word in facts_of(condition)}
    assert evaluate(condition, named, MONDAY) == evaluate(condition, facts, MONDAY)


@given(CONDITIONS, FACTS)
def test_what_never_decides_is_right(condition: Condition, facts: dict[str, Any]) -> None:
    impossible = {"always": FAIL, "never": PASS}.get(never_decides(condition) or "")
    assert evaluate(condition, facts, MONDAY).outcome is not impossible


@given(CONDITIONS, st.sampled_from(["en", "nl"]))
def test_words_tell_a_condition_from_its_opposite(condition: Condition, language: str) -> None:
    with override(language):
        assert in_words(condition, ROOM) != in_words(Not(condition), ROOM)


def test_words_read_as_a_sentence() -> None:
    late = AllOf(
        (
            Compare("room.slip", "le", 14),
            AnyOf((Filled("room.name"), OneOf("room.status", ("on_hold", "done")))),
            Not(OlderThan("room.updated", 1, True)),
        )
    )
    with override("en"):
        assert in_words(late, ROOM, {"status": {"on_hold": "On hold"}}) == (
            "slip: at most 14 days and (name: filled in or status: one of On hold, done)"
            " and not (updated: more than 1 working day ago)"
        )
        assert in_words(Compare("room.slip", "ge", FactRef("room.tolerance")), ROOM) == "slip: at least tolerance"
        assert in_words(Between("room.variance", Decimal("0.5"), Decimal(10)), ROOM) == (
            "variance: from 0.5% up to and including 10%"
        )


def test_words_tell_what_is_counted() -> None:
    broken = Compare("chair.broken", "eq", True)
    with override("en"):
        assert in_words(Count("room.chairs", broken, "le", 0), ROOM) == (
            "number of chairs with (broken: yes): at most 0"
        )
        assert in_words(Not(Exists("room.chairs", None)), ROOM) == "not (at least one of: chairs)"
        assert in_words(Total("room.chairs", broken, "lt", Decimal("2.5"), "price"), ROOM) == (
            "sum of price over chairs with (broken: yes): less than 2.5"
        )


@pytest.mark.parametrize(
    ("condition", "outcome", "value"),
    [
        (Count("room.chairs", None, "eq", 3), PASS, 3),
        (Count("room.chairs", Compare("chair.broken", "eq", True), "ge", 1), PASS, None),
        (Count("room.chairs", Compare("chair.broken", "eq", True), "le", 1), UNKNOWN, None),
        (Count("room.chairs", Compare("chair.broken", "eq", True), "gt", 2), FAIL, None),
        (Exists("room.chairs", Compare("chair.broken", "eq", True)), PASS, True),
        (Exists("room.chairs", Compare("chair.legs", "gt", 9)), FAIL, False),
        (Total("room.chairs", None, "eq", 11, "legs"), PASS, 11),
        (Total("room.chairs", Compare("chair.broken", "eq", True), "le", 8, "legs"), PASS, None),
        (Total("room.chairs", None, "ge", Decimal(0), "price"), UNKNOWN, None),
    ],
)
def test_children_are_counted_with_three_values(condition: Condition, outcome: Outcome, value: object) -> None:
    chairs: list[dict[str, Any]] = [
        {"legs": 4, "price": Decimal(5), "broken": True},
        {"legs": 3, "price": None, "broken": False},
        {"legs": 4, "price": Decimal(5), "broken": None},
    ]
    verdict = evaluate(condition, {"chairs": chairs}, MONDAY)
    assert (verdict.outcome, verdict.trace[0].value) == (outcome, value)
    assert evaluate(condition, {}, MONDAY).outcome is UNKNOWN


YES, NO, MAYBE = (Compare("room.score", "eq", n) for n in (1, 2, 1))
MAYBE = Compare("room.slip", "eq", 1)


@pytest.mark.parametrize(
    ("parts", "all_of", "any_of"),
    [
        ((YES, YES), PASS, PASS),
        ((YES, NO), FAIL, PASS),
        ((NO, NO), FAIL, FAIL),
        ((YES, MAYBE), UNKNOWN, PASS),
        ((NO, MAYBE), FAIL, UNKNOWN),
        ((MAYBE, MAYBE), UNKNOWN, UNKNOWN),
    ],
)
def test_three_values(parts: tuple[Condition, ...], all_of: Outcome, any_of: Outcome) -> None:
    for order in (parts, parts[::-1]):
        assert evaluate(AllOf(order), {"score": 1, "slip": None}, MONDAY).outcome is all_of
        assert evaluate(AnyOf(order), {"score": 1, "slip": None}, MONDAY).outcome is any_of


@pytest.mark.parametrize(
    ("facts", "filled", "withheld"),
    [
        ({}, UNKNOWN, UNKNOWN),
        ({"withheld": ["cost"]}, UNKNOWN, UNKNOWN),
        ({"cost": None}, UNKNOWN, UNKNOWN),
        ({"cost": None, "withheld": ["cost"]}, PASS, PASS),
        ({"cost": None, "withheld": []}, FAIL, FAIL),
        ({"cost": Decimal(0), "withheld": []}, PASS, FAIL),
        ({"cost": Decimal(0)}, PASS, UNKNOWN),
    ],
)
def test_withheld_is_not_empty(facts: dict[str, Any], filled: Outcome, withheld: Outcome) -> None:
    def answer(op: str) -> Outcome:
        return evaluate(parse({"fact": "room.cost", "op": op}, ROOM), facts, MONDAY).outcome

    assert (answer("filled"), answer("withheld")) == (filled, withheld)
    assert answer("empty") is {PASS: FAIL, FAIL: PASS, UNKNOWN: UNKNOWN}[filled]


@pytest.mark.parametrize(("word", "value"), [("name", None), ("name", ""), ("withheld", []), ("score", None)])
def test_nothing_is_empty(word: str, value: object) -> None:
    assert evaluate(Empty(f"room.{word}"), {word: value}, MONDAY).outcome is PASS
    assert evaluate(OneOf(f"room.{word}", ("a",)), {word: value}, MONDAY).outcome is UNKNOWN


@pytest.mark.parametrize(("day", "working", "plain"), [(19, 2, 4), (20, 1, 3), (21, 1, 2), (22, 1, 1), (23, 0, 0)])
def test_a_weekend_holds_no_working_days(day: int, working: int, plain: int) -> None:
    facts = {"updated": dt.date(2026, 11, day)}
    for is_working, age in ((True, working), (False, plain)):
        assert evaluate(Within("room.updated", age, is_working), facts, MONDAY).outcome is PASS
        assert evaluate(OlderThan("room.updated", age, is_working), facts, MONDAY).outcome is FAIL
        assert evaluate(OlderThan("room.updated", age - 1, is_working), facts, MONDAY).outcome is PASS


def test_the_future_is_within_any_number_of_days() -> None:
    assert evaluate(Within("room.updated", 0), {"updated": dt.date(2027, 1, 1)}, MONDAY).outcome is PASS


def test_the_trace_names_places_and_plain_values() -> None:
    condition = AllOf((Compare("room.cost", "gt", Decimal(1)), Not(AnyOf((Within("room.updated", 3),)))))
    assert evaluate(condition, {"cost": Decimal("2.50"), "updated": MONDAY}, MONDAY).trace == (
        Step("all[0]", "room.cost", "2.50", PASS),
        Step("all[1] › not › any[0]", "room.updated", "2026-11-23", PASS),
    )


def _ask(word: str, op: str, **more: object) -> dict[str, object]:
    return {"fact": f"room.{word}", "op": op, **more}


def _nested(depth: int) -> dict[str, Any]:
    return _ask("name", "filled") if depth == 1 else {"not": _nested(depth - 1)}


REFUSED: list[tuple[Any, str]] = [
    ({"count": "chairs"}, "these keys here: count, where, op, value"),
    ({"count": "chairs", "op": "in", "value": 1}, "compares no numbers"),
    ({"count": "tables", "op": "le", "value": 1}, "choose one of chairs"),
    ({"count": "chairs", "op": "le", "value": -1}, "whole number from 0"),
    ({"count": "chairs", "op": "le", "value": 1.5}, "whole number from 0"),
    ({"count": "chairs", "op": "le", "value": True}, "whole number from 0"),
    ({"count": "chairs", "where": _ask("slip", "filled"), "op": "le", "value": 1}, "not a known fact"),
    ({"count": "chairs", "where": {"exists": "chairs"}, "op": "le", "value": 1}, "cannot be counted here"),
    (
        {"count": "chairs", "where": {"all": [{"fact": "chair.legs", "op": "filled"}] * 80}, "op": "le", "value": 1},
        "80",
    ),
    ({"sum": "chairs.colour", "op": "le", "value": 1}, "added up: choose one of chairs.legs, chairs.price"),
    ({"sum": "chairs", "op": "le", "value": 1}, "added up"),
    ({"sum": "chairs.legs", "op": "le", "value": "many"}, "write a number"),
    ({"exists": "chairs", "value": 1}, "these keys here: exists, where"),
    (_nested(9), "Use at most 8 levels"),
    ({"all": [_ask("name", "filled")] * 80}, "at most 80 parts"),
    ([], "exactly one of"),
    ({}, "exactly one of"),
    ({"all": [YES], "any": [YES]}, "exactly one of"),
    ({"xor": [YES]}, "exactly one of"),
    ({"any": []}, "at least one condition"),
    (_ask("weight", "filled"), "not a known fact"),
    ({"fact": ["room.name"], "op": "filled"}, "not a known fact"),
    ({"fact": "name", "op": "filled"}, "not a known fact"),
    ({"fact": "room.name"}, "choose one of eq, ne, in, filled, empty"),
    (_ask("name", ["eq"], value="a"), "cannot be asked"),
    (_ask("name", "lt", value="a"), "cannot be asked"),
    (_ask("withheld", "eq", value="a"), "cannot be asked"),
    (_ask("slip", "older_than", days=1), "cannot be asked"),
    (_ask("slip", "withheld"), "cannot be asked"),
    (_ask("slip", "le", value=1, unit="days"), "these keys here: fact, op, value"),
    (_ask("slip", "le"), "these keys here: fact, op, value"),
    (_ask("slip", "le", other="room.name"), "same kind"),
    (_ask("slip", "le", other="room.weight"), "not a known fact"),
    (_ask("name", "eq", value=5), "write a text"),
    (_ask("name", "eq", value=""), "write a text"),
    (_ask("started", "eq", value=1), "write true or false"),
    (_ask("updated", "eq", value="20261122"), "write a date"),
    (_ask("updated", "eq", value="2026-02-30"), "write a date"),
    *((_ask("cost", "eq", value=bad), "write a number") for bad in (True, None, "x", "NaN", float("inf"), "1e999999")),
    (_ask("slip", "between", low=3, high=2), "swap them"),
    (_ask("name", "in", values=[]), "list of 1 to 100"),
    (_ask("updated", "within", days=-1), "whole number of days"),
    (_ask("updated", "within", days=True), "whole number of days"),
    (_ask("updated", "within", days=1, calendar="lunar"), "“working”"),
]


@pytest.mark.parametrize(("data", "sentence"), REFUSED)
def test_a_mistake_is_refused_with_its_place(data: Any, sentence: str) -> None:
    with override("en"), pytest.raises(ConditionError, match=sentence) as top:
        parse(data, ROOM)
    assert top.value.place == "" or str(top.value).startswith(f"{top.value.place}: ")
    with override("en"), pytest.raises(ConditionError) as caught:
        parse({"all": [_ask("name", "filled"), {"any": [data]}]}, ROOM)
    assert caught.value.place.startswith("all[1] › any[0]")
    assert str(caught.value).startswith(f"{caught.value.place}: ")


def test_numbers_and_dates_are_stored_as_text() -> None:
    written = _ask("cost", "ge", value=1.5)
    assert as_data(parse(written, ROOM)) == _ask("cost", "ge", value="1.5")
    assert as_data(parse(_ask("slip", "le", value="14"), ROOM)) == _ask("slip", "le", value=14)


def _slip(op: str, value: int) -> Condition:
    return Compare("room.slip", op, value)


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (AllOf((_slip("le", 5), _slip("gt", 7))), "never"),
        (AllOf((_slip("le", 7), _slip("gt", 5))), None),
        (AnyOf((_slip("le", 5), _slip("gt", 3))), "always"),
        (AnyOf((_slip("le", 3), _slip("gt", 5))), None),
        (AnyOf((_slip("lt", 3), _slip("gt", 5), Between("room.slip", 3, 5))), "always"),
        (AllOf((Filled("room.name"), Not(Filled("room.name")))), "never"),
        (Not(AnyOf((Filled("room.name"), Not(Filled("room.name"))))), "never"),
        (AnyOf((YES, AllOf((_slip("le", 5), _slip("gt", 7))))), None),
        (Exists("room.chairs", AllOf((Filled("chair.legs"), Empty("chair.legs")))), "never"),
        (Count("room.chairs", AllOf((Filled("chair.legs"), Empty("chair.legs"))), "le", 0), "always"),
        (Count("room.chairs", None, "ge", 0), "always"),
        (Count("room.chairs", None, "lt", 0), "never"),
        (Count("room.chairs", None, "le", 0), None),
        (AllOf((Count("room.chairs", None, "le", 2), Count("room.chairs", None, "gt", 4))), "never"),
        (AllOf((Count("room.chairs", None, "le", 2), Total("room.chairs", None, "gt", 4, "legs"))), None),
        (AllOf((OneOf("room.status", ("a", "b")), AllOf((Compare("room.status", "eq", "c"),)))), "never"),
        (AllOf((Within("room.updated", 3), OlderThan("room.updated", 3))), "never"),
        (_slip("le", 5), None),
        (AllOf((_slip("le", 5), Compare("room.score", "gt", 7))), None),
        (AllOf((_slip("le", 5), Compare("room.slip", "gt", FactRef("room.tolerance")))), None),
    ],
)
def test_a_condition_that_never_decides_is_told(condition: Condition, expected: str | None) -> None:
    assert never_decides(condition) == expected

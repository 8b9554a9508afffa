"""Rules as YAML: written out, read back strictly, refused with a place."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import documents
from governance.conditions import AllOf, AnyOf, Compare, Condition, ConditionError, Not, as_data, parse
from governance.contents import read_content
from governance.words import in_words
from projects.start_rules import start_set
from tests.governance.test_conditions import CONDITIONS, ROOM
from tests.governance.typed import meant, typed

pytestmark = pytest.mark.django_db

GOOD: dict[str, Any] = {
    "condition": {"fact": "project.slip_days", "op": "le", "value": 5},
    "texts": {code: {"title": "T", "message": "M", "remedy": "R"} for code in ("en", "nl")},
}


def _file(**changes: Any) -> str:
    content = read_content(GOOD, "project")
    one = documents.Document("late", "project", content)
    data = documents.load(documents.write([one]))
    data["rules"][0] |= changes
    return str(documents.yaml.safe_dump(data, sort_keys=False))


def test_the_start_set_survives_a_round_trip() -> None:
    written = [
        documents.Document(one.code, one.kind, read_content(one.content, one.kind), one.cases, "a@b.org", None, "First")
        for one in start_set()
    ]
    text = documents.write(written)
    assert documents.read(text) == written
    assert documents.write(documents.read(text)) == text
    assert "&id" not in text


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CONDITIONS)
def test_a_condition_is_the_same_in_yaml_in_the_builder_and_in_words(condition: Condition) -> None:
    stored = as_data(condition)
    through_yaml = documents.load(documents.write_plain(stored))
    assert through_yaml == stored
    back = meant(typed(stored, "condition", ROOM, {}), "condition", ROOM, {})
    again = parse(back, ROOM)
    assert tidy(again) == tidy(condition)
    assert meant(typed(back, "condition", ROOM, {}), "condition", ROOM, {}) == back
    with override("nl"):
        assert in_words(parse(through_yaml, ROOM), ROOM) == in_words(condition, ROOM)
        assert in_words(tidy(again), ROOM) == in_words(tidy(condition), ROOM)


def tidy(condition: Condition) -> Condition:
    """Without double negations and groups of one, which a form does not tell apart."""
    if isinstance(condition, Not):
        inner = tidy(condition.part)
        return inner.part if isinstance(inner, Not) else Not(inner)
    if isinstance(condition, AllOf | AnyOf):
        parts = tuple(map(tidy, condition.parts))
        return parts[0] if len(parts) == 1 else type(condition)(parts)
    where = getattr(condition, "where", None)
    return condition if where is None else replace(condition, where=tidy(where))


def test_what_is_counted_keeps_its_filter_in_the_builder() -> None:
    asked = {
        "count": "chairs",
        "where": {"all": [{"fact": "chair.legs", "op": "ge", "value": 3}]},
        "op": "le",
        "value": 1,
    }
    back = meant(typed(asked, "c", ROOM, {}), "c", ROOM, {})
    assert parse(back, ROOM) == replace(parse(asked, ROOM), where=Compare("chair.legs", "ge", 3))


@pytest.mark.parametrize(
    ("text", "place", "sentence"),
    [
        ("rules: [", "line 1", "cannot be read"),
        ("rules:\n- rule: a\n  rule: b\n", "line 3, column 3", "twice"),
        ("rules: &x\n- rule: *x\n", "line 2", "short cuts"),
        ("rules: !!python/object/apply:os.system [ls]\n", "line 1", "cannot be read"),
        ("- a\n", "", "list of 1 to 500 rules"),
        ("rules: []\n", "", "list of 1 to 500 rules"),
        ("x" * 1_000_001, "", "too large"),
    ],
)
def test_a_broken_file_is_refused_with_its_line(text: str, place: str, sentence: str) -> None:
    with override("en"), pytest.raises(ConditionError, match=sentence) as caught:
        documents.read(text)
    assert caught.value.place.startswith(place)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rule": "Late Ones"}, "rule: Write a code"),
        ({"rule": "export"}, "rule: Write a code"),
        ({"colour": "red"}, "“colour” is no part of a rule"),
        (
            {"condition": {"all": [{"fact": "project.nothing", "op": "filled"}]}},
            r"condition › all\[0\]: .*not a known fact",
        ),
        ({"condition": {"fact": "project.slip_days", "op": "le", "value": "x"}}, "condition: .*write a number"),
        ({"applies": {"count": "ghosts", "op": "le", "value": 1}}, "applies: .*cannot be counted"),
        ({"applies": {"fact": "project.slip_days", "op": "le", "value": 4}}, "condition: .*asks nothing"),
        ({"applies": {"fact": "project.slip_days", "op": "gt", "value": 9}}, "condition: .*hold for nobody"),
        ({"texts": {"en": GOOD["texts"]["en"]}}, "texts: .*en, nl"),
        ({"texts": {"en": GOOD["texts"]["en"], "nl": {"title": ""}}}, "texts › nl"),
        ({"weight": "heavy"}, "weight: .*low, medium, high"),
        ({"checkpoints": ["submit_request"]}, "checkpoints: .*not known here"),
        ({"checkpoints": []}, "checkpoints: Choose at least one"),
        ({"enforcement": {"directive": "shout"}}, "enforcement › directive: .*advise"),
        ({"enforcement": {"anarchic": "block"}}, "enforcement: .*supportive"),
        ({"scope": {"tier": ["1"]}}, "scope: “tier” is no facet.*office, portfolio, category"),
        ({"scope": {"office": ["nowhere"]}}, "scope › office: .*not there"),
        ({"remedy_page": "admin"}, "remedy_page"),
        ({"effective_from": "soon"}, "effective_from: .*no date"),
        ({"effective_from": "2026-12-02", "effective_to": "2026-12-01"}, "effective_to: .*swap"),
        ({"cases": [{"name": "A"}]}, r"cases\[0\]: Write exactly these keys"),
        (
            {"cases": [{"name": "A", "on_day": "2026-11-02", "facts": {"slip_days": "x"}, "expected": "pass"}]},
            r"cases\[0\] › facts: slip_days: .*write a number",
        ),
        (
            {"cases": [{"name": "A", "on_day": "2026-11-02", "facts": {"ghosts": 1}, "expected": "pass"}]},
            r"cases\[0\] › facts: ghosts: .*not known",
        ),
    ],
)
def test_a_rule_is_refused_with_its_place(changes: dict[str, Any], sentence: str) -> None:
    with override("en"), pytest.raises(ConditionError, match=sentence) as caught:
        documents.read(_file(**changes))
    assert re.match(r"rule 1( \(.*\))?: ", str(caught.value))


@given(st.text(max_size=200))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_read_or_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ConditionError):
        documents.read(text)

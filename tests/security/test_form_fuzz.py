"""Nothing that a person can type breaks a form: it is taken or refused, and never an error of the portal."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from django.test import override_settings
from django.urls import reverse

from tests.guards import matrix
from tests.security.addresses import arguments
from tests.security.knocking import Knocker
from tests.security.pages import Page
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db

EVIL: dict[str, str] = {
    "NUL": "a%00b",
    "lone surrogate": "%ED%A0%80x",
    "not UTF-8": "%FF%FEx",
    "very long": "x" * 100_000,
    "NaN": "NaN",
    "infinity": "1e309",
    "tiny": "1e-400",
    "year 0": "0000-01-01",
    "year 10000": "10000-01-01",
    "40 digits": "1234567890" * 4,
    "negative": "-1",
    "minus 40 digits": "-" + "9" * 40,
    "right to left": quote_plus("\u202egnp.exe\u200f\u2066"),
    "line break": "a%0D%0AX-Header:%20b",
    "superscript digit": quote_plus("²"),
    "other digits": quote_plus("٣٤"),
    "markup": quote_plus("<script>'\"{{7*7}}{% x %}"),
    "list": "a&{name}=b",
}
"""What is sent for a field, as it stands in the body."""

FORM = "application/x-www-form-urlencoded"
AS_ONE = (
    "NUL",
    "lone surrogate",
    "very long",
    "NaN",
    "infinity",
    "year 0",
    "40 digits",
    "right to left",
    "other digits",
)
"""Sent for one field, the others being right; half of all for all fields at once, the other half at the next form."""


@pytest.mark.parametrize("name", ["pmo", "requester"])
def test_no_form_breaks(world: World, name: str) -> None:
    chance = random.Random(20261122)  # noqa: S311  the same choice every time
    knocker, sent, broken = Knocker(world.person(name)), 0, []
    with override_settings(ACCOUNT_RATE_LIMITS=False):
        for number, address in enumerate(matrix.addresses()):
            if address.name.startswith("account_log") or address.name == "mfa_authenticate":
                continue
            path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
            right = {key: value for key, value in payload(world, address.name).items() if not hasattr(value, "read")}
            names = fields(knocker, path) | set(right)
            if not names:
                continue
            refused = knocker.knock("POST", path, right).status in {403, 404}
            for turn, (word, text) in enumerate(EVIL.items(), number):
                bodies = [body(dict.fromkeys(names, text), {})] if turn % 2 or word in AS_ONE[:3] else []
                if word in AS_ONE and not (refused and turn % 3):
                    bodies.append(body({chance.choice(sorted(names)): text}, right))
                for one in bodies:
                    answer = knocker.knock("POST", path, one, content_type=FORM)
                    sent += 1
                    if answer.status >= 500:
                        broken.append(f"{address.name} with {word}: {one[:200]}")
    assert not broken, "\n".join(broken)
    assert sent > (1000 if name == "pmo" else 600)


def fields(knocker: Knocker, path: str) -> set[str]:
    """The fields of the forms on the page of this address that post to it."""
    page = knocker.knock("GET", path)
    if page.status != 200 or not page.response.headers.get("Content-Type", "").startswith("text/html"):
        return set()
    forms = [form for form in Page(page.body.decode()).forms if form.method == "post" and form.action in {"", path}]
    return {name for form in forms for name in form.names} - {"csrfmiddlewaretoken"}


def body(evil: dict[str, str], right: dict[str, Any]) -> str:
    wrong = "&".join(f"{quote_plus(name)}={text.replace('{name}', quote_plus(name))}" for name, text in evil.items())
    return f"{wrong}&{urlencode({k: v for k, v in right.items() if k not in evil}, doseq=True)}"


@pytest.mark.parametrize("name", ["pmo", "requester"])
def test_no_question_in_an_address_breaks_a_page(world: World, name: str) -> None:
    """Every name that pages read from the address, with a third of what can stand there; another third per page."""
    knocker, asked, broken = Knocker(world.person(name)), 0, []
    names = (
        "q",
        "page",
        "sort",
        "view",
        "as_of",
        "from",
        "zoom",
        "group",
        "portfolio",
        "state",
        "cols",
        "version",
        "parent",
        "lead",
    )
    for number, address in enumerate(matrix.addresses()):
        if address.wanted or address.name.startswith(("account", "mfa", "project-export")):
            continue
        path = reverse(address.name)
        for text in [*EVIL.values()][number % 3 :: 3]:
            query = "&".join(f"{one}={text[:2000]}" for one in names)
            answer = knocker.knock("GET", path, QUERY_STRING=query.replace("{name}", "q"))
            asked += 1
            if answer.status >= 500 and address.name != "readyz":
                broken.append(f"{path}?{query[:300]}")
    assert not broken, "\n".join(broken)
    assert asked > 100

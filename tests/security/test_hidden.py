"""Whoever may not know of an object gets the same answer as for one that never was."""

from __future__ import annotations

import re

import pytest
from django.urls import reverse

from tests.guards import matrix
from tests.security.addresses import arguments
from tests.security.knocking import Answer, Knocker
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db

NEVER = {"key": "P-987654321", "pk": 987654321, "slug": "never-was", "grant_pk": 987654321, "subject_id": 987654321}
OBJECTS = frozenset(NEVER)
OUTSIDERS = {"requester": "own", "far_pmo": "own", "lead": "confidential"}
"""People with the project that each may not know of."""
SAME_FOR_ALL = ("account", "mfa")


def plain(answer: Answer) -> tuple[int, bytes]:
    """Status and body without what differs between any two requests: addresses, numbers, tokens, request ids."""
    body = re.sub(rb"(?i)\b(?:REQ|P)-[0-9]+\b|never-was|[0-9a-f]{32}|\b[0-9]+\b", b"_", answer.body)
    body = re.sub(rb'name="csrfmiddlewaretoken" value="[^"]*"|(?:home|far)(?=["/])', b"_", body)
    return answer.status, body


@pytest.mark.parametrize("name", sorted(OUTSIDERS))
def test_a_hidden_object_cannot_be_told_from_one_that_never_was(world: World, name: str) -> None:
    knocker = Knocker(world.person(name))
    compared = 0
    for address in matrix.addresses():
        if not address.wanted & OBJECTS or address.name.startswith(SAME_FOR_ALL):
            continue
        for of in {OUTSIDERS[name], ""} & set(address.objects):
            there = arguments(world, address.name, address.wanted, of)
            never = {**there, **{one: NEVER[one] for one in address.wanted & OBJECTS}}
            if address.name.startswith("request"):
                never["key"] = "REQ-987654321"
            for method in ("GET", "POST"):
                data = payload(world, address.name, of or "own") if method == "POST" else None
                hidden = knocker.knock(method, reverse(address.name, kwargs=there), data)
                if hidden.status != 404:
                    continue
                unknown = knocker.knock(method, reverse(address.name, kwargs=never), data)
                assert plain(unknown) == plain(hidden), f"{method} {address.name} {of}"
                compared += 1
    assert compared > 60


@pytest.mark.parametrize("name", ["lead", "pmo", "administrator"])
def test_what_never_was_is_not_found_and_breaks_nothing(world: World, name: str) -> None:
    """Also with numbers that no database has."""
    knocker = Knocker(world.person(name))
    asked = 0
    for address in matrix.addresses():
        if not address.wanted & OBJECTS or address.name.startswith(SAME_FOR_ALL):
            continue
        for method, number in (("GET", 10**17), ("POST", 987654321)):
            kwargs = arguments(world, address.name, address.wanted)
            kwargs |= {
                one: {"key": f"P-{number % 10**12}", "slug": "never-was"}.get(one, number)
                for one in address.wanted & OBJECTS
            }
            answer = knocker.knock(method, reverse(address.name, kwargs=kwargs), {} if method == "POST" else None)
            assert answer.status in {403, 404, 405}, f"{method} {address.name}: {answer.status}"
            assert not answer.tables
            asked += 1
    assert asked > 100

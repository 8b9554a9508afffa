"""Nobody is offered a link that they may not open."""

from __future__ import annotations

import pytest
from django.urls import reverse

from tests.guards import matrix
from tests.security.addresses import arguments
from tests.security.knocking import Knocker
from tests.security.pages import Page
from tests.security.world import World

pytestmark = pytest.mark.django_db


def links_of(knocker: Knocker, world: World) -> tuple[dict[str, str], set[str]]:
    """Where links lead, each with a page that it stands on; and the pages that were open."""
    found: dict[str, str] = {}
    opened: set[str] = set()
    for address in matrix.addresses():
        path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
        answer = knocker.knock("GET", path)
        if answer.status != 200 or not answer.response.headers.get("Content-Type", "").startswith("text/html"):
            continue
        opened.add(path)
        for link in Page(answer.body.decode()).links:
            target = link.partition("#")[0].partition("?")[0]
            if target.startswith("/") and not target.startswith("/static/"):
                found.setdefault(target, path)
    return found, opened


@pytest.mark.parametrize("name", ["lead", "pmo", "sponsor", "requester", "auditor", "administrator"])
def test_every_link_that_a_person_is_shown_opens(world: World, name: str) -> None:
    knocker = Knocker(world.person(name))
    found, opened = links_of(knocker, world)
    wrong = []
    for target in found.keys() - opened:
        status = knocker.knock("GET", target).status
        if status not in {200, 302}:
            wrong.append(f"{target} on {found[target]}: {status}")
    assert not wrong, "\n".join(wrong)
    assert len(found) > 8

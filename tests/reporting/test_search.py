from __future__ import annotations

import pytest

from accounts.enums import RoleName
from accounts.models import User
from reporting.selectors import search
from tests import factories
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


def _titles(user: User, text: str) -> list[str]:
    return [hit.title for group in search.search(user, text) for hit in group.hits]


@pytest.mark.parametrize("text", ["harbour wall", "Harb", "harbuor wal", "HARBOUR", "wall harbour"])
def test_project_is_found_by_words_beginnings_and_mistyped(text: str) -> None:
    factories.make_project("Harbour wall renewal", refresh=True)
    factories.make_project("Payroll", refresh=True)
    assert "Harbour wall renewal" in _titles(factories.make_person(RoleName.PMO_MANAGER), text)
    assert "Payroll" not in _titles(factories.make_person(RoleName.PMO_MANAGER), text)


def test_all_kinds_of_things_are_found() -> None:
    project = factories.make_project("Tunnel of light", refresh=True)
    factories.make_milestone(project, "Tunnel dug")
    factories.make_risk(project, "Tunnel floods")
    factories.make_issue(project, "Tunnel is narrow")
    factories.make_decision(project, "Widen the tunnel?")
    factories.make_user(name="Tom Tunnel")
    found = _titles(factories.make_person(RoleName.PMO_MANAGER), "tunnel")
    assert found == [
        "Tunnel of light",
        "Widen the tunnel?",
        "Tunnel dug",
        "Tunnel floods",
        "Tunnel is narrow",
        "Tom Tunnel",
    ]


def test_key_jumps_to_its_project_only_for_who_may_see_it() -> None:
    project = factories.make_project(refresh=True)
    pmo, stranger = factories.make_person(RoleName.PMO_MANAGER), factories.make_user()
    assert portfolios.signed_in(pmo).get(f"/search/?q=p-{project.pk}")["Location"] == f"/projects/P-{project.pk}/"
    assert portfolios.signed_in(stranger).get(f"/search/?q=P-{project.pk}").status_code == 200


@pytest.mark.parametrize("text", ["", "x", "'", "a:*&", "((", "\\", "%", "!!", "<>", "&|!", "  "])
def test_odd_input_is_an_answer_and_not_an_error(text: str) -> None:
    client = portfolios.signed_in(factories.make_person(RoleName.PMO_MANAGER))
    assert client.get("/search/", {"q": text}).status_code == 200

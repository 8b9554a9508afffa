"""An id of another project in the address, in the form or in the query moves nothing over the border."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from projects.models import Ask, Milestone, Project
from tests.guards import matrix
from tests.security.addresses import arguments, is_of_project
from tests.security.items import Items
from tests.security.knocking import Knocker
from tests.security.pages import Page
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db


def of_project(address: matrix.Address) -> bool:
    return is_of_project(address.name, address.wanted)


def others(world: World, *, of_far: bool = False) -> list[Any]:
    """Every row of the projects that the person has no part in; `of_far`: the far one is theirs."""
    projects = [world.secret.project.pk, *([] if of_far else [world.far.project.pk])]
    rows: list[Any] = list(Project.objects.filter(pk__in=projects).order_by("pk").values_list())
    for model in apps.get_app_config("projects").get_models():
        if hasattr(model, "project") and not hasattr(model, "pgh_tracked_model"):
            rows += model._default_manager.filter(project__in=projects).order_by("pk").values_list()
    return rows


def crossings() -> int:
    """Rows of one project that point at rows of another."""
    return (
        Milestone.objects.exclude(phase=None).exclude(phase__project=models.F("project")).count()
        + Project.objects.exclude(phase=None).exclude(phase__project=models.F("pk")).count()
        + Ask.objects.exclude(update_asked_in=None).exclude(update_asked_in__project=models.F("project")).count()
    )


MAY = ("lead", "pmo", "sponsor", "budget_owner", "stakeholder")
"""Between them they may do everything that is done to a record of a project."""


@pytest.mark.parametrize("of", ["secret", "far"])
def test_a_foreign_number_in_the_address_is_not_found(world: World, of: str) -> None:
    """Asked by everybody who may do it to a record of their own project: the same record elsewhere is not found there.

    The PMO may see both projects, and still a record is only found under its own.
    """
    foreign: Items = getattr(world, of)
    knockers = {name: Knocker(world.person(name)) for name in MAY}
    asked: dict[str, set[str]] = {}
    wrong = []
    for address in matrix.addresses():
        if not of_project(address) or not {"key", "pk"} <= address.wanted:
            continue
        own = arguments(world, address.name, address.wanted, "own")
        there = arguments(world, address.name, address.wanted, "confidential")
        pk = there["pk"] if of == "secret" else _twin(world, foreign, there["pk"])
        mine, theirs = (reverse(address.name, kwargs=kwargs) for kwargs in (own, {**own, "pk": pk}))
        found = {302, 404} if address.name in DONE_ALREADY else {404}
        asked[address.name] = set()
        for method in ("GET", "POST"):
            data = payload(world, address.name) if method == "POST" else None
            for name, knocker in knockers.items():
                if knocker.knock(method, mine, data).status in {403, 404, 405}:
                    continue  # not theirs to do, or no such method: that says nothing about the number
                answer = knocker.knock(method, theirs, data)
                if answer.status not in found or answer.tables:
                    wrong.append(f"{method} {address.name} as {name}: {answer.status} {answer.tables}")
                asked[address.name].add(method)
    assert not wrong
    assert len(asked) > 30
    assert not [name for name, methods in asked.items() if not methods], "nobody may ask these, so nothing is shown"
    changing = [name for name in asked if "POST" not in asked[name]]
    assert set(changing) == ONLY_READ


ONLY_READ = {"gate", "change", "decision", "evidence-pack", "evidence-pack-pdf", "gate-minutes", "gate-minutes-pdf"}
"""Pages about one record that have no POST."""
DONE_ALREADY = {"deliverable-delete", "document-remove", "milestone-delete", "phase-delete", "team-member-remove"}
"""Taking away what is not there is done; the second of two presses is no error."""


OF_TWO_PROJECTS = {"promise-step"}
"""A promise is between two projects: with each step the other one is judged anew, too."""


def _twin(world: World, items: Items, pk: int) -> int:
    """The number of the far project's record for that of the confidential one."""
    return next(
        getattr(items, name).pk for name, one in vars(world.secret).items() if name != "project" and one.pk == pk
    )


def foreign(world: World) -> dict[str, list[int]]:
    """Fields that name a record, with numbers that they must not take. People are free to every form."""
    items = (world.secret, world.far)
    projects, phases = [one.project.pk for one in items], [one.phase.pk for one in items]
    places = [world.far_portfolio.pk, world.home.pk]
    return {"phase": phases, "portfolio": places, "parent": places, "selected": projects, "asked_of": projects}


def wrong_data(world: World, person: Knocker, address: matrix.Address, path: str) -> Iterator[dict[str, Any]]:
    """Right data with one field of the form naming a foreign record; and with all that says where a record belongs."""
    page = person.knock("GET", path)
    right = payload(world, address.name)
    names = set(right)
    if page.status == 200 and "text/html" in page.response.headers.get("Content-Type", ""):
        names |= {name for form in Page(page.body.decode()).forms if form.method == "post" for name in form.names}
    for name, numbers in foreign(world).items():
        if name in names:
            yield from ({**right, name: number} for number in numbers)
    for items in (world.secret, world.far):
        belongs = {"project": items.project.pk, "pk": items.project.pk, "id": items.risk.pk, "key": items.project.key}
        yield {**right, **belongs, "project_id": items.project.pk, "update_asked_in": items.update.pk}


@pytest.mark.parametrize("name", ["lead", "far_pmo"])
def test_a_foreign_number_in_a_form_changes_nothing_elsewhere(world: World, name: str) -> None:
    knocker = Knocker(world.person(name))
    of_far = name == "far_pmo"
    before, sent = others(world, of_far=of_far), 0
    for address in matrix.addresses():
        if address.name in OF_TWO_PROJECTS or not (
            of_project(address)
            or address.name in {"project-bulk", "project-create", "portfolio-create", "import-create"}
        ):
            continue
        path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
        for data in wrong_data(world, knocker, address, path):
            with knocker.kept("POST", path, data) as answer:
                assert answer.status != 500, f"{address.name} {data}"
                after = others(world, of_far=of_far)
                assert after == before, f"{address.name}: {data} changed another project"
                assert not crossings(), f"{address.name}: {data} ties two projects"
                sent += 1
    assert sent > 80

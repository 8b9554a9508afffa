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
from tests.security.knocking import Knocker
from tests.security.pages import Page
from tests.security.world import Items, World, arguments, is_of_project, payload

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


@pytest.mark.parametrize("name", ["lead", "pmo"])
@pytest.mark.parametrize("of", ["secret", "far"])
def test_a_foreign_number_in_the_address_is_not_found(world: World, name: str, of: str) -> None:
    """The PMO may see both projects, and still a record is only found under its own."""
    knocker = Knocker(world.person(name))
    foreign: Items = getattr(world, of)
    asked, wrong = 0, []
    for address in matrix.addresses():
        if not of_project(address) or not {"key", "pk"} <= address.wanted:
            continue
        kwargs = arguments(world, address.name, address.wanted, "own")
        own = arguments(world, address.name, address.wanted, "confidential")
        kwargs["pk"] = own["pk"] if of == "secret" else _twin(world, foreign, own["pk"])
        mine = reverse(address.name, kwargs=arguments(world, address.name, address.wanted, "own"))
        for method in ("GET", "POST"):
            data = payload(world, address.name) if method == "POST" else None
            if knocker.knock(method, mine, data).status == 403:
                continue  # not theirs to do on any project, which says nothing about the number
            answer = knocker.knock(method, reverse(address.name, kwargs=kwargs), data)
            found = {302, 404} if address.name in DONE_ALREADY else {404, 405}
            if answer.status not in found or answer.tables:
                wrong.append(f"{method} {address.name}: {answer.status} {answer.tables}")
            asked += 1
    assert not wrong
    assert asked > 30


DONE_ALREADY = {"deliverable-delete", "document-remove", "milestone-delete", "phase-delete", "team-member-remove"}
"""Taking away what is not there is done; the second of two presses is no error."""


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
        if not (
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

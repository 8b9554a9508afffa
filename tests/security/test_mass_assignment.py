"""A form changes what it shows and nothing else, whatever else is sent along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from accounts.models import User
from intake.models import Request
from projects.models import Ask, Decision, DocumentLink, Issue, Milestone, Phase, Project, Risk, TeamMember, Update
from reporting.models import SavedView
from tests.guards import matrix
from tests.security.knocking import Knocker
from tests.security.pages import Page
from tests.security.world import World, arguments, is_of_project, payload

pytestmark = pytest.mark.django_db

TARGETS: tuple[type[models.Model], ...] = (
    Project, Milestone, Phase, Risk, Issue, Decision, TeamMember, DocumentLink, Update, Ask, Request, SavedView, User,
)  # fmt: skip
OWN_PAGES = ("profile", "saved-view-create", "request-create", "request-edit", "update-write")
BUTTONS = {
    "risk-close": {"occurred"},
    "milestone-reach": {"on"},
    "issue-resolve": {"resolution"},
    "update-unchanged": {"token"},
}
"""What an action without a page of its own may be sent."""
PAGE_OF = {"update-autosave": "update-write"}
"""Where the form stands that another address takes too."""


def strange(world: World, field: Any) -> Any:
    """A value that the field would take and that stands nowhere yet."""
    if field.is_relation:
        return {"project": world.far.project.pk, "portfolio": world.far_portfolio.pk}.get(field.name, world.other.pk)
    if field.choices:
        return list(field.choices)[-1][0]
    kinds: tuple[tuple[type[models.Field[Any, Any]], str], ...] = (
        (models.BooleanField, "on"),
        (models.DateTimeField, "2020-01-01 10:00"),
        (models.DateField, "2020-01-01"),
        (models.CharField, "CAD" if field.name == "currency" else "Smuggled"),
        (models.TextField, "Smuggled"),
    )
    return next((value for kind, value in kinds if isinstance(field, kind)), "4")


def smuggled(world: World, listed: Iterable[str]) -> dict[str, Any]:
    """Every field of every model that the form does not list."""
    found: dict[str, Any] = {}
    for model in TARGETS:
        for field in model._meta.concrete_fields:
            for name in {field.name, field.attname} - set(listed):
                found[name] = strange(world, field)
    return found


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all our models without numbers and moments, which differ from one try to the next."""
    found = {}
    for label in ("accounts", "projects", "intake", "reporting", "strategy", "playbooks"):
        for model in apps.get_app_config(label).get_models():
            if hasattr(model, "pgh_tracked_model"):
                continue
            names = [
                one.attname
                for one in model._meta.concrete_fields
                if not one.primary_key and not one.generated
                and not isinstance(one, models.DateTimeField | models.UUIDField | models.BinaryField | models.JSONField)
                and one.attname not in {"update_asked_in_id", "job_id", "ballot_id", "content", "sha256"}
            ]  # fmt: skip
            found[model.__name__] = sorted(model._default_manager.values_list(*names), key=str)
    return found


def test_no_form_takes_what_it_does_not_show(world: World) -> None:
    people = {"lead": Knocker(world.person("lead")), "requester": Knocker(world.person("requester"))}
    tried = 0
    for address in matrix.addresses():
        if not is_of_project(address.name, address.wanted) and address.name not in OWN_PAGES:
            continue
        knocker = people["requester" if address.name.startswith("request") else "lead"]
        path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
        data = payload(world, address.name)
        shown_on = PAGE_OF.get(address.name)
        page = knocker.knock("GET", reverse(shown_on, args=[world.own.project.key]) if shown_on else path)
        is_html = page.status == 200 and "text/html" in page.response.headers.get("Content-Type", "")
        forms = Page(page.body.decode()).forms if is_html else []
        listed = (
            set(data)
            | BUTTONS.get(address.name, set())
            | {n for form in forms if form.method == "post" for n in form.names}
        )
        with knocker.kept("POST", path, data) as answer:
            if answer.status not in {302, 204}:
                continue
            honest = everything()
        with knocker.kept("POST", path, {**smuggled(world, listed), **data}) as answer:
            assert answer.status in {302, 204}, f"{address.name}: {answer.status}"
            assert everything() == honest, address.name
        tried += 1
    assert tried > 25


LOCKED = {
    "lead": "other",
    "sponsor": "other",
    "budget_owner": "other",
    "is_confidential": "on",
    "baseline_finish_on": "2030-01-01",
}


@pytest.mark.parametrize("field", sorted(LOCKED))
def test_a_lead_cannot_post_a_field_that_is_locked_to_them(world: World, field: str) -> None:
    value = world.other.pk if LOCKED[field] == "other" else LOCKED[field]
    project, knocker = world.own.project, Knocker(world.person("lead"))
    before = Project.objects.values_list(field).get(pk=project.pk)
    path = reverse("project-edit", args=[project.key])
    with knocker.kept("POST", path, {**payload(world, "project-edit"), field: value}) as answer:
        assert answer.status in {302, 422}
        assert Project.objects.values_list(field).get(pk=project.pk) == before

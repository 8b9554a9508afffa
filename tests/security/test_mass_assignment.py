"""A form changes what it shows and nothing else, whatever else is sent along."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import pytest
from django.apps import apps
from django.db import models
from django.urls import reverse

from accounts.models import User
from governance.models import Ballot, BallotSeat, Finding, Vote, Waiver
from intake.models import Request
from projects.models import (
    Ask,
    Baseline,
    ChangeRequest,
    Decision,
    Deliverable,
    DocumentLink,
    EvidencePack,
    Gate,
    GateCriterion,
    Issue,
    Milestone,
    Phase,
    Project,
    Promise,
    Proposal,
    Risk,
    TeamMember,
    Update,
)
from projects.services.gates.review import is_whole
from reporting.models import SavedView
from tests.guards import matrix
from tests.security.addresses import arguments, is_of_project
from tests.security.knocking import Knocker
from tests.security.pages import Page
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db

TARGETS: tuple[type[models.Model], ...] = (
    Project, Milestone, Phase, Risk, Issue, Decision, TeamMember, DocumentLink, Update, Ask, Request, SavedView, User,
    Gate, GateCriterion, EvidencePack, Deliverable, ChangeRequest, Proposal, Baseline, Ballot, BallotSeat, Vote, Waiver,
    Finding, Promise,
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


LABELS = ("accounts", "projects", "intake", "reporting", "strategy", "playbooks", "governance")
Known = dict[type[models.Model], frozenset[int]]


def our_models() -> list[type[models.Model]]:
    found = [model for label in LABELS for model in apps.get_app_config(label).get_models()]
    return [model for model in found if not hasattr(model, "pgh_tracked_model")]


def known() -> Known:
    """The rows that are there before anything is sent."""
    return {model: frozenset(model._default_manager.values_list("pk", flat=True)) for model in our_models()}


def everything(before: Known) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all our models without numbers and moments, which differ from one try to the next.

    What points at a row tells which one, when it was there before; else that it is new. The text of an evidence pack
    tells without its numbers; that its fingerprint fits is looked at.
    """
    found = {}
    for model in our_models():
        fields = [
            one
            for one in model._meta.concrete_fields
            if not one.primary_key and not one.generated and one.name != "sha256"
            and not isinstance(one, models.DateTimeField | models.UUIDField | models.BinaryField | models.JSONField)
        ]  # fmt: skip
        rows = model._default_manager.values_list(*(one.attname for one in fields))
        found[model.__name__] = sorted(
            (tuple(_told(one, value, before) for one, value in zip(fields, row, strict=True)) for row in rows), key=str
        )
    assert all(is_whole(pack) for pack in EvidencePack.objects.all())
    return found


def _told(field: models.Field[Any, Any], value: Any, before: Known) -> Any:
    if field.is_relation and value is not None:
        return value if value in before.get(field.related_model, frozenset({value})) else "new"  # type: ignore[arg-type, call-overload]  # of a model
    if field.name == "subject_id":  # a waiver that is asked for is new, and so is what its ballot is about
        return "new" if value not in before[Project] | before[Waiver] | before[Request] | before[Gate] else value
    return (
        re.sub(r"[0-9]+|[0-9a-f-]{36}", "_", value)
        if field.model is EvidencePack and field.name == "content"
        else value
    )


def test_no_form_takes_what_it_does_not_show(world: World) -> None:
    people = {"lead": Knocker(world.person("lead")), "requester": Knocker(world.person("requester"))}
    tried, before = 0, known()
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
            honest = everything(before)
        with knocker.kept("POST", path, {**smuggled(world, listed), **data}) as answer:
            assert answer.status in {302, 204}, f"{address.name}: {answer.status}"
            assert everything(before) == honest, address.name
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

"""Forms work as plain pages: dates survive every language, and what the page shows can be sent back as it is."""

from __future__ import annotations

import datetime as dt
import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from django import forms
from django.conf import settings
from django.urls import reverse
from django.utils import translation

import accounts
import intake
import playbooks
import projects
import reporting
import strategy
from common.forms import PortalForm, PortalModelForm, polish
from tests.guards import matrix
from tests.security.addresses import arguments
from tests.security.knocking import Knocker
from tests.security.pages import Page, posted
from tests.security.payloads import payload
from tests.security.world import World

pytestmark = pytest.mark.django_db

ISO = re.compile(r"\d{4}-\d\d-\d\d")
ROOMS = (accounts, strategy, playbooks, projects, intake, reporting)


def form_classes(base: type[forms.BaseForm] = forms.BaseForm) -> Iterator[type[forms.BaseForm]]:
    for one in base.__subclasses__():
        if one.__module__.split(".")[0] in {room.__name__ for room in ROOMS}:
            yield one
        yield from form_classes(one)


def load_all_forms() -> None:
    for room in ROOMS:
        for module in pkgutil.walk_packages(room.__path__, f"{room.__name__}."):
            if "forms" in module.name or module.name.split(".")[-1] in {"views", "urls"}:
                importlib.import_module(module.name)


def test_every_date_field_of_every_form_speaks_iso_in_dutch() -> None:
    load_all_forms()
    seen = 0
    for form in set(form_classes()):
        for name, field in getattr(form, "base_fields", {}).items():
            if not isinstance(field, forms.DateField):
                continue
            assert issubclass(form, PortalForm | PortalModelForm), f"{form.__qualname__} has a date and no manners"
            probe = type("Probe", (forms.Form,), {name: field})()
            polish(probe)
            with translation.override("nl"):
                assert probe.fields[name].widget.format_value(dt.date(2027, 3, 1)) == "2027-03-01", (
                    f"{form.__qualname__}.{name}"
                )
            seen += 1
    assert seen > 12


def test_every_date_on_a_page_is_iso_in_dutch(world: World) -> None:
    knocker = Knocker(world.person("pmo"))
    knocker.cookies[settings.LANGUAGE_COOKIE_NAME] = "nl"
    seen = 0
    for address in matrix.addresses():
        if not {"new", "edit", "create", "write", "correct", "triage", "add", "status"} & set(address.name.split("-")):
            continue
        answer = knocker.knock("GET", reverse(address.name, kwargs=arguments(world, address.name, address.wanted)))
        if answer.status != 200:
            continue
        assert b'lang="nl"' in answer.body
        for form in Page(answer.body.decode()).forms:
            for name, value in form.dates.items():
                assert not value or ISO.fullmatch(value), f"{address.name}: {name} is {value}"
                seen += bool(value)
    assert seen >= 6


WAYS_OF_ITS_OWN = {
    "import-create": "a file cannot be typed in",
    "set_language": "its button stands on every page",
    "playbook-draft": "rows are added by a number in the form",
    "person": "the form on it gives a role",
    "report": "the form on it corrects",
    "import-run": "its buttons start and discard",
    "rule-create": "the fields of a condition come when it is chosen",
    "request-return": "its form stands on the page of triage",
}


def test_every_form_can_be_sent_as_the_page_shows_it(world: World) -> None:
    """Fill in the required fields, press the button: no script, no field that only a script would fill."""
    senders = {"pmo": Knocker(world.person("pmo")), "requester": Knocker(world.person("requester"))}
    senders |= {name: Knocker(world.person(name)) for name in ("administrator", "sponsor", "lead")}
    sent, wrong = set(), []
    for address in matrix.addresses():
        if address.name in WAYS_OF_ITS_OWN or not (data := payload(world, address.name)):
            continue
        path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
        for knocker in senders.values():
            page = knocker.knock("GET", path)
            if page.status != 200:
                continue
            mine = [
                form for form in Page(page.body.decode()).forms if form.method == "post" and form.action in {"", path}
            ]
            if not mine:
                continue
            form = max(mine, key=lambda one: len(one.names & set(data)))
            unknown = {name for name in data if name not in form.names} - {"token", "version", "apply", "later"}
            answer = knocker.knock("POST", path, posted(form, data))
            if unknown or answer.status != 302:
                wrong.append(f"{address.name}: {answer.status}, the page has no field {unknown}")
            sent.add(address.name)
            break
    assert not wrong
    assert len(sent) > 30, sent


def test_every_page_answers_when_a_part_of_it_is_asked_for(world: World) -> None:
    knocker, asked = Knocker(world.person("pmo")), 0
    for address in matrix.addresses():
        path = reverse(address.name, kwargs=arguments(world, address.name, address.wanted))
        answer = knocker.knock("GET", path, HTTP_HX_REQUEST="true")
        assert answer.status < 500 or address.name == "readyz", address.name
        asked += 1
    assert asked > 100

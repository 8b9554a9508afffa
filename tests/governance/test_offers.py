"""What a rule offers to whoever does not keep it: a template, a guideline or a training, as a link."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from governance import documents
from governance.contents import ContentError, content_of
from governance.documents import Document
from governance.models import Finding, RuleVersion
from governance.services import drafts
from projects.services import rules
from strategy.enums import ControlLevel
from tests import factories as make
from tests.governance.rulebook import content, write_rule
from tests.governance.test_rule_pages import form_of
from tests.projects.record import get, post, words

pytestmark = pytest.mark.django_db

URL = "https://documents.example.org/templates/risk-plan"
OFFER = {"offers": "template", "offer_url": URL}
GOAL = {"fact": "project.has_goal", "op": "eq", "value": True}


def test_an_offer_is_written_in_the_form_and_travels_as_yaml() -> None:
    pmo = make.make_person()
    draft = write_rule(pmo)
    assert post(pmo, "rule-draft", draft.rule.code, **form_of(draft, **OFFER)).status_code == 302
    draft.refresh_from_db()
    assert (draft.offers, draft.offer_url) == ("template", URL)
    assert f'href="{URL}"' in words(get(pmo, "rule", draft.rule.code))
    (back,) = documents.read(documents.write([Document("one", "project", content_of(draft))]))
    assert (back.content.offers, back.content.offer_url) == ("template", URL)
    assert content(**OFFER).digest == content().digest, "what it offers is no part of what it asks"


@pytest.mark.parametrize(("offer", "place"), [
    ({"offers": "template"}, "offer_url"), ({"offer_url": URL}, "offers"), ({**OFFER, "offers": "book"}, "offers"),
    ({**OFFER, "offer_url": "javascript:alert(1)"}, "offer_url"), ({**OFFER, "offer_url": "templates"}, "offer_url"),
])  # fmt: skip
def test_half_an_offer_and_an_address_that_is_none_are_refused_with_their_place(
    offer: dict[str, Any], place: str
) -> None:
    with pytest.raises(ContentError) as refused:
        content(**offer)
    assert refused.value.place == place


def test_the_database_keeps_both_parts_together_and_what_held_as_it_was() -> None:
    draft = write_rule(make.make_person())
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(offers="template")
    RuleVersion.objects.filter(pk=draft.pk).update(state="active")
    with pytest.raises(DatabaseError), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(**OFFER)


def test_it_is_shown_with_the_advice_and_with_the_finding() -> None:
    office = make.make_office(control=ControlLevel.SUPPORTIVE)
    project = make.make_healthy_project(
        portfolio=make.make_portfolio(office=office), lead=make.make_user("Lena Lead"), refresh=True
    )
    asked = content(condition=GOAL, checkpoints=["close_project", "weekly_scan"], **OFFER)
    draft = drafts.create_rule(actor=make.make_person(), code="goal", kind="project", content=asked)
    RuleVersion.objects.filter(pk=draft.pk).update(state="active")
    page = words(get(project.lead, "project-status", project.key))
    assert "The rulebook advises:" in page
    assert f'href="{URL}"' in page
    rules.scan([project.pk])
    finding = Finding.objects.get(subject_id=project.pk)
    page = words(get(project.lead, "finding", finding.pk))
    assert "This helps:" in page
    assert f'href="{URL}"' in page
    assert reverse("rule", args=["goal"]) in page

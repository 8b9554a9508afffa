"""What the gates of playbooks ask for: written in a draft, fixed once published, copied into projects."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.utils import InternalError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.enums import RoleName
from accounts.models import User
from common.errors import Conflict, NotAllowed
from playbooks import services
from playbooks.models import Playbook, PlaybookCriterion, PlaybookVersion
from playbooks.selectors import CriterionOutline, draft_of, gates_of, outline_of, published_version_of
from playbooks.services import BadCriterion
from projects.start_rules import start_set
from tests.factories import make_person

PAPER = CriterionOutline("document", {"en": "The mandate is there"}, document_kind="Mandate")


@pytest.fixture
def pmo(db) -> User:
    return make_person(RoleName.PMO_MANAGER)


@pytest.fixture
def standard(pmo: User) -> Playbook:
    return services.load_start_set(actor=pmo)[1]


@pytest.fixture
def draft(pmo: User, standard: Playbook) -> PlaybookVersion:
    return services.open_draft(actor=pmo, pk=standard.pk)


def test_every_gate_of_the_start_set_asks_for_something_in_both_languages(pmo: User) -> None:
    playbooks = services.load_start_set(actor=pmo)
    rules = {rule.code for rule in start_set()}
    for playbook in playbooks:
        version = published_version_of(playbook)
        assert version is not None
        for phase in outline_of(version):
            for item in phase.milestones:
                assert bool(item.criteria) == item.is_gate, item.name
                for one in item.criteria:
                    assert set(one.texts) == {"en", "nl"}
                    assert one.texts["en"] != one.texts["nl"], one.texts
                    assert not one.rule or one.rule in rules, one.rule


def test_a_new_version_starts_with_the_criteria_of_the_one_before(draft: PlaybookVersion, standard: Playbook) -> None:
    published = published_version_of(standard)
    assert published is not None
    assert outline_of(draft) == outline_of(published)
    assert PlaybookCriterion.objects.filter(milestone__phase__playbook_version=draft).count() == 18


def test_criteria_of_a_draft_are_replaced_and_the_same_again_changes_nothing(pmo: User, draft: PlaybookVersion) -> None:
    gate = gates_of(draft)[0]
    order = {"actor": pmo, "draft_pk": draft.pk, "gate_pk": gate.pk, "criteria": [PAPER]}
    saved = services.save_gate_criteria(**order, version=draft.version)
    assert services.save_gate_criteria(**order).version == saved.version == draft.version + 1
    assert outline_of(draft)[0].milestones[-1].criteria == (PAPER,)
    with pytest.raises(Conflict):
        services.save_gate_criteria(**order, version=draft.version)
    with pytest.raises(NotAllowed):
        services.save_gate_criteria(**{**order, "actor": make_person(RoleName.EXECUTIVE)})
    with pytest.raises(BadCriterion):
        services.save_gate_criteria(**{**order, "criteria": [CriterionOutline("document", {"en": "x"})]})


def test_the_database_keeps_the_criteria_of_a_published_version(standard: Playbook) -> None:
    published = PlaybookCriterion.objects.filter(milestone__phase__playbook_version__playbook=standard)
    one = published.first()
    assert one is not None
    for attempt in (
        lambda: published.update(position=9),
        published.delete,
        lambda: PlaybookCriterion.objects.create(milestone=one.milestone, **PAPER.columns()),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            attempt()


def fields_of(client: Client, page: str) -> dict[str, str]:
    """All fields of the page of a gate as a browser would send them."""
    context = client.get(page).context
    data = {"version": str(context["version"])}
    for part in (context["rows"].management_form, *context["rows"]):
        for bound in part:
            if bound.value() not in {None, False, ""}:
                data[bound.html_name] = str(bound.value())
    return data


def test_criteria_are_written_without_javascript(
    client: Client, pmo: User, standard: Playbook, draft: PlaybookVersion
) -> None:
    client.force_login(pmo)
    gate = gates_of(draft)[0]
    page = reverse("playbook-gate", args=[standard.slug, gate.pk])
    before = outline_of(draft)
    data = fields_of(client, page)
    assert client.post(page, data).status_code == 302
    assert outline_of(draft) == before, "saving an unchanged page changes nothing"
    data |= {
        "criteria-0-DELETE": "on", "criteria-1-ORDER": "2", "criteria-2-ORDER": "1",
        "criteria-3-title": "Few risks", "criteria-3-kind": "automatic", "criteria-3-fact": "project.risks_open",
        "criteria-3-op": "le", "criteria-3-value": "5", "criteria-3-ORDER": "3",
    }  # fmt: skip
    assert client.post(page, data).status_code == 302
    after = outline_of(draft)[0].milestones[-1].criteria
    old = before[0].milestones[-1].criteria
    assert after[:2] == (old[2], old[1])
    assert after[2].condition == {"fact": "project.risks_open", "op": "le", "value": "5"}
    assert client.post(page, data).status_code == 409, "somebody saved meanwhile"
    wrong = fields_of(client, page) | {"criteria-0-kind": "document", "criteria-0-document_kind": ""}
    assert client.post(page, wrong).status_code == 422


def test_a_gate_keeps_its_criteria_when_the_draft_is_saved_or_the_gate_renamed(
    client: Client, pmo: User, standard: Playbook, draft: PlaybookVersion
) -> None:
    from tests.playbooks.test_playbooks import _fields

    client.force_login(pmo)
    page = reverse("playbook-draft", args=[standard.slug])
    before = outline_of(draft)
    data = _fields(page, client) | {"phases-0-milestones-1-name": "Go on", "note": "Renamed"}
    assert client.post(page, data).status_code == 302
    found = draft_of(standard)
    assert found is not None
    after = outline_of(found)
    assert after[0].milestones[1].name == "Go on"
    assert after[0].milestones[1].criteria == before[0].milestones[1].criteria
    assert after[1:] == before[1:]


def test_the_page_of_a_playbook_says_what_its_gates_ask_for(client: Client, pmo: User, standard: Playbook) -> None:
    client.force_login(pmo)
    page = client.get(reverse("playbook", args=[standard.slug])).content.decode()
    assert "The business case is accepted" in page
    with translation.override("nl"):
        assert PlaybookCriterion.objects.filter(document_kind="Plan")[0].title != "The project plan is accepted"

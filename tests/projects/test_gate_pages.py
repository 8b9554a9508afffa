"""The pages of gates: what they show to whom, what they let through, and how often they ask the database."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from accounts.enums import RoleName
from governance.models import Ballot
from governance.services import ballots
from playbooks.enums import CriterionKind
from projects.models import EvidencePack, GateCriterion, Milestone
from projects.services import gates, raid
from tests import factories as make
from tests.projects.gates import Scene, asks, in_days, scene
from tests.projects.record import at, get, post, queries, words

pytestmark = pytest.mark.django_db
K = CriterionKind


def gate_page(found: Scene, who: Any, number: int = 0) -> str:
    return words(get(who, "gate", found.project.key, found.gates[number].pk))


def test_gate_page_shows_facts_with_values_and_ages_and_the_way_to_the_record(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC, "Nothing stands still")
    make.make_issue(at_gate.project, is_blocker=True)
    page = gate_page(at_gate, at_gate.lead)
    assert "0 of 1 met" in page
    assert "Open blockers: 1" in page
    assert "changed" in page
    assert reverse("project-raid", args=[at_gate.project.key]) in page


def test_a_missing_document_is_linked_with_its_kind_filled_in(at_gate: Scene) -> None:
    asks(at_gate.first, K.DOCUMENT)
    href = f"{reverse('document-add', args=[at_gate.project.key])}?kind=Business case"
    assert href in gate_page(at_gate, at_gate.lead)
    assert 'value="Business case"' in words(at(at_gate.lead).get(href))
    assert href not in gate_page(at_gate, at_gate.sponsor), "only who may link it is sent there"


def test_the_overview_tells_how_ready_the_next_gate_is(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC)
    asks(at_gate.first, K.DOCUMENT)
    page = words(get(at_gate.lead, "project", at_gate.project.key))
    assert "1 of 2 met" in page
    assert reverse("gate", args=[at_gate.project.key, at_gate.first.pk]) in page


def test_a_project_without_gates_says_what_a_gate_is(at_gate: Scene) -> None:
    project = make.make_healthy_project(lead=at_gate.lead, refresh=True)
    assert "The plan has no gates" in words(get(at_gate.lead, "project-gates", project.key))


def test_asking_for_a_review_shows_what_is_missing_and_wants_a_reason(at_gate: Scene) -> None:
    asks(at_gate.first, K.DOCUMENT, "The case is accepted")
    args = (at_gate.project.key, at_gate.first.pk)
    assert "The case is accepted" in words(get(at_gate.lead, "gate-open", *args))
    refused = post(at_gate.lead, "gate-open", *args, anyway="")
    assert refused.status_code == 422
    assert "Say why you ask anyway" in words(refused)
    done = post(at_gate.lead, "gate-open", *args, anyway="It is urgent.")
    assert done.status_code == 302
    assert Ballot.objects.get().asked_by == at_gate.lead


def test_somebody_who_edited_the_gate_meanwhile_makes_a_conflict(at_gate: Scene) -> None:
    args = (at_gate.project.key, at_gate.first.pk)
    stale = at_gate.first.version
    post(at_gate.pmo, "gate-money", *args, version=stale, amount="500")
    assert post(at_gate.lead, "gate-open", *args, version=stale).status_code == 409
    assert post(at_gate.pmo, "gate-money", *args, version=stale, amount="600").status_code == 409


@pytest.mark.parametrize("sent", [
    {"kind": "document", "document_kind": "Mandate"},
    {"kind": "judgement", "role": "pmo_manager"},
    {"kind": "automatic", "fact": "project.risks_open", "op": "le", "value": "5"},
    {"kind": "automatic", "fact": "project.has_sponsor", "op": "eq", "value": "yes"},
    {"kind": "automatic", "fact": "project.last_update_on", "op": "within", "value": "14"},
])  # fmt: skip
def test_the_pmo_adds_criteria_of_each_kind(at_gate: Scene, sent: dict[str, str]) -> None:
    args = (at_gate.project.key, at_gate.first.pk)
    assert post(at_gate.lead, "criterion-create", *args, title="One", **sent).status_code == 403
    assert post(at_gate.pmo, "criterion-create", *args, title="One", **sent).status_code == 302
    criterion = GateCriterion.objects.get()
    assert criterion.title == "One"
    edit = (at_gate.project.key, criterion.pk)
    page = words(get(at_gate.pmo, "criterion-edit", *edit))
    for value in sent.values():
        assert value in page
    again = {**sent, "title": "Two", "version": criterion.version}
    assert post(at_gate.pmo, "criterion-edit", *edit, **again).status_code == 302
    criterion.refresh_from_db()
    assert (criterion.title, criterion.version) == ("Two", 2)


def test_a_criterion_reads_in_both_languages(at_gate: Scene) -> None:
    criterion = GateCriterion.objects.create(
        gate=at_gate.first, kind=K.DOCUMENT, texts={"en": "The case", "nl": "De businesscase"}, document_kind="Case"
    )
    with translation.override("nl"):
        assert criterion.title == "De businesscase"
    with translation.override("en-gb"):
        assert criterion.title == "The case"


def test_a_condition_of_several_questions_is_kept_by_the_form(at_gate: Scene) -> None:
    both = {"all": [{"fact": f"project.has_{one}", "op": "eq", "value": True} for one in ("lead", "sponsor")]}
    criterion = asks(at_gate.first, K.AUTOMATIC, condition=both)
    edit = (at_gate.project.key, criterion.pk)
    assert "As it is:" in words(get(at_gate.pmo, "criterion-edit", *edit))
    post(at_gate.pmo, "criterion-edit", *edit, title="Named", kind="automatic", fact="kept", version=1)
    criterion.refresh_from_db()
    assert (criterion.title, criterion.condition) == ("Named", both)


def test_who_judges_finds_the_form_and_others_find_the_door(at_gate: Scene) -> None:
    criterion = asks(at_gate.first, K.JUDGEMENT)
    args = (at_gate.project.key, criterion.pk)
    assert reverse("criterion-judge", args=args) in gate_page(at_gate, at_gate.sponsor)
    assert reverse("criterion-judge", args=args) not in gate_page(at_gate, at_gate.lead)
    assert get(at_gate.lead, "criterion-judge", *args).status_code == 403
    assert post(at_gate.sponsor, "criterion-judge", *args, judged="met", sentence="").status_code == 422
    assert post(at_gate.sponsor, "criterion-judge", *args, judged="met", sentence="Seen it.").status_code == 302
    assert "Seen it." in gate_page(at_gate, at_gate.lead)


def test_the_banner_says_what_changed_since_the_freeze(at_gate: Scene) -> None:
    at_gate.open()
    assert "Something changed" not in gate_page(at_gate, at_gate.sponsor)
    raid.add_issue(actor=at_gate.lead, project=at_gate.project, values={
        "title": "Flood", "severity": 4, "is_blocker": True, "opened_on": timezone.localdate(),
    })  # fmt: skip
    page = gate_page(at_gate, at_gate.sponsor)
    assert "Something changed" in page
    assert "Flood: is new" in page
    post(at_gate.lead, "gate-pack-renew", at_gate.project.key, at_gate.first.pk)
    assert "Something changed" not in gate_page(at_gate, at_gate.sponsor)


def test_pack_and_minutes_are_read_as_page_and_as_pdf(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC, "Nothing stands still")
    asks(at_gate.first, K.JUDGEMENT, "The sponsor is content")
    ballot = at_gate.open(anyway="It is urgent.")
    ballots.declare_conflict(actor=at_gate.payer, ballot_id=ballot.pk, reason="My brother sells it.")
    at_gate.vote(ballot, at_gate.sponsor, "conditional")
    at_gate.vote(ballot, at_gate.other_pmo)
    pack = EvidencePack.objects.get(ballot=ballot)
    key = at_gate.project.key
    page = words(get(at_gate.lead, "gate-minutes", key, ballot.pk))
    for told in (
        pack.sha256, "Conditional go", "Says Sam Sponsor.", "My brother sells it.", "Name a deputy", "It is urgent.",
        "Mila PMO",
    ):  # fmt: skip
        assert told in page, told
    page = words(get(at_gate.lead, "evidence-pack", key, pack.pk))
    for told in (pack.sha256, "Nothing stands still", "still has its fingerprint", "Open blockers: 0"):
        assert told in page, told
    for name, pk in (("gate-minutes-pdf", ballot.pk), ("evidence-pack-pdf", pack.pk)):
        answer = get(at_gate.lead, name, key, pk)
        assert answer["Content-Type"] == "application/pdf"
        assert answer.content.startswith(b"%PDF-")
        assert answer.content == get(at_gate.lead, name, key, pk).content
    assert "Reviews" in gate_page(at_gate, at_gate.lead)


def test_pages_of_another_project_are_not_found(at_gate: Scene) -> None:
    other = scene()
    ballot = other.open()
    pack = EvidencePack.objects.get(ballot=ballot)
    key = at_gate.project.key
    for name, pk in (("gate", other.first.pk), ("evidence-pack", pack.pk), ("gate-minutes", ballot.pk)):
        assert get(at_gate.pmo, name, key, pk).status_code == 404
    assert post(at_gate.pmo, "gate-open", key, other.first.pk).status_code == 404


def test_an_overdue_condition_shows_on_the_gates_page_and_the_overview(at_gate: Scene) -> None:
    at_gate.overdue_condition()
    for name in ("project-gates", "project"):
        assert "Name a deputy" in words(get(at_gate.lead, name, at_gate.project.key)), name


def test_a_document_is_accepted_by_a_button_that_its_owner_does_not_see(at_gate: Scene) -> None:
    asks(at_gate.first, K.DOCUMENT)
    paper = at_gate.project.documents.create(
        title="Case", url="https://example.org/c", kind="Business case", owner=at_gate.lead
    )
    href = reverse("document-accept", args=[at_gate.project.key, paper.pk])
    assert href not in gate_page(at_gate, at_gate.lead)
    assert href in gate_page(at_gate, at_gate.sponsor)
    assert href in words(get(at_gate.sponsor, "project-team", at_gate.project.key))
    reader = make.make_user()
    make.join_team(at_gate.project, reader)
    assert post(reader, "document-accept", at_gate.project.key, paper.pk).status_code == 403
    post(at_gate.sponsor, "document-accept", at_gate.project.key, paper.pk, version=1)
    paper.refresh_from_db()
    assert paper.accepted_by == at_gate.sponsor
    assert "1 of 1 met" in gate_page(at_gate, at_gate.lead)


def grow(found: Scene, count: int) -> None:
    """So many gates, criteria, documents, risks and judges more."""
    for _number in range(count):
        phase = make.make_phase(found.project, position=found.project.phases.count() + 1)
        make.make_milestone(
            found.project, is_gate=True, phase=phase, forecast_on=in_days(200), baseline_on=in_days(200)
        )
        for kind in K:
            asks(found.first, kind)
        make.make_risk(found.project)
        found.project.documents.create(title="A", url="https://example.org/", kind="Paper", owner=found.lead)
    assert Milestone.objects.filter(project=found.project, is_gate=True).count() >= count


MOST = {"project": 12, "project-gates": 12, "gate": 14, "project-money": 8}
"""Statements of a page, with an open review and criteria of every kind."""


@pytest.mark.parametrize("name", MOST)
def test_pages_ask_the_same_number_of_questions_whatever_there_is(at_gate: Scene, name: str) -> None:
    at_gate.open()
    args = [at_gate.project.key] + ([at_gate.first.pk] if name == "gate" else [])
    grow(at_gate, 2)
    few = queries(at_gate.sponsor, name, *args)
    grow(at_gate, 10)
    assert queries(at_gate.sponsor, name, *args) == few
    assert few <= MOST[name], few


def test_released_money_shows_on_the_money_page(at_gate: Scene) -> None:
    assert "Released by gates" not in words(get(at_gate.lead, "project-money", at_gate.project.key))
    gates.set_stage_money(
        actor=at_gate.pmo, project=at_gate.project, gate_id=at_gate.first.pk, version=None, amount=Decimal(750)
    )
    at_gate.decide(0)
    page = words(get(at_gate.lead, "project-money", at_gate.project.key))
    assert "Released by gates" in page
    assert "750" in page


def test_a_confidential_project_keeps_its_gates_to_itself() -> None:
    found = scene(is_confidential=True)
    stranger = make.make_person(RoleName.EXECUTIVE)
    for name, args in (("project-gates", ()), ("gate", (found.first.pk,))):
        assert get(stranger, name, found.project.key, *args).status_code == 404

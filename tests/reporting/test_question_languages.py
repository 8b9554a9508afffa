"""The question of a ballot is read in the language of the reader, whoever asked it; what was typed stays as typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import translation

from accounts.models import User
from common.models import OutgoingMail
from governance.models import Ballot
from governance.services import activation, ballots
from projects.models import EvidencePack
from projects.services.gates.review import is_whole
from reporting.register import RegisterQuery
from reporting.selectors import register
from tests import factories as make
from tests.governance.rulebook import STOPS, ready
from tests.governance.test_waivers import Case
from tests.intake.world import make_world as make_intake_world
from tests.projects.changes.world import ballot_of
from tests.projects.changes.world import make_world as make_change_world
from tests.projects.gates import Scene, scene
from tests.projects.record import get, words

pytestmark = pytest.mark.django_db
ENGLISH, DUTCH = "Does “Alpha” pass the gate “Gate 1”?", "Passeert “Alpha” de poort “Gate 1”?"


@contextmanager
def reading(user: User, language: str) -> Iterator[User]:
    """Somebody whose portal speaks a language."""
    User.objects.filter(pk=user.pk).update(language=language)
    user.refresh_from_db()
    with translation.override(language):
        yield user


@pytest.fixture
def at_gate() -> Scene:
    found = scene()
    User.objects.filter(pk=found.sponsor.pk).update(language="nl")
    User.objects.filter(pk=found.payer.pk).update(language="en-gb")
    return found


@pytest.mark.parametrize("asked_in", ["nl", "en-gb"])
def test_the_vote_page_asks_each_reader_in_their_language(at_gate: Scene, asked_in: str) -> None:
    with translation.override(asked_in):
        ballot = at_gate.open(by=at_gate.lead)
    for reader, language, question, step, reason in (
        (at_gate.sponsor, "nl", DUTCH, "Budgethouder", "u stelde deze vraag"),
        (at_gate.payer, "en-gb", ENGLISH, "Budget owner", "you asked this question"),
    ):
        page = words(get(reader, "ballot", ballot.pk))
        assert question in page
        assert step in page
        assert (DUTCH if question == ENGLISH else ENGLISH) not in page
        assert question in words(get(reader, "ballot-list"))
        with reading(at_gate.lead, language) as lead:
            assert reason in words(get(lead, "ballot", ballot.pk))


@pytest.mark.parametrize("asked_in", ["nl", "en-gb"])
def test_each_mail_asks_in_the_language_of_its_receiver(at_gate: Scene, asked_in: str) -> None:
    with translation.override(asked_in):
        ballot = at_gate.open(by=at_gate.lead)
        sent = {mail.to_user_id: mail for mail in OutgoingMail.objects.filter(message_id__contains="-asked-")}
        ballots.withdraw_ballot(actor=at_gate.lead, ballot_id=ballot.pk)
    for person, question in ((at_gate.sponsor, DUTCH), (at_gate.payer, ENGLISH)):
        mail = sent[person.pk]
        assert question in mail.subject
        assert question in mail.text
        assert question in mail.html
    taken_back = OutgoingMail.objects.get(to_user=at_gate.sponsor, message_id__contains="-withdrawn-")
    assert taken_back.subject == f"Ingetrokken: {DUTCH}"


def test_pack_and_minutes_say_the_question_in_the_language_of_the_reader(at_gate: Scene) -> None:
    with translation.override("nl"):
        ballot = at_gate.open()
    pack, key = EvidencePack.objects.get(), at_gate.project.key
    for name, pk in (("evidence-pack", pack.pk), ("gate-minutes", ballot.pk)):
        assert DUTCH in words(get(at_gate.sponsor, name, key, pk))
        assert ENGLISH in words(get(at_gate.payer, name, key, pk))
    assert is_whole(pack)
    assert json.loads(pack.content)["question"] == {"en": ENGLISH, "nl": DUTCH}


def test_what_a_person_typed_stays_as_typed() -> None:
    world = make_intake_world()
    with translation.override("nl"):
        pitch = world.triaged(title="Budget owner")
        ballot = Ballot.objects.about("request", pitch.pk).get()
        assert str(ballot) == "Budget owner"
    assert (ballot.question, ballot.wording) == ("Budget owner", {})
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Ballot.objects.update(question="", wording={"en": "Tea?"})


@pytest.mark.parametrize("both_or_none", [{"question": "Tea?", "wording": {"en": "Tea?"}}, {}])
def test_a_question_is_typed_or_the_portals_never_both(both_or_none: dict[str, Any]) -> None:
    asker = make.make_user()
    with pytest.raises(IntegrityError, match="ballot_is_typed_or_worded"), transaction.atomic():
        Ballot.objects.create(subject_kind="goal", subject_id=1, asked_by=asker, barred_ids=[asker.pk], **both_or_none)


def test_what_is_called_otherwise_later_was_asked_by_its_old_name(at_gate: Scene) -> None:
    ballot = at_gate.open()
    type(at_gate.project).objects.filter(pk=at_gate.project.pk).update(name="Omega")
    ballot.refresh_from_db()
    assert str(ballot) == ENGLISH


@pytest.mark.parametrize(("language", "question", "word"), [("nl", DUTCH, "poort “gate"), ("en-gb", ENGLISH, "pass")])
def test_the_register_shows_finds_and_exports_it_as_the_reader_reads_it(
    at_gate: Scene, language: str, question: str, word: str
) -> None:
    at_gate.open()
    with reading(at_gate.pmo, language) as reader:
        assert question in words(get(reader, "decision-list"))
        for text, found in ((word, [question]), ("alpha", [question]), ("gate_review", [])):
            query = RegisterQuery(text=text)
            assert [one.question for one in register.all_entries(reader, query)] == found
        sheet = b"".join(get(reader, "decision-export", "csv").streaming_content).decode("utf-8-sig")
        assert question in sheet


def _of_change() -> Ballot:
    return ballot_of(make_change_world().submitted(cost_delta=1))


def _of_waiver() -> Ballot:
    return Ballot.objects.about("waiver", Case().ask().pk).get()


def _of_rule() -> Ballot:
    pmo = make.make_person()
    make.make_person("executive")
    draft = ready(pmo, enforcement=STOPS)
    return activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)


@pytest.mark.parametrize(("make_ballot", "said", "gezegd"), [
    (_of_change, "Accept ", " aanvaarden?"), (_of_waiver, "Waive ", " ontheffen voor "),
    (_of_rule, "Put ", " van kracht maken"),
])  # fmt: skip
def test_every_matter_is_asked_in_both_languages(make_ballot: Any, said: str, gezegd: str) -> None:
    with translation.override("nl"):
        ballot = make_ballot()
        assert gezegd in str(ballot)
        assert (ballot.question, set(ballot.wording)) == ("", {"en", "nl"})
    with translation.override("en-gb"):
        assert said in str(ballot)
        step = ballot.steps.order_by("pk")[0]
        assert step.name == step.title, "stored in the source language"
        assert ballot.why_barred(ballot.asked_by_id).startswith("you ")
    with translation.override("nl"):
        assert ballot.why_barred(ballot.asked_by_id).startswith("u ")

"""Status updates: what is asked of the writer, what stays as it was published, and who answers."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.db import InternalError, connection, transaction
from django.urls import reverse

from common.models import OutgoingMail
from projects.enums import Colour, UpdateState
from projects.models import Ask, Update
from projects.services import state, updates
from tests import factories
from tests.projects.record import Cast, at, cast, get, post, queries, words

if TYPE_CHECKING:
    from django.http import HttpResponse

    from accounts.models import User

pytestmark = pytest.mark.django_db


def write(user: User, people: Cast, **fields: Any) -> HttpResponse:
    data = {"declared": "green", "accomplished": "The pilot ran.", "token": uuid.uuid4(), **fields}
    return post(user, "update-write", people.project.key, **data)


def published(people: Cast) -> list[Update]:
    return list(people.project.updates.in_force().order_by("-pk"))


def make_late(people: Cast) -> None:
    """Give the project an amber or red fact: the portal no longer computes green."""
    factories.make_issue(people.project, "Work stands still", is_blocker=True)
    factories.make_risk(people.project, probability=5, impact=5)
    state.refresh([people.project.pk])
    people.project.state.refresh_from_db()
    assert people.project.state.computed in {Colour.AMBER, Colour.RED}


def test_lead_posts_and_the_project_shows_it() -> None:
    people = cast()
    answer = write(people.lead, people, schedule="amber", next_steps="Then the roll-out.")
    assert answer.status_code == 302
    update = published(people)[0]
    assert (update.author, update.schedule, update.computed) == (people.lead, "amber", "green")
    assert "The pilot ran." in words(get(people.executive, "project", people.project.key))
    page = words(get(people.executive, "project-updates", people.project.key))
    assert "Then the roll-out." in page
    assert "/correct/" not in page


def test_composer_begins_with_what_was_said_last() -> None:
    people = cast()
    write(people.lead, people, declared="amber", cost="red")
    page = words(get(people.lead, "update-write", people.project.key))
    assert 'value="amber" class="form-check-input" id="id_declared_1" checked' in page
    assert "previous: Off track" in page
    assert reverse("update-autosave", args=[people.project.key]) in page


def test_colour_is_asked_for() -> None:
    people = cast()
    before = len(published(people))
    answer = write(people.lead, people, declared="")
    assert answer.status_code == 422
    assert "Choose how the project is doing." in words(answer)
    assert "The pilot ran." in words(answer)
    assert len(published(people)) == before


def test_colour_of_another_scale_is_refused() -> None:
    people = cast()
    assert write(people.lead, people, declared="amber_green").status_code == 422


def test_update_without_words_is_refused() -> None:
    people = cast()
    assert write(people.lead, people, accomplished=" ").status_code == 422


def test_better_than_computed_says_why() -> None:
    people = cast()
    make_late(people)
    refused = write(people.lead, people)
    assert refused.status_code == 422
    assert "more confident than the facts" in words(refused)
    assert write(people.lead, people, rationale="The supplier delivers tomorrow.").status_code == 302
    assert "The supplier delivers tomorrow." in words(get(people.executive, "project", people.project.key))


def test_pressing_twice_posts_once() -> None:
    people = cast()
    before = len(published(people))
    token = uuid.uuid4()
    write(people.lead, people, token=token, ask="A room", asked_of=people.sponsor.pk)
    write(people.lead, people, token=token, ask="A room", asked_of=people.sponsor.pk)
    assert len(published(people)) == before + 1
    assert Ask.objects.count() == 1


def test_correction_stands_beside_the_text_it_corrects() -> None:
    people = cast()
    write(people.lead, people, accomplished="Ten pilots ran.")
    wrong = published(people)[0]
    assert "Ten pilots ran." in words(get(people.lead, "update-correct", people.project.key, wrong.pk))
    data = {"declared": "amber", "accomplished": "Two pilots ran.", "token": uuid.uuid4()}
    assert post(people.lead, "update-correct", people.project.key, wrong.pk, **data).status_code == 302
    wrong.refresh_from_db()
    right = published(people)[0]
    assert (wrong.state, right.supersedes, right.as_of) == (UpdateState.SUPERSEDED, wrong, wrong.as_of)
    page = words(get(people.executive, "project-updates", people.project.key))
    assert page.index("Two pilots ran.") < page.index("Ten pilots ran.")
    again = post(people.lead, "update-correct", people.project.key, wrong.pk, **{**data, "token": uuid.uuid4()})
    assert again.status_code == 422


def test_published_text_stays_even_for_the_database_s_owner() -> None:
    people = cast()
    write(people.lead, people)
    update = published(people)[0]
    for change in ("accomplished = 'Else'", "declared = 'red'", "state = 'draft'", "published_at = now()"):
        with pytest.raises(InternalError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"UPDATE projects_update SET {change} WHERE id = %s", [update.pk])  # noqa: S608 — our own words


def test_nothing_changed_is_said_twice_in_a_row_at_most() -> None:
    people = cast()
    write(people.lead, people, declared="amber", cost="red")
    for _ in range(updates.UNCHANGED_IN_A_ROW):
        answer = post(people.lead, "update-unchanged", people.project.key, token=uuid.uuid4())
        assert answer["Location"] == reverse("project", args=[people.project.key])
    assert published(people)[0].declared == "amber"
    before = len(published(people))
    answer = post(people.lead, "update-unchanged", people.project.key, token=uuid.uuid4())
    assert answer["Location"] == reverse("update-write", args=[people.project.key])
    assert len(published(people)) == before
    write(people.lead, people, declared="amber")
    post(people.lead, "update-unchanged", people.project.key, token=uuid.uuid4())
    assert len(published(people)) == before + 2


def test_nothing_changed_needs_its_form() -> None:
    people = cast()
    before = len(published(people))
    for token in ("", "nonsense"):
        post(people.lead, "update-unchanged", people.project.key, token=token)
    assert len(published(people)) == before


def test_ask_is_mailed_and_answered() -> None:
    people = cast()
    write(people.lead, people, ask="Two testers in January", asked_of=people.sponsor.pk, needed_by="2027-01-04")
    ask = Ask.objects.get()
    mail = OutgoingMail.objects.get(message_id=f"ask-{ask.pk}@pmo-portal")
    assert mail.to_address == people.sponsor.email
    page = words(get(people.sponsor, "ask-answer", ask.pk))
    assert "Two testers in January" in page
    assert 'name="answer"' in page
    assert post(people.sponsor, "ask-answer", ask.pk, answer="They come.").status_code == 302
    assert "They come." in words(get(people.lead, "project-updates", people.project.key))
    late = post(people.lead, "ask-answer", ask.pk, answer="No, they do not.")
    assert late.status_code == 422
    assert "They come." in words(late)


def test_ask_is_answered_by_nobody_else() -> None:
    people = cast()
    reader = factories.make_user()
    factories.join_team(people.project, reader)
    ask = factories.make_ask(people.project, asked_of=people.sponsor)
    assert 'name="answer"' not in words(get(reader, "ask-answer", ask.pk))
    assert post(reader, "ask-answer", ask.pk, answer="Yes").status_code == 422
    assert post(people.stranger, "ask-answer", ask.pk, answer="Yes").status_code == 404
    ask.refresh_from_db()
    assert ask.answered_at is None


def test_nobody_is_asked_about_a_project_they_may_not_know() -> None:
    people = cast()
    before = len(published(people))
    answer = write(people.lead, people, ask="Help", asked_of=people.stranger.pk)
    assert answer.status_code == 422
    assert "cannot see this project" in words(answer)
    assert (len(published(people)), Ask.objects.count()) == (before, 0)


def test_draft_is_kept_for_its_author_alone() -> None:
    people = cast()
    kept = post(people.lead, "update-autosave", people.project.key, declared="amber", accomplished="Half a sent")
    assert kept.status_code == 204
    write(people.lead, people, declared="amber", accomplished="Half a sentence", draft="1")
    assert people.project.updates.filter(state=UpdateState.DRAFT).count() == 1
    assert "Half a sentence" in words(get(people.lead, "update-write", people.project.key))
    for name in ("project-updates", "project", "update-write"):
        assert "Half a sentence" not in words(get(people.pmo, name, people.project.key))
    post(people.pmo, "update-discard", people.project.key)
    assert people.project.updates.filter(state=UpdateState.DRAFT).count() == 1
    post(people.lead, "update-discard", people.project.key)
    assert not people.project.updates.filter(state=UpdateState.DRAFT).exists()


def test_draft_becomes_the_update() -> None:
    people = cast()
    write(people.lead, people, accomplished="Half", draft="1")
    write(people.lead, people, accomplished="Whole")
    assert not people.project.updates.filter(state=UpdateState.DRAFT).exists()
    assert published(people)[0].accomplished == "Whole"


@pytest.mark.parametrize("name", ["update-write", "update-autosave", "update-discard", "update-unchanged"])
def test_only_the_lead_and_the_pmo_write(name: str) -> None:
    people = cast()
    reader, other_lead = factories.make_user(), factories.make_user()
    factories.join_team(people.project, reader)
    factories.make_project(lead=other_lead)
    data = {"declared": "green", "accomplished": "I was here", "token": uuid.uuid4()}
    before = Update.objects.count()
    assert post(reader, name, people.project.key, **data).status_code == 403
    assert post(other_lead, name, people.project.key, **data).status_code == 404
    assert Update.objects.count() == before
    assert post(people.pmo, name, people.project.key, **data).status_code in {204, 302}


def test_update_of_another_project_is_not_corrected_here() -> None:
    people = cast()
    other = factories.make_healthy_project(lead=people.lead)
    foreign = other.updates.get()
    assert get(people.lead, "update-correct", people.project.key, foreign.pk).status_code == 404


def test_list_costs_the_same_for_two_and_for_ten() -> None:
    people = cast()
    write(people.lead, people, ask="One", asked_of=people.sponsor.pk)
    few = queries(people.executive, "project-updates", people.project.key)
    for number in range(8):
        write(people.lead, people, ask=f"Ask {number}", asked_of=people.sponsor.pk)
    assert queries(people.executive, "project-updates", people.project.key) == few


def test_somebody_signed_out_is_sent_to_the_door() -> None:
    people = cast()
    answer = at(people.lead)
    answer.logout()
    assert answer.get(reverse("update-write", args=[people.project.key])).status_code == 302

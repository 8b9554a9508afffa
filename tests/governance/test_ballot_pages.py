"""The pages of ballots, stand-ins and procedures, as people use them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from governance.matters import StepPlan
from governance.models import Ballot, DecisionCondition, Delegation, Procedure, Vote
from governance.services import ballots as services
from strategy.models import Goal
from tests.factories import make_goal, make_person, make_user
from tests.governance.matter import KIND, Boards

pytestmark = pytest.mark.django_db


def ask(boards: Boards, *members: User, quorum: int = 1, asker: User | None = None) -> Ballot:
    boards.members["executive"] = [member.pk for member in members]
    boards.plan = (StepPlan("Board", ("executive",), quorum=quorum),)
    return services.open_ballot(
        actor=asker or make_user("Anna Asker"), kind=KIND, subject_id=make_goal().pk, question="Shall we build it?"
    )


def rows(**filled: str) -> dict[str, str]:
    management = {"TOTAL_FORMS": "1", "INITIAL_FORMS": "0", "MIN_NUM_FORMS": "0", "MAX_NUM_FORMS": "10"}
    return {f"conditions-{name}": value for name, value in management.items()} | {
        f"conditions-0-{name}": value for name, value in filled.items()
    }


def vote(client: Client, ballot: Ballot, choice: str = "approve", reason: str = "It pays.", **more: str):
    data = {"version": ballot.subject_version, "choice": choice, "reason": reason, **(more or rows())}
    return client.post(reverse("ballot-vote", args=[ballot.pk]), data)


def test_a_member_votes_and_reads_what_was_decided(boards: Boards, client: Client) -> None:
    member = make_user("Mia Member")
    ballot = ask(boards, member)
    client.force_login(member)
    assert "Shall we build it?" in client.get(reverse("ballot-list")).text
    assert "Cast your vote" in client.get(reverse("ballot", args=[ballot.pk])).text
    assert vote(client, ballot).status_code == 302
    page = client.get(reverse("ballot", args=[ballot.pk])).text
    assert "It pays." in page
    assert "Cast your vote" not in page
    ballot.refresh_from_db()
    assert ballot.outcome == "approve"


def test_a_vote_is_never_cast_by_a_link(boards: Boards, client: Client) -> None:
    member = make_user()
    ballot = ask(boards, member)
    client.force_login(member)
    path = reverse("ballot-vote", args=[ballot.pk])
    assert client.get(path, {"choice": "approve", "reason": "x", "version": 1}).status_code == 405
    assert not Vote.objects.exists()


def test_what_was_typed_stays_when_something_is_missing(boards: Boards, client: Client) -> None:
    member = make_user()
    ballot = ask(boards, member)
    client.force_login(member)
    answer = vote(client, ballot, "", "A long thought.")
    assert answer.status_code == 422
    assert "A long thought." in answer.text
    assert "Choose how you vote." in answer.text
    answer = vote(client, ballot, "conditional", **rows(text="Name a deputy"))
    assert answer.status_code == 422
    assert "Name a deputy" in answer.text
    assert not Vote.objects.exists()


def test_an_edit_meanwhile_shows_the_page_anew_with_the_reason_kept(boards: Boards, client: Client) -> None:
    member = make_user()
    ballot = ask(boards, member)
    client.force_login(member)
    goal = Goal.objects.get(pk=ballot.subject_id)
    goal.version += 1
    goal.save()
    answer = vote(client, ballot, reason="I read the old one.")
    assert answer.status_code == 409
    assert "I read the old one." in answer.text
    ballot.refresh_from_db()
    assert f'name="version" value="{ballot.subject_version}"' in answer.text
    assert vote(client, ballot).status_code == 302


def test_a_conditional_yes_with_its_condition_is_confirmed_by_another(boards: Boards, client: Client) -> None:
    member, owner = make_user("Mia Member"), make_user("Olaf Owner")
    ballot = ask(boards, member)
    client.force_login(member)
    due = (timezone.localdate() + timedelta(days=9)).isoformat()
    assert vote(client, ballot, "conditional", **rows(text="Name a deputy", owner=owner.email, due_on=due)).url
    condition = DecisionCondition.objects.get()
    path = reverse("condition-meet", args=[condition.pk])
    client.force_login(owner)
    Goal.objects.update(owner=owner)
    assert "never the person who meets it" in client.get(path).text
    assert client.post(path, {"evidence": "I did"}).status_code == 422
    client.force_login(member)
    assert client.post(path, {"evidence": ""}).status_code == 422
    assert client.post(path, {"evidence": "Jo is the deputy"}).status_code == 302
    condition.refresh_from_db()
    assert condition.met_by == member


def test_a_stranger_does_not_know_of_a_ballot(boards: Boards, client: Client) -> None:
    ballot = ask(boards, make_user())
    client.force_login(make_user())
    for name in ("ballot", "ballot-vote", "ballot-conflict", "ballot-withdraw"):
        path = reverse(name, args=[ballot.pk])
        assert (client.get(path) if name == "ballot" else client.post(path)).status_code == 404
    assert "Shall we build it?" not in client.get(reverse("ballot-list")).text


def test_an_interest_and_taking_back_are_buttons_of_the_page(boards: Boards, client: Client) -> None:
    asker, member, other = make_user(), make_user(), make_user()
    ballot = ask(boards, member, other, asker=asker)
    client.force_login(member)
    path = reverse("ballot-conflict", args=[ballot.pk])
    assert client.post(path, {"conflict-reason": ""}).status_code == 422
    assert client.post(path, {"conflict-reason": "My brother sells it"}).status_code == 302
    assert "My brother sells it" in client.get(reverse("ballot", args=[ballot.pk])).text
    Goal.objects.update(owner=asker)
    client.force_login(asker)
    assert "Take the question back" in client.get(reverse("ballot", args=[ballot.pk])).text
    client.post(reverse("ballot-withdraw", args=[ballot.pk]))
    ballot.refresh_from_db()
    assert ballot.state == "withdrawn"


def test_somebody_away_names_a_stand_in_and_comes_back(client: Client) -> None:
    person, stand_in = make_user(), make_user("Stan Standin")
    client.force_login(person)
    path = reverse("delegation-list")
    days = {"starts_on": timezone.localdate().isoformat(), "ends_on": timezone.localdate().isoformat()}
    assert client.post(path, {"to_user": person.email, **days}).status_code == 422
    assert client.post(path, {"to_user": stand_in.email, **days}).status_code == 302
    assert "Stan Standin" in client.get(path).text
    made = Delegation.objects.get()
    client.force_login(stand_in)
    assert client.post(reverse("delegation-end", args=[made.pk])).status_code == 404
    client.force_login(person)
    assert client.post(reverse("delegation-end", args=[made.pk])).status_code == 302
    made.refresh_from_db()
    assert made.revoked_at


def steps(*filled: dict[str, str]) -> dict[str, str]:
    data = {"steps-TOTAL_FORMS": str(len(filled)), "steps-INITIAL_FORMS": "0"}
    for number, step in enumerate(filled):
        data |= {f"steps-{number}-{name}": value for name, value in step.items()}
    return data


def test_the_pmo_writes_down_how_is_decided_and_a_lost_change_shows_both(boards: Boards, client: Client) -> None:
    pmo = make_person()
    client.force_login(pmo)
    create = reverse("procedure-create")
    empty = {"name": "Small", "matter": KIND, "up_to": "1,000", "currency": "eur"}
    assert "at least one step" in client.post(create, {**empty, **steps({})}).text
    one = {"title": "Sponsor", "role": "sponsor", "position": "1", "quorum": "1"}
    assert client.post(create, {**empty, **steps(one, {})}).status_code == 302
    made = Procedure.objects.get()
    assert (made.up_to, made.currency) == (1000, "EUR")
    edit = reverse("procedure-edit", args=[made.pk])
    assert "Sponsor" in client.get(edit).text
    changed = {**empty, **steps(one), "version": made.version, "name": "Smaller"}
    assert client.post(edit, changed).status_code == 302
    lost = client.post(edit, {**changed, "name": "Smallest"})
    assert lost.status_code == 409
    assert "Smaller" in lost.text
    assert "Smallest" in lost.text
    assert "Smaller" in client.get(reverse("procedure-list")).text
    client.post(reverse("procedure-retire", args=[made.pk]))
    assert "No procedures yet" in client.get(reverse("procedure-list")).text


def statements(client: Client, path: str) -> int:
    client.get(path)
    with CaptureQueriesContext(connection) as found:
        client.get(path)
    return len(found)


def test_lists_and_pages_take_the_same_statements_however_many_there_are(boards: Boards, client: Client) -> None:
    members = [make_user() for _ in range(2)]
    ballot = ask(boards, *members, quorum=2)
    client.force_login(members[0])
    few = statements(client, reverse("ballot-list")), statements(client, reverse("ballot", args=[ballot.pk]))
    more = [*members, *(make_user() for _ in range(10))]
    for _ in range(10):
        ballot = ask(boards, *more, quorum=2)
    many = statements(client, reverse("ballot-list")), statements(client, reverse("ballot", args=[ballot.pk]))
    assert many == few
    assert max(many) <= 12

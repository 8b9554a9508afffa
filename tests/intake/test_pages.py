"""The pages of a request, through address, sign-in and form."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import User
from intake import selectors, services
from intake.models import Request
from projects.models import Project
from tests.factories import grant, make_goal, make_person, make_project, make_user
from tests.intake.world import World

IDEA = {"title": "Solar power", "problem": "Bills rise.", "wanted_result": "Half is our own."}


@pytest.fixture
def visitor(world: World, client: Client) -> Client:
    client.force_login(world.requester)
    return client


def statements(client: Client, method: str, path: str, data: dict | None = None) -> int:
    with CaptureQueriesContext(connection) as queries:
        answer = getattr(client, method)(path, data or {})
    assert answer.status_code < 400, answer.status_code
    return len(queries)


def test_a_request_is_written_page_by_page_and_handed_in(world: World, visitor: Client) -> None:
    goal = make_goal("Safer roads")
    answer = visitor.post(reverse("request-create"), {**IDEA, "token": str(uuid.uuid4())})
    pitch = Request.objects.get()
    assert answer.url == reverse("request-edit", args=[pitch.key, "value"])
    value = {"goal": goal.pk, "yearly_benefit": "480k", "is_mandatory": "yes", "wanted_by": "2028-01-01"}
    assert visitor.post(answer.url, value).url == reverse("request-edit", args=[pitch.key, "size"])
    size = {"org_unit": world.unit.pk, "budget_is_unknown": "on", "currency": "EUR", "proposed_sponsor": "Sam Sponsor"}
    answer = visitor.post(reverse("request-edit", args=[pitch.key, "size"]), size)
    assert answer.url == reverse("request-check", args=[pitch.key])
    page = visitor.get(answer.url).text
    for words in ("€480,000", "Not known yet", "Safer roads", "Sam Sponsor", "1 Jan 2028"):
        assert words in page
    assert visitor.post(reverse("request-submit", args=[pitch.key])).url == reverse("request-sent", args=[pitch.key])
    assert pitch.key in visitor.get(reverse("request-sent", args=[pitch.key])).text
    pitch.refresh_from_db()
    assert (pitch.state, pitch.yearly_benefit, pitch.proposed_sponsor) == ("submitted", 480_000, world.sponsor)


def test_a_form_sent_twice_makes_one_request(visitor: Client) -> None:
    data = {**IDEA, "token": str(uuid.uuid4())}
    first, second = (visitor.post(reverse("request-create"), data) for _ in range(2))
    assert first.url == second.url
    assert Request.objects.count() == 1


def test_a_wrong_answer_loses_nothing_and_is_said_twice(visitor: Client, world: World) -> None:
    pitch = world.draft(budget=None)
    path = reverse("request-edit", args=[pitch.key, "size"])
    data = {"org_unit": world.unit.pk, "budget": "about ten", "currency": "GBP", "proposed_lead": "Lee Lead"}
    answer = visitor.post(path, data)
    assert answer.status_code == 422
    assert "<title>Error:" in answer.text
    assert answer.text.count("Enter an amount of money, such as 480,000 or 480k.") == 2
    assert 'value="about ten"' in answer.text
    pitch.refresh_from_db()
    assert (pitch.currency, pitch.proposed_lead, pitch.budget) == ("GBP", world.lead, None)


def test_an_amount_or_dont_know_must_be_chosen(visitor: Client, world: World) -> None:
    path = reverse("request-edit", args=[world.draft().key, "size"])
    base = {"org_unit": world.unit.pk, "currency": "EUR"}
    assert visitor.post(path, base).status_code == 422
    assert visitor.post(path, {**base, "budget": "5k", "budget_is_unknown": "on"}).status_code == 422
    assert visitor.post(path, {**base, "budget": "-5"}).status_code == 422
    assert visitor.post(path, {**base, "budget": "0"}).status_code == 302


def test_continue_later_keeps_a_half_filled_page(visitor: Client, world: World) -> None:
    pitch = world.draft(benefit_is_unknown=False)
    answer = visitor.post(
        reverse("request-edit", args=[pitch.key, "value"]),
        {"later": "1", "wanted_by": "2027-05-01", "is_mandatory": "no"},
    )
    assert answer.url == reverse("request-mine")
    pitch.refresh_from_db()
    assert str(pitch.wanted_by) == "2027-05-01"
    assert pitch.key in visitor.get(reverse("request-mine")).text


def test_autosave_starts_and_then_fills_the_same_draft(visitor: Client) -> None:
    data, quietly = {"title": "Sol", "token": str(uuid.uuid4())}, {"X-Autosave": "1"}
    assert visitor.post(reverse("request-create"), data, headers=quietly).status_code == 204
    visitor.post(reverse("request-create"), {**data, **IDEA})
    assert Request.objects.get().title == "Solar power"
    path = reverse("request-edit", args=[Request.objects.get().key, "value"])
    assert visitor.post(path, {"yearly_benefit": "12k"}, headers=quietly).status_code == 204
    assert Request.objects.get().yearly_benefit == 12_000


def test_check_answers_shows_lookalikes_that_the_person_may_see(visitor: Client, world: World) -> None:
    seen = make_project("Solar power for the depot", lead=world.requester)
    hidden = make_project("Solar power for depots")
    other = services.start_request(
        actor=world.lead, token=uuid.uuid4(), answers=world.answers(title="Solar power depots")
    )
    services.submit_request(actor=world.lead, pk=other.pk)
    page = visitor.get(reverse("request-check", args=[world.draft().key])).text
    assert seen.key in page
    assert hidden.key not in page
    assert other.key not in page


def test_handing_in_an_incomplete_request_names_the_page(visitor: Client, world: World) -> None:
    pitch = world.draft(budget=None)
    answer = visitor.post(reverse("request-submit", args=[pitch.key]))
    assert answer.status_code == 422
    assert reverse("request-edit", args=[pitch.key, "size"]) in answer.text


@pytest.mark.parametrize("who", ["outsider", "far_pmo", "lead", "sponsor"])
def test_others_cannot_know_of_a_request(world: World, client: Client, who: str) -> None:
    pitch = world.submitted()
    client.force_login(world.people[who])
    for name in ("request", "request-check", "request-withdraw", "request-decide"):
        assert client.get(reverse(name, args=[pitch.key])).status_code == 404
    assert client.post(reverse("request-submit", args=[pitch.key])).status_code == 404
    assert pitch.key not in client.get(reverse("request-mine")).text


def test_a_draft_is_for_its_writer_only(world: World, client: Client) -> None:
    pitch = world.draft()
    client.force_login(world.pmo)
    assert client.get(reverse("request", args=[pitch.key])).status_code == 404
    assert pitch.title not in client.get(reverse("request-list"), {"view": "all"}).text


@pytest.mark.parametrize(("who", "status"), [("pmo", 200), ("executive", 403), ("auditor", 403), ("requester", 403)])
def test_triage_is_for_the_pmo(world: World, client: Client, who: str, status: int) -> None:
    pitch = world.submitted()
    client.force_login(world.people[who])
    assert client.get(reverse("request-triage", args=[pitch.key])).status_code == status


@pytest.mark.parametrize(
    ("who", "status"),
    [("sponsor", 200), ("executive", 200), ("pmo", 403), ("auditor", 403), ("lead", 403), ("outsider", 404)],
)
def test_deciding_is_for_the_sponsor_and_whoever_decides_there(
    world: World, client: Client, who: str, status: int
) -> None:
    pitch = world.triaged()
    client.force_login(world.people[who])
    assert client.get(reverse("request-decide", args=[pitch.key])).status_code == status


def test_the_pmo_triages_and_the_sponsor_approves_on_the_pages(world: World, client: Client) -> None:
    pitch = world.submitted()
    client.force_login(world.pmo)
    data = {
        "version": pitch.version, "portfolio": world.portfolio.pk, "playbook": world.playbook.pk,
        "proposed_lead": world.lead.email, "proposed_sponsor": "sam sponsor", "start_on": "2027-02-01", "note": "Fine.",
    }  # fmt: skip
    assert client.post(reverse("request-triage", args=[pitch.key]), data).status_code == 302
    client.force_login(world.sponsor)
    page = client.get(reverse("request-decide", args=[pitch.key]))
    assert "1 Feb 2027" in page.text
    version = page.context["form"].initial["version"]
    data = {"version": version, "outcome": "approve", "reason": "Pays back."}
    answer = client.post(reverse("request-decide", args=[pitch.key]), data, follow=True)
    project = Project.objects.get()
    assert project.key in answer.text
    assert "Pays back." in answer.text


def test_triage_of_what_a_colleague_triaged_shows_both(world: World, client: Client) -> None:
    pitch = world.submitted()
    services.triage_request(actor=world.pmo, pk=pitch.pk, data=world.triage(note="Theirs"))
    client.force_login(make_person(RoleName.PMO_MANAGER))
    data = {
        "version": pitch.version, "portfolio": world.portfolio.pk, "playbook": world.playbook.pk, "note": "Mine",
        "proposed_lead": world.lead.email, "proposed_sponsor": world.sponsor.email, "start_on": "2027-02-01",
    }  # fmt: skip
    answer = client.post(reverse("request-triage", args=[pitch.key]), data)
    assert answer.status_code == 409
    assert "Theirs" in answer.text
    assert "Mine" in answer.text


def test_a_returned_request_shows_the_question_and_comes_back(world: World, visitor: Client) -> None:
    pitch = world.returned()
    assert "Which depots?" in visitor.get(reverse("request", args=[pitch.key])).text
    assert "Which depots?" in visitor.get(reverse("request-edit", args=[pitch.key, "idea"])).text
    visitor.post(reverse("request-submit", args=[pitch.key]))
    pitch.refresh_from_db()
    assert pitch.state == "submitted"


def test_the_tracking_page_tells_what_happened_and_who_holds_it(world: World, visitor: Client) -> None:
    text = visitor.get(reverse("request", args=[world.triaged().key])).text
    for words in ("Handed in", "Rachel Requester", "ready for a decision", "Paula Pmo", "Held by Sam Sponsor"):
        assert words in text


def test_withdrawing_asks_first(world: World, visitor: Client) -> None:
    pitch = world.submitted()
    path = reverse("request-withdraw", args=[pitch.key])
    assert visitor.get(path).status_code == 200
    assert visitor.post(path).url == reverse("request", args=[pitch.key])
    pitch.refresh_from_db()
    assert pitch.state == "withdrawn"


def _fill(world: World, count: int) -> None:
    for at in range(count):
        who = make_user()
        pitch = services.start_request(actor=who, token=uuid.uuid4(), answers=world.answers(title=f"Idea {at}"))
        services.submit_request(actor=who, pk=pitch.pk)
        services.triage_request(actor=world.pmo, pk=pitch.pk, data=world.triage(proposed_sponsor=make_user()))


@pytest.mark.parametrize("name", ["request-list", "request-mine"])
def test_lists_take_the_same_statements_for_2_as_for_12(world: World, client: Client, name: str) -> None:
    who = world.pmo if name == "request-list" else world.requester
    client.force_login(who)
    path = reverse(name) + "?view=decision"
    client.get(path)

    def fill(count: int) -> None:
        if name == "request-list":
            _fill(world, count)
        else:
            for _ in range(count):
                world.triaged()

    fill(2)
    few = statements(client, "get", path)
    fill(10)
    many = statements(client, "get", path)
    assert many == few
    assert many <= 12


def test_the_queue_filters_by_words_key_and_portfolio(world: World, client: Client) -> None:
    client.force_login(world.pmo)
    one, two = world.submitted(title="Solar roof"), world.submitted(title="New bridges")
    path = reverse("request-list")
    assert "New bridges" not in client.get(path, {"q": "solar"}).text
    assert "Solar roof" not in client.get(path, {"q": two.key}).text
    assert "Solar roof" in client.get(path, {"q": one.key}).text
    assert "Solar roof" not in client.get(path, {"portfolio": world.portfolio.pk}).text
    assert client.get(path, {"portfolio": "x", "view": "y", "sort": "z", "page": "0"}).status_code == 200


def test_the_posts_of_a_request_are_cheap(world: World, visitor: Client) -> None:
    visitor.get(reverse("request-mine"))
    create = statements(visitor, "post", reverse("request-create"), {**IDEA, "token": str(uuid.uuid4())})
    pitch = Request.objects.get()
    save = statements(visitor, "post", reverse("request-edit", args=[pitch.key, "idea"]), {**IDEA, "title": "Other"})
    services.save_answers(
        actor=User.objects.get(pk=world.requester.pk), pk=pitch.pk,
        answers={"budget": 5, "benefit_is_unknown": True, "org_unit": world.unit},
    )  # fmt: skip
    submit = statements(visitor, "post", reverse("request-submit", args=[pitch.key]))
    assert max(create, save, submit) <= 20, (create, save, submit)


@pytest.mark.parametrize("name", ["request", "request-check", "request-triage", "request-decide", "request-create"])
def test_each_page_takes_at_most_twelve_statements(world: World, client: Client, name: str) -> None:
    maker = {"request-check": world.draft, "request-triage": world.submitted}.get(name, world.triaged)
    who = {"request-triage": world.pmo, "request-decide": world.sponsor}.get(name, world.requester)
    pitch = maker()
    client.force_login(who)
    path = reverse(name, args=[] if name == "request-create" else [pitch.key])
    client.get(path)
    assert statements(client, "get", path) <= 12


def test_what_waits_for_a_person_is_what_they_may_do(world: World) -> None:
    returned, submitted, _triaged, _draft = world.returned(), world.submitted(), world.triaged(), world.draft()
    own = services.start_request(actor=world.pmo, token=uuid.uuid4(), answers=world.answers(title="Wind power"))
    services.submit_request(actor=world.pmo, pk=own.pk)
    grant(world.far_pmo, RoleName.EXECUTIVE)
    waiting = {name: {pitch.pk for pitch in selectors.waiting_for(who)} for name, who in world.people.items()}
    assert submitted in Request.objects.visible_to(User.objects.get(pk=world.far_pmo.pk)), "by another role"
    assert waiting.pop("requester") == {returned.pk}
    assert waiting.pop("pmo") == {submitted.pk}, "and not their own"
    assert not any(waiting.values()), waiting


def test_an_approval_takes_as_few_statements_as_it_can(world: World, client: Client) -> None:
    """More than the twenty of other orders, for it is a vote, a decision and a whole project in one transaction.

    The person (3) and the request through its door with its ballot (2); two savepoints (4); the request under its lock,
    the open ballot, what it is about, subject and ballot locked in their order (5); seats, votes, who holds the role
    now (4); vote, step and ballot written (3); the request with what a project takes from it, the playbook (2); the
    project and the rules at its start (4); phases, milestones, criteria, deliverables with their letters, current
    phase, team (up to 7, one statement each however many); the first baseline (2); facts and state (2); the request
    approved, its rules, the mail (3); and the answer (1).
    """
    client.force_login(world.sponsor)
    pitch = world.triaged()
    answer = {"outcome": "approve", "reason": "Pays back fast.", "version": pitch.version}
    with CaptureQueriesContext(connection) as queries:
        assert client.post(reverse("request-decide", args=[pitch.key]), answer).status_code == 302
    assert len(queries) <= 42, [query["sql"][:90] for query in queries]
    pitch.refresh_from_db()
    assert pitch.project is not None
    assert pitch.project.state.milestones_total == pitch.project.milestones.count() > 0

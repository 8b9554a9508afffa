"""What one project needs from another: asked, promised by two sides, moved, delivered, received; and what rules see."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import RoleName
from common.errors import Conflict, NotAllowed
from common.models import OutgoingMail
from projects.enums import GIVER_MOVES, PROMISE_MOVES, ProjectStatus, PromiseMove, PromiseState
from projects.facts import project_facts
from projects.models import Project, Promise
from projects.selectors import promises as selectors
from projects.selectors.promises import moves_for, named_for, said
from projects.services import promises
from projects.services.promises import PromiseError
from reporting.selectors import my_work
from tests import factories as make
from tests.projects.gates import in_days
from tests.security.pages import Page

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()


class Two:
    """A bridge that needs something from a road, each with its lead, and a PMO manager who looks after both."""

    def __init__(self) -> None:
        self.taker_lead, self.giver_lead = make.make_user("Tess Taker"), make.make_user("Guy Giver")
        portfolio = make.make_portfolio("City works")
        self.pmo = make.make_person(RoleName.PMO_MANAGER, portfolio, name="Petra PMO")
        self.taker = make.make_healthy_project("Bridge", portfolio=portfolio, lead=self.taker_lead, refresh=True)
        self.giver = make.make_healthy_project("Road", portfolio=portfolio, lead=self.giver_lead, refresh=True)
        make.join_team(self.giver, self.taker_lead)

    def ask(self, needed: int = 30, actor: User | None = None) -> Promise:
        values = {"name": "Connected quay", "description": "Cars can drive on.", "needed_on": in_days(needed)}
        return promises.ask_promise(
            actor=actor or self.taker_lead, project=self.taker, giver=self.giver, values=values
        )  # fmt: skip

    def say(
        self, promise: Promise, move: str, *, by: User | None = None, on: int | None = None, word: str = ""
    ) -> Promise:
        """The next word, by the lead of the side whose it is."""
        promise.refresh_from_db()
        speaker = by or (self.giver_lead if move in GIVER_MOVES else self.taker_lead)
        day = None if on is None else in_days(on)
        return promises.move_promise(
            actor=speaker, promise_id=promise.pk, version=promise.version, move=move, on=day, word=word
        )  # fmt: skip


@pytest.fixture
def two() -> Two:
    return Two()


def test_a_day_in_time_is_promised_at_once_delivered_and_received(two: Two) -> None:
    promise = two.ask()
    assert (promise.state, promise.asked_by) == (PromiseState.ASKED, two.taker_lead)
    promise = two.say(promise, PromiseMove.OFFER, on=28)
    assert (promise.state, promise.promised_on, promise.answered_by) == ("agreed", in_days(28), two.giver_lead)
    promise = two.say(promise, PromiseMove.DELIVER)
    assert (promise.state, promise.delivered_on) == ("delivered", TODAY)
    promise = two.say(promise, PromiseMove.RECEIVE)
    assert (promise.state, promise.closed_on) == ("kept", TODAY)


def test_a_later_day_waits_for_the_other_side_and_the_first_promise_holds(two: Two) -> None:
    promise = two.say(two.ask(), PromiseMove.OFFER, on=20)
    promise = two.say(promise, PromiseMove.OFFER, on=50, word="The sand comes late.")
    assert (promise.state, promise.promised_on, promise.offered_on) == ("offered", in_days(20), in_days(50))
    promise = two.say(promise, PromiseMove.AGREE)
    assert (promise.state, promise.promised_on, promise.offered_on) == ("agreed", in_days(50), None)


def test_asking_for_another_day_keeps_a_promise_that_is_in_time_for_it(two: Two) -> None:
    promise = two.say(two.ask(), PromiseMove.OFFER, on=20)
    promise = two.say(promise, PromiseMove.ASK, on=25, word="We have more time.")
    assert (promise.state, promise.needed_on, promise.promised_on) == ("agreed", in_days(25), in_days(20))
    promise = two.say(promise, PromiseMove.ASK, on=10, word="The feast is earlier.")
    assert (promise.state, promise.waits_since) == ("asked", TODAY)
    promise = two.say(promise, PromiseMove.REFUSE, word="It cannot be earlier.")
    assert (promise.state, promise.promised_on) == ("agreed", in_days(20)), "what was promised before still holds"


def test_refused_can_be_asked_again_and_dropped(two: Two) -> None:
    promise = two.say(two.ask(), PromiseMove.REFUSE, word="Not ours.")
    assert (promise.state, promise.word) == ("refused", "Not ours.")
    promise = two.say(promise, PromiseMove.ASK, on=60, word="The council says it is.")
    assert promise.state == PromiseState.ASKED
    promise = two.say(promise, PromiseMove.WITHDRAW)
    assert (promise.state, promise.closed_on) == ("withdrawn", TODAY)


def test_sent_back_is_promised_again(two: Two) -> None:
    promise = two.say(two.say(two.ask(), PromiseMove.OFFER, on=20), PromiseMove.DELIVER)
    promise = two.say(promise, PromiseMove.RETURN, word="Half of it is missing.")
    assert (promise.state, promise.delivered_on, promise.promised_on) == ("agreed", None, in_days(20))


@pytest.mark.parametrize("move", PromiseMove.values)
@pytest.mark.parametrize("state", PromiseState.values)
def test_what_is_not_open_now_is_refused_and_what_is_belongs_to_one_side(two: Two, state: str, move: str) -> None:
    promise = _in_state(two, state)
    wrong_side = two.taker_lead if move in GIVER_MOVES else two.giver_lead
    if move in PROMISE_MOVES[state]:
        with pytest.raises(NotAllowed):
            two.say(promise, move, by=wrong_side, on=40, word="So.")
        two.say(promise, move, on=40, word="So.")
    else:
        with pytest.raises(PromiseError, match="not open now"):
            two.say(promise, move, on=40, word="So.")


def _in_state(two: Two, state: str) -> Promise:
    promise = two.ask()
    steps: dict[str, list[tuple[str, int | None]]] = {
        PromiseState.ASKED: [], PromiseState.OFFERED: [("offer", 35)], PromiseState.AGREED: [("offer", 20)],
        PromiseState.REFUSED: [("refuse", None)], PromiseState.DELIVERED: [("offer", 20), ("deliver", None)],
        PromiseState.KEPT: [("offer", 20), ("deliver", None), ("receive", None)],
        PromiseState.WITHDRAWN: [("withdraw", None)],
    }  # fmt: skip
    for move, on in steps[state]:
        promise = two.say(promise, move, on=on, word="So.")
    assert promise.state == state
    return promise


def test_nobody_speaks_for_both_sides(two: Two) -> None:
    promise = two.ask(actor=two.pmo)
    with pytest.raises(NotAllowed, match="somebody else speaks"):
        two.say(promise, PromiseMove.OFFER, by=two.pmo, on=20)
    promise = two.say(promise, PromiseMove.OFFER, on=50)
    Project.objects.filter(pk=two.taker.pk).update(lead=two.giver_lead)
    with pytest.raises(NotAllowed, match="somebody else speaks"):
        two.say(promise, PromiseMove.AGREE, by=two.giver_lead)
    assert moves_for(two.giver_lead, promise) == [PromiseMove.OFFER, PromiseMove.REFUSE]
    with pytest.raises(DatabaseError, match="promise_spoken_by_two"), transaction.atomic():
        Promise.objects.filter(pk=promise.pk).update(asked_by=two.giver_lead)


def test_what_is_kept_stays_as_it_is_also_by_raw_sql(two: Two) -> None:
    promise = _in_state(two, PromiseState.KEPT)
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Promise.objects.filter(pk=promise.pk).update(word="Never happened")
    other = two.ask()
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        Promise.objects.filter(pk=other.pk).update(giver=make.make_project("Tunnel"))


@pytest.mark.parametrize(
    ("move", "on", "word", "sentence"),
    [
        ("refuse", None, "  ", "Write why"),
        ("ask", 40, "", "Write why"),
        ("offer", None, "", "Fill in the day"),
        ("offer", -1, "", "This day has passed"),
        ("ask", -1, "So.", "This day has passed"),
    ],
)
def test_bad_input_is_refused_in_words(two: Two, move: str, on: int | None, word: str, sentence: str) -> None:
    with pytest.raises(PromiseError, match=sentence):
        two.say(two.ask(), move, on=on, word=word)


def test_what_cannot_be_asked(two: Two) -> None:
    values = {"name": "Sand", "needed_on": in_days(3)}
    with pytest.raises(PromiseError, match="itself"):
        promises.ask_promise(actor=two.taker_lead, project=two.taker, giver=two.taker, values=values)
    with pytest.raises(PromiseError, match="has passed"):
        two.ask(needed=-1)
    hidden = make.make_project("Secret", is_confidential=True)
    with pytest.raises(NotAllowed, match="cannot see"):
        promises.ask_promise(actor=two.taker_lead, project=two.taker, giver=hidden, values=values)
    with pytest.raises(NotAllowed, match="Only the project lead"):
        promises.ask_promise(actor=two.giver_lead, project=two.taker, giver=two.giver, values=values)
    Project.objects.filter(pk=two.giver.pk).update(status=ProjectStatus.COMPLETED)
    with pytest.raises(PromiseError, match="“Road” is over"):
        two.ask()
    Project.objects.update(status=ProjectStatus.STOPPED)
    with pytest.raises(PromiseError, match="“Bridge” is over"):
        two.ask()


def test_pressing_twice_says_it_once_and_an_old_page_is_a_conflict(two: Two) -> None:
    promise = two.ask()
    again = {"promise_id": promise.pk, "version": promise.version}
    for _each in range(2):
        moved = promises.move_promise(actor=two.giver_lead, move="offer", on=in_days(20), **again)
        assert moved.version == promise.version + 1
    with pytest.raises(Conflict):
        promises.move_promise(actor=two.giver_lead, move="offer", on=in_days(25), **again)
    assert [one.changes[0].after for one in said(promise)] == ["Promised", "Asked"], "each is said once"


def test_an_old_page_never_hears_that_something_was_said_which_was_not(two: Two) -> None:
    """The other side spoke in between, and the promise looks as if the step had been taken."""
    promise = two.say(two.say(two.ask(), PromiseMove.OFFER, on=20), PromiseMove.OFFER, on=50)
    old = promise.version
    two.say(promise, PromiseMove.AGREE)
    with pytest.raises(Conflict):
        promises.move_promise(actor=two.giver_lead, promise_id=promise.pk, version=old, move="refuse", word="No.")

    promise = two.say(promise, PromiseMove.OFFER, on=60)
    old = promise.version
    two.say(promise, PromiseMove.REFUSE, word="It stays as it was.")
    with pytest.raises(Conflict):
        promises.move_promise(actor=two.taker_lead, promise_id=promise.pk, version=old, move="agree")

    other = two.ask(needed=30)
    two.say(other, PromiseMove.REFUSE, word="Not ours.")
    with pytest.raises(Conflict):
        promises.move_promise(
            actor=two.taker_lead, promise_id=other.pk, version=1, move="ask", on=in_days(30), word="Please."
        )


def test_who_may_not_speak_hears_no_success_whatever_the_version(two: Two) -> None:
    promise = _in_state(two, PromiseState.WITHDRAWN)
    with pytest.raises(NotAllowed):
        promises.move_promise(
            actor=make.make_user(), promise_id=promise.pk, version=promise.version - 1, move="withdraw", word="So."
        )


def test_an_offer_whose_day_has_passed_is_not_agreed_on(two: Two) -> None:
    promise = two.say(two.ask(needed=1), PromiseMove.OFFER, on=2)
    Promise.objects.filter(pk=promise.pk).update(offered_on=in_days(-1))
    with pytest.raises(PromiseError, match="has passed"):
        two.say(promise, PromiseMove.AGREE)


def test_where_one_person_leads_both_projects_the_pmo_is_told(two: Two) -> None:
    Project.objects.filter(pk=two.giver.pk).update(lead=two.taker_lead)
    two.giver.refresh_from_db()
    two.ask()
    assert [mail.to_user for mail in OutgoingMail.objects.all()] == [two.pmo]


def test_each_side_gets_a_mail_of_what_the_other_says(two: Two) -> None:
    promise = two.ask()
    promise = two.say(promise, PromiseMove.OFFER, on=50)
    two.say(promise, PromiseMove.AGREE)
    found = list(OutgoingMail.objects.order_by("pk").values_list("to_user__name", "subject"))
    assert found == [
        ("Guy Giver", "A project that you cannot see asks you for “Connected quay”"),
        ("Tess Taker", "Road offers a later day for “Connected quay”"),
        ("Guy Giver", "A project that you cannot see agrees with your day for “Connected quay”"),
    ]


def test_who_may_see_one_side_only_does_not_read_the_name_of_the_other(two: Two, client: Client) -> None:
    Project.objects.filter(pk=two.taker.pk).update(is_confidential=True)
    promise = two.ask()
    names = named_for(two.giver_lead, [Promise.objects.select_related("project", "giver").get(pk=promise.pk)])
    assert (names[promise.pk].giver, names[promise.pk].taker_key) == ("Road", "")
    client.force_login(two.giver_lead)
    for address in (
        reverse("promise", args=[promise.pk]), reverse("project-promises", args=[two.giver.key]), reverse("home"),
    ):  # fmt: skip
        page = client.get(address)
        assert page.status_code == 200, address
        assert "Connected quay" in page.content.decode(), address
        assert "Bridge" not in page.content.decode(), address
    mail = OutgoingMail.objects.get(to_user=two.giver_lead)
    assert "Bridge" not in mail.subject + mail.text + mail.html
    stranger = make.make_user()
    client.force_login(stranger)
    assert client.get(reverse("promise", args=[promise.pk])).status_code == 404


def test_my_work_asks_the_side_whose_turn_it_is(two: Two) -> None:
    def asked(user: User) -> list[str]:
        return [todo.text for todo in my_work.todos(user) if todo.title == "Connected quay"]

    promise = two.ask()
    assert (asked(two.giver_lead), asked(two.taker_lead)) == (["Another project asks for this"], [])
    promise = two.say(promise, PromiseMove.OFFER, on=50)
    assert asked(two.taker_lead) == ["Another project offers a later day than needed"]
    promise = two.say(two.say(promise, PromiseMove.AGREE), PromiseMove.DELIVER)
    assert (asked(two.giver_lead), asked(two.taker_lead)) == ([], ["Another project has delivered this"])


def test_a_lead_who_may_not_see_the_project_any_more_is_asked_nothing(two: Two) -> None:
    two.ask()
    two.giver_lead.external_until = in_days(90)
    two.giver_lead.save()
    lead = type(two.giver_lead).objects.get(pk=two.giver_lead.pk)
    assert not Project.objects.visible_to(lead).exists()
    assert "Connected quay" not in [todo.title for todo in my_work.todos(lead)]


def test_rules_count_what_is_needed_and_what_is_given(two: Two) -> None:
    old = {"asked_on": in_days(-30), "answered_by": two.giver_lead}
    make.make_promise(two.taker, two.giver, "Late", state="agreed", promised_on=in_days(-2), **old)
    make.make_promise(two.taker, two.giver, "Refused", state="refused", **old)
    make.make_promise(two.taker, two.giver, "Asked", asked_on=in_days(-40), waits_since=in_days(-12))
    make.make_promise(
        two.taker, two.giver, "Kept", state="kept", promised_on=in_days(-9), delivered_on=in_days(-9),
        closed_on=in_days(-8), **old,
    )  # fmt: skip

    def facts(project: Project, day: dt.date = TODAY) -> dict[str, Any]:
        return next(project_facts.read(Project.objects.filter(pk=project.pk), day))

    needs, gives = facts(two.taker), facts(two.giver)
    assert [needs[f"promises_{word}"] for word in ("open", "loose", "late")] == [3, 2, 1]
    assert [needs[f"given_{word}"] for word in ("open", "late", "unanswered")] == [0, 0, 0]
    assert [gives[f"given_{word}"] for word in ("open", "late", "unanswered")] == [2, 1, 1]
    assert gives["oldest_unanswered_days"] == 12
    assert needs["oldest_unanswered_days"] is None
    assert (facts(two.giver, in_days(-20))["given_unanswered"], facts(two.taker, in_days(-20))["promises_open"]) == (
        0,
        4,
    )


def test_what_is_over_on_either_side_is_no_promise_any_more(two: Two, client: Client) -> None:
    promise = two.say(two.ask(), PromiseMove.OFFER, on=20)
    asked = two.ask()
    Project.objects.filter(pk=two.giver.pk).update(status=ProjectStatus.STOPPED)
    needs = next(project_facts.read(Project.objects.filter(pk=two.taker.pk), TODAY))
    assert (needs["promises_open"], needs["promises_loose"]) == (2, 2)
    client.force_login(two.taker_lead)
    page = client.get(reverse("project-promises", args=[two.taker.key])).content.decode()
    assert page.count("the project that gives it is over") == 2

    Project.objects.filter(pk=two.giver.pk).update(status=ProjectStatus.ACTIVE)
    Project.objects.filter(pk=two.taker.pk).update(status=ProjectStatus.STOPPED)
    gives = next(project_facts.read(Project.objects.filter(pk=two.giver.pk), TODAY))
    assert (gives["given_open"], gives["given_unanswered"]) == (0, 0)
    assert not Promise.objects.waiting_for(two.giver_lead).exists()
    assert promise.is_open
    assert asked.is_open


def test_the_page_keeps_what_was_typed_and_says_what_is_wrong(two: Two, client: Client) -> None:
    promise = two.ask()
    client.force_login(two.giver_lead)
    address = reverse("promise-step", args=[promise.pk, "refuse"])
    page = client.post(address, {"version": promise.version, "word": ""})
    assert page.status_code == 422
    assert "Fill in “Why”." in page.content.decode()
    two.say(promise, PromiseMove.ASK, on=40, word="There is time.")
    stale = client.post(address, {"version": promise.version, "word": "Not this year, sorry."})
    assert stale.status_code == 409
    assert "Not this year, sorry." in stale.content.decode()
    sent_again = next(form for form in Page(stale.content.decode()).forms if form.action == address)
    assert (sent_again.values["version"], sent_again.values["word"]) == (["2"], ["Not this year, sorry."])
    two.say(promise, PromiseMove.WITHDRAW)
    late = client.post(address, {"version": 2, "word": "Not this year, sorry."})
    assert late.status_code == 409
    assert "Not this year, sorry." in late.content.decode(), "the step is not open any more, and the words are there"
    assert client.post(reverse("promise-step", args=[promise.pk, "steal"]), {}).status_code == 404
    back = client.get(address)
    assert (back.status_code, back["Location"]) == (302, reverse("promise", args=[promise.pk]))
    client.force_login(two.taker_lead)
    assert client.post(address, {"version": promise.version, "word": "So."}).status_code == 403


def test_a_project_is_asked_by_key_or_name_and_look_alikes_are_named(two: Two, client: Client) -> None:
    make.make_healthy_project("Road to the sea", portfolio=two.taker.portfolio, lead=two.pmo, refresh=True)
    client.force_login(two.pmo)
    address = reverse("promise-create", args=[two.taker.key])

    def ask(giver: str) -> tuple[int, str]:
        answer = client.post(address, {"giver": giver, "name": "Sand", "needed_on": in_days(9).isoformat()})
        return answer.status_code, answer.content.decode()

    assert ask(two.giver.key)[0] == 302
    assert ask("road")[0] == 302, "one that is called just so, though others contain it"
    status, page = ask("Roa")
    assert (status, "Which one do you mean" in page, "Road to the sea" in page) == (422, True, True)
    status, page = ask("Harbour")
    assert (status, "No project that you can see is called that" in page) == (422, True)
    assert Promise.objects.filter(giver=two.giver).count() == 2


def test_a_page_that_cannot_show_all_says_so(two: Two, client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(selectors, "MANY", 2)
    client.force_login(two.taker_lead)
    address, words = reverse("project-promises", args=[two.taker.key]), "Not all are shown"
    for number in range(1, 4):
        make.make_promise(two.taker, two.giver)
        assert (words in client.get(address).content.decode()) == (number > 2)


def test_the_page_costs_the_same_however_many_promises_there_are(two: Two, client: Client) -> None:
    client.force_login(two.taker_lead)
    address = reverse("project-promises", args=[two.taker.key])

    def statements(number: int) -> int:
        for _each in range(number):
            make.make_promise(two.taker, two.giver)
        with CaptureQueriesContext(connection) as counted:
            assert client.get(address).status_code == 200
        return len(counted)

    statements(1)
    assert statements(2) == statements(20)

"""My work: ballots, conditions and waivers among what waits for a person, in few statements."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.enums import RoleName
from accounts.models import User
from governance.enums import Choice
from governance.models import Ballot
from governance.services import ballots
from intake import services as intake
from reporting.selectors import my_work
from tests import factories
from tests.governance import matter
from tests.governance.test_waivers import Case, in_days
from tests.intake.world import World, make_world
from tests.reporting import portfolios

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


def _titles(user: User) -> dict[str, my_work.Todo]:
    return {one.title: one for one in my_work.todos(user)}


def test_a_triaged_request_asks_for_a_vote_of_whoever_has_a_seat_and_nobody_else(world: World) -> None:
    pitch = world.triaged()
    todo = _titles(world.executive)[pitch.title]
    assert (todo.verb, todo.href) == ("Vote", reverse("request-decide", args=[pitch.key]))
    assert pitch.title not in _titles(world.requester)
    assert pitch.title not in _titles(world.outsider)
    ballot = Ballot.objects.open().about("request", pitch.pk).get()
    ballots.cast_vote(actor=world.executive, ballot_id=ballot.pk, choice=Choice.APPROVE, reason="Good")
    assert pitch.title not in _titles(world.executive)


def test_a_request_asks_for_triage_of_whoever_may_and_never_of_who_wrote_it(world: World) -> None:
    pitch = world.submitted()
    todo = _titles(world.pmo)[pitch.title]
    assert (todo.verb, todo.href) == ("Triage", reverse("request-triage", args=[pitch.key]))
    own = intake.start_request(actor=world.pmo, token=uuid4(), answers=world.answers(title="Wind power"))
    intake.submit_request(actor=world.pmo, pk=own.pk)
    assert own.title not in _titles(world.pmo)
    assert own.title in _titles(factories.make_person(RoleName.PMO_MANAGER))


def test_a_condition_comes_up_for_its_owner_until_it_is_met() -> None:
    owner, voter, asker = (factories.make_user() for _each in range(3))
    boards = matter.Boards()
    boards.seat("executive", voter)
    goal = factories.make_goal(owner=owner)
    with matter.decided_by(boards):
        asked = ballots.open_ballot(actor=asker, kind=matter.KIND, subject_id=goal.pk, question="Grow?")
        soon = ballots.NewCondition("Water it", owner, in_days(3))
        later = ballots.NewCondition("Harvest", owner, in_days(90))
        ballots.cast_vote(
            actor=voter, ballot_id=asked.pk, choice=Choice.CONDITIONAL, reason="Dry", conditions=[soon, later]
        )
        found = _titles(owner)
        todo = found["Meet the condition “Water it”"]
        assert (todo.href, todo.needed_on) == (reverse("ballot", args=[asked.pk]), in_days(3))
        assert not any("Harvest" in title for title in found)
        assert not any("Water" in title for title in _titles(voter))
        met = asked.conditions.get(text="Water it")
        ballots.meet_condition(actor=voter, condition_id=met.pk, evidence="It rained")
        assert not any("Water" in title for title in _titles(owner))


def test_a_waiver_that_ends_soon_comes_up_for_its_owner_in_their_language() -> None:
    case = Case()
    waiver = case.vote(case.ask(expires_on=in_days(10)), case.pmo)
    (title,) = (title for title in _titles(case.lead) if "waiver" in title)
    assert waiver.rule_version.text("title") in title
    assert _titles(case.lead)[title].href == reverse("waiver", args=[waiver.pk])
    with translation.override("nl"):
        assert any(waiver.rule_version.text("title") in title for title in _titles(case.lead))
    assert not any("waiver" in title for title in _titles(case.pmo))


def test_a_waiver_with_months_to_go_waits_for_nobody() -> None:
    case = Case()
    case.vote(case.ask(expires_on=in_days(60)), case.pmo)
    assert not any("waiver" in title for title in _titles(case.lead))


def test_my_work_takes_at_most_twelve_statements() -> None:
    case = Case()
    case.vote(case.ask(expires_on=in_days(10)), case.pmo)
    factories.make_decision(case.project, holder=case.lead)
    factories.make_ask(case.project, asked_of=case.lead)
    factories.make_risk(case.project, owner=case.lead, review_on=in_days(-1))
    voters = matter.Boards()
    voters.seat("executive", case.lead)
    client = portfolios.signed_in(case.lead)
    with matter.decided_by(voters):

        def more(number: int) -> int:
            for _each in range(number):
                goal = factories.make_goal(owner=case.lead)
                ballots.open_ballot(actor=case.pmo, kind=matter.KIND, subject_id=goal.pk, question="Grow?")
            return portfolios.statements(client, "/")[0]

        few = more(1)
        assert more(5) == few
        assert few <= 12

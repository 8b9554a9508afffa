"""Two different things done at once to one matter: one of both holds, never both and never half of each."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.utils import timezone

from accounts.enums import RoleName
from governance.contents import content_of
from governance.models import Ballot, Procedure, ProcedureStep, RuleVersion, Vote
from governance.services import activation, drafts, waivers
from intake import services as intake
from intake.models import Request
from projects.models import Promise
from projects.services import gates, promises
from tests import factories as make
from tests.at_once import ROUNDS, at_once
from tests.governance.rulebook import STOPS, ready
from tests.governance.test_waivers import Case
from tests.intake.world import make_world
from tests.projects.gates import scene
from tests.projects.test_promises import Two
from tests.races.race import fresh, plain, told
from tests.races.voting import vote

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.parametrize("rounds", ROUNDS)]


def test_a_request_is_approved_or_withdrawn(rounds: int) -> None:
    world = make_world()
    sponsor, requester = fresh(world.sponsor), fresh(world.requester)
    for _round in range(rounds):
        pk = world.triaged().pk
        results = at_once(
            lambda pk=pk: intake.approve_request(actor=sponsor, pk=pk, reason="Yes."),
            lambda pk=pk: intake.withdraw_request(actor=requester, pk=pk),
        )
        assert told(plain(results)) == 1, results
        found = Request.objects.get(pk=pk)
        assert (found.state == "approved") == (found.project_id is not None)


def test_a_waiver_is_granted_or_taken_back(rounds: int) -> None:
    case = Case()
    for _round in range(rounds):
        waiver = case.ask()
        ballot = Ballot.objects.open().about("waiver", waiver.pk).get()
        results = at_once(
            vote(case.pmo, ballot.pk),
            lambda pk=waiver.pk: waivers.withdraw_waiver(actor=case.lead, waiver_id=pk),
        )
        assert told(plain(results)) == 1, results
        waiver.refresh_from_db()
        ballot.refresh_from_db()
        assert (waiver.state, ballot.state) in {("withdrawn", "withdrawn"), ("granted", "decided")}


def test_a_draft_is_activated_or_thrown_away(rounds: int) -> None:
    people = make.make_person(), make.make_person()
    one, other = (fresh(person) for person in people)
    for number in range(rounds):
        pk = ready(people[0], code=f"rule-{number}").pk
        results = at_once(
            lambda pk=pk: activation.activate_rule(actor=one, pk=pk, version=None),
            lambda pk=pk: drafts.drop_draft(actor=other, pk=pk),
        )
        left = RuleVersion.objects.filter(pk=pk).first()
        assert (left is None) == (not isinstance(plain(results)[0], RuleVersion)), results


def test_a_draft_is_thrown_away_once_however_many_press(rounds: int) -> None:
    people = make.make_person(), make.make_person()
    those = [fresh(person) for person in people]
    for number in range(rounds):
        pk = ready(people[0], code=f"rule-{number}").pk
        plain(at_once(*(lambda pk=pk, me=me: drafts.drop_draft(actor=me, pk=pk) for me in those)))
        assert not RuleVersion.objects.filter(pk=pk).exists()


def test_a_draft_is_voted_on_or_edited(rounds: int) -> None:
    people = make.make_person(), make.make_person(RoleName.EXECUTIVE)
    author = fresh(people[0])
    for number in range(rounds):
        draft = ready(people[0], code=f"rule-{number}", enforcement=STOPS)
        ballot = activation.ask_for_activation(actor=author, pk=draft.pk, version=None)
        other = replace(content_of(draft), weight="low")
        plain(at_once(
            vote(people[1], ballot.pk),
            lambda pk=draft.pk, other=other: drafts.save_draft(actor=author, pk=pk, version=None, content=other),
        ))  # fmt: skip
        draft.refresh_from_db()
        ballot.refresh_from_db()
        assert (ballot.state == "decided") == (draft.state == "active")


def test_a_waiver_is_asked_while_the_next_version_of_its_rule_comes_into_force(rounds: int) -> None:
    case = Case()
    said = {
        name: getattr(case.version, name) for name in ("condition", "texts", "checkpoints", "enforcement", "weight")
    }
    for number in range(2, rounds + 2):
        coming = RuleVersion.objects.create(
            rule=case.version.rule, number=number, state="scheduled", effective_from=timezone.localdate(), **said
        )
        asked, put_in_force = plain(at_once(case.ask, activation.keep_dates))
        assert put_in_force == 1
        assert list(RuleVersion.objects.active().filter(rule=coming.rule)) == [coming]
        if isinstance(asked, waivers.WaiverError):  # it waited for the version that went out of force
            asked = case.ask()
        assert asked.rule_version.number in {number - 1, number}
        waivers.withdraw_waiver(actor=case.lead, waiver_id=asked.pk)


def test_a_vote_and_an_edit_never_leave_a_vote_on_what_was_not_read(rounds: int) -> None:
    found, voters = scene(), [make.make_person(RoleName.EXECUTIVE) for _each in range(2)]
    procedure = Procedure.objects.create(name="Board", matter="gate_review")
    ProcedureStep.objects.create(procedure=procedure, title="Board", role=RoleName.EXECUTIVE, quorum=2)
    pmo = fresh(found.pmo)
    ballot = gates.open_review(actor=pmo, project=found.project, gate_id=found.first.pk, anyway="We try.")
    for round_ in range(rounds):
        results = at_once(
            vote(voters[round_ % 2], ballot.pk),
            lambda amount=round_ + 1: gates.set_stage_money(
                actor=pmo, project=found.project, gate_id=found.first.pk, version=None, amount=amount
            ),
        )
        assert plain(results)
        gate = found.gate()
        ballot.refresh_from_db()
        assert ballot.subject_version == gate.version
        assert not Vote.objects.counting().filter(ballot=ballot).exclude(subject_version=gate.version).exists()
        gates.set_stage_money(actor=pmo, project=found.project, gate_id=gate.pk, version=None, amount=0)


def test_a_later_day_is_agreed_or_the_need_is_dropped(rounds: int) -> None:
    two = Two()
    taker, pmo = fresh(two.taker_lead), fresh(two.pmo)
    for _round in range(rounds):
        promise = two.say(two.ask(), "offer", on=50)
        said = {"promise_id": promise.pk, "version": promise.version}
        results = at_once(
            lambda said=said: promises.move_promise(actor=taker, move="agree", **said),
            lambda said=said: promises.move_promise(actor=pmo, move="withdraw", **said),
        )
        assert told(plain(results)) == 1, results
        promise.refresh_from_db()
        agreed, _dropped = plain(results)
        assert promise.state == ("agreed" if isinstance(agreed, Promise) else "withdrawn")


def test_two_projects_that_need_each_other_never_stand_still(rounds: int) -> None:
    two = Two()
    giver, pmo = fresh(two.giver_lead), fresh(two.pmo)
    for _round in range(rounds):
        there = two.ask()
        back = make.make_promise(two.giver, two.taker, asked_by=two.giver_lead)
        results = at_once(
            lambda one=there: promises.move_promise(
                actor=giver, promise_id=one.pk, version=1, move="offer", on=one.needed_on
            ),
            lambda one=back: promises.move_promise(
                actor=pmo, promise_id=one.pk, version=1, move="offer", on=one.needed_on
            ),
        )  # fmt: skip
        assert told(plain(results)) == 2, results

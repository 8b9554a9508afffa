"""The review of a gate: who decides, what the votes rest on, and what follows from the decision."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import InternalError
from django.utils import timezone

from governance.models import Vote
from governance.services import ballots
from governance.services.ballots import CannotVote
from playbooks.enums import CriterionKind
from projects.enums import ProjectStatus
from projects.models import EvidencePack, Gate, GateCriterion, Milestone, Project
from projects.selectors import evidence
from projects.selectors import gates as selectors
from projects.services import gates, plan, raid
from projects.services.gates.criteria import CriterionError
from projects.services.gates.order import GateClosed
from projects.services.gates.review import GateError, NotReady, is_whole
from tests import factories as make
from tests.projects.gates import Scene, asks, facts_of, in_days, outline, scene, views

pytestmark = pytest.mark.django_db
K = CriterionKind


# --- the review -----------------------------------------------------------------------------------------------------


def test_sponsor_and_budget_owner_decide_and_the_gate_is_passed(at_gate: Scene) -> None:
    ballot = at_gate.open()
    assert {seat.person for seat in ballot.seats.all()} == {at_gate.sponsor, at_gate.payer}
    assert at_gate.vote(ballot, at_gate.sponsor).is_open
    assert at_gate.vote(ballot, at_gate.payer).outcome == "approve"
    gate = at_gate.gate()
    assert (gate.outcome, gate.milestone.actual_on, gate.ballot) == ("approve", timezone.localdate(), ballot)
    assert [one.state for one in views(at_gate)] == ["passed", "next", "planned"]


def test_the_pmo_decides_for_a_post_that_is_vacant_but_not_who_asked() -> None:
    found = scene(sponsor=None, budget_owner=None)
    ballot = found.open()
    assert {seat.person for seat in ballot.seats.all()} == {found.other_pmo}
    assert found.vote(ballot, found.other_pmo).outcome == "approve"


def test_a_lead_who_is_also_sponsor_does_not_vote() -> None:
    person = make.make_user("Both")
    found = scene(lead=person, sponsor=person)
    ballot = found.open()
    assert {seat.person for seat in ballot.seats.all()} == {found.payer, found.other_pmo}
    with pytest.raises(CannotVote, match="you lead this project"):
        found.vote(ballot, person)


def test_neither_the_lead_nor_who_asks_votes_nor_the_database_lets_them(at_gate: Scene) -> None:
    ballot = at_gate.open()
    for person in (at_gate.lead, at_gate.pmo):
        with pytest.raises(CannotVote):
            at_gate.vote(ballot, person)
    seat = ballot.seats.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        Vote.objects.create(
            ballot=ballot, step=seat.step, seat=seat, cast_by=at_gate.lead, choice="approve", reason="Mine",
            subject_version=1,
        )  # fmt: skip


def test_a_declared_conflict_bars_and_the_pmo_takes_the_seat(at_gate: Scene) -> None:
    ballot = at_gate.open()
    ballots.declare_conflict(actor=at_gate.sponsor, ballot_id=ballot.pk, reason="My sister owns the supplier.")
    with pytest.raises(CannotVote, match="sister"):
        at_gate.vote(ballot, at_gate.sponsor)
    at_gate.vote(ballot, at_gate.payer)
    assert at_gate.vote(ballot, at_gate.other_pmo).outcome == "approve"


def test_missing_criteria_need_a_reason_to_ask_anyway(at_gate: Scene) -> None:
    asks(at_gate.first, K.DOCUMENT)
    with pytest.raises(NotReady, match="0 of 1"):
        at_gate.open(anyway="  ")
    ballot = at_gate.open(anyway="The supplier starts on Monday.")
    pack = EvidencePack.objects.get(ballot=ballot)
    assert pack.anyway == "The supplier starts on Monday."
    assert at_gate.open() == ballot, "asked twice is asked once"
    assert EvidencePack.objects.filter(gate=at_gate.first).count() == 1


def test_a_gate_that_is_ready_needs_no_reason(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC)
    ballot = at_gate.open(anyway="")
    assert EvidencePack.objects.get(ballot=ballot).anyway == ""


def test_gates_come_in_their_order(at_gate: Scene) -> None:
    with pytest.raises(GateClosed, match="Gate 1"):
        at_gate.open(1)
    at_gate.decide(0)
    assert at_gate.open(1).is_open


def test_a_gate_is_passed_once(at_gate: Scene) -> None:
    at_gate.decide(0)
    with pytest.raises(GateError, match="passed already"):
        at_gate.open(0)


def test_a_closed_project_has_no_reviews(at_gate: Scene) -> None:
    Project.objects.filter(pk=at_gate.project.pk).update(status=ProjectStatus.STOPPED)
    with pytest.raises(GateError, match="closed"):
        at_gate.open()


def test_hold_leaves_the_gate_and_it_can_be_asked_again(at_gate: Scene) -> None:
    at_gate.decide(0, "hold")
    gate = at_gate.gate()
    assert (gate.outcome, gate.is_passed, views(at_gate)[0].state) == ("hold", False, "hold")
    at_gate.decide(0)
    assert at_gate.gate().is_passed


def test_stop_stops_the_project(at_gate: Scene) -> None:
    at_gate.decide(0, "reject")
    at_gate.project.refresh_from_db()
    assert (at_gate.project.status, at_gate.gate().is_passed) == (ProjectStatus.STOPPED, False)


@pytest.mark.parametrize("edit", ["money", "criterion", "pack"])
def test_an_edit_of_gate_criteria_or_pack_makes_votes_void(at_gate: Scene, edit: str) -> None:
    ballot = at_gate.open()
    at_gate.vote(ballot, at_gate.sponsor)
    where = {"actor": at_gate.pmo, "project": at_gate.project, "gate_id": at_gate.first.pk}
    if edit == "money":
        gates.set_stage_money(**where, version=None, amount=Decimal(500))
    elif edit == "criterion":
        gates.add_criterion(**where, outline=outline())
    else:
        raid.add_risk(actor=at_gate.lead, project=at_gate.project, values={
            "title": "Rain", "probability": 5, "impact": 5,
        })  # fmt: skip
        assert gates.renew_pack(**where).number == 2
        assert gates.renew_pack(**where).number == 2, "nothing changed since"
    assert not Vote.objects.counting().filter(ballot=ballot).exists()
    assert at_gate.vote(ballot, at_gate.sponsor).is_open
    assert at_gate.vote(ballot, at_gate.payer).outcome == "approve"


def test_a_changed_fact_leaves_the_votes_and_shows_as_a_difference(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC, "Nothing stands still")
    make.make_milestone(at_gate.project, "Opening", forecast_on=in_days(3))
    ballot = at_gate.open()
    at_gate.vote(ballot, at_gate.sponsor)
    pack = EvidencePack.objects.get(ballot=ballot)
    assert not moved(at_gate, pack)
    at_gate.project.milestones.filter(name="Opening").update(forecast_on=in_days(9))
    raid.add_issue(actor=at_gate.lead, project=at_gate.project, values={
        "title": "Flood", "severity": 4, "is_blocker": True, "opened_on": timezone.localdate(),
    })  # fmt: skip
    Project.objects.filter(pk=at_gate.project.pk).update(forecast_cost=1200, version=7)
    words = [f"{one.what}: {one.words}" for one in moved(at_gate, pack)]
    assert "Nothing stands still: was met, is now not met" in words
    assert "issue: Flood: is new" in words
    assert any("Alpha: Forecast cost was" in one and "1,200" in one for one in words), words
    assert any("Opening: Forecast was" in one for one in words), words
    assert Vote.objects.counting().filter(ballot=ballot).count() == 1


def moved(found: Scene, pack: EvidencePack) -> list[evidence.Moved]:
    project = Project.objects.get(pk=found.project.pk)
    criteria = list(GateCriterion.objects.filter(gate=found.first).order_by("position"))
    answers = selectors.answers_of(project, criteria).get(found.first.pk, [])
    return evidence.moved_since(pack, evidence.records_of(project), answers)


def test_the_pack_holds_records_with_version_and_event_under_a_fingerprint(at_gate: Scene) -> None:
    asks(at_gate.first, K.AUTOMATIC)
    ballot = at_gate.open()
    pack = EvidencePack.objects.get(ballot=ballot)
    content = json.loads(pack.content)
    assert is_whole(pack)
    assert len(pack.sha256) == 64
    assert content["criteria"][0]["outcome"] == "pass"
    assert content["criteria"][0]["steps"][0]["value"] == 0
    risk = content["records"]["risk"][0]
    model = type(at_gate.project.risks.get()).pgh_event_model
    newest = model.objects.filter(pgh_obj_id=risk["id"]).order_by("-pgh_id").values_list("pgh_id", flat=True)[0]
    assert (risk["version"], risk["event"]) == (1, newest)
    assert content["records"]["project"][0]["forecast_cost"] == "1000.00"


def test_a_pack_never_changes_and_never_lies_about_its_fingerprint(at_gate: Scene) -> None:
    pack = EvidencePack.objects.get(ballot=at_gate.open())
    with pytest.raises(InternalError), transaction.atomic():
        EvidencePack.objects.filter(pk=pack.pk).update(content="{}")
    with pytest.raises(InternalError), transaction.atomic():
        EvidencePack.objects.filter(pk=pack.pk).delete()
    with pytest.raises(IntegrityError), transaction.atomic():
        EvidencePack.objects.create(
            gate=pack.gate, ballot=pack.ballot, number=9, content="{}", sha256=pack.sha256, frozen_by=at_gate.pmo
        )


def test_a_passed_gate_never_changes(at_gate: Scene) -> None:
    at_gate.decide(0)
    with pytest.raises(InternalError), transaction.atomic():
        Gate.objects.filter(pk=at_gate.first.pk).update(outcome="hold")
    with pytest.raises(CriterionError):
        gates.set_stage_money(
            actor=at_gate.pmo, project=at_gate.project, gate_id=at_gate.first.pk, version=None, amount=Decimal(1)
        )


# --- what follows ---------------------------------------------------------------------------------------------------


def enter(found: Scene, number: int) -> None:
    plan.set_current_phase(actor=found.lead, project=found.project, version=None, phase=found.phases[number])


def test_a_phase_opens_with_the_gate_before_it(at_gate: Scene) -> None:
    with pytest.raises(GateClosed, match="Gate 1"):
        enter(at_gate, 1)
    at_gate.decide(0)
    enter(at_gate, 1)
    with pytest.raises(GateClosed, match="Gate 2"):
        enter(at_gate, 2)
    enter(at_gate, 0)


def test_a_project_without_gates_enters_what_it_likes() -> None:
    project = make.make_project()
    phases = [make.make_phase(project) for _ in range(3)]
    plan.set_current_phase(actor=make.make_user(), project=project, version=None, phase=phases[2])


def test_an_unmet_condition_blocks_the_next_gate_and_phase_until_it_is_met(at_gate: Scene) -> None:
    condition = at_gate.overdue_condition()
    assert facts_of(at_gate.project)["conditions_overdue"] == 1
    with pytest.raises(GateClosed, match="Name a deputy"):
        enter(at_gate, 1)
    with pytest.raises(GateClosed, match="Name a deputy"):
        at_gate.open(1)
    ballots.meet_condition(actor=at_gate.sponsor, condition_id=condition.pk, evidence="Anna is the deputy.")
    assert facts_of(at_gate.project)["conditions_overdue"] == 0
    enter(at_gate, 1)
    assert at_gate.open(1).is_open


def test_a_condition_before_its_day_holds_nothing_up(at_gate: Scene) -> None:
    at_gate.decide(0, "conditional")
    assert at_gate.gate().outcome == "conditional"
    assert views(at_gate)[0].state == "conditional"
    enter(at_gate, 1)
    found = facts_of(at_gate.project)
    assert (found["conditions_open"], found["conditions_overdue"]) == (1, 0)


def test_a_decision_releases_the_money_of_its_stage(at_gate: Scene) -> None:
    assert facts_of(at_gate.project)["released_cost"] is None
    for gate, amount in zip(at_gate.gates, ("100.50", "200"), strict=False):
        gates.set_stage_money(
            actor=at_gate.pmo, project=at_gate.project, gate_id=gate.pk, version=None, amount=Decimal(amount)
        )
    assert facts_of(at_gate.project)["released_cost"] == 0
    ballot = at_gate.decide(0)
    assert (ballot.amount, ballot.currency) == (Decimal("100.50"), at_gate.project.currency)
    assert facts_of(at_gate.project)["released_cost"] == Decimal("100.50")


def test_the_facts_about_gates_count_what_was_passed(at_gate: Scene) -> None:
    at_gate.decide(0)
    found = facts_of(at_gate.project)
    assert (found["gates_total"], found["gates_passed"], found["gates_out_of_order"]) == (3, 1, 0)
    assert found["next_gate_on"] == in_days(60)
    nothing = facts_of(make.make_project())
    assert [nothing[word] for word in ("gates_total", "gates_passed", "next_gate_on", "conditions_open")] == [
        0, 0, None, 0,
    ]  # fmt: skip


def test_a_gate_passed_before_an_earlier_one_is_out_of_order(at_gate: Scene) -> None:
    for number, days in ((0, -1), (1, -5)):
        Milestone.objects.filter(gate=at_gate.gates[number]).update(actual_on=in_days(days))
    assert facts_of(at_gate.project)["gates_out_of_order"] == 1

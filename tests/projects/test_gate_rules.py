"""A rule that is asked at a gate stops the opening of its review and the vote that passes it, as the office says."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from governance.enums import Checkpoint, Enforcement, SubjectKind
from governance.models import Ballot, RuleVersion, Vote
from governance.services import ballots
from governance.services.checks import RulesNotKept
from governance.services.waivers import NewWaiver, ask_waiver
from projects.models import Project
from projects.services import projects, rules
from projects.services.gates import matter
from strategy.enums import ControlLevel
from strategy.models import Office
from tests import factories as make
from tests.at_once import at_once
from tests.governance.test_ballot_pages import rows
from tests.projects.gates import Scene
from tests.projects.record import get, post, words

pytestmark = pytest.mark.django_db


def ask_at_gates(code: str, enforcement: Enforcement) -> None:
    """A version of a rule of the start set that is asked at gates and does this under every control level."""
    rules.install_start_set()
    old = RuleVersion.objects.active().get(rule__code=code)
    RuleVersion.objects.filter(pk=old.pk).update(state="retired")
    RuleVersion.objects.create(
        rule=old.rule, number=old.number + 1, state="active", weight=old.weight, applies=old.applies,
        condition=old.condition, texts=old.texts, checkpoints=[Checkpoint.PASS_GATE],
        enforcement=dict.fromkeys(ControlLevel.values, enforcement.value),
    )  # fmt: skip


@pytest.mark.parametrize(("enforcement", "opens"), [(Enforcement.ADVISE, True), (Enforcement.BLOCK, False)])
def test_a_broken_rule_stops_a_review_or_only_advises(at_gate: Scene, enforcement: Enforcement, opens: bool) -> None:
    Office.objects.update(control=ControlLevel.DIRECTIVE)
    ask_at_gates("goal", enforcement)
    if opens:
        assert at_gate.open().is_open
        return
    with pytest.raises(RulesNotKept, match="serves a goal"):
        at_gate.open()
    assert not Ballot.objects.exists()


def lose_the_goal(found: Scene) -> None:
    projects.edit_project(actor=found.pmo, project_id=found.project.pk, version=None, changes={"goal": None})


@pytest.fixture
def kept(at_gate: Scene) -> Scene:
    """A project that keeps the rule about goals, which stops at gates."""
    Office.objects.update(control=ControlLevel.CONTROLLING)
    ask_at_gates("goal", Enforcement.REQUIRE_WAIVER)
    projects.edit_project(
        actor=at_gate.pmo, project_id=at_gate.project.pk, version=None, changes={"goal": make.make_goal()}
    )
    at_gate.project.refresh_from_db()
    return at_gate


def test_a_rule_broken_since_the_review_opened_takes_the_deciding_go_back_and_no_other_vote(kept: Scene) -> None:
    ballot = kept.open()
    lose_the_goal(kept)
    kept.vote(ballot, kept.sponsor)
    with pytest.raises(RulesNotKept, match="serves a goal"):
        kept.vote(ballot, kept.payer)
    ballot.refresh_from_db()
    assert ballot.is_open
    assert list(Vote.objects.counting().values_list("cast_by", flat=True)) == [kept.sponsor.pk]
    assert not kept.gate().is_passed


def test_hold_and_stop_ask_no_rules(kept: Scene) -> None:
    ballot = kept.open()
    lose_the_goal(kept)
    assert kept.vote(ballot, kept.sponsor, "hold").outcome == "hold"


def test_a_waiver_granted_meanwhile_lets_the_same_vote_decide(kept: Scene) -> None:
    ballot = kept.open()
    lose_the_goal(kept)
    kept.vote(ballot, kept.sponsor)
    data = NewWaiver(
        SubjectKind.PROJECT.value, kept.project.pk, "goal", "Goals are being chosen.", "The sponsor follows it.",
        kept.lead, timezone.localdate() + timedelta(days=30),
    )  # fmt: skip
    waiver = ask_waiver(actor=kept.pmo, data=data)
    asked = Ballot.objects.get(subject_kind="waiver", subject_id=waiver.pk)
    ballots.cast_vote(actor=kept.other_pmo, ballot_id=asked.pk, choice="approve", reason="For a month.")
    assert kept.vote(ballot, kept.payer).outcome == "approve"
    assert kept.gate().is_passed


def test_the_voter_reads_which_rule_stops_and_keeps_what_was_typed(kept: Scene) -> None:
    ballot = kept.open()
    lose_the_goal(kept)
    kept.vote(ballot, kept.sponsor)
    before = words(get(kept.payer, "ballot", ballot.pk))
    assert "Rules stop this step" in before
    assert "Ask for a waiver" not in before, "who votes does not work on the project"
    assert reverse("project-edit", args=[kept.project.key]) not in before
    sent = {"choice": "approve", "reason": "All is in order.", "version": ballot.subject_version, **rows()}
    answer = post(kept.payer, "ballot-vote", ballot.pk, **sent)
    assert answer.status_code == 422
    page = words(answer)
    assert "It was not cast, and those before it stay." in page
    assert "All is in order." in page


def test_who_asks_for_the_review_sees_the_rules_first_and_the_way_to_a_waiver(kept: Scene) -> None:
    lose_the_goal(kept)
    args = (kept.project.key, kept.first.pk)
    page = words(get(kept.lead, "gate-open", *args))
    assert "Rules stop this step" in page
    assert reverse("waiver-ask", args=["project", kept.project.pk, "goal"]) in page
    assert post(kept.lead, "gate-open", *args, anyway="It is urgent.").status_code == 422


def vote_while_the_goal_is_taken_away(found: Scene, ballot: Ballot) -> Any:
    """The deciding go, cast while an edit that breaks the rule is written but not committed."""
    written, arrived = threading.Event(), threading.Event()

    def edit() -> None:
        with transaction.atomic():
            lose_the_goal(found)
            written.set()
            arrived.wait(1)

    def vote() -> Any:
        written.wait(10)
        try:
            return found.vote(ballot, User.objects.get(pk=found.payer.pk))
        finally:
            arrived.set()

    return at_once(edit, vote)[1]


def under_way(found: Scene) -> Ballot:
    ballot = found.open()
    found.vote(ballot, found.sponsor)
    return ballot


@pytest.mark.django_db(transaction=True)
def test_a_go_waits_for_an_edit_under_way_and_is_judged_by_it(kept: Scene) -> None:
    found = vote_while_the_goal_is_taken_away(kept, under_way(kept))
    assert isinstance(found, RulesNotKept), found
    assert not kept.gate().is_passed


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_a_go_would_pass_a_gate_that_a_rule_closes(
    kept: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the go is judged by what the edit is just replacing."""
    monkeypatch.setattr(matter, "lock_project", lambda _project: None)
    ballot = under_way(kept)
    found = vote_while_the_goal_is_taken_away(kept, ballot)
    assert getattr(found, "outcome", found) == "approve", "the race is real: the lock is what decides"
    assert Project.objects.get(pk=kept.project.pk).goal is None

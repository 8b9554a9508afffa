"""A rule that can stop work is put in force by a ballot, without whoever wrote at it."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.enums import RoleName
from accounts.models import User
from common.errors import NotAllowed
from governance.cases import Case
from governance.enums import VersionState
from governance.models import RuleVersion, Vote
from governance.services import activation, ballots, drafts
from tests import factories as make
from tests.governance.rulebook import STOPS, content, ready, rehearse, write_rule

pytestmark = pytest.mark.django_db


def test_a_rule_that_can_stop_needs_a_second_person(pmo: User, second: User) -> None:
    draft = ready(pmo, enforcement=STOPS)
    with pytest.raises(activation.NeedsASecondPerson):
        activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=draft.version)
    assert activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None) == ballot
    with pytest.raises(NotAllowed):
        ballots.cast_vote(actor=pmo, ballot_id=ballot.pk, choice="approve", reason="Mine")
    ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good")
    draft.refresh_from_db()
    assert (draft.state, draft.activated_by) == (VersionState.ACTIVE, second)


def test_everybody_who_wrote_at_a_draft_is_barred(pmo: User, second: User) -> None:
    colleague, third = make.make_person(), make.make_person()
    draft = ready(pmo, enforcement=STOPS)
    drafts.save_draft(
        actor=colleague, pk=draft.pk, version=draft.version, content=content(enforcement=STOPS, weight="high")
    )
    ballot = activation.ask_for_activation(actor=third, pk=draft.pk, version=None)
    assert set(ballot.barred_ids) == {pmo.pk, colleague.pk, third.pk}
    assert list(ballot.seats.values_list("person", flat=True)) == [second.pk]


def test_an_edit_makes_the_votes_void_and_a_no_leaves_the_draft(pmo: User, second: User) -> None:
    other = make.make_person(RoleName.EXECUTIVE)
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    drafts.save_case(actor=pmo, draft_id=draft.pk, case=Case("Wrong", "pass", {"slip_days": 9}))
    ballot.refresh_from_db()
    draft.refresh_from_db()
    assert ballot.subject_version == draft.version
    with pytest.raises(activation.NotReady):
        ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good")
    assert not Vote.objects.exists()
    with pytest.raises(drafts.RuleError):
        drafts.drop_draft(actor=pmo, pk=draft.pk)
    for person in (second, other):
        ballot.refresh_from_db()
        if ballot.is_open:
            ballots.cast_vote(actor=person, ballot_id=ballot.pk, choice="reject", reason="Too strict")
    ballot.refresh_from_db()
    assert not ballot.is_open
    draft.refresh_from_db()
    assert draft.state == VersionState.DRAFT


def test_who_writes_at_a_draft_while_it_is_voted_on_votes_no_more(pmo: User, second: User) -> None:
    """Also when the author writes again after them, so that the last name on the draft is another."""
    colleague = make.make_person()
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    for who, weight in ((colleague, "high"), (pmo, "low")):
        drafts.save_draft(actor=who, pk=draft.pk, version=None, content=content(enforcement=STOPS, weight=weight))
    rehearse(pmo, draft)
    with pytest.raises(ballots.CannotVote, match="you wrote this rule"):
        ballots.cast_vote(actor=colleague, ballot_id=ballot.pk, choice="approve", reason="Good")
    assert ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good").outcome == "approve"


def test_a_question_ends_when_the_draft_only_advises_by_now_and_is_put_in_force(pmo: User, second: User) -> None:
    draft = ready(pmo, enforcement=STOPS)
    ballot = activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    drafts.save_draft(actor=pmo, pk=draft.pk, version=None, content=content())
    rehearse(pmo, draft)
    activation.activate_rule(actor=pmo, pk=draft.pk, version=None)
    ballot.refresh_from_db()
    assert ballot.state == "withdrawn"
    with pytest.raises(ballots.CannotVote):
        ballots.cast_vote(actor=second, ballot_id=ballot.pk, choice="approve", reason="Good")


def test_a_draft_is_not_edited_by_the_last_one_who_may_decide_on_it(pmo: User, second: User) -> None:
    second.grants.all().delete()
    colleague = make.make_person()
    draft = ready(pmo, enforcement=STOPS)
    activation.ask_for_activation(actor=pmo, pk=draft.pk, version=None)
    with pytest.raises(ballots.BodyTooSmall, match="wider body"):
        drafts.save_draft(actor=colleague, pk=draft.pk, version=None, content=content(enforcement=STOPS, weight="low"))
    draft.refresh_from_db()
    assert draft.author == pmo


def test_the_database_refuses_an_author_who_puts_a_stopping_rule_in_force(pmo: User) -> None:
    draft = write_rule(pmo, enforcement=STOPS)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(state="active", activated_by=pmo, activated_at=timezone.now())
    with pytest.raises(IntegrityError, match="activated_at_by"), transaction.atomic():
        RuleVersion.objects.filter(pk=draft.pk).update(state="active", activated_at=timezone.now())

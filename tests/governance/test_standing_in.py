"""Whoever is away names somebody who votes in their place: on those days, from that seat, and no further."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import Delegation, Vote
from governance.services import ballots as services
from governance.services.ballots import CannotVote, NewDelegation
from strategy.models import Goal
from tests.factories import make_user
from tests.governance.matter import Boards, ask, vote

pytestmark = pytest.mark.django_db


def test_who_lost_their_own_role_still_stands_in_for_a_colleague(boards: Boards, goal: Goal) -> None:
    member, away = make_user(), make_user()
    boards.seat("executive", member, away)
    ballot, today = ask(goal), timezone.localdate()
    services.delegate(actor=away, data=NewDelegation(member, today, today))
    boards.members["executive"].remove(member.pk)
    assert vote(ballot, member).outcome == "approve"
    assert Vote.objects.get().seat.person == away


def test_a_stand_in_votes_while_somebody_is_away_and_only_then(boards: Boards, goal: Goal) -> None:
    member, stand_in = make_user(), make_user()
    boards.seat("executive", member)
    today = timezone.localdate()
    services.delegate(actor=member, data=NewDelegation(stand_in, today + timedelta(days=1), today + timedelta(days=2)))
    ballot = ask(goal)
    with pytest.raises(CannotVote, match="no seat"):
        vote(ballot, stand_in)
    Delegation.objects.update(starts_on=today)
    decided = vote(ballot, stand_in)
    assert decided.outcome == "approve"
    cast = Vote.objects.get()
    assert (cast.seat.person, cast.cast_by) == (member, stand_in)


def test_delegations_that_cannot_be_are_refused_with_a_sentence() -> None:
    one, two, three = make_user("One"), make_user("Two"), make_user("Three")
    today = timezone.localdate()
    services.delegate(actor=one, data=NewDelegation(two, today, today + timedelta(days=3)))
    for actor, data, sentence in (
        (two, NewDelegation(one, today, today), "is away then too"),
        (two, NewDelegation(three, today, today), "cannot be passed on"),
        (one, NewDelegation(three, today, today), "already"),
        (three, NewDelegation(three, today, today), "yourself"),
        (three, NewDelegation(two, today, today - timedelta(days=1)), "before the first"),
        (three, NewDelegation(two, today - timedelta(days=3), today - timedelta(days=1)), "have passed"),
    ):
        with pytest.raises(services.DelegationError, match=sentence):
            services.delegate(actor=actor, data=data)
    same = services.delegate(actor=one, data=NewDelegation(two, today, today + timedelta(days=3)))
    assert Delegation.objects.get() == same
    services.end_delegation(actor=one, delegation_id=same.pk)
    assert services.delegate(actor=two, data=NewDelegation(one, today, today)).pk != same.pk

"""A matter for tests: goals are decided on by the members of boards, roles of their own in a table here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db.models.functions import JSONObject
from django.utils import timezone

from accounts.models import User
from governance import matters
from governance.enums import Choice
from governance.matters import WITH_CONDITIONS, Matter, StepPlan
from governance.models import Ballot
from governance.services import ballots as services
from governance.services.ballots import NewCondition
from governance.subjects import Described
from strategy.models import Goal
from tests.factories import make_user

KIND = "goal"
TWO_OF_THE_BOARD = (StepPlan("Board", ("executive",), quorum=2),)


@dataclass
class Boards:
    """Who holds which role, who is barred, and what was decided."""

    members: dict[str, list[int]] = field(default_factory=dict)
    barred: dict[int, str] = field(default_factory=dict)
    plan: tuple[StepPlan, ...] = (StepPlan("Board", ("executive",)),)
    decided: list[tuple[int, str]] = field(default_factory=list)

    def seat(self, role: str, *people: User) -> None:
        self.members.setdefault(role, []).extend(person.pk for person in people)


@dataclass(frozen=True)
class BoardCase:
    """What a ballot asks about a goal."""

    boards: Boards
    office_id: int | None = None

    def barred(self) -> dict[int, str]:
        return self.boards.barred

    def electors(self, roles: Collection[str], /) -> dict[str, list[int]]:
        return {role: self.boards.members.get(role, []) for role in roles}

    def steps(self) -> tuple[StepPlan, ...]:
        return self.boards.plan


def _lock(pk: int) -> int:
    return Goal.objects.select_for_update().values_list("version", flat=True).get(pk=pk)


@contextmanager
def decided_by(boards: Boards, choices: tuple[Choice, ...] = WITH_CONDITIONS) -> Iterator[None]:
    """Make goals a matter for the length of a block."""

    def settle(ballot: Ballot, _reason: str) -> None:
        Goal.objects.filter(pk=ballot.subject_id).update(description=f"Decided: {ballot.outcome}")
        boards.decided.append((ballot.subject_id, ballot.outcome))

    matters.register(
        KIND,
        Matter(
            label="Goal",
            visible_to=lambda user: Goal.objects.filter(owner=user).values("pk"),
            told=lambda ids: Goal.objects.filter(pk__in=ids).annotate(told=JSONObject(name="name")),
            in_words=lambda pk, told: Described(told["name"], f"/goals/{pk}/"),
            lock=_lock,
            case=lambda _pk: BoardCase(boards),
            decided=settle,
            choices=choices,
        ),
    )
    try:
        yield
    finally:
        matters._matters.pop(KIND)


def ask(goal: Goal, asker: User | None = None, **more: Any) -> Ballot:
    return services.open_ballot(
        actor=asker or make_user("Anna Asker"), kind=KIND, subject_id=goal.pk, question="Shall we?", **more
    )


def vote(ballot: Ballot, who: User, choice: str = "approve", **more: Any) -> Ballot:
    return services.cast_vote(actor=who, ballot_id=ballot.pk, choice=choice, reason=f"Says {who}.", **more)


def condition(owner: User) -> NewCondition:
    return NewCondition("Name a deputy", owner, timezone.localdate() + timedelta(days=7))

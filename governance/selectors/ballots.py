"""What the pages of ballots, procedures and delegations read."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Max, Prefetch, Q, QuerySet, Value
from django.http import Http404

from governance import matters
from governance.models import (
    Ballot,
    BallotSeat,
    BallotStep,
    DecisionCondition,
    Delegation,
    Procedure,
    ProcedureStep,
    Vote,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from accounts.models import User
    from governance.subjects import Described


@dataclass(frozen=True, slots=True)
class Place:
    """A seat with what was said from it; `votes` has the void ones too, the newest first."""

    seat: BallotSeat
    votes: list[Vote]
    stand_in: User | None
    barred: str

    @property
    def vote(self) -> Vote | None:
        return next((vote for vote in self.votes if vote.voided_at is None), None)


@dataclass(frozen=True, slots=True)
class StepView:
    """A step with its places."""

    step: BallotStep
    places: list[Place]

    @property
    def yes(self) -> int:
        return sum(place.vote is not None and place.vote.choice in {"approve", "conditional"} for place in self.places)


def get_ballot_for(user: User, pk: int) -> Ballot:
    """The ballot, if the person may see what it is about or has a seat in it. One query. Raises: Http404."""
    ballot = Ballot.objects.visible_to(user).select_related("asked_by", "decided_by").filter(pk=pk).first()
    if ballot is None or ballot.subject_kind not in matters.registered():
        raise Http404
    return ballot


def steps_of(ballot: Ballot) -> list[StepView]:
    """The steps in order with seats and votes. Four queries, however many there are."""
    votes: dict[int, list[Vote]] = defaultdict(list)
    for vote in Vote.objects.filter(ballot=ballot).select_related("cast_by").order_by("-cast_at", "-pk"):
        votes[vote.seat_id].append(vote)
    seats: dict[int, list[Place]] = defaultdict(list)
    found = list(BallotSeat.objects.filter(ballot=ballot).select_related("person").order_by("person__name", "pk"))
    away = Delegation.objects.in_force().filter(from_user__in=[seat.person_id for seat in found])
    stand_ins = {one.from_user_id: one.to_user for one in away.select_related("to_user")}
    for seat in found:
        why = ballot.why_barred(seat.person_id)
        seats[seat.step_id].append(Place(seat, votes[seat.pk], stand_ins.get(seat.person_id), why))
    return [StepView(step, seats[step.pk]) for step in ballot.steps.order_by("position", "pk")]


def conditions_of(ballot: Ballot) -> QuerySet[DecisionCondition]:
    """The conditions of the votes that count, the first due first. One query."""
    found = DecisionCondition.objects.filter(ballot=ballot, vote__voided_at__isnull=True)
    return found.select_related("owner", "met_by", "vote__cast_by").order_by("due_on", "pk")


def get_condition_for(user: User, pk: int) -> DecisionCondition:
    """A condition of a ballot that the person may see. Raises: Http404."""
    seen = DecisionCondition.objects.filter(ballot__in=Ballot.objects.visible_to(user).values("pk"))
    condition = seen.select_related("ballot", "owner").filter(pk=pk, vote__voided_at__isnull=True).first()
    if condition is None:
        raise Http404
    return condition


def ballots_waiting_for(user: User) -> QuerySet[Ballot]:
    """Open ballots in which the person can vote now, the one that is due first on top."""
    waiting = BallotSeat.objects.waiting_for(user)
    found = Ballot.objects.open().filter(pk__in=waiting.values("ballot_id")).select_related("asked_by")
    due = Max("steps__due_at", filter=Q(steps__state="open"))
    ordered: QuerySet[Ballot] = found.annotate(due_at=due).order_by("due_at", "created_at", "pk")
    return ordered


def count_waiting_for(user: User) -> int:
    """How many ballots wait for the person's vote; for the menu."""
    return BallotSeat.objects.waiting_for(user).values("ballot_id").distinct().count()


def ballots_of(user: User, *, state: str = "", kind: str = "") -> QuerySet[Ballot]:
    """The ballots that the person may see, the newest first."""
    found = Ballot.objects.visible_to(user).filter(subject_kind__in=list(matters.registered()))
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(subject_kind=kind)
    return found.select_related("asked_by", "decided_by").order_by("-created_at", "-pk")


def subjects_of(ballots: Iterable[Ballot]) -> dict[tuple[str, int], Described]:
    """What the ballots are about, of all matters together. One query, none without ballots."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for ballot in ballots:
        wanted[ballot.subject_kind].add(ballot.subject_id)
    parts: list[QuerySet[Any]] = [
        matters.matter(kind).told(ids).order_by().values_list(Value(kind, CharField()), "pk", "told")
        for kind, ids in wanted.items()
    ]
    rows = parts[0].union(*parts[1:], all=True) if parts else ()
    return {(kind, pk): matters.matter(kind).in_words(pk, told) for kind, pk, told in rows}


def procedures() -> QuerySet[Procedure]:
    """The procedures in use with their steps, by matter and limit. Two queries."""
    steps = Prefetch("steps", queryset=ProcedureStep.objects.order_by("position", "pk"))
    found = Procedure.objects.filter(is_retired=False).select_related("office").prefetch_related(steps)
    return found.order_by("matter", "office__name", "up_to", "pk")


def get_procedure(pk: int) -> Procedure:
    """A procedure in use. Raises: Http404."""
    procedure = procedures().filter(pk=pk).first()
    if procedure is None:
        raise Http404
    return procedure


def delegations_of(user: User) -> QuerySet[Delegation]:
    """When somebody stands in for the person, the newest first."""
    found = Delegation.objects.filter(from_user=user, revoked_at__isnull=True)
    return found.select_related("to_user").order_by("-starts_on", "-pk")


def stand_ins_of(user: User) -> QuerySet[Delegation]:
    """For whom the person stands in, today or later."""
    found = Delegation.objects.filter(to_user=user, revoked_at__isnull=True)
    return found.select_related("from_user").order_by("starts_on", "pk")

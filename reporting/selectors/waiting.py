"""How long decisions wait: what is wanted now and what that costs, and how long each body takes."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db.models import CharField, DateField, DateTimeField, QuerySet, Value
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from governance import matters
from governance.enums import StepState
from governance.models import Ballot, BallotStep, Vote
from projects.enums import DecisionState
from projects.models import Decision, Milestone
from reporting.waiting import Planned, Spread, days_lost, spread

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accounts.models import User
    from reporting.register import Entry

PERIOD: Final = dt.timedelta(days=365)
_DAY: Final = 86_400.0
_NO_DAY, _NO_MOMENT, _NO_WORD = (Value(None, output_field=kind()) for kind in (DateField, DateTimeField, CharField))


@dataclass(frozen=True, slots=True)
class Latencies:
    """How long it takes from asked to decided, in days, by body, by role and by person; the slowest first."""

    bodies: list[tuple[str, Spread]]
    roles: list[tuple[str, Spread]]
    people: list[tuple[str, Spread]]


def costs_of(found: Iterable[Entry]) -> dict[tuple[str, int], int | None]:
    """Days lost by waiting for each of these wanted decisions, None where it is unknown. One query."""
    wanted = list(found)
    plans: dict[int, list[Planned]] = defaultdict(list)
    projects = {one.project_id for one in wanted if one.project_id is not None}
    rows = Milestone.objects.open().filter(project__in=projects).values_list("project_id", "baseline_on", "forecast_on")
    for project_id, baseline_on, forecast_on in rows if projects else []:
        plans[project_id].append(Planned(baseline_on, forecast_on))
    today = timezone.localdate()
    return {
        one.key: days_lost(one.asked_on, one.needed_by, today, plans.get(one.project_id, []))
        if one.project_id is not None else None
        for one in wanted
    }  # fmt: skip


def latencies(user: User) -> Latencies:
    """Over what was decided in the last year and the person may see. One query.

    A step of a ballot takes from its turn to the vote that settled it; a person or role from the turn of the step to
    their vote; a decision of a project from the day it was asked for to the moment it was taken.
    """
    since = timezone.now() - PERIOD
    bodies: dict[str, list[float]] = defaultdict(list)
    roles: dict[str, list[float]] = defaultdict(list)
    people: dict[str, list[float]] = defaultdict(list)
    steps: dict[int, tuple[str, float]] = {}
    votes = Vote.objects.counting().filter(
        step__state__in=[StepState.SAID_YES, StepState.SAID_NO], step__opened_at__isnull=False, cast_at__gte=since,
        ballot__in=Ballot.objects.visible_to(user).values("pk"),
    )  # fmt: skip
    taken = Decision.objects.visible_to(user).filter(state=DecisionState.TAKEN, decided_at__gte=since)
    of_votes: QuerySet[Any] = votes.order_by().values_list(
        "step_id", "step__title", "ballot__subject_kind", "seat__role", "cast_by__name", "step__opened_at", "cast_at",
        _NO_DAY,
    )  # fmt: skip
    of_projects: QuerySet[Any] = taken.order_by().values_list(
        "pk", _NO_WORD, _NO_WORD, _NO_WORD, "decided_by__name", _NO_MOMENT, "decided_at", "raised_on"
    )
    for step, title, kind, role, name, opened_at, cast_at, raised_on in of_votes.union(of_projects, all=True):
        if raised_on is not None:
            took = float(max((timezone.localdate(cast_at) - raised_on).days, 0))
            bodies[_("Whoever holds the decision of a project")].append(took)
            people[name].append(took)
            continue
        took = (cast_at - opened_at).total_seconds() / _DAY if opened_at else 0.0
        steps[step] = (f"{BallotStep(title=title).name} · {_kind(kind)}", max(took, steps.get(step, ("", 0.0))[1]))
        roles[role].append(took)
        people[name].append(took)
    for body, took in steps.values():
        bodies[body].append(took)
    named = {str(RoleName(role).label) if role in RoleName.values else role: days for role, days in roles.items()}
    return Latencies(_spreads(bodies), _spreads(named), _spreads(people))


def _kind(kind: str) -> str:
    matter = matters.registered().get(kind)
    return str(matter.label) if matter else kind


def _spreads(found: Mapping[str, list[float]]) -> list[tuple[str, Spread]]:
    spreads = [(name, spread(days)) for name, days in found.items()]
    return sorted(spreads, key=lambda one: (one[1].median is None, -(one[1].median or 0), -one[1].n, one[0]))

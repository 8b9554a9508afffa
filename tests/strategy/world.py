"""An external office with its advisers, an assessment and recommendations in each state, made by the services."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeAlias

from django.test import Client
from django.utils import timezone

from accounts.enums import RoleName, ScopeKind
from accounts.models import RoleGrant, User
from playbooks.models import Playbook
from projects.models import Portfolio
from strategy.enums import OfficeKind, RecommendationState
from strategy.models import Assessment, Goal, Office, OfficeMember, Recommendation
from strategy.services import assessments, recommendations
from tests import factories as make

Visit: TypeAlias = Callable[[User], Client]
"""The client, signed in as somebody."""
TEXTS = {
    "title": "One list of requests",
    "finding": "Requests are kept in four places.",
    "evidence": "Seen at three desks.",
    "proposal": "Keep them in one list.",
    "expected_effect": "Nothing waits longer than a week.",
}


def later(days: int = 60) -> date:
    return timezone.localdate() + timedelta(days=days)


def make_adviser(office: Office | None = None, ends_on: date | None = None, **fields: Any) -> User:
    """A person of an external office; nothing is open to them yet."""
    user = make.make_user(**fields)
    join(office or make.make_office(kind=OfficeKind.EXTERNAL), user, ends_on)
    return user


def join(office: Office, user: User, ends_on: date | None = None) -> OfficeMember:
    member = OfficeMember.objects.create(office=office, user=user, ends_on=ends_on or later())
    user.refresh_from_db()
    user.__dict__.pop("access", None)
    return member


def open_portfolio(user: User, portfolio: Portfolio, ends_on: date | None = None) -> RoleGrant:
    return make.grant(user, RoleName.EXTERNAL_ADVISER, portfolio, ends_on=ends_on or later(30))


@dataclass
class Advice:
    """The office with `other`, somebody's membership, and `grant`, what is open to them; and what `adviser` made."""

    office: Office
    adviser: User
    other: OfficeMember
    grant: RoleGrant
    goal: Goal
    draft: Assessment
    submitted: Assessment
    filed: Recommendation
    planned: Recommendation
    finished: Recommendation


def make_office(adviser: User | None, second: User | None, home: Portfolio) -> Office:
    """An external office with both people, to whom the portfolio is open."""
    office = make.make_office("Outside office", slug="outside-office", kind=OfficeKind.EXTERNAL)
    for person in (adviser, second):
        assert person is not None
        join(office, person)
        open_portfolio(person, home)
    return office


def assess(adviser: User, playbook: Playbook, goal: Goal, *, submit: bool, **frame: Any) -> Assessment:
    wanted = {"title": "A look at intake", "workflows": ["Intake", "Status"], "goals": [goal.pk], **frame}
    one = assessments.start_assessment(
        actor=adviser, token=uuid.uuid4(), frame=assessments.Frame(subject=("playbook", playbook.pk), **wanted)
    )
    if submit:
        scores = {
            cell.pk: assessments.Judgement(score=2 + place, evidence="Seen twice")
            for place, cell in enumerate(one.ratings.order_by("position"))
        }
        assessments.rate(actor=adviser, pk=one.pk, version=None, conclusion="Uneven.", judgements=scores)
        assessments.submit_assessment(actor=adviser, pk=one.pk)
        one.refresh_from_db()
    return one


def recommend(adviser: User, **fields: Any) -> Recommendation:
    data = recommendations.NewRecommendation(**{**TEXTS, **fields})
    return recommendations.file_recommendation(actor=adviser, token=uuid.uuid4(), data=data)


def plan(pmo: User, one: Recommendation, owner: User, due_on: date | None = None) -> Recommendation:
    answer = recommendations.Answer(state=RecommendationState.PLANNED, owner=owner, due_on=due_on or later(14))
    return recommendations.answer_recommendation(actor=pmo, pk=one.pk, version=None, answer=answer)


def fill(office: Office, pmo: User, home: Portfolio, playbook: Playbook) -> Advice:
    """Advice of the first person of the office, with what the PMO answered."""
    adviser = office.members.order_by("pk")[0].user
    other = join(office, make.make_user("Eve External"))
    goal = make.make_goal("A served goal")
    about = (ScopeKind.PORTFOLIO.value, home.pk)
    submitted = assess(adviser, playbook, goal, submit=True)
    planned, finished = recommend(adviser, about=about, title="Planned one"), recommend(adviser, title="Done one")
    plan(pmo, planned, pmo)
    plan(pmo, finished, pmo)
    recommendations.finish(actor=pmo, pk=finished.pk)
    return Advice(
        office=office, adviser=adviser, other=other, grant=open_portfolio(other.user, home), goal=goal,
        draft=assess(adviser, playbook, goal, submit=False), submitted=submitted,
        filed=recommend(adviser, about=about, assessment=submitted.pk, links=[about]), planned=planned,
        finished=finished,
    )  # fmt: skip

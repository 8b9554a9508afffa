"""What the external office of the demo does: one assessment, and three recommendations that fared differently."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from strategy.enums import OfficeKind, Priority, RecommendationState
from strategy.models import Assessment, Recommendation
from strategy.services import advisers, assessments, create_office, recommendations

if TYPE_CHECKING:
    from accounts.models import User
    from reporting.demo.seed import Seed
    from strategy.models import Office

OFFICE = "Kade Advice"
ADVISER = "felix"
PORTFOLIO = "digital-services"
ASSESSED, FILED, ANSWERED, NOTED, DONE, SEEN, LAST = 12, 11, 10, 7, 6, 2, 1
"""Weeks before today."""

WORKFLOWS = ("Intake of requests", "Weekly status", "Gate decisions", "Closing and lessons")
JUDGED: tuple[tuple[int, str], ...] = (
    (4, "Of ten requests eight were decided within three weeks; each names the goal it serves."),
    (3, "Criteria are written down; two of ten requests skipped the check on data."),
    (4, "Updates of the last eight weeks are there for nine projects in ten."),
    (2, "Two green updates stood beside a blocked milestone; nobody asked why."),
    (3, "Conditions are noted, but in five of seven gates nobody looked at them afterwards."),
    (2, "The go-live gate of two projects was passed without a test by users."),
    (1, "None of the three closed projects has a lesson that another project can find."),
    (2, "Hand-over to management is agreed by mail; no owner is named in two cases."),
)
CONCLUSION = (
    "Requests come in well. What happens afterwards leans on good people: conditions of gates and lessons of closed "
    "projects are not followed up, so the same surprises return."
)

ADVICE: tuple[recommendations.NewRecommendation, ...] = (
    recommendations.NewRecommendation(
        title="Look at the conditions of a gate after thirty days",
        finding="Conditions of gates are written down and then forgotten.",
        evidence="In five of the seven gates that we read, no condition was closed or lifted.",
        proposal="Give each condition an owner and a day, and let the PMO go through them every month.",
        expected_effect="No condition is open for more than thirty days after its day.",
        priority=Priority.HIGH,
    ),
    recommendations.NewRecommendation(
        title="Ask why when a green update stands beside a blocked milestone",
        finding="Some updates are more hopeful than the facts.",
        evidence="Two of twenty updates were green while a blocker was open for more than two weeks.",
        proposal="Call the lead in the same week when the declared and the computed colour differ.",
        expected_effect="The difference is explained or gone within a week.",
        priority=Priority.MEDIUM,
    ),
    recommendations.NewRecommendation(
        title="Close a project with one page of lessons",
        finding="Nobody can find what closed projects learned.",
        evidence="We looked for lessons of three closed projects and found none.",
        proposal="Ask for three lessons before a project is closed, and read them aloud at the next start.",
        expected_effect="A new project names two lessons of others in its plan.",
        priority=Priority.MEDIUM,
    ),
)
NOTE = "Owners are named for half of the open conditions."
EFFECT = "Of six differences four were gone within a week. We keep doing it."


def set_up_office(seed: Seed) -> Office:
    """The external office with its one adviser; the portfolio is open to them for three more months."""
    mila, felix = seed.people["mila"], seed.people[ADVISER]
    values = {
        "name": OFFICE, "kind": OfficeKind.EXTERNAL, "purpose": "Looks at our way of working from outside, twice a year.",
        "mandate": "Reads what is opened to it, assesses and recommends. Decides nothing.",
        "success_metrics": "Eight of ten recommendations are answered within two weeks.",
    }  # fmt: skip
    office = create_office(actor=mila, values=values)
    member = advisers.add_adviser(actor=mila, office=office, user=felix, ends_on=seed.today + dt.timedelta(days=120))
    advisers.open_to_adviser(
        actor=mila, office=office, member_id=member.pk, scope="portfolio", scope_id=seed.portfolios[PORTFOLIO].pk,
        ends_on=seed.today + dt.timedelta(days=90),
    )  # fmt: skip
    felix.refresh_from_db()
    felix.__dict__.pop("access", None)
    return office


def play_advice(seed: Seed, weeks_left: int) -> None:
    """What happens in one week at the office and with what it recommended."""
    mila, noor = seed.people["mila"], seed.people["noor"]
    steps: tuple[tuple[int, Callable[[], object]], ...] = (
        (ASSESSED, lambda: _assess(seed)),
        (FILED, lambda: _file(seed, 0)),
        (FILED, lambda: _file(seed, 1)),
        (ANSWERED, lambda: _plan(mila, 0, noor, 49)),
        (ANSWERED, lambda: _plan(mila, 1, mila, 28)),
        (NOTED, lambda: recommendations.add_note(actor=noor, pk=_of(0).pk, text=NOTE)),
        (DONE, lambda: recommendations.finish(actor=mila, pk=_of(1).pk)),
        (SEEN, lambda: recommendations.tell_effect(actor=mila, pk=_of(1).pk, text=EFFECT)),
        (LAST, lambda: _file(seed, 2)),
    )
    for week, step in steps:
        if week == weeks_left:
            step()


def _plan(pmo: User, number: int, owner: User, days: int) -> None:
    due_on = timezone.localdate() + dt.timedelta(days=days)
    answer = recommendations.Answer(
        state=RecommendationState.PLANNED, text="Agreed; it fits what we saw.", owner=owner, due_on=due_on
    )
    recommendations.answer_recommendation(actor=pmo, pk=_of(number).pk, version=None, answer=answer)


def _assess(seed: Seed) -> None:
    felix = seed.people[ADVISER]
    goals = [seed.goals[0].pk, seed.goals[3].pk]
    frame = assessments.Frame(
        "How Digital services steers", ("portfolio", seed.portfolios[PORTFOLIO].pk), WORKFLOWS, goals
    )
    made = assessments.start_assessment(actor=felix, token=_token("assessment"), frame=frame)
    cells = made.ratings.order_by("position", "goal_id")
    judged = {cell.pk: assessments.Judgement(*one) for cell, one in zip(cells, JUDGED, strict=True)}
    assessments.rate(actor=felix, pk=made.pk, version=None, conclusion=CONCLUSION, judgements=judged)
    Assessment.objects.filter(pk=made.pk).update(is_demo=True)
    assessments.submit_assessment(actor=felix, pk=made.pk)


def _file(seed: Seed, number: int) -> None:
    about = ("portfolio", seed.portfolios[PORTFOLIO].pk)
    assessment = Assessment.objects.get(form_token=_token("assessment")).pk
    one = ADVICE[number]
    data = recommendations.NewRecommendation(
        title=one.title, finding=one.finding, evidence=one.evidence, proposal=one.proposal,
        expected_effect=one.expected_effect, priority=one.priority, about=about, assessment=assessment, links=[about],
    )  # fmt: skip
    made = recommendations.file_recommendation(actor=seed.people[ADVISER], token=_token(f"advice {number}"), data=data)
    Recommendation.objects.filter(pk=made.pk).update(is_demo=True)


def _of(number: int) -> Recommendation:
    return Recommendation.objects.get(form_token=_token(f"advice {number}"))


def _token(seed: str) -> UUID:
    return UUID(int=Random(seed).getrandbits(128), version=4)

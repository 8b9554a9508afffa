"""Requests of the demo: some are projects by now, one was turned down, some wait."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING
from uuid import UUID

from django.utils import timezone

from intake.models import Request
from intake.services import decisions, requests, triage
from playbooks.models import Playbook
from projects.models import Project

if TYPE_CHECKING:
    from reporting.demo.seed import Seed


@dataclass(frozen=True, slots=True)
class Pitch:
    """`weeks` before today it is handed in; `end` is how far it gets: approved, rejected, triaged, submitted, draft."""

    title: str
    problem: str
    result: str
    by: str
    weeks: int
    end: str
    goal: int
    budget: int = 0
    portfolio: str = "digital-services"
    lead: str = "tim"
    sponsor: str = "ruben"


PITCHES: tuple[Pitch, ...] = (
    Pitch("Online booking of sports halls", "Clubs phone three offices to book a hall.", "Clubs book and pay in one place.", "sofie", 20, "approved", 0, 140),
    Pitch("Trees adopted by streets", "Young trees die in dry summers.", "Neighbours water the trees in front of their door.", "sofie", 15, "approved", 1, 60, "city-works", "fatima", "hanna"),
    Pitch("Reading glasses for the archive", "Old documents are hard to read on screen.", "Scans with searchable text.", "koen", 12, "rejected", 3, 95),
    Pitch("Energy coach at home", "Families with high bills do not know where to start.", "A coach visits 400 homes.", "yara", 5, "triaged", 2, 220, "social-domain", "sanne", "omar"),
    Pitch("Second life for lost bicycles", "Lost bicycles rust in a depot.", "Repaired bicycles go to children who have none.", "koen", 2, "triaged", 2, 0, "social-domain", "lars", "omar"),
    Pitch("Quiet tram bell", "The bell at the square keeps people awake.", "A softer bell at night.", "sofie", 1, "submitted", 1, 35, "city-works", "zoe", "hanna"),
    Pitch("Translate the counter", "A third of visitors does not read Dutch well.", "Signs and screens in five languages.", "yara", 1, "submitted", 0, 0),
    Pitch("Solar panels on the depot", "The roof of the depot is empty.", "Half of the depot's energy from its own roof.", "sofie", 0, "draft", 1),
)  # fmt: skip


def play_requests(seed: Seed, weeks_left: int) -> None:
    """What happens to requests in one week: hand in, triage a week later, decide two weeks after that."""
    for number, pitch in enumerate(PITCHES):
        if pitch.weeks == weeks_left:
            _hand_in(seed, pitch, number)
        if pitch.weeks - 1 == weeks_left and pitch.end not in {"submitted", "draft"}:
            _triage(seed, pitch)
        if pitch.weeks - 3 == weeks_left and pitch.end in {"approved", "rejected"}:
            _decide(seed, pitch)


def _of(seed: Seed, pitch: Pitch) -> Request:
    return Request.objects.get(title=pitch.title, requester=seed.people[pitch.by], is_demo=True)


def _hand_in(seed: Seed, pitch: Pitch, number: int) -> None:
    requester = seed.people[pitch.by]
    answers = {
        "title": pitch.title,
        "problem": pitch.problem,
        "wanted_result": pitch.result,
        "goal": seed.goals[pitch.goal],
        "org_unit": requester.org_unit,
        "wanted_by": timezone.localdate() + dt.timedelta(days=240),
    }
    if pitch.budget:
        answers |= {"budget": Decimal(pitch.budget * 1000), "proposed_benefits_owner": seed.people[pitch.sponsor]}
    else:
        answers |= {"budget_is_unknown": True}
    answers |= {"benefit_is_unknown": True}
    token = UUID(int=Random(number).getrandbits(128), version=4)
    made = requests.start_request(actor=requester, token=token, answers=answers)
    Request.objects.filter(pk=made.pk).update(is_demo=True)
    if pitch.end != "draft":
        requests.submit_request(actor=requester, pk=made.pk)


def _triage(seed: Seed, pitch: Pitch) -> None:
    data = triage.Triage(
        portfolio=seed.portfolios[pitch.portfolio],
        playbook=Playbook.objects.get(slug="light"),
        proposed_lead=seed.people[pitch.lead],
        proposed_sponsor=seed.people[pitch.sponsor],
        start_on=timezone.localdate() + dt.timedelta(days=21),
        note="Clear and complete. It fits what the portfolio wants this year.",
    )
    triage.triage_request(actor=seed.people["mila"], pk=_of(seed, pitch).pk, data=data)


def _decide(seed: Seed, pitch: Pitch) -> None:
    request = _of(seed, pitch)
    sponsor = seed.people[pitch.sponsor]
    if pitch.end == "rejected":
        reason = "A good idea, but the archive is being renewed; it belongs in that project."
        decisions.reject_request(actor=sponsor, pk=request.pk, reason=reason)
        return
    decided = decisions.approve_request(actor=sponsor, pk=request.pk, reason="Small, useful, and the team is free.")
    Project.objects.filter(request=decided).update(is_demo=True)

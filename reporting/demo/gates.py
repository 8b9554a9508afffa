"""The gates of the demo projects: criteria of the standard playbook, reviews with votes, and conditions."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Final

from django.db import transaction
from django.utils import timezone

from accounts.enums import RoleName
from governance.models import Ballot, DecisionCondition
from governance.services import ballots
from governance.services.checks import RulesNotKept
from playbooks.enums import CriterionKind
from playbooks.models import PlaybookVersion
from playbooks.selectors import outline_of
from projects.enums import Judgement
from projects.models import Gate, Milestone
from projects.selectors.gates import conditions_of_gates
from projects.services import gates, team
from reporting.demo.deciding import at_the_table
from reporting.demo.story import DOCUMENTS, WEEK, Story

if TYPE_CHECKING:
    from accounts.models import User

IN_REVIEW: Final = "One counter online"
"""The project whose next gate is in review today."""
CONDITIONS: Final = (
    "Name a deputy for the lead",
    "Agree the hand-over with operations",
    "Show the test report to the steering group",
    "Bring the three highest risks below 12",
)
SENTENCES: Final = {
    Judgement.MET: "Seen in the meeting of the steering group.",
    Judgement.NOT_MET: "Two of the teams still have doubts.",
}


def dress(story: Story) -> None:
    """Give the gates of a project the criteria that the standard playbook asks for, and their stage money."""
    version = PlaybookVersion.objects.filter(playbook__slug="standard", published_at__isnull=False).latest("number")
    asked = {item.name: item.criteria for phase in outline_of(version) for item in phase.milestones if item.criteria}
    found = list(story.project.gates.in_order().select_related("milestone"))
    gates.copy_criteria({one.milestone_id: asked.get(one.milestone.name, ()) for one in found})
    if story.plan.budget < STAGED:
        return
    for gate, share in zip(found, (15, 60, 25), strict=False):
        gates.set_stage_money(
            actor=story.cast.pmo, project=story.project, gate_id=gate.pk, version=None,
            amount=Decimal(story.plan.budget * 10 * share),
        )  # fmt: skip


STAGED: Final = 600
"""From this budget on (thousands of euros) money is released in stages."""


def decide(story: Story, milestone: Milestone) -> bool:
    """A review from the evidence to the decision; whether the gate was passed. Rules may stop the question."""
    rng = Random(f"{story.plan.name} {milestone.name}")
    gate = Gate.objects.get(milestone=milestone)
    follow_up(story, everything=True)
    _prepare(story, gate, rng)
    ballot = ask(story, gate)
    if ballot is None:
        return False
    wanted: tuple[ballots.NewCondition, ...] = ()
    choice = "conditional" if rng.random() < 0.3 else "approve"
    if choice == "conditional":
        due = timezone.localdate() + dt.timedelta(days=rng.randint(10, 30))
        wanted = (ballots.NewCondition(rng.choice(CONDITIONS), story.lead, due),)
    reason = "Good enough to go on, if this is arranged." if wanted else "What we asked for is there."
    sponsor, payer = at_the_table(story.cast.sponsor), at_the_table(story.cast.payer)
    ballots.cast_vote(actor=sponsor, ballot_id=ballot.pk, choice=choice, reason=reason, conditions=wanted)
    decided = ballots.cast_vote(actor=payer, ballot_id=ballot.pk, choice="approve", reason="The figures add up.")
    return decided.is_yes


def ask(story: Story, gate: Gate) -> Ballot | None:
    """The open review; None while the rules of the office stop it, or an earlier gate does."""
    try:
        with transaction.atomic():
            return gates.open_review(
                actor=story.lead, project=story.project, gate_id=gate.pk,
                anyway="The teams are ready, and waiting costs more than the open points.",
            )  # fmt: skip
    except (RulesNotKept, gates.GateClosed):
        return None


def open_one(story: Story) -> None:
    """Ask for the review of the next gate, and let the budget owner vote; the sponsor still has to."""
    gate = story.project.gates.in_order().filter(milestone__actual_on__isnull=True).first()
    if gate is None or not story.project.is_live:
        return
    follow_up(story, everything=True)
    _prepare(story, gate, Random("in review"))
    ballot = ask(story, gate)
    if ballot is not None:
        ballots.cast_vote(
            actor=story.cast.payer, ballot_id=ballot.pk, choice="approve", reason="Within the budget of this stage."
        )


def _prepare(story: Story, gate: Gate, rng: Random) -> None:
    """The lead links what is asked for, the PMO accepts most of it, and those who judge say what they saw."""
    judges: dict[str, User] = {RoleName.SPONSOR: story.cast.sponsor, RoleName.PMO_MANAGER: story.cast.pmo}
    for one in gate.criteria.order_by("position"):
        if one.kind == CriterionKind.DOCUMENT:
            if story.project.documents.filter(kind=one.document_kind).exists():
                continue
            paper = team.add_document(actor=story.lead, project=story.project, values={
                "title": one.document_kind, "kind": one.document_kind, "owner": story.lead,
                "url": f"{DOCUMENTS}{story.slug}/{one.pk}",
            })  # fmt: skip
            if rng.random() < 0.8:
                team.accept_document(actor=story.cast.pmo, project=story.project, document_id=paper.pk, version=None)
        elif one.kind == CriterionKind.JUDGEMENT and one.role in judges:
            judged = Judgement.MET if rng.random() < 0.85 else Judgement.NOT_MET
            gates.judge_criterion(
                actor=judges[one.role], project=story.project, criterion_id=one.pk, version=None, judged=judged,
                sentence=SENTENCES[judged],
            )  # fmt: skip


def follow_up(story: Story, *, everything: bool = False) -> None:
    """Conditions are met in their last week; before a review all of them."""
    soon = timezone.localdate() + WEEK
    for one in conditions_of_gates(story.project).filter(met_at__isnull=True):
        if everything or one.due_on <= soon:
            _meet(story, one)


def _meet(story: Story, condition: DecisionCondition) -> None:
    ballots.meet_condition(
        actor=story.cast.sponsor, condition_id=condition.pk, evidence="Arranged; see the notes of the steering group."
    )

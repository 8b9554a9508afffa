"""What the rulebook holds about a project of the world: a finding, a waiver in force, and one that was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from governance import services as rulebook
from governance.enums import Choice, Enforcement, Weight
from governance.models import Ballot, Finding, Waiver
from governance.services import ballots, waivers
from strategy.enums import ControlLevel

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models import Project

BROKEN, LIFTED, ASKED = "goal-alone", "goal-lifted", "goal-asked"
"""Rules that no project of the world keeps: one that is only broken, one that is waived, one with a question open."""


@dataclass(frozen=True)
class Governed:
    """Of one project; `ballot` is about the waiver that was asked for."""

    finding: Finding
    granted: Waiver
    asked: Waiver
    ballot: Ballot


HAS_GOAL: dict[str, Any] = {"fact": "project.has_goal", "op": "eq", "value": True}


def put_rules_in_force() -> None:
    """Rules that ask for a waiver wherever they hold. Call before findings are looked for."""
    rulebook.add_rules(
        rulebook.NewRule(
            code=code, kind="project", weight=Weight.MEDIUM, condition=HAS_GOAL, remedy_page="project-edit#id_goal",
            texts={"en": {"title": f"Rule {code}", "message": f"{code} is missing.", "remedy": "Fill it in"}},
            enforcement=dict.fromkeys(ControlLevel.values, Enforcement.REQUIRE_WAIVER.value),
        )
        for code in (BROKEN, LIFTED, ASKED)
    )  # fmt: skip


def govern(project: Project, pmo: User, owner: User, word: str) -> Governed:
    """The lead asks for two waivers, with the word in every text, and the PMO grants one of them."""
    assert project.lead is not None
    granted, asked = (
        waivers.ask_waiver(
            actor=project.lead,
            data=waivers.NewWaiver("project", project.pk, code, owner=owner, **texts(word), expires_on=last_day()),
        )
        for code in (LIFTED, ASKED)
    )
    ballots.cast_vote(
        actor=pmo, ballot_id=_ballot(granted).pk, choice=Choice.APPROVE.value, reason=f"Granted {word}"
    )
    granted.refresh_from_db()
    finding = Finding.objects.get(rule__code=BROKEN, subject_kind="project", subject_id=project.pk)
    return Governed(finding, granted, asked, _ballot(asked))


def _ballot(waiver: Waiver) -> Ballot:
    return Ballot.objects.open().about("waiver", waiver.pk).get()


def texts(word: str) -> dict[str, str]:
    return {"reason": f"Unkept {word}", "compensating_control": f"Instead {word}"}


def last_day() -> date:
    return timezone.localdate() + timedelta(days=40)

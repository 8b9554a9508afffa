"""The register of a project: risks, issues and decisions."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.enums import Checkpoint, Weight
from projects.start_rules.rule import STARTED, StartRule, fact, none_of, row

_HIGH: Final = {"fact": "risk.score", "op": "ge", "value": 12}

RULES: Final = (
    StartRule(
        "risk-register", Weight.HIGH, _("Every running project has a risk register"),
        _("No risk was ever written down for this project."), _("Write down the first risk"), "project-raid",
        condition=fact("risks_registered", "ge", 1), applies=STARTED, kept={"is_started": True, "risks_registered": 1},
        broken={"is_started": True, "risks_registered": 0}, stops_at=(Checkpoint.PASS_GATE,),
    ),
    StartRule(
        "risk-owners", Weight.MEDIUM, _("Every open risk has an owner"),
        _("A risk that belongs to nobody is looked after by nobody."), _("Name the missing owners"), "project-raid",
        condition=fact("risks_without_owner", "eq", 0), applies=fact("risks_open", "gt", 0),
        kept={"risks_open": 2, "risks_without_owner": 0}, broken={"risks_open": 2, "risks_without_owner": 1},
    ),
    StartRule(
        "risk-review-dates", Weight.LOW, _("Every open risk has a next review"),
        _("An open risk has no day on which somebody looks at it again."), _("Fill in the next reviews"),
        "project-raid",
        condition=none_of("risks", row("risk.is_open", True), {"fact": "risk.review_on", "op": "empty"}),
        kept={"risks": [{"is_open": True, "review_on": "2026-12-01"}, {"is_open": False, "review_on": None}]},
        broken={"risks": [{"is_open": True, "review_on": None}]},
    ),
    StartRule(
        "risk-reviews", Weight.LOW, _("Every open risk is reviewed in time"),
        _("The review of an open risk is overdue."), _("Review the risks"), "project-raid",
        condition=fact("risks_review_overdue", "eq", 0), applies=fact("risks_open", "gt", 0),
        kept={"risks_open": 2, "risks_review_overdue": 0}, broken={"risks_open": 2, "risks_review_overdue": 1},
    ),
    StartRule(
        "high-risk-plans", Weight.HIGH, _("Every high risk has a response"),
        _("A high risk is open and nobody wrote down what is done about it."), _("Plan the response"), "project-raid",
        condition=none_of("risks", row("risk.is_open", True), _HIGH, row("risk.has_plan", False)),
        kept={"risks": [
            {"is_open": True, "score": 20, "has_plan": True}, {"is_open": True, "score": 4, "has_plan": False},
        ]},
        broken={"risks": [{"is_open": True, "score": 20, "has_plan": False}]}, stops_at=(Checkpoint.PASS_GATE,),
    ),
    StartRule(
        "issue-owners", Weight.MEDIUM, _("Every open issue has an owner"),
        _("An issue that belongs to nobody is solved by nobody."), _("Name the missing owners"), "project-raid",
        condition=none_of("issues", row("issue.is_open", True), row("issue.has_owner", False)),
        kept={"issues": [{"is_open": True, "has_owner": True}, {"is_open": False, "has_owner": False}]},
        broken={"issues": [{"is_open": True, "has_owner": False}]},
    ),
    StartRule(
        "blockers", Weight.HIGH, _("A blocker is solved or escalated within three weeks"),
        _("Work has stood still for more than three weeks."), _("Ask for a decision"), "project-raid",
        condition=fact("oldest_blocker_days", "le", 21), applies=fact("blockers_open", "gt", 0),
        kept={"blockers_open": 1, "oldest_blocker_days": 21}, broken={"blockers_open": 1, "oldest_blocker_days": 22},
        stops_at=(Checkpoint.PASS_GATE, Checkpoint.CLOSE_PROJECT),
    ),
    StartRule(
        "blocker-dates", Weight.MEDIUM, _("Every blocker has a day by which it is solved"),
        _("Work stands still and nobody said until when."), _("Fill in the day"), "project-raid",
        condition=none_of(
            "issues", row("issue.is_open", True), row("issue.is_blocker", True), {"fact": "issue.due_on", "op": "empty"}
        ),
        kept={"issues": [{"is_open": True, "is_blocker": True, "due_on": "2026-12-01"}]},
        broken={"issues": [{"is_open": True, "is_blocker": True, "due_on": None}]},
    ),
    StartRule(
        "decisions", Weight.MEDIUM, _("Decisions are taken by the day they are needed"),
        _("A decision is later than the project needs it."), _("See the decisions"), "project-raid",
        condition=fact("decisions_overdue", "eq", 0), applies=fact("decisions_wanted", "gt", 0),
        kept={"decisions_wanted": 1, "decisions_overdue": 0}, broken={"decisions_wanted": 1, "decisions_overdue": 1},
        stops_at=(Checkpoint.CLOSE_PROJECT,),
    ),
    StartRule(
        "decision-holders", Weight.MEDIUM, _("Every wanted decision is held by somebody"),
        _("A decision is wanted of nobody in particular."), _("Say who decides"), "project-raid",
        condition=none_of("decisions", row("decision.is_wanted", True), row("decision.has_holder", False)),
        kept={"decisions": [{"is_wanted": True, "has_holder": True}, {"is_wanted": False, "has_holder": False}]},
        broken={"decisions": [{"is_wanted": True, "has_holder": False}]},
    ),
)  # fmt: skip

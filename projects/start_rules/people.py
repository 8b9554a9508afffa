"""Who answers for a project."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.enums import Checkpoint, Weight
from projects.start_rules.rule import STARTED, StartRule, fact, filled, row

RULES: Final = (
    StartRule(
        "sponsor", Weight.HIGH, _("Every project has a sponsor"),
        _("Nobody answers for this project towards the organisation."), _("Name a sponsor"), "project-edit#id_sponsor",
        condition=fact("has_sponsor", "eq", True), kept={"has_sponsor": True}, broken={"has_sponsor": False},
        stops_at=(Checkpoint.START_PROJECT, Checkpoint.ENTER_PHASE, Checkpoint.PASS_GATE),
    ),
    StartRule(
        "project-lead", Weight.HIGH, _("Every project has a project lead"),
        _("Nobody leads this project."), _("Name a project lead"), "project-edit#id_lead",
        condition=fact("has_lead", "eq", True), kept={"has_lead": True}, broken={"has_lead": False},
        stops_at=(Checkpoint.START_PROJECT, Checkpoint.ENTER_PHASE, Checkpoint.PASS_GATE),
    ),
    StartRule(
        "separate-duties", Weight.HIGH, _("The project lead is not the sponsor"),
        _("The one who leads this project is also the one it answers to, so nobody looks from outside."),
        _("Name another sponsor"), "project-edit#id_sponsor",
        condition=fact("lead_is_sponsor", "eq", False), applies=filled("lead_is_sponsor"),
        kept={"lead_is_sponsor": False}, broken={"lead_is_sponsor": True}, stops_at=(Checkpoint.PASS_GATE,),
    ),
    StartRule(
        "budget-owner", Weight.HIGH, _("Large sums have a budget owner"),
        _("A project of this size needs somebody who answers for its money."), _("Name a budget owner"),
        "project-edit#id_budget_owner",
        condition=fact("has_budget_owner", "eq", True), applies=fact("forecast_cost", "ge", "100000"),
        kept={"forecast_cost": "250000", "has_budget_owner": True},
        broken={"forecast_cost": "250000", "has_budget_owner": False},
        stops_at=(Checkpoint.PASS_GATE, Checkpoint.CHANGE_BASELINE),
    ),
    StartRule(
        "benefits-owner", Weight.MEDIUM, _("Benefits have an owner"),
        _("Benefits are promised, and nobody sees to it that they come."), _("Name who owns the benefits"),
        "project-edit#id_benefits_owner",
        condition=fact("has_benefits_owner", "eq", True), applies=fact("benefits", "gt", 0),
        kept={"benefits": "9000", "has_benefits_owner": True}, broken={"benefits": "9000", "has_benefits_owner": False},
    ),
    StartRule(
        "filled-posts", Weight.HIGH, _("At least two people answer for a running project"),
        _("Only one post or place in the team of this project is filled."), _("Name who takes part"), "project-team",
        condition={"count": "roles", "where": row("role.is_active", True), "op": "ge", "value": 2}, applies=STARTED,
        kept={"is_started": True, "roles": [{"is_active": True}, {"is_active": True}]},
        broken={"is_started": True, "roles": [{"is_active": True}, {"is_active": False}]},
    ),
)  # fmt: skip

"""When a project is done, in which steps, and what becomes of an agreement that is not kept."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.enums import Checkpoint, Weight
from projects.start_rules.rule import STARTED, StartRule, fact, filled, none_of, row

RULES: Final = (
    StartRule(
        "schedule-baseline", Weight.HIGH, _("Dates are agreed before work starts"),
        _("The project runs without an agreed finish, so no slip can be seen."), _("Set the baseline finish"),
        "project-edit#id_baseline_finish_on",
        condition=filled("baseline_finish_on"), applies=STARTED,
        kept={"is_started": True, "baseline_finish_on": "2027-03-01"},
        broken={"is_started": True, "baseline_finish_on": None}, stops_at=(Checkpoint.PASS_GATE,),
    ),
    StartRule(
        "finish-forecast", Weight.MEDIUM, _("Every project has a forecast finish"),
        _("Nobody says when this project will be done."), _("Fill in the forecast finish"),
        "project-edit#id_forecast_finish_on",
        condition=filled("forecast_finish_on"), kept={"forecast_finish_on": "2027-03-01"},
        broken={"forecast_finish_on": None},
    ),
    StartRule(
        "finish-ahead", Weight.HIGH, _("A finish that has passed is forecast anew"),
        _("The forecast finish has passed and the project is not done."), _("Give a new forecast"),
        "project-edit#id_forecast_finish_on",
        condition=fact("finish_overdue_days", "le", 0), applies=filled("forecast_finish_on"),
        kept={"forecast_finish_on": "2027-03-01", "finish_overdue_days": 0},
        broken={"forecast_finish_on": "2026-10-01", "finish_overdue_days": 32},
    ),
    StartRule(
        "drift", Weight.HIGH, _("The finish stays within six weeks of the baseline"),
        _("The finish has drifted more than six weeks from what was agreed."), _("Ask for a decision"), "project-raid",
        condition=fact("slip_days", "le", 42), applies=filled("slip_days"), kept={"slip_days": 42},
        broken={"slip_days": 43},
    ),
    StartRule(
        "drift-without-change", Weight.HIGH, _("Drift beyond tolerance comes with a change request"),
        _("The forecast left the tolerance of what was agreed, and nobody asked to change the agreement."),
        _("Write a change request"), "project-changes",
        condition=fact("drift_without_change", "eq", False), applies=filled("drift_without_change"),
        kept={"drift_without_change": False}, broken={"drift_without_change": True},
    ),
    StartRule(
        "three-milestones", Weight.MEDIUM, _("A plan has at least three milestones"),
        _("With fewer than three milestones nobody can see in time that the project slips."), _("Add milestones"),
        "project-plan",
        condition=fact("milestones_total", "ge", 3), kept={"milestones_total": 3}, broken={"milestones_total": 2},
    ),
    StartRule(
        "milestone-dates", Weight.MEDIUM, _("Every milestone has a date"),
        _("A milestone without a date is never late."), _("Fill in the dates"), "project-plan",
        condition=fact("milestones_undated", "eq", 0), applies=fact("milestones_total", "gt", 0),
        kept={"milestones_total": 4, "milestones_undated": 0}, broken={"milestones_total": 4, "milestones_undated": 1},
    ),
    StartRule(
        "agreed-milestones", Weight.LOW, _("Milestones of a running project have an agreed date"),
        _("A milestone has no agreed date, so nobody can see whether it slips."), _("Agree on the dates"),
        "project-plan",
        condition=none_of(
            "milestones", row("milestone.is_open", True), {"fact": "milestone.baseline_on", "op": "empty"}
        ),
        applies={"all": [STARTED, fact("milestones_total", "gt", 0)]},
        kept={
            "is_started": True, "milestones_total": 1, "milestones": [{"is_open": True, "baseline_on": "2026-12-01"}],
        },
        broken={"is_started": True, "milestones_total": 1, "milestones": [{"is_open": True, "baseline_on": None}]},
    ),
    StartRule(
        "milestones-replanned", Weight.MEDIUM, _("A late milestone is planned anew within ten days"),
        _("A milestone has been late for more than ten days without a new date."), _("Plan the milestone anew"),
        "project-plan",
        condition=fact("milestones_overdue_days", "le", 10), applies=fact("milestones_overdue", "gt", 0),
        kept={"milestones_overdue": 1, "milestones_overdue_days": 10},
        broken={"milestones_overdue": 1, "milestones_overdue_days": 11},
    ),
    StartRule(
        "gates-in-order", Weight.HIGH, _("Gates are passed in their order"),
        _("A gate was passed before an earlier one, or while an earlier one is still open."), _("See the gates"),
        "project-gates",
        condition=fact("gates_out_of_order", "eq", 0), applies=fact("gates_passed", "gt", 0),
        kept={"gates_passed": 2, "gates_out_of_order": 0}, broken={"gates_passed": 2, "gates_out_of_order": 1},
    ),
    StartRule(
        "kick-off", Weight.LOW, _("A project kicks off within ten working days of its start"),
        _("Work began more than ten working days ago, and no kick-off is noted."), _("Note the day of the kick-off"),
        "project-edit#id_kick_off_on",
        condition=filled("kick_off_on"),
        applies={"fact": "project.actual_start_on", "op": "older_than", "days": 10, "calendar": "working"},
        kept={"actual_start_on": "2026-10-01", "kick_off_on": "2026-10-08"},
        broken={"actual_start_on": "2026-10-01", "kick_off_on": None},
    ),
)  # fmt: skip

"""What a project costs and brings."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.enums import Checkpoint, Weight
from projects.start_rules.rule import STARTED, StartRule, filled

RULES: Final = (
    StartRule(
        "cost-known", Weight.MEDIUM, _("The forecast cost is known or withheld with a reason"),
        _("Nobody knows what this project will cost."), _("Fill in the forecast"), "project-money",
        condition=filled("forecast_cost"), kept={"forecast_cost": "1000", "withheld": []},
        broken={"forecast_cost": None, "withheld": []},
    ),
    StartRule(
        "cost-baseline", Weight.MEDIUM, _("Money is agreed before work starts"),
        _("The project runs without an agreed cost, so no overrun can be seen."), _("Fill in the baseline"),
        "project-money",
        condition=filled("baseline_cost"), applies=STARTED,
        kept={"is_started": True, "baseline_cost": "1000", "withheld": []},
        broken={"is_started": True, "baseline_cost": None, "withheld": []}, stops_at=(Checkpoint.PASS_GATE,),
    ),
    StartRule(
        "benefits", Weight.LOW, _("The benefits are known before work starts"),
        _("The project runs while nobody wrote down what it brings."), _("Fill in the benefits"), "project-money",
        condition=filled("benefits"), applies=STARTED, kept={"is_started": True, "benefits": "1000", "withheld": []},
        broken={"is_started": True, "benefits": None, "withheld": []}, stops_at=(Checkpoint.CLOSE_PROJECT,),
    ),
    StartRule(
        "spending-within-baseline", Weight.HIGH, _("Spending stays within what was agreed"),
        _("More is spent than was agreed, and the agreement was not changed."), _("Ask for a decision"), "project-raid",
        condition={"fact": "project.spent_over_baseline_percent", "op": "le", "other": "project.cost_tolerance"},
        applies=filled("spent_over_baseline_percent"),
        kept={"spent_over_baseline_percent": "5", "cost_tolerance": "10"},
        broken={"spent_over_baseline_percent": "15", "cost_tolerance": "10"},
    ),
)  # fmt: skip

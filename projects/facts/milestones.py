"""The milestones of the plan."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.facts.declaring import DAYS, item
from projects.facts.sources import MILESTONES

FACTS: Final = (
    item(
        "milestones_total", _("milestones"), FactKind.NUMBER, _("All milestones of the plan."), MILESTONES, "total",
        absent=0,
    ),
    item(
        "milestones_reached", _("milestones reached"), FactKind.NUMBER, _("Those that are reached."), MILESTONES,
        "reached", absent=0,
    ),
    item(
        "milestones_overdue", _("milestones overdue"), FactKind.NUMBER, _("Those whose forecast has passed unreached."),
        MILESTONES, "overdue", absent=0,
    ),
    item(
        "milestones_overdue_days", _("longest overdue"), FactKind.DAYS,
        _("How long the most overdue milestone is late."), MILESTONES, "overdue_days", stored=False, unit=DAYS,
    ),
    item(
        "milestones_overdue_ids", _("overdue milestones"), FactKind.LIST, _("The overdue milestones, longest first."),
        MILESTONES, "overdue_ids", stored=False,
    ),
    item(
        "milestones_undated", _("milestones without date"), FactKind.NUMBER,
        _("Open milestones without a forecast date."), MILESTONES, "undated", stored=False, absent=0,
    ),
    item(
        "milestones_due_soon", _("milestones due soon"), FactKind.NUMBER, _("Those that are due within 30 days."),
        MILESTONES, "due_soon", absent=0,
    ),
    item(
        "next_milestone_name", _("next milestone"), FactKind.TEXT, _("The open milestone that comes first."),
        MILESTONES, "next_name",
    ),
    item("next_milestone_on", _("next milestone on"), FactKind.DATE, _("When it is expected."), MILESTONES, "next_on"),
)  # fmt: skip

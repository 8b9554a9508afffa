"""What projects need from each other."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.enums import Checkpoint, Weight
from projects.start_rules.rule import StartRule, fact

RULES: Final = (
    StartRule(
        "promises-accepted", Weight.HIGH, _("What it needs from other projects is promised"),
        _("Something must come from another project, and that project has not promised it or is over."),
        _("See what is asked"), "project-promises",
        condition=fact("promises_loose", "eq", 0), applies=fact("promises_open", "gt", 0),
        kept={"promises_open": 2, "promises_loose": 0}, broken={"promises_open": 2, "promises_loose": 1},
        stops_at=(Checkpoint.PASS_GATE,),
    ),
    StartRule(
        "promises-answered", Weight.MEDIUM, _("Other projects get an answer within ten days"),
        _("Another project asked for something and still waits for an answer."), _("Answer it"), "project-promises",
        condition=fact("oldest_unanswered_days", "le", 10), applies=fact("given_unanswered", "gt", 0),
        kept={"given_unanswered": 1, "oldest_unanswered_days": 10},
        broken={"given_unanswered": 1, "oldest_unanswered_days": 11},
    ),
    StartRule(
        "promises-kept", Weight.HIGH, _("What it promised other projects comes in time"),
        _("Another project waits for what was promised: the day has passed."), _("Deliver it or offer another day"),
        "project-promises",
        condition=fact("given_late", "eq", 0), applies=fact("given_open", "gt", 0),
        kept={"given_open": 2, "given_late": 0}, broken={"given_open": 2, "given_late": 1},
        stops_at=(Checkpoint.PASS_GATE, Checkpoint.CLOSE_PROJECT),
    ),
)  # fmt: skip

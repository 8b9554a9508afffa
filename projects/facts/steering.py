"""Changes of what was agreed, gates with their conditions, and deliverables."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

from governance.facts import FactKind
from projects.facts.declaring import item, own
from projects.facts.sources import CHANGES, DELIVERABLES, GATE_CONDITIONS, GATES, drift

FACTS: Final = (
    item(
        "changes_open", _("open change requests"), FactKind.NUMBER,
        _("Requests to change the baseline that wait for a decision."), CHANGES, "open", absent=0,
    ),
    own(
        "drift_without_change", _("drifts without a change request"), FactKind.YES_NO,
        _("Whether finish or cost is forecast beyond tolerance and nobody asked to change what was agreed."), drift,
        stored=False,
    ),
    *(
        item(f"gates_{word}", label, FactKind.NUMBER, sentence, GATES, word, stored=False, absent=0)
        for word, label, sentence in (
            ("total", _("gates"), _("All gates of the plan.")),
            ("passed", _("gates passed"), _("Those that were passed.")),
            (
                "out_of_order", _("gates out of order"),
                _("Gates that were passed before an earlier one, or while an earlier one is still open."),
            ),
        )
    ),
    item(
        "next_gate_on", _("next gate on"), FactKind.DATE, _("When the next gate is expected."), GATES, "next_on",
        stored=False,
    ),
    item(
        "released_cost", _("released cost"), FactKind.MONEY,
        _("The stage money that gate decisions have released; not known when no gate has stage money."), GATES,
        "released", stored=False,
    ),
    *(
        item(f"conditions_{word}", label, FactKind.NUMBER, sentence, GATE_CONDITIONS, word, stored=False, absent=0)
        for word, label, sentence in (
            ("open", _("conditions to meet"), _("Conditions under which gates were passed and that are not met yet.")),
            (
                "overdue", _("conditions overdue"),
                _("Those whose day has passed: they hold up the next gate and phase."),
            ),
        )
    ),
    *(
        item(f"deliverables_{word}", label, FactKind.NUMBER, sentence, DELIVERABLES, key, stored=False, absent=0)
        for word, key, label, sentence in (
            ("total", "total", _("deliverables"), _("All deliverables of the plan.")),
            ("accepted", "accepted", _("deliverables accepted"), _("Those that are accepted.")),
            (
                "overdue", "overdue", _("deliverables overdue"),
                _("Those whose due date has passed without being delivered."),
            ),
            (
                "without_accountable", "unanswered", _("deliverables without accountable"),
                _("Deliverables, not yet accepted, for which nobody was made accountable."),
            ),
        )
    ),
)  # fmt: skip

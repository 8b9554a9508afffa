"""The orders of the rulebook."""

from governance.services.checks import CheckResult, RulesNotKept, check
from governance.services.findings import close_findings_of_the_gone, keep_findings
from governance.services.rules import ActiveRule, NewRule, active_rules, add_rules, children_asked_for

__all__ = [
    "ActiveRule",
    "CheckResult",
    "NewRule",
    "RulesNotKept",
    "active_rules",
    "add_rules",
    "check",
    "children_asked_for",
    "close_findings_of_the_gone",
    "keep_findings",
]

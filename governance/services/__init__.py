"""The orders of the rulebook."""

from governance.services.findings import close_findings_of_the_gone, keep_findings
from governance.services.rules import ActiveRule, NewRule, active_rules, add_rules

__all__ = [
    "ActiveRule",
    "NewRule",
    "active_rules",
    "add_rules",
    "close_findings_of_the_gone",
    "keep_findings",
]

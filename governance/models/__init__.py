from governance.models.rules import Finding, Rule, RuleVersion

__all__ = ["Finding", "Rule", "RuleVersion"]

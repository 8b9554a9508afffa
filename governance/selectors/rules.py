"""What the pages of the rulebook read. Everybody who is signed in reads the rules; findings follow their subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, QuerySet
from django.http import Http404

from governance.models import Finding, RuleVersion

if TYPE_CHECKING:
    from accounts.models import User


def rules_in_force() -> QuerySet[RuleVersion]:
    """The version in force of every rule. One query."""
    return RuleVersion.objects.active().select_related("rule__owner").order_by("rule__code")


def open_findings_per_rule(user: User) -> dict[int, int]:
    """How many open findings each rule has that the person may see. One query."""
    counted = Finding.objects.visible_to(user).open().values("rule").annotate(number=Count("pk")).order_by()
    return dict(counted.values_list("rule", "number"))


def get_rule(code: str) -> RuleVersion:
    """The version in force of a rule. Raises: Http404."""
    version = rules_in_force().filter(rule__code=code).first()
    if version is None:
        raise Http404
    return version


def findings_of_rule(user: User, version: RuleVersion) -> QuerySet[Finding]:
    """The open findings of a rule that the person may see, the oldest first."""
    return Finding.objects.visible_to(user).open().filter(rule=version.rule_id).order_by("opened_at", "pk")

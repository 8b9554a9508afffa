"""What the pages of the rulebook read. Everybody who is signed in reads the rules; findings follow their subject."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Count, Q, QuerySet
from django.http import Http404

from accounts.enums import Permission
from governance import subjects
from governance.enums import Checkpoint, VersionState
from governance.models import Finding, RuleVersion

if TYPE_CHECKING:
    from accounts.models import User


def rules_in_force() -> QuerySet[RuleVersion]:
    """The version in force of every rule. One query."""
    return RuleVersion.objects.active().select_related("rule__owner").order_by("rule__code")


def waivable(kind: str) -> QuerySet[RuleVersion]:
    """The versions in force that can be waived for a kind of thing: those about it, and those that are asked when what
    it becomes starts.
    """
    subject = subjects.registered()[kind]
    about = Q(rule__subject_kind=kind)
    if subject.becomes:
        about |= Q(rule__subject_kind=subject.becomes, checkpoints__contains=[Checkpoint.START_PROJECT.value])
    return rules_in_force().filter(about)


def open_findings_per_rule(user: User) -> dict[int, int]:
    """How many open findings each rule has that the person may see. One query."""
    counted = Finding.objects.visible_to(user).open().values("rule").annotate(number=Count("pk")).order_by()
    return dict(counted.values_list("rule", "number"))


def sees_drafts(user: User) -> bool:
    """Drafts are read by those who write or approve rules; what holds or held is read by everybody."""
    return user.can(Permission.RULE_EDIT) or user.can(Permission.RULE_APPROVE)


def versions_for(user: User, code: str) -> list[RuleVersion]:
    """The versions of a rule that the person may read, the newest first, with their people. Raises: Http404."""
    found = RuleVersion.objects.filter(rule__code=code).select_related("rule__owner", "author", "activated_by")
    if not sees_drafts(user):
        found = found.exclude(state=VersionState.DRAFT)
    versions = list(found.order_by("-number"))
    if not versions:
        raise Http404
    return versions


def version_shown(versions: list[RuleVersion], number: str = "") -> RuleVersion:
    """The version of a number, else the one in force, else the newest. Raises: Http404 when it is not there."""
    if number:
        chosen = next((one for one in versions if str(one.number) == number), None)
        if chosen is None:
            raise Http404
        return chosen
    return next((one for one in versions if one.state == VersionState.ACTIVE), versions[0])


def get_draft(code: str) -> RuleVersion:
    """The draft of a rule. Raises: Http404."""
    found = RuleVersion.objects.filter(rule__code=code, state=VersionState.DRAFT)
    draft = found.select_related("rule__owner", "author").first()
    if draft is None:
        raise Http404
    return draft


def being_written() -> QuerySet[RuleVersion]:
    """Drafts, and versions that come into force on a day. One query."""
    found = RuleVersion.objects.filter(state__in=[VersionState.DRAFT, VersionState.SCHEDULED])
    return found.select_related("rule__owner", "author").order_by("rule__code", "number")


def out_of_force() -> QuerySet[RuleVersion]:
    """The newest version of every rule of which nothing holds or is being written any more. One query."""
    alive = RuleVersion.objects.exclude(state=VersionState.RETIRED).values("rule")
    found = RuleVersion.objects.exclude(rule__in=alive).order_by("rule__code", "-number").distinct("rule__code")
    return found.select_related("rule__owner")


def whole_rulebook() -> QuerySet[RuleVersion]:
    """The version in force of every rule with its cases, for a file."""
    return rules_in_force().prefetch_related("cases")


def findings_of_rule(user: User, version: RuleVersion) -> QuerySet[Finding]:
    """The open findings of a rule that the person may see, the oldest first."""
    return Finding.objects.visible_to(user).open().filter(rule=version.rule_id).order_by("opened_at", "pk")

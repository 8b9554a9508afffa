"""Keeping the findings about those who do not keep a rule: opened and closed by the workers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from governance.conditions import Outcome
from governance.models import Finding
from governance.services.rules import ActiveRule, Facts


@transaction.atomic
def keep_findings(kind: str, rules: list[ActiveRule], subjects: Mapping[int, Facts], today: date) -> tuple[int, int]:
    """Open and close the findings about these subjects; how many of each. Safe to run twice and at once.

    What cannot be known neither opens a finding nor closes one. Three queries, whatever the number of subjects.
    """
    about = Finding.objects.filter(subject_kind=kind, subject_id__in=list(subjects), closed_at__isnull=True)
    there = {(pk, rule): finding for finding, pk, rule in about.values_list("pk", "subject_id", "rule_id")}
    new, over = [], []
    for pk, facts in subjects.items():
        for rule in rules:
            outcome = rule.judges(facts, today)
            known = there.get((pk, rule.rule_id))
            if outcome is Outcome.FAIL and known is None:
                new.append(_finding(kind, pk, rule, facts, today))
            elif outcome is Outcome.PASS and known is not None:
                over.append(known)
    in_force = {rule.rule_id for rule in rules}
    over += [finding for (_pk, rule_id), finding in there.items() if rule_id not in in_force]
    Finding.objects.bulk_create(new, ignore_conflicts=True)
    closed = Finding.objects.filter(Q(pk__in=over), closed_at__isnull=True).update(closed_at=Now())
    return len(new), closed


def _finding(kind: str, pk: int, rule: ActiveRule, facts: Facts, today: date) -> Finding:
    return Finding(
        rule_id=rule.rule_id, rule_version_id=rule.version_id, subject_kind=kind, subject_id=pk,
        evidence=rule.evidence(facts, today),
    )  # fmt: skip


def close_findings_of_the_gone(kind: str, live: QuerySet[Any, Any]) -> int:
    """Close what is open about subjects that no rule looks at any more (finished, stopped, removed)."""
    gone = Finding.objects.filter(subject_kind=kind, closed_at__isnull=True).exclude(subject_id__in=live)
    return gone.update(closed_at=Now())

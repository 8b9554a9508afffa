"""The compliance of each portfolio and week: counted once from the facts of the day, then kept."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.utils import timezone

from governance import conditions
from governance import services as rulebook
from governance.conditions import Outcome
from governance.enums import SubjectKind
from governance.models import Waiver
from governance.services import ActiveRule
from projects.facts import project_facts
from projects.models import ComplianceWeek, Portfolio, Project
from projects.services.state import organisation_today

CHUNK: Final = 1000
_KIND: Final = SubjectKind.PROJECT.value
_Counts = Counter[str]


def take_compliance(only: Collection[int] | None = None) -> int:
    """Count the compliance of every portfolio (or of these) whose week has none yet; how many. A duty, safe
    to run twice and at once: each week of a portfolio is one row. Weeks are those of the portfolio's office.
    """
    now = timezone.now()
    weeks = {pk: _monday(now, zone) for pk, zone in Portfolio.objects.order_by().values_list("pk", "office__time_zone")}
    there = set(
        ComplianceWeek.objects.filter(monday__in=set(weeks.values()), is_confidential=False).values_list(
            "portfolio", "monday"
        )
    )
    missing = {pk: monday for pk, monday in weeks.items() if (pk, monday) not in there}
    if missing:
        counted = _count(missing)
        rows = [
            ComplianceWeek(portfolio_id=pk, monday=monday, is_confidential=apart, **counted.get((pk, apart), Counter()))
            for pk, monday in missing.items()
            for apart in (False, True)
        ]
        ComplianceWeek.objects.bulk_create(rows, ignore_conflicts=True)
    return len(missing)


def _monday(now: dt.datetime, zone: str) -> dt.date:
    day = now.astimezone(ZoneInfo(zone)).date()
    return day - dt.timedelta(days=day.weekday())


def _count(portfolios: Iterable[int]) -> dict[tuple[int, bool], _Counts]:
    """By portfolio and confidentiality. Three queries, and two per 1,000 projects."""
    today = organisation_today()
    rules = rulebook.active_rules(_KIND)
    asked, children = [_Asked.of(rule) for rule in rules], rulebook.children_asked_for(rules)
    of = {
        pk: (portfolio, apart)
        for pk, portfolio, apart in Project.objects.live()
        .filter(portfolio__in=list(portfolios))
        .order_by("pk")
        .values_list("pk", "portfolio", "is_confidential")
    }
    lifted = set(Waiver.objects.filter(subject_kind=_KIND).lifting(today).values_list("subject_id", "rule"))
    counts: dict[tuple[int, bool], _Counts] = {}
    ids = list(of)
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        for facts in project_facts.read_by_id(Project, part, today, children):
            found = counts.setdefault(of[facts["pk"]], Counter())
            found["projects"] += 1
            for one in asked:
                said = one.says(facts, today, lifted)
                if said:
                    found[said] += 1
    return counts


@dataclass(frozen=True, slots=True)
class _Asked:
    """A rule with the question whom it concerns, made ready once."""

    rule: ActiveRule
    concerns: Callable[[Mapping[str, Any], dt.date], Outcome] | None

    @classmethod
    def of(cls, rule: ActiveRule) -> _Asked:
        return cls(rule, None if rule.applies is None else conditions.compiled(rule.applies))

    def says(self, facts: Mapping[str, Any], today: dt.date, lifted: set[tuple[int, int]]) -> str:
        """The column that the rule counts in for a project; "" when the rule is not for it."""
        if self.concerns is not None and self.concerns(facts, today) is Outcome.FAIL:
            return ""
        outcome = self.rule.judges(facts, today)
        if outcome is Outcome.PASS:
            return "kept"
        if outcome is Outcome.UNKNOWN:
            return "unknown"
        return "waived" if (facts["pk"], self.rule.rule_id) in lifted else "broken"

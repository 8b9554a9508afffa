"""What the pages about findings read. A finding is seen by whoever sees its subject."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Subquery, Value, When
from django.http import Http404

from common.prepared import Prepared
from governance import subjects
from governance.enums import Enforcement, Weight
from governance.models import Finding, RuleVersion, Waiver
from governance.selectors.waivers import about_called, about_office, organisation_today
from governance.subjects import FREE, Control, Described, People

if TYPE_CHECKING:
    from accounts.models import User


@dataclass(frozen=True, slots=True)
class FindingFilter:
    """What the list shows: a rule by code, an office, words or a key of the subject, a weight, waived or not."""

    rule: str = ""
    office: int | None = None
    text: str = ""
    weight: str = ""
    waived: str = ""


def open_findings(user: User, wanted: FindingFilter) -> QuerySet[Finding]:
    """The open findings that a person may see and asked to see, the weightiest and oldest first; each with
    `is_waived`.
    """
    found = with_waived(Finding.objects.visible_to(user).open())
    found = found.select_related("rule__owner", "rule_version")
    if wanted.rule:
        found = found.filter(rule__code=wanted.rule)
    if wanted.office:
        found = found.filter(about_office(wanted.office))
    if wanted.text:
        found = found.filter(about_called(wanted.text))
    if wanted.weight in Weight.values:
        found = found.filter(rule_version__weight=wanted.weight)
    if wanted.waived in {"yes", "no"}:
        found = found.filter(is_waived=wanted.waived == "yes")
    ordered: QuerySet[Finding] = found.order_by(_by_weight(), "opened_at", "pk")
    return ordered


def findings_about(kind: str, subject_id: int) -> list[Any]:
    """The open findings about one subject (whose door was passed), the weightiest first, each with `lifted_up_to`,
    the strictest enforcement that a waiver in force lifts. One query.
    """
    rows = _prepared_about(kind).rows([subject_id], organisation_today())
    return sorted(map(_finding, rows), key=lambda one: (Weight(one.rule_version.weight).place, one.opened_at, one.pk))


@cache
def _prepared_about(kind: str) -> Prepared:
    """The open findings about subjects of a kind: asked on each page of a project, so translated once."""

    def build(findings: QuerySet[Any], day: dt.date) -> QuerySet[Any, Any]:
        found = findings.filter(closed_at=None, subject_kind=kind)
        found = found.annotate(lifted_up_to=Subquery(_lifting(day).values("lifts")[:1]))
        shown = (f"rule_version__{name}" for name in _SHOWN)
        rows: QuerySet[Any, Any] = found.values_list("pk", "opened_at", "lifted_up_to", *shown)
        return rows

    return Prepared(Finding, build, key="subject_id")


_SHOWN = ("weight", "texts", "remedy_page", "enforcement")


def _finding(row: tuple[Any, ...]) -> Any:
    pk, opened_at, lifted_up_to, *shown = row
    finding: Any = Finding(pk=pk, opened_at=opened_at)
    finding.rule_version, finding.lifted_up_to = RuleVersion(**dict(zip(_SHOWN, shown, strict=True))), lifted_up_to
    return finding


def with_waived(findings: QuerySet[Finding]) -> Any:
    """Findings with `is_waived` (whether a waiver is in force there today) and `lifted_up_to`, the strictest
    enforcement that it lifts.
    """
    return findings.annotate(is_waived=Exists(_lifting()), lifted_up_to=Subquery(_lifting().values("lifts")[:1]))


def is_lifted(finding: Any, enforcement: Enforcement) -> bool:
    """Whether the waiver of a finding that came by `with_waived` is strong enough for this enforcement."""
    return bool(finding.lifted_up_to) and Enforcement(finding.lifted_up_to).strictness >= enforcement.strictness


def _lifting(day: dt.date | None = None) -> QuerySet[Waiver]:
    return Waiver.objects.lifting(day or organisation_today()).filter(
        rule=OuterRef("rule"), subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id")
    )


def _by_weight() -> Case:
    return Case(
        *(When(rule_version__weight=weight, then=Value(weight.place)) for weight in Weight),
        output_field=IntegerField(),
    )


def get_finding_for(user: User, pk: int) -> Finding:
    """The one door to a finding, with its rule and version. Raises: Http404."""
    found: Any = Finding.objects.visible_to(user).select_related("rule__owner", "rule_version")
    finding: Finding | None = found.filter(pk=pk).first()
    if finding is None:
        raise Http404
    return finding


@dataclass(frozen=True, slots=True)
class About:
    """What a list says about the subjects of its rows, each by (kind, id)."""

    described: Mapping[tuple[str, int], Described]
    controls: Mapping[tuple[str, int], Control]
    people: Mapping[tuple[str, int], People]
    worked_on: frozenset[tuple[str, int]]

    def control(self, kind: str, pk: int) -> Control:
        return self.controls.get((kind, pk), FREE)


def about(user: User, rows: list[Finding]) -> About:
    """Names, control levels, people and what the reader works on, for the rows of a page. Four queries per kind."""
    described: dict[tuple[str, int], Described] = {}
    controls: dict[tuple[str, int], Control] = {}
    people: dict[tuple[str, int], People] = {}
    mine: set[tuple[str, int]] = set()
    for kind in sorted({row.subject_kind for row in rows}):
        ids = sorted({row.subject_id for row in rows if row.subject_kind == kind})
        subject = subjects.registered()[kind]
        described |= {(kind, pk): one for pk, one in subject.describe(ids).items()}
        controls |= {(kind, pk): one for pk, one in subject.controls(ids).items()}
        people |= {(kind, pk): one for pk, one in subject.people(ids).items()}
        mine |= {(kind, row["pk"]) for row in subject.works_on(user).filter(pk__in=ids)}
    return About(described, controls, people, frozenset(mine))


def does_here(finding: Finding, control: Control) -> Enforcement:
    """What breaking the rule of a finding does under a control level."""
    return Enforcement(finding.rule_version.enforcement.get(control.level, Enforcement.ADVISE))


def waiver_of(finding: Finding, enforcement: Enforcement) -> Waiver | None:
    """The waiver that lifts the rule of a finding today, if any is strong enough. One query."""
    in_force = Waiver.objects.about(finding.subject_kind, [finding.subject_id]).lifting(organisation_today())
    waiver = in_force.filter(rule=finding.rule_id).first()
    return waiver if waiver and Enforcement(waiver.lifts).strictness >= enforcement.strictness else None

"""The risks, issues and decisions of a project in one list, the hottest first."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.core.paginator import Page, Paginator
from django.db.models import Case, CharField, Count, F, IntegerField, QuerySet, Value, When
from django.utils import timezone

from projects.enums import DecisionState, IssueStatus, RiskStatus
from projects.models import Decision, Issue, Risk

if TYPE_CHECKING:
    from projects.models import Project

KINDS: Final = ("risk", "issue", "decision")
PAGE: Final = 50
_ONE_TO_FIVE: Final = ("1", "2", "3", "4", "5")


def today() -> dt.date:
    return timezone.localdate()


@dataclass(frozen=True, slots=True)
class RaidFilter:
    """What the address asks for: one kind or all, open or closed too, one cell of the matrix."""

    kind: str = ""
    closed: bool = False
    probability: int | None = None
    impact: int | None = None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> RaidFilter:
        """The filter of a query string; what it does not know, it leaves out."""
        kind, cell = query.get("kind", ""), (query.get("probability", ""), query.get("impact", ""))
        on_matrix = all(value in _ONE_TO_FIVE for value in cell)
        return cls(
            kind="risk" if on_matrix else kind if kind in KINDS else "",
            closed=query.get("show") == "all",
            probability=int(cell[0]) if on_matrix else None,
            impact=int(cell[1]) if on_matrix else None,
        )


@dataclass(frozen=True, slots=True)
class Register:
    """One page of the list in its order; how many of each kind; open risks per cell (probability, impact)."""

    page: Page[Any]
    items: list[Risk | Issue | Decision]
    counts: dict[str, int]
    matrix: dict[tuple[int, int], int]


def register_of(project: Project, filters: RaidFilter, *, page: str | None = None) -> Register:
    """The list of a project. At most six queries, whatever the number of items."""
    parts = {kind: _part(project, kind, filters) for kind in KINDS}
    shown = [parts[filters.kind]] if filters.kind else list(parts.values())
    first, *rest = shown
    pages = Paginator(first.union(*rest, all=True).order_by("-heat", "kind", "pk"), PAGE)
    chosen = pages.get_page(page)
    places = [(kind, pk) for kind, pk, _heat in chosen.object_list]
    found = _fetch(places)
    return Register(
        page=chosen,
        items=[found[place] for place in places if place in found],
        counts=_counts(parts.values()),
        matrix=_matrix(project),
    )


def _part(project: Project, kind: str, filters: RaidFilter) -> QuerySet[Any, Any]:
    items: dict[str, QuerySet[Any]] = {
        "risk": project.risks.all(),
        "issue": project.issues.all(),
        "decision": project.decisions.all(),
    }
    queryset = items[kind]
    if not filters.closed:
        queryset = queryset.filter(**_OPEN[kind])
    if kind == "risk" and filters.probability:
        queryset = queryset.filter(probability=filters.probability, impact=filters.impact)
    heat = Case(When(**_OPEN[kind], then=_heat(kind)), default=Value(0), output_field=IntegerField())
    marked: QuerySet[Any, Any] = queryset.order_by().annotate(kind=Value(kind, output_field=CharField()), heat=heat)
    listed: QuerySet[Any, Any] = marked.values_list("kind", "pk", "heat")
    return listed


_OPEN: Final[dict[str, dict[str, Any]]] = {
    "risk": {"status": RiskStatus.OPEN},
    "issue": {"status": IssueStatus.OPEN},
    "decision": {"state": DecisionState.WANTED},
}


def _heat(kind: str) -> F | Case:
    """How hot an open item is on one scale: a blocker above every risk, a late decision above most."""
    if kind == "risk":
        return F("score")
    if kind == "issue":
        return Case(When(is_blocker=True, then=Value(26)), default=F("severity") * 5, output_field=IntegerField())
    return Case(When(needed_by__lt=today(), then=Value(22)), default=Value(14), output_field=IntegerField())


def _fetch(places: Iterable[tuple[str, int]]) -> dict[tuple[str, int], Risk | Issue | Decision]:
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, pk in places:
        ids[kind].append(pk)
    found: dict[tuple[str, int], Risk | Issue | Decision] = {}
    found |= {("risk", one.pk): one for one in Risk.objects.select_related("owner").filter(pk__in=ids["risk"])}
    found |= {("issue", one.pk): one for one in Issue.objects.select_related("owner").filter(pk__in=ids["issue"])}
    found |= {
        ("decision", one.pk): one for one in Decision.objects.select_related("holder").filter(pk__in=ids["decision"])
    }
    return found


def _counts(parts: Iterable[QuerySet[Any, Any]]) -> dict[str, int]:
    first, *rest = (part.values("kind").annotate(number=Count("pk")).values_list("kind", "number") for part in parts)
    return dict(first.union(*rest, all=True))


def _matrix(project: Project) -> dict[tuple[int, int], int]:
    cells = Risk.objects.open().filter(project=project).order_by().values_list("probability", "impact")
    return {(probability, impact): count for probability, impact, count in cells.annotate(number=Count("pk"))}

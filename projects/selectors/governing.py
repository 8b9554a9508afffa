"""How far rules bind a project, and where it belongs when a rule is for some projects only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, F, Func, JSONField, OuterRef, Q, QuerySet
from django.db.models.functions import JSONObject, Left, Length
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import OrgUnit
from common.prepared import Prepared
from governance.subjects import NOTHING_ASSUMED, Control, People, strictest
from projects.models import Project
from projects.models.project import KEY_PATTERN
from strategy.enums import ControlLevel
from strategy.models import Office


def control_of(ids: Collection[int], assumed: Mapping[int, str] = NOTHING_ASSUMED, /) -> dict[int, Control]:
    """The control level of projects with its reason: the strictest of the office of the portfolio and the offices that
    serve the org unit or one above it. Of two that bind alike the portfolio's is named. `assumed` gives offices another
    level than they have. One query.
    """
    told = _CONTROLLED.rows(ids, timezone.localdate())
    return {
        pk: settled([owned_by(office, name, assumed.get(office, level)), *served_by(serving, assumed)])
        for pk, office, name, level, serving in told
    }


def _controlled(projects: QuerySet[Any], _day: dt.date) -> QuerySet[Any, Any]:
    serving = projects.order_by().annotate(serving=offices_serving("org_unit__path"))
    rows: QuerySet[Any, Any] = serving.values_list(
        "pk", "portfolio__office_id", "portfolio__office__name", "portfolio__office__control", "serving"
    )
    return rows


_CONTROLLED: Final = Prepared(Project, _controlled)
"""Asked on each page of a project."""


def offices_serving(path: str) -> Func:
    """The offices that serve the org unit of this path or one above it, as a list of JSON objects."""
    served = Office.objects.filter(serves__path=Left(OuterRef(path), Length("serves__path")))
    data = JSONObject(id=F("pk"), name=F("name"), control=F("control"), unit=F("serves__name"))
    array = ArraySubquery(served.order_by("name", "serves__path").values_list(data))
    return Func(array, function="TO_JSONB", output_field=JSONField())


def owned_by(office: int, name: str, level: str) -> Control:
    """The control of the office that owns the portfolio of a subject."""
    reason = _("%(level)s: its portfolio belongs to the office “%(office)s”.")
    return Control(
        ControlLevel(level), reason % {"level": ControlLevel(level).label, "office": name}, frozenset({office})
    )


def served_by(serving: list[dict[str, Any]], assumed: Mapping[int, str]) -> list[Control]:
    """The controls of the offices that `offices_serving` told."""
    reason = _("%(level)s: the office “%(office)s” serves “%(unit)s”.")
    told = [(one, ControlLevel(assumed.get(one["id"], one["control"]))) for one in serving]
    return [
        Control(
            level, reason % {"level": level.label, "office": one["name"], "unit": one["unit"]}, frozenset({one["id"]})
        )
        for one, level in told
    ]


def settled(controls: list[Control]) -> Control:
    """The strictest of several, with all their offices; says that others were milder when they were."""
    held = strictest(controls)
    offices = frozenset().union(*(one.office_ids for one in controls))
    milder = {office for one in controls if one.level != held.level for office in one.office_ids}
    reason = held.reason
    if milder:
        reason = _("%(reason)s Of the offices that look after it the strictest holds.") % {"reason": reason}
    return Control(held.level, reason, offices)


def people_of(ids: Collection[int]) -> dict[int, People]:
    """The lead and the sponsor of projects, by name. One query."""
    rows = Project.objects.filter(pk__in=ids).values_list("pk", "lead__name", "sponsor__name")
    return {pk: People(lead or "", sponsor or "") for pk, lead, sponsor in rows}


def of_office(office_id: int) -> QuerySet[Project, Any]:
    """The ids of the projects that an office looks after: of its portfolios, or of org units that it serves."""
    served = OrgUnit.objects.filter(offices=office_id, path=Left(OuterRef("org_unit__path"), Length("path")))
    return Project.objects.filter(Q(portfolio__office=office_id) | Exists(served)).values("pk")


def called(text: str) -> QuerySet[Project, Any]:
    """The ids of the projects that a key or a part of a name means."""
    by_key = Project.objects.by_key(text)
    found = by_key if KEY_PATTERN.match(text) else Project.objects.filter(name__icontains=text)
    return found.values("pk")


_PAGE_OF: Final = (
    (("changes_open", "drift_without_change"), "project-changes"),
    (("gate",), "project-gates"),
    (("promises", "given", "oldest_unanswered"), "project-promises"),
    (("milestones", "next_milestone", "phase"), "project-plan"),
    (("risk", "top_risk", "issues", "blocker", "oldest_blocker", "decisions"), "project-raid"),
    (("update", "last_update", "declared", "asks"), "project-updates"),
    (("forecast_cost", "baseline_cost", "actual_cost", "whole_life", "benefits", "spent", "cost_"), "project-money"),
)


def shown_at(project_id: int, word: str) -> str:
    """The page of a project on which a fact can be seen in its records."""
    name = next((page for starts, page in _PAGE_OF if word.startswith(starts)), "project")
    return reverse(name, args=[f"P-{project_id}"])


def mended_at(project_id: int, page: str) -> str:
    """The address of the page on which a rule about a project is kept, with its field; "" when it names none."""
    name, _hash, field = page.partition("#")
    return f"{reverse(name, args=[f'P-{project_id}'])}{f'#{field}' if field else ''}" if name and project_id else ""

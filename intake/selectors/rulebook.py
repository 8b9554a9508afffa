"""Requests as the rulebook reads them: by org unit, portfolio and office, now and as they were."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import OrgUnit
from governance import approvals
from governance.enums import Checkpoint, SubjectKind
from governance.subjects import Described, Facet, Past, Reading, Subject
from intake.enums import RequestState
from intake.facts import request_facts
from intake.models import Request
from intake.selectors import governing
from projects.models import Portfolio
from projects.selectors import facets

CHECKPOINTS: Final = (Checkpoint.SUBMIT_REQUEST, Checkpoint.APPROVE_REQUEST)
REMEDIES: Final[dict[str, Any]] = {
    "request-edit#id_title": gettext_lazy("Request › title"),
    "request-edit#id_problem": gettext_lazy("Request › problem"),
    "request-edit#id_wanted_result": gettext_lazy("Request › what should be better"),
    "request-edit#id_goal": gettext_lazy("Request › goal"),
    "request-edit#id_yearly_benefit": gettext_lazy("Request › benefit a year"),
    "request-edit#id_wanted_by": gettext_lazy("Request › wanted by"),
    "request-edit#id_budget": gettext_lazy("Request › budget"),
    "request-edit#id_org_unit": gettext_lazy("Request › org unit"),
    "request-edit#id_proposed_sponsor": gettext_lazy("Request › sponsor"),
    "request-edit#id_proposed_lead": gettext_lazy("Request › project lead"),
    "request-edit#id_proposed_benefits_owner": gettext_lazy("Request › benefits owner"),
    "request-triage": gettext_lazy("Triage"),
    "request": gettext_lazy("Request"),
}
_COPIED: Final = (
    "title", "state", "budget", "currency", "budget_is_unknown", "yearly_benefit", "wanted_by", "is_mandatory",
    "org_unit_id", "portfolio_id",
)  # fmt: skip
_PRESENCE: Final = {
    "has_goal": "goal_id", "has_org_unit": "org_unit_id", "has_portfolio": "portfolio_id",
    "has_playbook": "playbook_id", "has_sponsor": "proposed_sponsor_id", "has_lead": "proposed_lead_id",
    "has_benefits_owner": "proposed_benefits_owner_id",
}  # fmt: skip
KEPT: Final = frozenset({*_COPIED, *_PRESENCE, "problem_length", "submitted_on", "office_id", "playbook_id"})
"""The facts that the history of requests tells; the office of a portfolio counts as it is now."""


def as_subject() -> Subject:
    return Subject(
        visible_to=lambda user: Request.objects.visible_to(user).values("pk"),
        describe=_described,
        labels={"state": dict(RequestState.choices), **approvals.LABELS},
        checkpoints=tuple(one.value for one in CHECKPOINTS),
        facets={
            "office": facets.OFFICE,
            "portfolio": facets.PORTFOLIO,
            "playbook": facets.PLAYBOOK,
            "org_unit": Facet(gettext_lazy("org unit"), "org_unit_id", _units, _units_below),
        },
        contradiction=facets.contradiction,
        remedies=REMEDIES,
        reading=Reading(live=_live, read=_read, groups=_groups, past=_past, kept=KEPT, stopped=_stopped),
        facts=lambda ids, day: request_facts.read_by_id(Request, ids, day, ["approvals"]),
        controls=governing.control_of,
        mended_at=governing.mended_at,
        works_on=lambda user: Request.objects.filter(governing.worked_on_by(user)).values("pk"),
        electors=governing.electors_of,
        people=governing.people_of,
        of_office=governing.of_office,
        called=governing.called,
        shown_at=lambda pk, _word: reverse("request", args=[f"REQ-{pk:04d}"]),
        becomes=SubjectKind.PROJECT.value,
    )


def _described(ids: Collection[int]) -> dict[int, Described]:
    titles = Request.objects.filter(pk__in=ids).values_list("pk", "title")
    return {pk: Described(title, reverse("request", args=[f"REQ-{pk:04d}"])) for pk, title in titles}


def _units() -> dict[str, str]:
    rows = OrgUnit.objects.order_by("path").values_list("pk", "depth", "name")
    return {str(pk): f"{'— ' * (depth - 1)}{name}" for pk, depth, name in rows}


def _units_below(ids: Collection[str]) -> list[int]:
    """These org units and all below them."""
    roots = frozenset(int(one) for one in ids)
    return list(OrgUnit.objects.under(roots).values_list("pk", flat=True)) if roots else []


def _live(checkpoints: Collection[str]) -> list[int]:
    """Those that wait: for a rule of the approval those that are ready for a decision, else all handed in so far. A
    draft is its requester's own affair.
    """
    states = {RequestState.TRIAGED}
    if Checkpoint.SUBMIT_REQUEST in checkpoints:
        states |= {RequestState.SUBMITTED, RequestState.RETURNED}
    return list(Request.objects.filter(state__in=states).order_by("pk").values_list("pk", flat=True))


def _read(ids: Collection[int], children: Collection[str]) -> Iterator[Mapping[str, Any]]:
    today = timezone.localdate(timezone=timezone.get_default_timezone())
    return request_facts.read_by_id(Request, ids, today, children)


def _groups(ids: Collection[int]) -> dict[int, str]:
    rows = Request.objects.filter(pk__in=ids).values_list("pk", "org_unit__name")
    return {pk: name or _("No org unit chosen") for pk, name in rows}


def _stopped(ids: Collection[int]) -> frozenset[int]:
    """Those that were not approved or were taken back."""
    ended = Request.objects.filter(pk__in=ids, state__in=[RequestState.REJECTED, RequestState.WITHDRAWN])
    return frozenset(ended.values_list("pk", flat=True))


def _past(since: dt.date, until: dt.date, checkpoints: Collection[str]) -> Iterator[Past]:
    """Requests at the moments at which the rule would have been asked: handed in, and decided. Two queries for each of
    these, and one for the offices. A request that was handed in twice on a day counts as it last was.
    """
    offices = dict(Portfolio.objects.values_list("pk", "office_id"))
    days: dict[dt.date, list[dict[int, dict[str, Any]]]] = defaultdict(list)
    for moment in (one for one in CHECKPOINTS if one in checkpoints):
        found: dict[dt.date, dict[int, dict[str, Any]]] = defaultdict(dict)
        for day, pk, facts in _moments(moment, since, until, offices):
            found[day][pk] = facts
        for day, told in found.items():
            days[day].append(told)
    for day in sorted(days):
        for told in days[day]:
            yield Past(day, told)


_TURNS: Final = {
    Checkpoint.SUBMIT_REQUEST: ("submitted_at", (RequestState.SUBMITTED,)),
    Checkpoint.APPROVE_REQUEST: ("decided_at", (RequestState.APPROVED, RequestState.REJECTED)),
}


def _moments(
    moment: Checkpoint, since: dt.date, until: dt.date, offices: Mapping[int, int]
) -> Iterator[tuple[dt.date, int, dict[str, Any]]]:
    """The first event of the history after each such turn, as a day, a request and its facts, the oldest first."""
    at, states = _TURNS[moment]
    zone = timezone.get_default_timezone()
    span = (
        dt.datetime.combine(since, dt.time(), zone),
        dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone),
    )
    events: QuerySet[Any] = Request.pgh_event_model._default_manager  # type: ignore[attr-defined]  # made by @history.track
    turned = events.filter(**{f"{at}__gte": span[0], f"{at}__lt": span[1]}, state__in=states)
    first = turned.order_by("pgh_obj_id", at, "pgh_id").distinct("pgh_obj_id", at)
    columns = {*_COPIED, *_PRESENCE.values(), "problem", "submitted_at", at}
    rows = first.values(*columns, request_id=F("pgh_obj_id"))
    for row in sorted(rows, key=lambda one: (one[at], one["request_id"])):
        yield timezone.localdate(row[at], zone), row["request_id"], _facts(row, offices)


def _facts(row: Mapping[str, Any], offices: Mapping[int, int]) -> dict[str, Any]:
    facts: dict[str, Any] = {name: row[name] for name in _COPIED}
    facts |= {word: row[column] is not None for word, column in _PRESENCE.items()}
    facts |= {"pk": row["request_id"], "problem_length": len(row["problem"]), "playbook_id": row["playbook_id"] or 0}
    facts["submitted_on"] = (
        timezone.localdate(row["submitted_at"], timezone.get_default_timezone()) if row["submitted_at"] else None
    )
    if row["portfolio_id"] in offices:
        facts["office_id"] = offices[row["portfolio_id"]]
    return facts

"""How far rules bind a request, and where it belongs when a rule is for some requests only."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Left, Length
from django.urls import reverse

from accounts.enums import Permission
from accounts.models import OrgUnit, User
from governance import matters
from governance import services as rulebook
from governance.enums import Checkpoint, SubjectKind
from governance.services import CheckResult
from governance.subjects import NOTHING_ASSUMED, Control, People
from intake.completeness import Step
from intake.enums import RequestState
from intake.models import KEY_PATTERN, Request
from projects.selectors.governing import offices_serving, owned_by, served_by, settled

_PAGE_OF = {"budget": Step.SIZE, "org_unit": Step.SIZE, "proposed_sponsor": Step.SIZE, "proposed_lead": Step.SIZE,
            "proposed_benefits_owner": Step.SIZE,
            "title": Step.IDEA, "problem": Step.IDEA, "wanted_result": Step.IDEA}  # fmt: skip


def control_of(ids: Collection[int], assumed: Mapping[int, str] = NOTHING_ASSUMED, /) -> dict[int, Control]:
    """The control level of requests with its reason: the strictest of the office of the portfolio that the PMO chose
    (before that there is none) and the offices that serve the org unit or one above it. One query.
    """
    rows = Request.objects.filter(pk__in=ids).order_by().annotate(serving=offices_serving("org_unit__path"))
    told = rows.values_list(
        "pk", "portfolio__office_id", "portfolio__office__name", "portfolio__office__control", "serving"
    )
    return {
        pk: settled(
            [*([owned_by(office, name, assumed.get(office, level))] if office else []), *served_by(serving, assumed)]
        )
        for pk, office, name, level, serving in told
    }


def worked_on_by(user: User) -> Q:
    """Requests for which a person may ask for a waiver: their own, and those that their PMO triages."""
    return Q(requester=user) | (~Q(state=RequestState.DRAFT) & Request.objects.within(user, Permission.REQUEST_TRIAGE))


def electors_of(request_id: int, roles: Collection[str]) -> Mapping[str, Collection[int]]:
    """Who decides on a request in these roles, as its own ballot has it; nobody when requests have none."""
    matter = matters.registered().get(SubjectKind.REQUEST.value)
    return matter.case(request_id).electors(roles) if matter else dict.fromkeys(roles, ())


def rules_at(user: User, pitch: Request, moment: Checkpoint) -> CheckResult:
    """What the rulebook would say to a step of a request now. One query when no rule is asked there, else four."""
    return rulebook.check(kind=SubjectKind.REQUEST, subject_id=pitch.pk, checkpoint=moment, actor=user)


def itself() -> QuerySet[Request, Any]:
    """The request that is read, for the count of what was decided about it."""
    return Request.objects.filter(pk=OuterRef(OuterRef("pk"))).values("pk")


def request_of_project() -> QuerySet[Request, Any]:
    """The request that the project which is read came of: its approval counts among those of the project."""
    return Request.objects.filter(project=OuterRef(OuterRef("pk"))).values("pk")


def people_of(ids: Collection[int]) -> dict[int, People]:
    """The requester and the proposed sponsor of requests, by name. One query."""
    rows = Request.objects.filter(pk__in=ids).values_list("pk", "requester__name", "proposed_sponsor__name")
    return {pk: People(requester, sponsor or "") for pk, requester, sponsor in rows}


def of_office(office_id: int) -> QuerySet[Request, Any]:
    """The ids of the requests that an office looks after: of its portfolios, or of org units that it serves."""
    served = OrgUnit.objects.filter(offices=office_id, path=Left(OuterRef("org_unit__path"), Length("path")))
    return Request.objects.filter(Q(portfolio__office=office_id) | Exists(served)).values("pk")


def called(text: str) -> QuerySet[Request, Any]:
    """The ids of the requests that a key or a part of a title means."""
    found = Request.objects.by_key(text) if KEY_PATTERN.match(text) else Request.objects.filter(title__icontains=text)
    return found.values("pk")


def mended_at(request_id: int, page: str) -> str:
    """The page of the form on which a rule about a request is kept, with its field; "" when it names none."""
    name, _hash, field = page.partition("#")
    if not name or not request_id:
        return ""
    key = f"REQ-{request_id:04d}"
    if name == "request-edit":
        step = _PAGE_OF.get(field.removeprefix("id_"), Step.VALUE)
        return f"{reverse(name, args=[key, step.value])}{f'#{field}' if field else ''}"
    return reverse(name, args=[key])

"""The queue of the PMO and one's own requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib.postgres.search import SearchQuery
from django.core.paginator import Page, Paginator
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from accounts.enums import Permission, RoleName
from accounts.models import RoleGrant, User
from accounts.selectors import pickable_people
from intake.enums import RequestState as S
from intake.models import Request, RequestQuerySet

VIEWS: Final[dict[str, tuple[S, ...]]] = {
    "triage": (S.SUBMITTED,),
    "decision": (S.TRIAGED,),
    "returned": (S.RETURNED,),
    "decided": (S.APPROVED, S.REJECTED),
    "withdrawn": (S.WITHDRAWN,),
    "all": (S.SUBMITTED, S.TRIAGED, S.RETURNED, S.APPROVED, S.REJECTED, S.WITHDRAWN),
}
"""The tabs of the queue and the states in each. Drafts are nobody's business but their writer's."""

SORTS: Final[dict[str, tuple[str, ...]]] = {
    "age": ("state_changed_at", "pk"), "-age": ("-state_changed_at", "-pk"),
    "title": ("title", "pk"), "-title": ("-title", "-pk"),
    "budget": ("budget", "pk"), "-budget": ("-budget", "-pk"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue to show: a tab, words, a portfolio, an order, only what waits for me."""

    view: str = "triage"
    text: str = ""
    portfolio: int | None = None
    mine: bool = False
    sort: str = "age"


def queue(user: User, wanted: QueueFilter) -> RequestQuerySet:
    """The requests that the person may see and asks for, oldest wait first."""
    found = Request.objects.visible_to(user).filter(state__in=VIEWS.get(wanted.view, VIEWS["triage"]))
    if wanted.text:
        found = found.filter(_matches(wanted.text))
    if wanted.portfolio:
        found = found.filter(portfolio=wanted.portfolio)
    if wanted.mine:
        found = found.filter(
            Q(state=S.TRIAGED, proposed_sponsor=user) | Q(state__in=(S.DRAFT, S.RETURNED), requester=user)
        )
    return found.order_by(*SORTS.get(wanted.sort, SORTS["age"]))


def _matches(text: str) -> Q:
    by_key = Request.objects.by_key(text).values("pk")
    return (
        Q(search=SearchQuery(text, config="simple", search_type="websearch"))
        | Q(title__icontains=text)
        | Q(pk__in=by_key)
    )


def queue_page(user: User, wanted: QueueFilter, number: str | None, size: int) -> Page[Request]:
    """One page of the queue with all that its rows show. Two queries; the count goes over no joins."""
    found = queue(user, wanted)
    page = Paginator(found, size).get_page(number)
    rows = found.select_related("requester", "org_unit", "portfolio", "proposed_sponsor").defer(
        "problem", "wanted_result", "triage_note", "reason"
    )
    page.object_list = list(rows[max(page.start_index() - 1, 0) : page.end_index()])
    return page


def queue_counts(user: User) -> dict[str, int]:
    """How many requests stand in each tab. One query."""
    rows = Request.objects.visible_to(user).exclude(state=S.DRAFT).order_by().values("state").annotate(n=Count("pk"))
    by_state = {row["state"]: row["n"] for row in rows}
    return {name: sum(by_state.get(state, 0) for state in states) for name, states in VIEWS.items()}


def my_requests(user: User) -> RequestQuerySet:
    """The person's own, the latest change first."""
    return (
        Request.objects.filter(requester=user)
        .select_related("requester", "portfolio", "proposed_sponsor", "project")
        .defer("problem", "wanted_result")
        .order_by("-state_changed_at", "-pk")
    )


def people_to_offer(role: RoleName) -> QuerySet[User]:
    """Whom a form suggests as lead or sponsor: who holds that role somewhere; at most a hundred."""
    return pickable_people().filter(Exists(RoleGrant.objects.in_force().filter(user=OuterRef("pk"), role=role)))[:100]


def waiting_for(user: User) -> RequestQuerySet:
    """What asks something of this person beside their votes, the longest wait first: own requests that were sent back,
    and those that they may triage. Never one's own request to judge.
    """
    judged = ~Q(requester=user) & Q(state=S.SUBMITTED) & RequestQuerySet.within(user, Permission.REQUEST_TRIAGE)
    found = Request.objects.visible_to(user).filter(Q(requester=user, state=S.RETURNED) | judged)
    return found.select_related("requester").order_by("submitted_at", "pk")

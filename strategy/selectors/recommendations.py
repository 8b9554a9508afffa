"""What the pages of recommendations read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db.models import Count, Q
from django.http import Http404

from accounts.enums import Permission
from strategy import records
from strategy.enums import RecommendationState
from strategy.models import Assessment, Recommendation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from strategy.models import RecommendationNote
    from strategy.models.recommendations import RecommendationQuerySet

OVERDUE = "overdue"
VIEWS = ("", *RecommendationState.values, OVERDUE)
"""All, each state, and planned ones whose day has passed."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list is narrowed to; empty parts narrow nothing."""

    view: str = ""
    priority: int | None = None
    text: str = ""


def recommendations(user: User, wanted: Filter) -> RecommendationQuerySet:
    """What the person may read and asked for, the most urgent first."""
    found = _narrowed(user, wanted)
    if wanted.view == OVERDUE:
        found = found.overdue()
    elif wanted.view:
        found = found.filter(state=wanted.view)
    return found.select_related("office", "filed_by", "owner").order_by("priority", "-filed_at", "-pk")


def counts(user: User, wanted: Filter) -> dict[str, int]:
    """How many there are in each view of the list. One query."""
    found = _narrowed(user, wanted)
    overdue = Q(pk__in=Recommendation.objects.overdue().values("pk"))
    per_state = {state: Count("pk", filter=Q(state=state)) for state in RecommendationState.values}
    return found.aggregate(**per_state, **{OVERDUE: Count("pk", filter=overdue)}, all=Count("pk"))


def _narrowed(user: User, wanted: Filter) -> RecommendationQuerySet:
    found = Recommendation.objects.visible_to(user)
    if wanted.priority is not None:
        found = found.filter(priority=wanted.priority)
    if wanted.text:
        found = found.filter(
            Q(title__icontains=wanted.text) | Q(finding__icontains=wanted.text) | Q(proposal__icontains=wanted.text)
        )
    return found


def get_recommendation(user: User, pk: int) -> Recommendation:
    """One that the person may read, with the people and the assessment of its page. Raises: Http404."""
    related = ("office", "filed_by", "answered_by", "owner", "done_by", "effect_by", "assessment")
    found = Recommendation.objects.visible_to(user).select_related(*related).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


@dataclass(frozen=True, slots=True)
class Links:
    """The records that a recommendation speaks of, as far as the reader may know them. `hidden` counts the others."""

    about: records.Described | None
    links: Sequence[records.Described]
    hidden: int


def links_of(user: User, found: Recommendation) -> Links:
    """One query for the links, and one for each kind of record."""
    refs = [(link.kind, link.object_id) for link in found.links.order_by("pk")]
    about = (found.about_kind, found.about_id) if found.about_id is not None else None
    known = records.described(user, {*refs, *([about] if about else [])})
    shown = [known[ref] for ref in refs if ref in known]
    return Links(known.get(about) if about else None, shown, len(refs) - len(shown))


def notes_of(found: Recommendation) -> QuerySet[RecommendationNote]:
    """How the plan went, the latest first."""
    return found.notes.select_related("written_by").order_by("-written_at", "-pk")[:100]


def assessments_to_cite(user: User) -> QuerySet[Assessment]:
    """The submitted assessments of the adviser's office."""
    return Assessment.objects.submitted().visible_to(user).order_by("-submitted_at", "-pk")


def waiting_for(user: User) -> RecommendationQuerySet:
    """What asks the person to act: answers they can give, and plans that they own or watch whose day has passed."""
    late = Q(pk__in=Recommendation.objects.overdue().values("pk"))
    answering = Recommendation.objects.within(user, Permission.RECOMMENDATION_ANSWER).values("pk")
    q = Q(pk__in=answering) & (Q(state=RecommendationState.FILED) | late)
    return Recommendation.objects.visible_to(user).filter(q | (late & Q(owner=user))).order_by("priority", "filed_at")

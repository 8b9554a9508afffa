"""Requests and projects whose name is much like a new one, among those that the person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.search import TrigramSimilarity
from django.db.models import QuerySet
from django.db.models.functions import Upper
from django.urls import reverse

from intake.enums import RequestState
from intake.models import Request
from projects.models import Project

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 5


@dataclass(frozen=True, slots=True)
class Lookalike:
    """Something that may be the same idea; `likeness` from 0 to 1 (share of equal three-letter groups)."""

    key: str
    name: str
    href: str
    likeness: float


def lookalikes_of(user: User, pitch: Request) -> list[Lookalike]:
    """The most alike first, at most five. Two queries, both by the trigram index."""
    requests = _alike(Request.objects.visible_to(user).exclude(pk=pitch.pk), "title", pitch.title)
    requests = requests.exclude(state__in=(RequestState.DRAFT, RequestState.WITHDRAWN)).filter(project__isnull=True)
    projects = _alike(Project.objects.visible_to(user), "name", pitch.title)
    if pitch.project_id:
        projects = projects.exclude(pk=pitch.project_id)
    found = [
        Lookalike(each.key, each.title, reverse("request", args=[each.key]), each.likeness)
        for each in requests.only("pk", "title")[:SHOWN]
    ] + [
        Lookalike(each.key, each.name, reverse("project", args=[each.key]), each.likeness)
        for each in projects.only("pk", "name")[:SHOWN]
    ]
    return sorted(found, key=lambda each: -each.likeness)[:SHOWN]


def _alike(rows: QuerySet[Any], field: str, title: str) -> QuerySet[Any]:
    # Upper on both sides, or the index on UPPER(name) is not used.
    wanted = title.upper()
    alike: QuerySet[Any] = rows.alias(upper_name=Upper(field)).filter(upper_name__trigram_similar=wanted)
    closest: QuerySet[Any] = alike.annotate(likeness=TrigramSimilarity("upper_name", wanted))
    return closest.order_by("-likeness", "pk")

"""Every read of the playbook pages, and the outline that a project is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject
from django.http import Http404

from playbooks.models import Playbook, PlaybookDeliverable, PlaybookMilestone, PlaybookPhase, PlaybookVersion
from strategy.enums import Post

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator


@dataclass(frozen=True, slots=True)
class MilestoneOutline:
    """A milestone of a template: `day` days after its phase starts."""

    name: str
    day: int
    is_gate: bool = False


@dataclass(frozen=True, slots=True)
class DeliverableOutline:
    """A deliverable of a template: due `day` days after its phase starts, with (post, letter) for its parts."""

    name: str
    day: int
    acceptance: str = ""
    letters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class PhaseOutline:
    """A phase of a template, `days` long, with its milestones and deliverables."""

    name: str
    days: int
    milestones: tuple[MilestoneOutline, ...] = ()
    deliverables: tuple[DeliverableOutline, ...] = ()


@dataclass(frozen=True, slots=True)
class DatedMilestone:
    """A milestone of a template on the calendar."""

    name: str
    on: dt.date
    is_gate: bool


@dataclass(frozen=True, slots=True)
class DatedDeliverable:
    """A deliverable of a template on the calendar."""

    name: str
    on: dt.date
    acceptance: str
    letters: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class DatedPhase:
    """A phase of a template on the calendar; the last day counts."""

    name: str
    start_on: dt.date
    finish_on: dt.date
    milestones: tuple[DatedMilestone, ...] = field(default=())
    deliverables: tuple[DatedDeliverable, ...] = field(default=())


def playbooks() -> QuerySet[Playbook]:
    """All playbooks by name, those in use first, each with its newest published number and its projects."""
    return (
        Playbook.objects.select_related("office", "owner")
        .annotate(
            newest=Max("versions__number", filter=Q(versions__published_at__isnull=False)),
            draft=Max("versions__number", filter=Q(versions__published_at__isnull=True)),
        )
        .order_by("is_retired", "name", "pk")
    )


def usable_playbooks() -> QuerySet[Playbook]:
    """Those that a project can be made from: not retired, with a published version."""
    published = PlaybookVersion.objects.filter(published_at__isnull=False).values("playbook")
    return Playbook.objects.filter(is_retired=False, pk__in=published).order_by("name", "pk")


def get_playbook(slug: str) -> Playbook:
    """The playbook of this short name; everybody who is signed in may read it. Raises: Http404."""
    playbook = Playbook.objects.select_related("office", "owner").filter(slug=slug).first()
    if playbook is None:
        raise Http404
    return playbook


def versions_of(playbook: Playbook) -> QuerySet[PlaybookVersion]:
    """Its versions, newest first, with their length in days."""
    return (
        playbook.versions.select_related("published_by")
        .annotate(days=Sum("phases__days"), phase_count=Count("phases"))
        .order_by("-number")
    )


def published_version_of(playbook: Playbook) -> PlaybookVersion | None:
    """The version that new projects follow: the newest published one. One query."""
    return playbook.versions.filter(published_at__isnull=False).order_by("-number").first()


def draft_of(playbook: Playbook) -> PlaybookVersion | None:
    """The version that is being written, if any."""
    return playbook.versions.filter(published_at__isnull=True).first()


def outline_of(version: PlaybookVersion) -> tuple[PhaseOutline, ...]:
    """What a version holds, as plain values. One query."""
    return tuple(outline for _phase, outline in _outlines(version.phases.all()))


def newest_outline_of(playbook: Playbook) -> tuple[PlaybookVersion, tuple[PhaseOutline, ...]] | None:
    """The version that new projects follow and what it holds; None when none is published. One query."""
    newest = playbook.versions.filter(published_at__isnull=False).order_by("-number").values("pk")[:1]
    phases = PlaybookPhase.objects.filter(playbook_version=Subquery(newest)).select_related("playbook_version")
    found = list(_outlines(phases))
    return (found[0][0].playbook_version, tuple(outline for _phase, outline in found)) if found else None


def _outlines(phases: QuerySet[PlaybookPhase]) -> Iterator[tuple[PlaybookPhase, PhaseOutline]]:
    """The phases in order, each with its milestones and deliverables by day."""
    milestones = PlaybookMilestone.objects.filter(phase=OuterRef("pk")).order_by("day", "pk")
    deliverables = PlaybookDeliverable.objects.filter(phase=OuterRef("pk")).order_by("day", "pk")
    found = phases.order_by("position").annotate(
        listed=ArraySubquery(milestones.values_list(JSONObject(name="name", day="day", is_gate="is_gate"))),
        handed=ArraySubquery(deliverables.values_list(JSONObject(**{name: name for name in _OF_DELIVERABLES}))),
    )
    for phase in found:
        yield (
            phase,
            PhaseOutline(
                phase.name,
                phase.days,
                tuple(MilestoneOutline(**item) for item in phase.listed),
                tuple(_deliverable(item) for item in phase.handed),
            ),
        )


_OF_DELIVERABLES = ("name", "day", "acceptance", *Post.values)


def _deliverable(item: dict[str, Any]) -> DeliverableOutline:
    letters = tuple((post, item[post]) for post in Post.values if item[post])
    return DeliverableOutline(item["name"], item["day"], item["acceptance"], letters)

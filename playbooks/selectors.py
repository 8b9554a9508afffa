"""Every read of the playbook pages, and the outline that a project is made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.http import Http404

from playbooks.models import Playbook, PlaybookDeliverable, PlaybookMilestone, PlaybookPhase, PlaybookVersion

if TYPE_CHECKING:
    import datetime as dt


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


def phases_of(version: PlaybookVersion) -> QuerySet[PlaybookPhase]:
    """The phases of a version in order, each with its milestones and deliverables by day. Three queries."""
    milestones = PlaybookMilestone.objects.order_by("day", "pk")
    deliverables = PlaybookDeliverable.objects.order_by("day", "pk")
    return version.phases.order_by("position").prefetch_related(
        Prefetch("milestones", queryset=milestones), Prefetch("deliverables", queryset=deliverables)
    )


def outline_of(version: PlaybookVersion) -> tuple[PhaseOutline, ...]:
    """What a version holds, as plain values. Three queries."""
    return tuple(
        PhaseOutline(
            phase.name,
            phase.days,
            tuple(MilestoneOutline(item.name, item.day, item.is_gate) for item in phase.milestones.all()),
            tuple(
                DeliverableOutline(item.name, item.day, item.acceptance, item.letters)
                for item in phase.deliverables.all()
            ),
        )
        for phase in phases_of(version)
    )

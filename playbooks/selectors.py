"""Every read of the playbook pages, and the outline that a project is made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Max, Prefetch, Q, QuerySet, Sum
from django.http import Http404
from django.utils.translation import get_language

from playbooks.models import (
    Playbook,
    PlaybookCriterion,
    PlaybookDeliverable,
    PlaybookMilestone,
    PlaybookPhase,
    PlaybookVersion,
)

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from playbooks.models import Criterion


def text_in(texts: Mapping[str, str]) -> str:
    """A text in the language of the reader; in English, or any other, when that lacks."""
    language = (get_language() or "en").partition("-")[0]
    return texts.get(language) or texts.get("en") or next(iter(texts.values()), "")


@dataclass(frozen=True, slots=True)
class CriterionOutline:
    """A criterion of a gate, as plain values; see `playbooks.models.Criterion`."""

    kind: str
    texts: dict[str, str]
    condition: dict[str, Any] | None = None
    rule: str = ""
    document_kind: str = ""
    role: str = ""

    def columns(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def title(self) -> str:
        return text_in(self.texts)


@dataclass(frozen=True, slots=True)
class MilestoneOutline:
    """A milestone of a template: `day` days after its phase starts. Only a gate has criteria."""

    name: str
    day: int
    is_gate: bool = False
    criteria: tuple[CriterionOutline, ...] = ()


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
    criteria: tuple[CriterionOutline, ...] = ()


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
    """The phases of a version in order, each with its milestones (and their criteria) and deliverables by day.

    Four queries.
    """
    criteria = Prefetch("criteria", queryset=PlaybookCriterion.objects.order_by("position", "pk"))
    milestones = PlaybookMilestone.objects.order_by("day", "pk").prefetch_related(criteria)
    deliverables = PlaybookDeliverable.objects.order_by("day", "pk")
    return version.phases.order_by("position").prefetch_related(
        Prefetch("milestones", queryset=milestones), Prefetch("deliverables", queryset=deliverables)
    )


def outline_of(version: PlaybookVersion) -> tuple[PhaseOutline, ...]:
    """What a version holds, as plain values. Four queries."""
    return tuple(
        PhaseOutline(
            phase.name,
            phase.days,
            tuple(_milestone(item) for item in phase.milestones.all()),
            tuple(
                DeliverableOutline(item.name, item.day, item.acceptance, item.letters)
                for item in phase.deliverables.all()
            ),
        )
        for phase in phases_of(version)
    )


def _milestone(item: PlaybookMilestone) -> MilestoneOutline:
    criteria = tuple(criterion_outline(one) for one in item.criteria.all())
    return MilestoneOutline(item.name, item.day, item.is_gate, criteria)


def criterion_outline(one: Criterion) -> CriterionOutline:
    """What a criterion asks for, as plain values."""
    return CriterionOutline(one.kind, dict(one.texts), one.condition, one.rule, one.document_kind, one.role)


def get_draft_gate(draft: PlaybookVersion, pk: int) -> PlaybookMilestone:
    """A gate of a draft, by the number of its milestone. Raises: Http404."""
    gates = PlaybookMilestone.objects.filter(phase__playbook_version=draft, is_gate=True)
    gate = gates.select_related("phase").filter(pk=pk).first()
    if gate is None:
        raise Http404
    return gate


def gates_of(draft: PlaybookVersion) -> QuerySet[PlaybookMilestone]:
    """The gates of a version in order, each with how many criteria it has. One query."""
    gates = PlaybookMilestone.objects.filter(phase__playbook_version=draft, is_gate=True)
    return gates.select_related("phase").annotate(asked=Count("criteria")).order_by("phase__position", "day", "pk")

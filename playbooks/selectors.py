"""Every read of the playbook pages, and the outline that a project is made from."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import JSONObject
from django.http import Http404

from common.languages import text_in
from playbooks.models import (
    Playbook,
    PlaybookCriterion,
    PlaybookDeliverable,
    PlaybookMilestone,
    PlaybookPhase,
    PlaybookVersion,
)
from strategy.enums import Post

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from playbooks.models import Criterion


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
    """The phases in order, each with its milestones (gates with their criteria) and deliverables by day."""
    criteria = PlaybookCriterion.objects.filter(milestone=OuterRef("pk")).order_by("position", "pk")
    asked = ArraySubquery(criteria.values_list(JSONObject(**{name: name for name in _OF_CRITERIA})))
    milestones = PlaybookMilestone.objects.filter(phase=OuterRef("pk")).order_by("day", "pk")
    deliverables = PlaybookDeliverable.objects.filter(phase=OuterRef("pk")).order_by("day", "pk")
    found = phases.order_by("position").annotate(
        listed=ArraySubquery(
            milestones.values_list(JSONObject(name="name", day="day", is_gate="is_gate", criteria=asked))
        ),
        handed=ArraySubquery(deliverables.values_list(JSONObject(**{name: name for name in _OF_DELIVERABLES}))),
    )
    for phase in found:
        yield (
            phase,
            PhaseOutline(
                phase.name,
                phase.days,
                tuple(_milestone(item) for item in phase.listed),
                tuple(_deliverable(item) for item in phase.handed),
            ),
        )


_OF_CRITERIA = ("kind", "texts", "condition", "rule", "document_kind", "role")
_OF_DELIVERABLES = ("name", "day", "acceptance", *Post.values)


def _milestone(item: dict[str, Any]) -> MilestoneOutline:
    criteria = tuple(CriterionOutline(**one) for one in item["criteria"])
    return MilestoneOutline(item["name"], item["day"], item["is_gate"], criteria)


def _deliverable(item: dict[str, Any]) -> DeliverableOutline:
    letters = tuple((post, item[post]) for post in Post.values if item[post])
    return DeliverableOutline(item["name"], item["day"], item["acceptance"], letters)


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

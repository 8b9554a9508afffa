"""The rehearsals of drafts, as far as their reader may see what they found."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from common.enums import JobState
from common.models import JobRun
from governance import subjects
from governance.contents import content_of

if TYPE_CHECKING:
    from accounts.models import User
    from governance.models import RuleVersion

KIND = "rules.rehearse"


def rehearsal_of(version: RuleVersion) -> JobRun | None:
    """The newest finished rehearsal of just what a version asks, also of an earlier version that asked the same."""
    asked = JobRun.objects.filter(kind=KIND, state=JobState.DONE, params__digest=content_of(version).digest)
    return asked.order_by("-created_at").first()


def newest_run(version: RuleVersion) -> JobRun | None:
    """The newest run about a version, in whatever state it is and whatever the draft asked then."""
    return JobRun.objects.filter(kind=KIND, params__version=version.pk).order_by("-created_at").first()


@dataclass(frozen=True, slots=True)
class Hit:
    """A subject that breaks the draft today."""

    pk: int
    title: str
    href: str
    group: str
    is_new: bool
    values: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class PastHit:
    """A subject that would have broken it."""

    pk: int
    title: str
    href: str
    group: str
    first: date
    days: int
    stopped: bool


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a rehearsal found among what its reader may see."""

    as_of: date
    looked_at: int
    unknown: int
    hits: list[Hit]
    ended: int
    groups: list[tuple[str, int, int]]
    """What is hit: its name, how many hits, and of how many it has."""
    past_hits: list[PastHit]
    past_days: int
    told: int
    asked: int
    facts_kept: list[str]
    facts_lost: list[str]

    @property
    def new(self) -> int:
        return sum(hit.is_new for hit in self.hits)

    @property
    def stopped(self) -> int:
        return sum(hit.stopped for hit in self.past_hits)

    @property
    def hardest(self) -> tuple[str, int, int] | None:
        return self.groups[0] if self.groups else None


def rehearsal_for(user: User, kind: str, run: JobRun) -> Rehearsal:
    """A finished rehearsal as this person may see it: what is hidden from them counts nowhere. Three queries."""
    subject, result = subjects.registered()[kind], run.result
    assert subject.reading is not None  # noqa: S101 — it was read to be rehearsed
    past = result["past"]
    everyone = {*result["passed"], *result["unknown"], *(hit["id"] for hit in result["hits"])}
    wanted = everyone | {hit["id"] for hit in past["hits"]}
    seen = set(subject.visible_to(user).filter(pk__in=wanted).values_list("pk", flat=True))
    hits = [hit for hit in result["hits"] if hit["id"] in seen]
    past_hits = [hit for hit in past["hits"] if hit["id"] in seen]
    shown = {hit["id"] for hit in (*hits, *past_hits)}
    groups, named = subject.reading.groups(seen), subject.describe(shown)
    per_group, hit_groups = Counter(groups[pk] for pk in everyone & seen), Counter(groups[hit["id"]] for hit in hits)
    return Rehearsal(
        as_of=date.fromisoformat(result["as_of"]),
        looked_at=len(everyone & seen),
        unknown=len(set(result["unknown"]) & seen),
        hits=[
            Hit(hit["id"], named[hit["id"]].title, named[hit["id"]].href, groups[hit["id"]], hit["new"], hit["values"])
            for hit in sorted(hits, key=lambda hit: (not hit["new"], groups[hit["id"]], hit["id"]))
        ],
        ended=len(set(result["ended"]) & seen),
        groups=sorted(
            ((name, number, per_group[name]) for name, number in hit_groups.items()), key=lambda one: (-one[1], one[0])
        ),
        past_hits=[
            PastHit(
                hit["id"], named[hit["id"]].title, named[hit["id"]].href, groups[hit["id"]],
                date.fromisoformat(hit["first"]), hit["days"], hit["stopped"],
            )
            for hit in sorted(past_hits, key=lambda hit: (hit["first"], hit["id"]))
        ],
        past_days=past["days"],
        told=past["told"],
        asked=past["asked"],
        facts_kept=past["facts_kept"],
        facts_lost=past["facts_lost"],
    )  # fmt: skip

"""What the pages about waivers read. A waiver is seen by whoever sees its subject."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When
from django.http import Http404
from django.utils import timezone

from governance import subjects
from governance.enums import WaiverState, Weight
from governance.models import Ballot, Finding, Waiver, WaiverQuerySet

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from accounts.models import User
    from governance.services import CheckResult
    from governance.subjects import Described

POINTS: Final = {Weight.LOW.value: 1, Weight.MEDIUM.value: 2, Weight.HIGH.value: 3}
"""What a day of a waived rule weighs in the waiver debt."""
DOUBTFUL_SHARE: Final = 30
"""A rule that is waived in more than so many percent of its cases is wrong: to be written anew or retired."""
DOUBTFUL_FROM: Final = 3
"""With fewer cases a share says nothing."""
RUNS_OUT_DAYS: Final = 30
LISTED: Final = 5


@dataclass(frozen=True, slots=True)
class WaiverFilter:
    """What the register shows: a state, a rule by code, words or a key of the subject, one's own, what runs out."""

    state: str = ""
    rule: str = ""
    text: str = ""
    office: int | None = None
    mine: bool = False
    runs_out: bool = False


def organisation_today() -> dt.date:
    return timezone.localdate(timezone=timezone.get_default_timezone())


def works_on(user: User, check: CheckResult) -> bool:
    """Whether a person works on what was checked, so that they mend it or ask for a waiver. One query; none where
    everything is kept.
    """
    if not check.judged or check.waived_for is None or user.is_external:
        return False
    kind, pk = check.waived_for
    return subjects.registered()[kind].works_on(user).filter(pk=pk).exists()


def register_of(user: User, wanted: WaiverFilter) -> WaiverQuerySet:
    """The waivers that a person may see and asked to see: those that wait first, then by their last day."""
    found = Waiver.objects.visible_to(user).select_related("rule", "rule_version", "owner", "asked_by", "granted_by")
    if wanted.state in WaiverState.values:
        found = found.filter(state=wanted.state)
    if wanted.rule:
        found = found.filter(rule__code=wanted.rule)
    if wanted.text:
        found = found.filter(about_called(wanted.text))
    if wanted.office:
        found = found.filter(about_office(wanted.office))
    if wanted.mine:
        found = found.filter(Q(owner=user) | Q(asked_by=user))
    if wanted.runs_out:
        until = organisation_today() + dt.timedelta(days=RUNS_OUT_DAYS)
        found = found.filter(state=WaiverState.GRANTED, expires_on__lte=until)
    waits_first = [Q(state=state) for state in (WaiverState.ASKED, WaiverState.GRANTED)]
    return found.order_by(*(first_if(condition) for condition in waits_first), "expires_on", "-pk")


def first_if(condition: Q) -> Case:
    """Order by: what meets the condition comes first."""
    return Case(When(condition, then=Value(0)), default=Value(1), output_field=IntegerField())


def about_called(text: str) -> Q:
    """Findings or waivers about subjects that a key or words mean."""
    return _about(lambda subject: subject.called(text))


def about_office(office_id: int) -> Q:
    """Findings or waivers about subjects that an office looks after."""
    return _about(lambda subject: subject.of_office(office_id))


def _about(ids_of: Any) -> Q:
    found = Q(pk__in=[])
    for kind, subject in subjects.registered().items():
        ids = ids_of(subject)
        if ids is not None:
            found |= Q(subject_kind=kind, subject_id__in=ids)
    return found


def get_waiver_for(user: User, pk: int) -> Waiver:
    """The one door to a waiver. Raises: Http404."""
    found = Waiver.objects.visible_to(user).select_related(
        "rule", "rule_version", "owner", "asked_by", "granted_by", "closed_by"
    )
    waiver = found.filter(pk=pk).first()
    if waiver is None:
        raise Http404
    return waiver


def ballot_of(waiver: Waiver) -> Ballot | None:
    """The ballot on a waiver, the newest when there were several."""
    return Ballot.objects.about("waiver", waiver.pk).order_by("-pk").first()


def state_on(waiver: Waiver, today: dt.date) -> str:
    """The state as a person sees it: what is past its last day has ended, also before a worker noted it."""
    if waiver.state == WaiverState.GRANTED and waiver.expires_on < today:
        return WaiverState.ENDED.value
    return waiver.state


@dataclass(frozen=True, slots=True)
class Debt:
    """Waiver debt: the points of each waived rule times the days since it was granted, summed.

    The lists hold (name, href, points), the heaviest first; what is beyond them is in the total only.
    """

    total: int = 0
    waivers: int = 0
    subjects: list[tuple[str, str, int]] = field(default_factory=list)
    sponsors: list[tuple[str, str, int]] = field(default_factory=list)
    rules: list[tuple[str, str, int]] = field(default_factory=list)


def in_force_for(user: User) -> WaiverQuerySet:
    """The waivers in force that a person may see, with their rules."""
    return Waiver.objects.visible_to(user).lifting(organisation_today()).select_related("rule", "rule_version")


def described(waivers: Iterable[Waiver]) -> dict[tuple[str, int], Described]:
    """What waivers are about. One query per kind of subject."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for one in waivers:
        wanted[one.subject_kind].add(one.subject_id)
    return {
        (kind, pk): told for kind, ids in sorted(wanted.items()) for pk, told in subjects.describe(kind, ids).items()
    }


def debt_of(in_force: Iterable[Waiver], names: Mapping[tuple[str, int], Described]) -> Debt:
    """The debt of waivers in force (`in_force_for`, `described`). One query per kind of subject."""
    today = organisation_today()
    by_subject: Counter[tuple[str, int]] = Counter()
    by_rule: Counter[tuple[str, str]] = Counter()
    number = 0
    for waiver in in_force:
        points = points_of(waiver, today)
        by_subject[waiver.subject_kind, waiver.subject_id] += points
        by_rule[waiver.rule.code, waiver.rule_version.text("title")] += points
        number += 1
    about, sponsors = _named(by_subject, names)
    return Debt(
        sum(by_rule.values()), number, about[:LISTED], sponsors[:LISTED],
        [(title, code, points) for (code, title), points in by_rule.most_common(LISTED)],
    )  # fmt: skip


def points_of(waiver: Waiver, today: dt.date) -> int:
    """Points of the rule's weight times the days since the waiver was granted, the first day included."""
    if waiver.granted_at is None:
        return 0
    granted_on = timezone.localdate(waiver.granted_at, timezone=timezone.get_default_timezone())
    return POINTS[waiver.rule_version.weight] * max((today - granted_on).days + 1, 0)


def _named(
    by_subject: Counter[tuple[str, int]], names: Mapping[tuple[str, int], Described]
) -> tuple[list[tuple[str, str, int]], list[tuple[str, str, int]]]:
    per_subject: list[tuple[str, str, int]] = []
    per_sponsor: Counter[str] = Counter()
    for kind in {kind for kind, _pk in by_subject}:
        ids = [pk for of_kind, pk in by_subject if of_kind == kind]
        people = subjects.registered()[kind].people(ids)
        for pk in ids:
            if (told := names.get((kind, pk))) is not None:
                per_subject.append((told.title, told.href, by_subject[kind, pk]))
                per_sponsor[people[pk].sponsor if pk in people else ""] += by_subject[kind, pk]
    per_subject.sort(key=lambda one: (-one[2], one[0]))
    return per_subject, [(name, "", points) for name, points in per_sponsor.most_common()]


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A rule that is waived too often: in `waived` of `cases` subjects that do not keep it."""

    code: str
    title: str
    waived: int
    cases: int

    @property
    def percent(self) -> int:
        return round(100 * self.waived / self.cases)


def doubtful_rules(user: User, in_force: Iterable[Waiver]) -> list[Doubtful]:
    """Rules waived in more than DOUBTFUL_SHARE percent of the subjects (that the person may see) that do not keep
    them: to be written anew or retired; `in_force` are the waivers that they see (`in_force_for`). One query.
    """
    waived: Counter[int] = Counter()
    titles: dict[int, tuple[str, str]] = {}
    for waiver in in_force:
        waived[waiver.rule_id] += 1
        titles[waiver.rule_id] = (waiver.rule.code, waiver.rule_version.text("title"))
    lifted = in_force_for(user).filter(
        rule=OuterRef("rule"), subject_kind=OuterRef("subject_kind"), subject_id=OuterRef("subject_id")
    )
    open_ones: QuerySet[Any] = Finding.objects.visible_to(user).open().filter(~Exists(lifted), rule__in=titles)
    unwaived = Counter(open_ones.values_list("rule", flat=True))
    found = [
        Doubtful(*titles[rule], number, number + unwaived[rule])
        for rule, number in waived.items()
        if number + unwaived[rule] >= DOUBTFUL_FROM
    ]
    found = [one for one in found if 100 * one.waived > DOUBTFUL_SHARE * one.cases]
    return sorted(found, key=lambda one: (-one.percent, one.code))

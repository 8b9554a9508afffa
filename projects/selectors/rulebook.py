"""Projects as the rulebook reads them: by portfolio and office, now and as they were."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.enums import Permission
from accounts.models import User
from governance.enums import Checkpoint
from governance.subjects import Described, Facet, Past, Reading, Subject
from projects.children import LABELS
from projects.enums import Colour, DataClass, ProjectStatus, SnapshotSource
from projects.facts import project_facts
from projects.models import Project, Snapshot
from projects.selectors import facets, governing
from projects.selectors.electors import people_with_roles, with_electors

CHUNK: Final = 1000
_PRESENCE: Final = ("lead", "sponsor", "budget_owner", "benefits_owner", "goal", "org_unit")
_STORED: Final = tuple(fact.word for fact in project_facts.columns() if fact.column == fact.word)
_COMPUTED: Final = ("finish_overdue_days", "spent_over_baseline_percent", "portfolio_id", "office_id")
KEPT: Final = frozenset({*_STORED, *_COMPUTED, "playbook_id", *(f"has_{post}" for post in _PRESENCE)})
"""The facts of which the weekly snapshots and the history of projects tell how they were."""

_ALL_CHILDREN: Final = frozenset(one.word for one in project_facts.children.values())

REMEDIES: Final[dict[str, Any]] = {
    "project-edit#id_sponsor": gettext_lazy("Project › sponsor"),
    "project-edit#id_lead": gettext_lazy("Project › project lead"),
    "project-edit#id_goal": gettext_lazy("Project › goal"),
    "project-edit#id_budget_owner": gettext_lazy("Project › budget owner"),
    "project-edit#id_benefits_owner": gettext_lazy("Project › benefits owner"),
    "project-edit#id_kick_off_on": gettext_lazy("Project › kick-off"),
    "project-edit#id_data_class": gettext_lazy("Project › classification of its data"),
    "project-edit#id_org_unit": gettext_lazy("Project › org unit"),
    "project-edit#id_baseline_finish_on": gettext_lazy("Project › baseline finish"),
    "project-edit#id_forecast_finish_on": gettext_lazy("Project › forecast finish"),
    "project-edit": gettext_lazy("Project"),
    "project-money": gettext_lazy("Money"),
    "project-plan": gettext_lazy("Plan"),
    "project-gates": gettext_lazy("Gates"),
    "project-raid": gettext_lazy("Risks, issues and decisions"),
    "project-changes": gettext_lazy("Change requests"),
    "project-promises": gettext_lazy("Promises"),
    "project-team": gettext_lazy("Team and documents"),
    "update-write": gettext_lazy("Status update"),
}
CHECKPOINTS: Final = (
    Checkpoint.START_PROJECT, Checkpoint.ENTER_PHASE, Checkpoint.PASS_GATE, Checkpoint.PUBLISH_UPDATE,
    Checkpoint.CHANGE_BASELINE, Checkpoint.CLOSE_PROJECT, Checkpoint.WEEKLY_SCAN,
)  # fmt: skip


def as_subject() -> Subject:
    return Subject(
        visible_to=lambda user: _visible(user).values("pk"),
        describe=_described,
        labels={
            "declared": dict(Colour.choices), "status": dict(ProjectStatus.choices),
            "data_class": dict(DataClass.choices), **LABELS,
        },
        checkpoints=tuple(one.value for one in CHECKPOINTS),
        facets={
            "office": facets.OFFICE,
            "portfolio": facets.PORTFOLIO,
            "category": Facet(gettext_lazy("category"), "category", _categories),
            "playbook": facets.PLAYBOOK,
        },
        contradiction=facets.contradiction,
        remedies=REMEDIES,
        facts=lambda ids, day: project_facts.read_by_id(Project, ids, day, _ALL_CHILDREN),
        controls=governing.control_of,
        mended_at=governing.mended_at,
        works_on=lambda user: Project.objects.allowed(user, Permission.PROJECT_EDIT).values("pk"),
        electors=_electors,
        people=governing.people_of,
        of_office=governing.of_office,
        called=governing.called,
        shown_at=governing.shown_at,
        reading=Reading(
            live=_live, read=_read, groups=_groups, past=_past, kept=KEPT,
            stopped=lambda ids: frozenset(
                Project.objects.filter(pk__in=ids, status=ProjectStatus.STOPPED).values_list("pk", flat=True)
            ),
        ),
    )  # fmt: skip


def _visible(user: User) -> QuerySet[Project]:
    return Project.objects.visible_to(user)


def _described(ids: Collection[int]) -> dict[int, Described]:
    names = Project.objects.filter(pk__in=ids).values_list("pk", "name")
    return {pk: Described(name, reverse("project", args=[f"P-{pk}"])) for pk, name in names}


def _electors(project_id: int, roles: Collection[str]) -> dict[str, list[int]]:
    return people_with_roles(with_electors(Project.objects.all()).get(pk=project_id), roles)


def _categories() -> dict[str, str]:
    names = Project.objects.exclude(category="").order_by("category").values_list("category", flat=True).distinct()
    return {name: name for name in names}


def _live(_checkpoints: Collection[str]) -> list[int]:
    return list(Project.objects.live().order_by("pk").values_list("pk", flat=True))


def _read(ids: Collection[int], children: Collection[str]) -> Iterator[Mapping[str, Any]]:
    today, wanted = timezone.localdate(timezone=timezone.get_default_timezone()), list(ids)
    for start in range(0, len(wanted), CHUNK):
        yield from project_facts.read_by_id(Project, wanted[start : start + CHUNK], today, children)


def _groups(ids: Collection[int]) -> dict[int, str]:
    return dict(Project.objects.filter(pk__in=ids).values_list("pk", "portfolio__name"))


def _past(since: dt.date, until: dt.date, _checkpoints: Collection[str]) -> Iterator[Past]:
    """The weekly snapshots, one day after the other, with who and what was named then. Three queries a day."""
    sets = Snapshot.objects.filter(snapshot_set__source=SnapshotSource.WEEKLY)
    days = sets.filter(snapshot_set__as_of__range=(since, until)).values_list("snapshot_set__as_of", flat=True)
    for day in days.distinct().order_by("snapshot_set__as_of"):
        rows = sets.filter(snapshot_set__as_of=day).values(
            *_STORED,
            "project_id",
            portfolio_id=F("snapshot_set__portfolio"),
            office_id=F("snapshot_set__portfolio__office"),
        )
        found = {row.pop("project_id"): row for row in rows}
        named = _named(list(found), day)
        yield Past(day, {pk: row | _derived(row, day) | named.get(pk, {}) for pk, row in found.items()})


def _derived(row: Mapping[str, Any], day: dt.date) -> dict[str, Any]:
    """The facts that follow from those that were kept."""
    finish, done = row["forecast_finish_on"], row["actual_finish_on"]
    overdue = 0 if done else None if finish is None else max(0, (day - finish).days)
    agreed, spent = row["baseline_cost"], row["actual_cost"]
    known = agreed is not None and agreed > 0 and spent is not None
    over = round(Decimal(100) * (spent - agreed) / agreed, 1) if known else None
    return {"finish_overdue_days": overdue, "spent_over_baseline_percent": over}


def _named(ids: Collection[int], day: dt.date) -> dict[int, dict[str, Any]]:
    """Which posts were filled at the end of a day and which playbook was followed, by the last event of each project up
    to then.
    """
    events = Project.pgh_event_model._default_manager  # type: ignore[attr-defined]  # made by @history.track
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), timezone.get_default_timezone())
    columns = [f"{post}_id" for post in _PRESENCE]
    newest = events.filter(pgh_obj_id__in=ids, pgh_created_at__lt=end).order_by("pgh_obj_id", "-pgh_id")
    rows = newest.distinct("pgh_obj_id").values_list("pgh_obj_id", "playbook_version__playbook", *columns)
    return {
        pk: {"playbook_id": playbook or 0}
        | {f"has_{post}": value is not None for post, value in zip(_PRESENCE, values, strict=True)}
        for pk, playbook, *values in rows
    }

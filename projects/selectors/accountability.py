"""Who answers for what: the deliverables of projects with their parts, per project, per person and over all."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Exists, F, Min, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Permission
from accounts.models import User as Person
from projects.models import Deliverable, DeliverableAssignment, Project
from strategy import selectors as strategy
from strategy.enums import ACCOUNTABLE, RESPONSIBLE, Post
from strategy.models import Process
from strategy.models.raci import PERSON, AssignmentQuerySet, seat_of
from strategy.raci.cells import Line
from strategy.raci.checks import WINDOW_DAYS
from strategy.raci.work import Load, Part, Work, parts_by_subject, people_of

if TYPE_CHECKING:
    from accounts.models import User
    from projects.models.deliverables import DeliverableQuerySet
    from projects.models.project import ProjectQuerySet

NO_ACCOUNTABLE, NOBODY_RESPONSIBLE, VACANCY = "no_accountable", "nobody_responsible", "vacancy"
FLAWS: Final = (NO_ACCOUNTABLE, VACANCY, NOBODY_RESPONSIBLE)
"""What the page over all projects can be narrowed to."""


@dataclass(frozen=True, slots=True)
class Board:
    """The deliverables of one project, each with the work that tables and checks read, in the same order."""

    deliverables: list[Deliverable] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.deliverables)


def board_of(project: Project) -> Board:
    """The deliverables of a project by their date. Three queries."""
    return boards_of([project])[project.pk]


def boards_of(projects: Collection[Project]) -> dict[int, Board]:
    """The deliverables of these projects, by project. Three queries, whatever the number."""
    return boards_from(Deliverable.objects.filter(project__in=[one.pk for one in projects]), projects)


def boards_from(chosen: DeliverableQuerySet, projects: Iterable[Project]) -> dict[int, Board]:
    """These deliverables as boards of these projects."""
    order = F("due_on").asc(nulls_last=True)
    found = list(chosen.select_related("phase", "delivered_by", "accepted_by").order_by(order, "pk"))
    rows = list(DeliverableAssignment.objects.filter(deliverable__in=[one.pk for one in found]).with_holder())
    parts = parts_by_subject(rows, people_of(rows))
    boards = {project.pk: Board() for project in projects}
    names = {project.pk: project for project in projects}
    for one in found:
        board = boards[one.project_id]
        board.deliverables.append(one)
        board.works.append(_work(names[one.project_id], one, parts.get(one.pk, ())))
    return boards


def _work(project: Project, one: Deliverable, parts: tuple[Part, ...]) -> Work:
    return Work(
        name=one.name,
        href=reverse("project-deliverables", args=[project.key]) + f"#deliverable-{one.pk}",
        parts=parts,
        where=f"{project.key} {project.name}",
        due_on=one.due_on,
        is_open=one.is_open,
        delivered_by=one.delivered_by_id,
        accepted_by=one.accepted_by_id,
    )


def lines_of(project: Project) -> list[Line]:
    """The open deliverables as rows to edit: who had which part in what is accepted stays as it was. Two queries."""
    letters: dict[int, dict[str, str]] = defaultdict(dict)
    for row in DeliverableAssignment.objects.filter(deliverable__project=project):
        letters[row.deliverable_id][row.seat] = row.letter
    shown = project.deliverables.open().order_by(F("due_on").asc(nulls_last=True), "pk")
    return [Line(one.pk, one.name, one.version, letters[one.pk]) for one in shown]


def seats_of(project: Project, lines: Sequence[Line]) -> dict[str, str]:
    """The columns to edit: the posts with their holders, the team, and whoever is named already. Two queries."""
    seats = {post.value: _post_words(project, post) for post in Post}
    team = project.team.in_force().filter(user__is_active=True)
    named = {int(seat.removeprefix(PERSON)) for line in lines for seat in line.letters if seat.startswith(PERSON)}
    people = Person.objects.filter(Q(pk__in=team.values("user")) | Q(pk__in=named))
    return seats | {seat_of("", one.pk): str(one) for one in people.order_by("name", "pk")}


def _post_words(project: Project, post: Post) -> str:
    holders: Mapping[str, Person | None] = {
        Post.LEAD: project.lead, Post.SPONSOR: project.sponsor, Post.BUDGET_OWNER: project.budget_owner,
        Post.PMO: project.portfolio.office.head,
    }  # fmt: skip
    holder = holders[post]
    return f"{post.label} ({holder})" if holder else str(post.label)


# --- load -----------------------------------------------------------------------------------------------------------


def answered_for(viewer: User) -> AssignmentQuerySet:
    """Who is accountable for which open deliverable of running projects, among those that the viewer may see."""
    projects = Project.objects.live().visible_to(viewer)
    rows: AssignmentQuerySet = (
        DeliverableAssignment.objects.filter(deliverable__in=Deliverable.objects.open().filter(project__in=projects))
        .with_holder()
        .accountable()
    )
    return rows


def loads(viewer: User, people: Iterable[int] | None = None) -> list[Load]:
    """How much these people (None: all) are accountable for within the window. Two queries.

    Late work counts, undated work does not. Somebody who answers in several offices is held to the lowest limit.
    Only who may open a person's page gets its address.
    """
    horizon = timezone.localdate() + dt.timedelta(days=WINDOW_DAYS)
    rows = answered_for(viewer).filter(deliverable__due_on__lte=horizon, holder_id__isnull=False)
    if people is not None:
        rows = rows.filter(holder_id__in=list(people))
    found = (
        rows.order_by()
        .values_list("holder_id")
        .annotate(n=Count("pk"), limit=Min("deliverable__project__portfolio__office__accountable_limit"))
    )
    counted = {pk: (n, limit) for pk, n, limit in found}
    names = Person.objects.in_bulk(counted) if counted else {}
    follows = viewer.can(Permission.PROJECT_CREATE)
    return [
        Load(
            pk, str(names[pk]), n, limit, reverse("accountability-of", args=[pk]) if follows or pk == viewer.pk else ""
        )
        for pk, (n, limit) in counted.items()
    ]


def accountable_people(boards: Iterable[Board]) -> set[int]:
    """The people who are accountable for something on these boards."""
    parts = (one.accountable for board in boards for one in board.works if one.is_open)
    return {part.person_id for part in parts if part is not None and part.person_id}


# --- over all projects ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Totals:
    """Open deliverables of the running projects that somebody sees, and how many have which flaw."""

    projects: int
    open: int
    overdue: int
    no_accountable: int
    nobody_responsible: int
    vacancy: int


def _answering(*letters: str) -> QuerySet[DeliverableAssignment]:
    rows: QuerySet[DeliverableAssignment] = DeliverableAssignment.objects.filter(
        deliverable=OuterRef("pk"), letter__in=letters
    )
    return rows


def with_flaws(deliverables: DeliverableQuerySet) -> DeliverableQuerySet:
    """Deliverables with a yes or no for each of FLAWS."""
    vacant = DeliverableAssignment.objects.filter(deliverable=OuterRef("pk")).answering().with_holder()
    return deliverables.annotate(
        no_accountable=~Exists(_answering(*ACCOUNTABLE)),
        nobody_responsible=~Exists(_answering(*RESPONSIBLE)),
        vacancy=Exists(vacant.exclude(vacancy="")),
    )


def totals(viewer: User) -> Totals:
    """Counted over everything that the viewer may see, and nothing else. One query."""
    shown = Deliverable.objects.open().filter(project__in=Project.objects.live().visible_to(viewer))
    counted = with_flaws(shown).aggregate(
        projects=Count("project", distinct=True),
        open=Count("pk"),
        overdue=Count("pk", filter=Q(due_on__lt=timezone.localdate(), delivered_at__isnull=True)),
        **{f"n_{flaw}": Count("pk", filter=Q(**{flaw: True})) for flaw in FLAWS},
    )
    return Totals(**{name.removeprefix("n_"): value for name, value in counted.items()})


def projects_with_deliverables(viewer: User, *, flaw: str = "", text: str = "") -> ProjectQuerySet:
    """Running projects with deliverables that the viewer may see, by name; with a flaw when one is asked for."""
    deliverables = Deliverable.objects.filter(project=OuterRef("pk"))
    if flaw in FLAWS:
        deliverables = with_flaws(deliverables.open()).filter(**{flaw: True})
    found = Project.objects.live().visible_to(viewer).filter(Exists(deliverables))
    if text:
        found = found.filter(name__icontains=text)
    return found.defer("search").select_related("portfolio").order_by("name", "pk")


# --- of one person --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person is accountable for, as far as the viewer may see it: boards by project, and processes."""

    projects: list[tuple[Project, Board]]
    processes: list[Process]
    process_works: list[Work]
    load: Load | None

    @property
    def count(self) -> int:
        return sum(len(board.works) for _project, board in self.projects)


def answers_of(person: User, viewer: User) -> Answers:
    """Eight queries at most, whatever there is."""
    own = answered_for(viewer).filter(holder_id=person.pk)
    projects = list(
        Project.objects.filter(deliverables__in=own.values("deliverable"))
        .distinct()
        .defer("search")
        .order_by("name", "pk")
    )
    boards = boards_from(Deliverable.objects.filter(pk__in=own.values("deliverable")), projects) if projects else {}
    processes = strategy.processes_answered_for(person)
    return Answers(
        [(one, boards[one.pk]) for one in projects],
        processes,
        strategy.work_of_processes(processes) if processes else [],
        next(iter(loads(viewer, [person.pk])), None) if projects else None,
    )

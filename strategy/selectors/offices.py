"""Every read of the pages about offices and goals. Everybody who is signed in may read them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from django.db.models import QuerySet
from django.http import Http404
from django.urls import reverse

from accounts.enums import Permission
from accounts.models import User as Person
from strategy.enums import Post
from strategy.models import Goal, Office, Process, ProcessAssignment
from strategy.models.raci import PERSON, seat_of
from strategy.raci.cells import Line
from strategy.raci.work import Part, Work, parts_by_subject, people_of

if TYPE_CHECKING:
    from accounts.models import User


def offices() -> QuerySet[Office]:
    """All offices by name."""
    return Office.objects.select_related("sponsor").order_by("name", "pk")


def get_office(slug: str) -> Office:
    """The office of this short name with all that its page shows, in two queries. Raises: Http404."""
    office = Office.objects.select_related("sponsor", "head").prefetch_related("serves").filter(slug=slug).first()
    if office is None:
        raise Http404
    return office


def goals() -> QuerySet[Goal]:
    """All goals, the nearest end first."""
    return Goal.objects.select_related("office", "owner").order_by("ends_on", "name", "pk")


def offices_with_processes() -> QuerySet[Office]:
    """Offices that have written down processes, by name."""
    return Office.objects.filter(processes__isnull=False).distinct().order_by("name", "pk")


def goals_of(office: Office) -> QuerySet[Goal]:
    """The goals that an office watches."""
    return goals().filter(office=office)


def get_goal(pk: int) -> Goal:
    """The goal. Raises: Http404."""
    goal = Goal.objects.select_related("office", "owner").filter(pk=pk).first()
    if goal is None:
        raise Http404
    return goal


def may_edit(user: User) -> bool:
    """Whether the person sets up offices and goals."""
    return user.can(Permission.OFFICE_EDIT)


def processes_of(office: Office) -> list[Process]:
    """The processes of an office by name. One query."""
    return list(office.processes.order_by("name", "pk"))


def get_process(office: Office, pk: int) -> Process:
    """A process of this office. Raises: Http404."""
    process = office.processes.filter(pk=pk).first()
    if process is None:
        raise Http404
    return process


def work_of_processes(processes: Sequence[Process]) -> list[Work]:
    """Processes with their parts, ready to show and check. Two queries, whatever their number."""
    rows = list(ProcessAssignment.objects.filter(process__in=[one.pk for one in processes]).with_holder())
    parts = parts_by_subject(rows, people_of(rows))
    return [_work(one, parts.get(one.pk, ())) for one in processes]


def _work(process: Process, parts: tuple[Part, ...]) -> Work:
    href = reverse("office", args=[process.office.slug]) + "#processes"
    return Work(process.name, href, parts, where=process.office.name)


def processes_answered_for(person: User) -> list[Process]:
    """The processes for which this person is accountable at present, by office. One query."""
    own = ProcessAssignment.objects.with_holder().accountable().filter(holder_id=person.pk)
    return list(
        Process.objects.filter(pk__in=own.values("process")).select_related("office").order_by("office", "name")
    )


def matrix_of(office: Office) -> list[Line]:
    """The processes as rows to edit. Two queries."""
    letters: dict[int, dict[str, str]] = defaultdict(dict)
    for row in ProcessAssignment.objects.filter(process__office=office):
        letters[row.process_id][row.seat] = row.letter
    return [Line(one.pk, one.name, one.version, letters[one.pk]) for one in processes_of(office)]


def seats_of(lines: Sequence[Line], more: Iterable[int] = ()) -> dict[str, str]:
    """The columns to edit: the posts of the office, who is named already, and the people of these ids. One query."""
    seats = {post.value: str(post.label) for post in (Post.PMO, Post.SPONSOR)}
    named = {seat for line in lines for seat in line.letters}
    ids = set(more) | {int(seat.removeprefix(PERSON)) for seat in named if seat.startswith(PERSON)}
    people = Person.objects.filter(pk__in=ids).order_by("name", "pk") if ids else []
    return seats | {seat_of("", one.pk): str(one) for one in people if one.is_active or seat_of("", one.pk) in named}

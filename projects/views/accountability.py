from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import Permission
from accounts.models import User as Person
from common.ui import cells
from common.ui.tables import Column, Row, data_table
from common.views import SIGNED_IN, PortalView
from projects.enums import DeliverableState
from projects.selectors import accountability as selectors
from projects.views.deliverables import state_cell
from strategy import selectors as strategy
from strategy.raci import tables
from strategy.raci.checks import check, overload

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from common.views import PortalRequest
    from projects.models import Project
    from projects.selectors.accountability import Answers, Board
    from strategy.raci.work import Work

PAGE_SIZE = 10


class Accountability(PortalView):
    """Over all projects that the person sees: what nobody answers for, who carries too much, and each matrix."""

    permission: ClassVar[str] = Permission.PROJECT_CREATE
    template_name: ClassVar[str] = "projects/accountability.html"

    def get(self, request: PortalRequest) -> HttpResponse:
        flaw = request.GET.get("show", "")
        flaw = flaw if flaw in selectors.FLAWS else ""
        text = request.GET.get("q", "").strip()
        found = selectors.projects_with_deliverables(self.user, flaw=flaw, text=text)
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        boards = selectors.boards_of(list(page.object_list))
        totals = selectors.totals(self.user)
        context = {
            "page": page, "text": text, "flaw": flaw, "totals": totals, "chips": _chips(totals, flaw),
            "overloaded": tables.findings(over) if (over := overload(selectors.loads(self.user))) else "",
            "boards": [_board(one, boards[one.pk]) for one in page], "legend": tables.legend(),
            "offices": strategy.offices_with_processes(),
        }  # fmt: skip
        return self.render(context)


def _chips(totals: selectors.Totals, flaw: str) -> list[dict[str, Any]]:
    base = reverse("accountability")
    words = {
        "": _("All"),
        selectors.NO_ACCOUNTABLE: _("Nobody accountable (%(n)d)") % {"n": totals.no_accountable},
        selectors.VACANCY: _("Vacant (%(n)d)") % {"n": totals.vacancy},
        selectors.NOBODY_RESPONSIBLE: _("Nobody responsible (%(n)d)") % {"n": totals.nobody_responsible},
    }
    return [
        {"label": label, "href": f"{base}?show={name}" if name else base, "active": name == flaw}
        for name, label in words.items()
    ]


def _board(project: Project, board: Board) -> dict[str, Any]:
    caption = _("Who has which part in %(project)s") % {"project": f"{project.key} {project.name}"}
    table = tables.matrix(
        board.works, first=_("Deliverable"), caption=caption,
        further={
            _("Due"): [_due(one) for one in board.deliverables],
            _("State"): [state_cell(one) for one in board.deliverables],
        },
    )  # fmt: skip
    return {"project": project, "table": table, "findings": tables.findings(check(board.works))}


def _due(one: Any) -> SafeString:
    return cells.due(one.due_on, done=one.state != DeliverableState.PLANNED)


class MyAccountability(PortalView):
    """What a person is accountable for: their own page, or somebody's whom the PMO looks after."""

    permission: ClassVar[str] = SIGNED_IN
    template_name: ClassVar[str] = "projects/accountability_of.html"

    def person(self) -> Person:
        return self.user

    def trail(self, person: Person) -> list[tuple[str, str]]:
        """The way back, for who came from the page over everybody."""
        return [] if person == self.user else [(_("Accountability"), reverse("accountability")), (str(person), "")]

    def get(self, _request: PortalRequest, **_kwargs: object) -> HttpResponse:
        person = self.person()
        answers = selectors.answers_of(person, self.user)
        works = [work for _project, board in answers.projects for work in board.works] + answers.process_works
        found = check(works, [replace(answers.load, href="")] if answers.load else [])  # this is where it would lead
        context = {
            "person": person, "is_own": person == self.user, "answers": answers, "findings": tables.findings(found),
            "groups": [(one, _answer_table(one, board)) for one, board in answers.projects],
            "processes": _process_table(answers), "today": timezone.localdate(),
            "trail": self.trail(person),
        }  # fmt: skip
        return self.render(context)


class AccountabilityOf(MyAccountability):
    """Somebody else's page, for who looks after projects; it shows what the looker may see and no more."""

    def person(self) -> Person:
        if self.kwargs["pk"] == self.user.pk:
            return self.user
        if not self.user.can(Permission.PROJECT_CREATE):
            raise PermissionDenied(_("Only the PMO sees what somebody else is accountable for."))
        return get_object_or_404(Person, pk=self.kwargs["pk"])


def _answer_table(project: Project, board: Board) -> SafeString:
    head = [Column(_("Deliverable")), Column(_("Due")), Column(_("State")), Column(_("Responsible"))]
    rows = [
        Row([cells.title_cell(work.name, work.href, one.acceptance), _due(one), state_cell(one), _makers(work)])
        for one, work in zip(board.deliverables, board.works, strict=True)
    ]
    return data_table(head, rows, caption=f"{project.key} {project.name}")


def _makers(work: Work) -> SafeString:
    """Who does the work; a vacancy says so."""
    return cells.join(
        (cells.tag(f"{part.who}: {part.trouble}", "off") if part.vacancy else part.who for part in work.responsible),
        ", ",
    ) or cells.person("")


def _process_table(answers: Answers) -> SafeString | str:
    if not answers.processes:
        return ""
    head = [Column(_("Process")), Column(_("Office")), Column(_("When")), Column(_("Responsible"))]
    rows = [
        Row([cells.title_cell(one.name, work.href), one.office.name, one.rhythm or "–", _makers(work)])
        for one, work in zip(answers.processes, answers.process_works, strict=True)
    ]
    return data_table(head, rows, caption=_("Processes"))

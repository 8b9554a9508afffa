"""Assessments: an adviser sets one up, rates, submits; the organisation reads the result."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from accounts.enums import Permission
from common import formats
from common.errors import Conflict, PortalError
from common.ui import cells
from common.ui.tables import Column, Row, data_table, heat_table
from common.views import PortalView
from common.views_errors import conflict
from strategy.enums import Score
from strategy.forms.assessments import FrameForm, RateForm
from strategy.models import Assessment
from strategy.records import Described
from strategy.selectors import assessments as selectors
from strategy.services import assessments as services

PAGE_SIZE = 50


class AssessmentList(PortalView):
    permission = Permission.ADVICE_VIEW
    template_name = "strategy/assessment_list.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        page = Paginator(selectors.assessments(self.user), PAGE_SIZE).get_page(request.GET.get("page"))
        subjects = selectors.subjects_of(self.user, list(page))
        head = [
            Column(_("Assessment")),
            Column(_("What is assessed")),
            Column(_("State")),
            Column(_("Submitted")),
        ]
        rows = [_row(one, subjects.get((one.subject_kind, one.subject_id))) for one in page]
        table = data_table(head, rows, caption=_("Assessments"))
        return self.render({"page": page, "table": table, "may_run": selectors.may_run(self.user)})


def _row(one: Assessment, subject: Described | None) -> Row:
    return Row([
        cells.title_cell(one.title, reverse("assessment", args=[one.pk]), f"{one.assessor} · {one.office}"),
        cells.lines(subject.name if subject else _("Not open to you"), one.subject_label),
        _state(one),
        cells.date(one.submitted_at.date() if one.submitted_at else None, empty=_("Not yet")),
    ])  # fmt: skip


def _state(one: Assessment) -> SafeString:
    return cells.tag(one.get_state_display(), "ok" if one.is_submitted else "hold")


class AssessmentPage(PortalView):
    """The result: the matrix, the gaps, the evidence. Of a draft it is what the adviser checks before submitting."""

    permission = Permission.ADVICE_VIEW
    template_name = "strategy/assessment.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        one = selectors.get_assessment(self.user, pk)
        matrix = selectors.matrix_of(one)
        subject = selectors.subjects_of(self.user, [one]).get((one.subject_kind, one.subject_id))
        return self.render({
            "assessment": one,
            "matrix": matrix,
            "table": _matrix_table(matrix),
            "evidence": _evidence_table(matrix),
            "criteria": Score.choices,
            "facts": _facts(one, subject, matrix),
            "is_own_draft": one.assessor_id == self.user.pk and not one.is_submitted,
            "may_recommend": one.is_submitted and self.user.can(Permission.RECOMMENDATION_FILE),
            "trail": [(_("Assessments"), reverse("assessment-list")), (one.title, "")],
        })  # fmt: skip


def _facts(one: Assessment, subject: Described | None, matrix: selectors.Matrix) -> list[tuple[str, Any]]:
    name = cells.title_cell(subject.name, subject.href, str(subject.kind)) if subject else _("Not open to you")
    rated = _("%(n)d of %(of)d cells") % {"n": matrix.rated, "of": len(matrix.cells)}
    return [
        (_("What is assessed"), name),
        (_("State"), _state(one)),
        (_("Assessor"), cells.person(str(one.assessor))),
        (_("Office"), str(one.office)),
        (_("Submitted"), cells.date(one.submitted_at.date() if one.submitted_at else None, empty=_("Not yet"))),
        (_("Rated"), rated),
    ]


def _matrix_table(matrix: selectors.Matrix) -> SafeString:
    head = [_("Workflow"), *(goal.name for goal in matrix.goals), _("Average")]
    rows = []
    for row in matrix.rows:
        scores = [_score(cell.score) for cell in row.cells]
        average = "–" if row.average is None else formats.number(row.average, 1)
        rows.append((row.name, [*scores, (average, "none")]))
    return heat_table(head, rows, _("How well each workflow serves each goal, from 1 to 5"))


def _score(score: int | None) -> tuple[str, str]:
    return ("–", "hold") if score is None else (str(score), Score(score).tone)


def _evidence_table(matrix: selectors.Matrix) -> SafeString:
    head = [Column(_("Workflow")), Column(_("Goal")), Column(_("Score"), "center"), Column(_("What was seen"))]
    rows = [Row([cell.workflow, cell.goal.name, _score(cell.score)[0], cell.evidence or "–"]) for cell in matrix.cells]
    return data_table(head, rows, caption=_("Evidence"))


class AssessmentCreate(PortalView):
    permission = Permission.ASSESSMENT_RUN
    template_name = "strategy/assessment_form.html"

    def get(self, _request: HttpRequest) -> HttpResponse:
        return self._page(FrameForm(user=self.user, initial={"token": uuid.uuid4()}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = FrameForm(request.POST, user=self.user)
        if form.is_valid():
            try:
                one = services.start_assessment(actor=self.user, token=form.token_or_new(), frame=form.frame())
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return redirect("assessment-rate", pk=one.pk)
        return self._page(form, 422)

    def _page(self, form: FrameForm, status: int = 200) -> HttpResponse:
        back, title = reverse("assessment-list"), _("New assessment")
        trail = [(_("Assessments"), back), (title, "")]
        return self.render({"form": form, "form_title": title, "back": back, "trail": trail}, status=status)


class AssessmentEdit(PortalView):
    permission = Permission.ASSESSMENT_RUN
    template_name = "strategy/assessment_form.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        one = selectors.get_draft(self.user, pk)
        matrix = selectors.matrix_of(one)
        initial = {
            "version": one.version,
            "title": one.title,
            "subject": f"{one.subject_kind}:{one.subject_id}",
            "workflows": "\n".join(row.name for row in matrix.rows),
            "goals": [goal.pk for goal in matrix.goals],
        }
        return self._page(one, FrameForm(user=self.user, initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one, form = selectors.get_draft(self.user, pk), FrameForm(request.POST, user=self.user)
        if form.is_valid():
            version = form.cleaned_data["version"]
            try:
                services.reframe_assessment(actor=self.user, pk=pk, version=version, frame=form.frame())
            except Conflict as error:
                changes = {_("Title"): (one.title, form.cleaned_data["title"])}
                return conflict(request, str(error), changes, request.path)
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                return redirect("assessment-rate", pk=pk)
        return self._page(one, form, 422)

    def _page(self, one: Assessment, form: FrameForm, status: int = 200) -> HttpResponse:
        title, back = _("Change %(name)s") % {"name": one.title}, reverse("assessment", args=[one.pk])
        trail = [(_("Assessments"), reverse("assessment-list")), (one.title, back), (title, "")]
        return self.render({"form": form, "form_title": title, "back": back, "trail": trail}, status=status)


class AssessmentRate(PortalView):
    """The cells; saving keeps a draft, also a half-filled one."""

    permission = Permission.ASSESSMENT_RUN
    template_name = "strategy/assessment_rate.html"

    def get(self, _request: HttpRequest, pk: int) -> HttpResponse:
        one = selectors.get_draft(self.user, pk)
        initial = {"version": one.version, "conclusion": one.conclusion}
        return self._page(one, RateForm(matrix=selectors.matrix_of(one), initial=initial))

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = selectors.get_draft(self.user, pk)
        form = RateForm(request.POST, matrix=selectors.matrix_of(one))
        if form.is_valid():
            data = form.cleaned_data
            try:
                services.rate(
                    actor=self.user, pk=pk, version=data["version"], conclusion=data["conclusion"],
                    judgements=form.judgements(),
                )  # fmt: skip
            except Conflict as error:
                return conflict(request, str(error), _differences(selectors.matrix_of(one), form), request.path)
            except PortalError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The draft is saved. Check it, then submit it."))
                return redirect("assessment", pk=pk)
        return self._page(one, form, 422)

    def _page(self, one: Assessment, form: RateForm, status: int = 200) -> HttpResponse:
        trail = [(_("Assessments"), reverse("assessment-list")), (one.title, reverse("assessment", args=[one.pk]))]
        context = {"assessment": one, "form": form, "criteria": Score.choices, "trail": [*trail, (_("Rate"), "")]}
        return self.render(context, status=status)


def _differences(matrix: selectors.Matrix, form: RateForm) -> dict[str, tuple[Any, Any]]:
    """Cells that were rated otherwise meanwhile: theirs beside what was typed."""
    typed = form.judgements()
    return {
        f"{cell.workflow} · {cell.goal.name}": (
            f"{cell.score or '–'} {cell.evidence}",
            f"{typed[cell.pk].score or '–'} {typed[cell.pk].evidence}",
        )
        for cell in matrix.cells
        if cell.pk in typed and (cell.score, cell.evidence) != (typed[cell.pk].score, typed[cell.pk].evidence)
    }


class AssessmentSubmit(PortalView):
    permission = Permission.ASSESSMENT_RUN

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        one = selectors.get_assessment(self.user, pk)
        if one.assessor_id != self.user.pk:
            messages.error(request, _("Only the assessor submits an assessment."))
            return redirect("assessment", pk=pk)
        try:
            services.submit_assessment(actor=self.user, pk=pk)
        except PortalError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _("Submitted. The organisation's PMO can read it; nothing of it changes now."))
        return redirect("assessment", pk=pk)

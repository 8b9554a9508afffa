"""An adviser assesses workflows against goals; what was submitted never changes."""

from __future__ import annotations

import uuid

import pytest
from django.db import InternalError, transaction
from django.urls import reverse

from accounts.models import User
from common.errors import NotAllowed
from playbooks.models import Playbook
from projects.models import Portfolio
from strategy.models import Assessment, Rating
from strategy.selectors.assessments import matrix_of
from strategy.services import assessments, recommendations
from tests import factories as make
from tests.strategy.world import Visit, assess, recommend


def test_an_assessment_from_draft_to_result(visit: Visit, pmo: User, adviser: User, playbook: Playbook) -> None:
    goals, page = [make.make_goal("Fast"), make.make_goal("Fair")], visit(adviser)
    frame = {
        "token": uuid.uuid4(), "title": "Our intake", "subject": f"playbook:{playbook.pk}",
        "workflows": "Intake\nStatus\n\nIntake", "goals": [goal.pk for goal in goals],
    }  # fmt: skip
    assert page.post(reverse("assessment-create"), frame).status_code == 302
    assert page.post(reverse("assessment-create"), frame).status_code == 302
    one = Assessment.objects.get()
    cells = list(one.ratings.order_by("position", "goal__name"))
    assert [(cell.workflow, cell.goal.name) for cell in cells] == [
        ("Intake", "Fair"), ("Intake", "Fast"), ("Status", "Fair"), ("Status", "Fast"),
    ]  # fmt: skip
    half = {
        "version": one.version,
        "conclusion": "",
        f"score_{cells[0].pk}": 1,
        f"evidence_{cells[0].pk}": "Four lists",
    }
    page.post(reverse("assessment-rate", args=[one.pk]), half)
    answer = page.post(reverse("assessment-submit", args=[one.pk]), follow=True)
    assert "3 cells still lack" in answer.text
    one.refresh_from_db()
    full = {"version": one.version, "conclusion": "Uneven."}
    for cell, score in zip(cells, (1, 4, 2, 5), strict=True):
        full |= {f"score_{cell.pk}": score, f"evidence_{cell.pk}": f"Saw {score}"}
    assert page.post(reverse("assessment-rate", args=[one.pk]), half).status_code == 409
    page.post(reverse("assessment-rate", args=[one.pk]), full)
    assert visit(pmo).get(reverse("assessment", args=[one.pk])).status_code == 404  # a draft is one's own
    visit(adviser).post(reverse("assessment-submit", args=[one.pk]))
    result = visit(pmo).get(reverse("assessment", args=[one.pk])).text
    for words in ("Uneven.", "Saw 5", "Intake for “Fair”: 1", "Goals that no workflow serves well", "tone-off"):
        assert words in result, words
    matrix = matrix_of(one)
    assert [goal.name for goal in matrix.unserved] == ["Fair"]
    assert [(cell.workflow, cell.score) for cell in matrix.gaps] == [("Intake", 1), ("Status", 2)]
    assert [row.average for row in matrix.rows] == [2.5, 3.5]


def test_a_submitted_assessment_never_changes(adviser: User, playbook: Playbook) -> None:
    one = assess(adviser, playbook, make.make_goal(), submit=True)
    assert assessments.submit_assessment(actor=adviser, pk=one.pk).version == one.version
    with pytest.raises(assessments.AssessmentStays):
        assessments.rate(actor=adviser, pk=one.pk, version=None, conclusion="Other", judgements={})
    cell = one.ratings.order_by("pk")[0]
    for change in (
        lambda: Assessment.objects.filter(pk=one.pk).update(conclusion="Other"),
        lambda: Rating.objects.filter(pk=cell.pk).update(score=5),
        lambda: Rating.objects.filter(pk=cell.pk).delete(),
        lambda: Rating.objects.create(assessment=one, position=9, workflow="New", goal=cell.goal),
        lambda: Assessment.objects.filter(pk=one.pk).delete(),
    ):
        with pytest.raises(InternalError), transaction.atomic():
            change()


def test_only_what_is_open_is_assessed_and_recommended(adviser: User, home: Portfolio) -> None:
    far, goal = make.make_portfolio("Far"), make.make_goal()
    frame = assessments.Frame("Far", ("portfolio", far.pk), ["Intake"], [goal.pk])
    with pytest.raises(assessments.AssessmentError):
        assessments.start_assessment(actor=adviser, token=uuid.uuid4(), frame=frame)
    for wrong in ({"about": ("portfolio", far.pk)}, {"links": [("portfolio", far.pk)]}, {"about": ("goal", goal.pk)}):
        with pytest.raises(recommendations.RecommendationError):
            recommend(adviser, **wrong)
    assert recommend(adviser, about=("portfolio", home.pk)).about_id == home.pk
    for somebody in (make.make_person(), make.make_user()):
        with pytest.raises(NotAllowed):
            recommend(somebody)


def test_reframing_keeps_the_judgement_of_cells_that_stay(adviser: User, playbook: Playbook) -> None:
    goal = make.make_goal()
    one = assess(adviser, playbook, goal, submit=False)
    kept = one.ratings.get(workflow="Status")
    judged = {kept.pk: assessments.Judgement(4, "Seen")}
    assessments.rate(actor=adviser, pk=one.pk, version=None, conclusion="", judgements=judged)
    frame = assessments.Frame("New", ("playbook", playbook.pk), ["Status", "Gates"], [goal.pk])
    assessments.reframe_assessment(actor=adviser, pk=one.pk, version=None, frame=frame)
    assert list(one.ratings.order_by("position").values_list("workflow", "score")) == [("Status", 4), ("Gates", None)]

"""Two people edit at the same time: nothing is lost in silence."""

import uuid
from typing import Any

import pytest

from projects.services import plan, projects, raid
from tests import factories
from tests.projects.record import cast, post, words

pytestmark = pytest.mark.django_db


def _risk_form(**fields: Any) -> dict[str, Any]:
    return {"title": "Fire", "probability": 2, "impact": 3, **fields}


def test_lost_update_is_a_page_that_keeps_what_was_typed() -> None:
    people = cast()
    risk = factories.make_risk(people.project, "Fire", description="as it was")
    raid.edit_risk(actor=people.pmo, project=people.project, risk_id=risk.pk, version=1, changes={"title": "Big fire"})
    answer = post(people.lead, "risk-edit", people.project.key, risk.pk, **_risk_form(title="Small fire", version=1))
    page = words(answer)
    assert answer.status_code == 409
    assert "Big fire" in page
    assert 'value="Small fire"' in page
    risk.refresh_from_db()
    assert risk.title == "Big fire"


def test_what_only_the_other_changed_is_taken_over_into_the_form() -> None:
    people = cast()
    risk = factories.make_risk(people.project, "Fire")
    raid.edit_risk(
        actor=people.pmo, project=people.project, risk_id=risk.pk, version=1, changes={"description": "by lightning"}
    )
    answer = post(people.lead, "risk-edit", people.project.key, risk.pk, **_risk_form(title="Small fire", version=1))
    form = answer.context["form"]
    assert form["description"].value() == "by lightning"
    assert form["title"].value() == "Small fire"
    assert form["version"].value() == 2


def test_saving_again_on_top_knowingly_works() -> None:
    people = cast()
    risk = factories.make_risk(people.project, "Fire")
    raid.edit_risk(actor=people.pmo, project=people.project, risk_id=risk.pk, version=1, changes={"title": "Big fire"})
    answer = post(people.lead, "risk-edit", people.project.key, risk.pk, **_risk_form(title="Small fire", version=2))
    risk.refresh_from_db()
    assert (answer.status_code, risk.title, risk.version) == (302, "Small fire", 3)


def test_conflict_of_the_project_names_people_and_dates() -> None:
    people = cast()
    other = factories.make_user("Nina New")
    projects.edit_project(
        actor=people.pmo, project_id=people.project.pk, version=1, changes={"lead": other, "category": "IT"}
    )
    data = {"name": "Alpha", "category": "Roads", "lead": people.lead.pk, "sponsor": people.sponsor.pk, "version": 1}
    answer = post(people.pmo, "project-edit", people.project.key, **data)
    assert answer.status_code == 409
    page = words(answer)
    assert "Nina New" in page
    assert "Lena Lead" in page
    assert answer.context["form"]["lead"].value() == other.pk


def test_saving_what_is_already_so_leaves_no_trace() -> None:
    people = cast()
    milestone = factories.make_milestone(people.project, "Go")
    plan.edit_milestone(
        actor=people.lead, project=people.project, milestone_id=milestone.pk, version=1, changes={"name": "Go"}
    )
    milestone.refresh_from_db()
    assert milestone.version == 1


@pytest.mark.parametrize(
    ("name", "data", "items"),
    [
        ("milestone-create", {"name": "Go"}, "milestones"),
        ("phase-create", {"name": "Build"}, "phases"),
        ("risk-create", {"title": "Fire", "probability": 2, "impact": 2}, "risks"),
        ("issue-create", {"title": "Fire", "severity": 2, "opened_on": "2026-01-01"}, "issues"),
        ("decision-create", {"question": "Shall we?"}, "decisions"),
        ("document-add", {"title": "Mandate", "url": "https://example.org/m"}, "documents"),
    ],
)
def test_form_sent_twice_makes_one_record(name: str, data: dict[str, Any], items: str) -> None:
    people = cast()
    before = getattr(people.project, items).count()
    token = str(uuid.uuid4())
    for _press in range(2):
        assert post(people.lead, name, people.project.key, token=token, **data).status_code == 302
    assert getattr(people.project, items).count() == before + 1
    assert post(people.lead, name, people.project.key, token=str(uuid.uuid4()), **data).status_code == 302
    assert getattr(people.project, items).count() == before + 2


def test_token_of_somebody_else_is_refused() -> None:
    people = cast()
    data = {"title": "Fire", "probability": 2, "impact": 2, "token": str(uuid.uuid4())}
    post(people.lead, "risk-create", people.project.key, **data)
    assert post(people.pmo, "risk-create", people.project.key, **data).status_code == 422

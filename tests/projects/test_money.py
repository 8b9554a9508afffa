"""Known, unknown and withheld are three different things."""

from decimal import Decimal
from typing import Any

import pytest

from projects.enums import MoneyMeasure
from projects.models import Project
from projects.services import money
from projects.services.baselines import BaselineStays
from projects.services.money import MoneyError
from tests import factories
from tests.projects.record import cast, get, post, words

pytestmark = pytest.mark.django_db


def _form(project: Project, **fields: Any) -> dict[str, Any]:
    states = {f"{measure}_state": "unknown" for measure in MoneyMeasure}
    return {"version": project.version, "currency": "EUR", **states, **fields}


def test_amount_unknown_and_withheld_are_saved_as_what_they_are() -> None:
    people = cast()
    data = _form(
        people.project, forecast_cost_state="known", forecast_cost="480k", benefits_state="withheld",
        benefits_withheld="Commercial", benefits="99", actual_cost_state="unknown", actual_cost="77",
    )  # fmt: skip
    assert post(people.pmo, "project-money-edit", people.project.key, **data).status_code == 302
    project = Project.objects.get(pk=people.project.pk)
    assert project.forecast_cost == Decimal(480_000)
    assert (project.benefits, project.benefits_withheld) == (None, "Commercial")
    assert (project.actual_cost, project.actual_cost_withheld) == (None, "")


def test_form_asks_for_the_amount_and_for_the_reason() -> None:
    people = cast()
    data = _form(people.project, forecast_cost_state="known", benefits_state="withheld")
    answer = post(people.pmo, "project-money-edit", people.project.key, **data)
    assert answer.status_code == 422
    assert "Write the amount, or choose “I don’t know”." in words(answer).replace("&#x27;", "’").replace("'", "’")
    assert "Say why the amount is withheld." in words(answer)


def test_page_tells_the_three_apart_and_shows_what_was_imported() -> None:
    people = cast(benefits_withheld="Section 43", source_texts={"whole_life_cost": "about 3 mln?"})
    page = words(get(people.executive, "project-money", people.project.key))
    for text in ("Section 43", "about 3 mln?", "Nobody has recorded it.", "Known"):
        assert text in page


def test_lead_changes_the_forecast_but_not_the_baseline() -> None:
    people = cast()
    money.set_money(
        actor=people.lead, project_id=people.project.pk, version=None, changes={"forecast_cost": Decimal(2000)}
    )
    people.project.state.refresh_from_db()
    assert people.project.state.cost == "red"
    with pytest.raises(BaselineStays):
        money.set_money(
            actor=people.lead, project_id=people.project.pk, version=None, changes={"baseline_cost": Decimal(2000)}
        )
    unchanged = _form(
        people.project, version=2, baseline_cost_state="unknown", forecast_cost_state="known", forecast_cost="1500"
    )
    assert post(people.lead, "project-money-edit", people.project.key, **unchanged).status_code == 302
    people.project.refresh_from_db()
    assert people.project.baseline_cost == Decimal(1000)


def test_amount_cannot_be_known_and_withheld() -> None:
    project = factories.make_project()
    with pytest.raises(MoneyError):
        money.set_money(
            actor=factories.make_person(),
            project_id=project.pk,
            version=None,
            changes={"benefits": Decimal(1), "benefits_withheld": "x"},
        )

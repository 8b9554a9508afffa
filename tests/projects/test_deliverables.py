"""Deliverables: who may take which step, what the database holds, and the matrix of a project."""

from __future__ import annotations

import datetime as dt
import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common.errors import Conflict, NotAllowed
from projects.enums import DeliverableState
from projects.facts import project_facts
from projects.models import Deliverable, DeliverableAssignment, Project
from projects.selectors import accountability
from projects.services import deliverables as services
from projects.services.deliverables import DeliverableError
from strategy.raci.cells import Wanted
from strategy.services.raci import MatrixConflict, MatrixError
from tests import factories as make
from tests.projects.record import Cast, at, cast, get, post, queries, words

TODAY = timezone.localdate


@pytest.fixture
def team(db: None) -> Cast:
    return cast()


def facts_of(project: Project, day: dt.date | None = None) -> dict[str, Any]:
    return next(project_facts.read(Project.objects.filter(pk=project.pk), day or TODAY()))


def wanted(one: Deliverable, **letters: str) -> dict[int, Wanted]:
    return {one.pk: Wanted(one.version, {seat.replace("_", "-", 1): code for seat, code in letters.items()})}


def delivered(team: Cast, **letters: str) -> Deliverable:
    one = make.make_deliverable(team.project, "Manual", letters=letters or {"lead": "R", "sponsor": "A"})
    return services.deliver(actor=team.lead, project=team.project, deliverable_id=one.pk)


# --- steps ----------------------------------------------------------------------------------------------------------


def test_the_lead_delivers_and_the_accountable_sponsor_accepts(team: Cast) -> None:
    one = delivered(team)
    assert (one.state, one.delivered_by) == (DeliverableState.DELIVERED, team.lead)
    one = services.accept(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)
    assert (one.state, one.accepted_by) == (DeliverableState.ACCEPTED, team.sponsor)


def test_each_step_is_safe_to_repeat(team: Cast) -> None:
    one = delivered(team)
    again = services.deliver(actor=team.lead, project=team.project, deliverable_id=one.pk)
    assert again.version == one.version
    for _again in range(2):
        done = services.accept(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)
    assert done.version == one.version + 1


def test_who_delivered_it_never_accepts_it(team: Cast) -> None:
    one = delivered(team, lead="AR")
    with pytest.raises(NotAllowed, match="You delivered this"):
        services.accept(actor=team.lead, project=team.project, deliverable_id=one.pk, version=one.version)
    with pytest.raises(IntegrityError, match="accepted_by_another"), transaction.atomic():
        Deliverable.objects.filter(pk=one.pk).update(
            state="accepted", accepted_at=timezone.now(), accepted_by=one.delivered_by
        )


def test_a_responsible_team_member_delivers_but_a_mere_reader_does_not(team: Cast) -> None:
    maker, reader = make.make_user("Mia Maker"), make.make_user("Rik Reader")
    for person in (maker, reader):
        make.join_team(team.project, person)
    one = make.make_deliverable(team.project, letters={f"person-{maker.pk}": "R", f"person-{reader.pk}": "I"})
    with pytest.raises(NotAllowed):
        services.deliver(actor=reader, project=team.project, deliverable_id=one.pk)
    assert services.deliver(actor=maker, project=team.project, deliverable_id=one.pk).state == "delivered"


def test_who_accepts(team: Cast) -> None:
    reader, chosen = make.make_user(), make.make_user()
    for person in (reader, chosen):
        make.join_team(team.project, person)
    one = delivered(team, **{f"person-{chosen.pk}": "A"})
    with pytest.raises(NotAllowed):
        services.accept(actor=reader, project=team.project, deliverable_id=one.pk, version=one.version)
    for person in (chosen, team.sponsor, team.pmo):
        with transaction.atomic():
            point = transaction.savepoint()
            services.accept(actor=person, project=team.project, deliverable_id=one.pk, version=one.version)
            transaction.savepoint_rollback(point)


def test_nothing_is_accepted_that_was_not_delivered(team: Cast) -> None:
    one = make.make_deliverable(team.project, letters={"sponsor": "A"})
    with pytest.raises(DeliverableError, match="Planned"):
        services.accept(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)


def test_sent_back_it_is_planned_again_and_accepted_it_stays(team: Cast) -> None:
    one = delivered(team)
    one = services.send_back(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)
    assert (one.state, one.delivered_by) == (DeliverableState.PLANNED, None)
    one = services.deliver(actor=team.lead, project=team.project, deliverable_id=one.pk)
    one = services.accept(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)
    with pytest.raises(DeliverableError):
        services.send_back(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)
    with pytest.raises(DeliverableError, match="stays as it was"):
        services.edit_deliverable(
            actor=team.lead, project=team.project, deliverable_id=one.pk, version=None, changes={"name": "Other"}
        )
    with pytest.raises(DeliverableError):
        services.delete_deliverable(actor=team.lead, project=team.project, deliverable_id=one.pk)
    with pytest.raises(MatrixError, match="is accepted"):
        services.set_raci(actor=team.lead, project=team.project, wanted=wanted(one, lead="A"))


def test_nobody_accepts_another_text_than_the_one_they_read(team: Cast) -> None:
    one = delivered(team)
    seen = one.version
    services.edit_deliverable(
        actor=team.lead, project=team.project, deliverable_id=one.pk, version=seen, changes={"acceptance": "Anything."}
    )
    with pytest.raises(Conflict):
        services.accept(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=seen)


@pytest.mark.django_db(transaction=True)
def test_acceptance_and_sending_back_at_once_never_both_hold() -> None:
    team = cast()
    one = delivered(team)
    errors: list[Exception] = []
    gate = threading.Barrier(2)

    def run(step: Any, person: User) -> None:
        actor = User.objects.get(pk=person.pk)
        gate.wait()
        try:
            step(actor=actor, project=team.project, deliverable_id=one.pk, version=one.version)
        except Exception as error:  # noqa: BLE001  the test looks at what each thread got
            errors.append(error)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=run, args=job)
        for job in ((services.accept, team.sponsor), (services.send_back, team.pmo))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [type(error) for error in errors] in ([Conflict], [DeliverableError])
    one.refresh_from_db()
    assert one.version == 3


# --- the database ---------------------------------------------------------------------------------------------------


def test_the_database_refuses_a_second_accountable(team: Cast) -> None:
    one = make.make_deliverable(team.project, letters={"lead": "A"})
    for letter in ("A", "AR"):
        with pytest.raises(IntegrityError, match="one_accountable"), transaction.atomic():
            DeliverableAssignment.objects.create(deliverable=one, post="sponsor", letter=letter)
    DeliverableAssignment.objects.create(deliverable=one, post="sponsor", letter="R")


@pytest.mark.parametrize(
    "values",
    [{"state": "delivered"}, {"state": "accepted"}, {"delivered_at": timezone.now}, {"accepted_at": timezone.now}],
)
def test_the_database_refuses_a_state_without_its_date(team: Cast, values: dict[str, Any]) -> None:
    one = make.make_deliverable(team.project)
    set_to = {name: value() if callable(value) else value for name, value in values.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Deliverable.objects.filter(pk=one.pk).update(**set_to)


# --- the matrix -----------------------------------------------------------------------------------------------------


def holder_of(one: Deliverable) -> User | None:
    work = next(work for work in accountability.board_of(one.project).works if work.name == one.name)
    return User.objects.filter(pk=work.accountable.person_id).first() if work.accountable else None


def test_a_change_of_lead_moves_the_part(team: Cast) -> None:
    one = make.make_deliverable(team.project, letters={"lead": "AR"})
    assert holder_of(one) == team.lead
    Project.objects.filter(pk=team.project.pk).update(lead=team.stranger)
    assert holder_of(one) == team.stranger


def test_each_post_resolves_to_its_holder(team: Cast) -> None:
    head = make.make_user("Hedi Head")
    type(team.project.portfolio.office).objects.update(head=head)
    payer = make.make_user("Petra Payer")
    Project.objects.filter(pk=team.project.pk).update(budget_owner=payer)
    for post_, person in (("lead", team.lead), ("sponsor", team.sponsor), ("budget_owner", payer), ("pmo", head)):
        assert holder_of(make.make_deliverable(team.project, f"For {post_}", letters={post_: "A"})) == person


def vacancies(one: Deliverable) -> list[str]:
    return [part.vacancy for work in accountability.board_of(one.project).works for part in work.parts]


def test_why_nobody_can_be_asked(team: Cast) -> None:
    member = make.make_user("Mia Member")
    place = make.join_team(team.project, member)
    one = make.make_deliverable(team.project, letters={"budget_owner": "A", f"person-{member.pk}": "R"})
    assert sorted(vacancies(one)) == ["", "no_holder"]
    type(place).objects.update(ends_on=TODAY() - dt.timedelta(days=1))
    assert sorted(vacancies(one)) == ["no_holder", "place_ended"]
    Project.objects.filter(pk=team.project.pk).update(budget_owner=member)
    assert sorted(vacancies(one)) == ["", ""]
    User.objects.filter(pk=member.pk).update(is_active=False)
    assert sorted(vacancies(one)) == ["left", "left"]


def test_a_matrix_names_only_people_of_the_team(team: Cast) -> None:
    one = make.make_deliverable(team.project)
    with pytest.raises(MatrixError, match="of the team"):
        services.set_raci(
            actor=team.lead, project=team.project, wanted=wanted(one, **{f"person_{team.stranger.pk}": "R"})
        )
    make.join_team(team.project, team.stranger)
    services.set_raci(actor=team.lead, project=team.project, wanted=wanted(one, **{f"person_{team.stranger.pk}": "R"}))
    assert one.assignments.get().person == team.stranger


def test_a_lost_matrix_becomes_a_conflict_with_both(team: Cast) -> None:
    one = make.make_deliverable(team.project, "Manual")
    services.set_raci(actor=team.lead, project=team.project, wanted=wanted(one, lead="A"))
    with pytest.raises(MatrixConflict):
        services.set_raci(actor=team.lead, project=team.project, wanted=wanted(one, sponsor="A"))
    data = {f"version-{one.pk}": 1, f"cell-{one.pk}-sponsor": "A", f"cell-{one.pk}-lead": "R"}
    page = post(team.lead, "project-raci-edit", team.project.key, **data)
    assert page.status_code == 409
    assert "Manual" in words(page)
    assert "Save on top of theirs" in words(page)
    fresh = {**data, f"version-{one.pk}": 2}
    for _again in range(2):
        assert post(team.lead, "project-raci-edit", team.project.key, **fresh).status_code == 302
    one.refresh_from_db()
    assert one.version == 3
    assert {row.seat: row.letter for row in one.assignments.all()} == {"sponsor": "A", "lead": "R"}


def test_a_matrix_of_many_rows_is_saved_at_a_fixed_price(team: Cast) -> None:
    def price(count: int) -> int:
        Deliverable.objects.all().delete()
        rows = [make.make_deliverable(team.project, letters={"lead": "A", "pmo": "C"}) for _one in range(count)]
        data: dict[str, Any] = {}
        for row in rows:
            data |= {f"version-{row.pk}": 1, f"cell-{row.pk}-sponsor": "A", f"cell-{row.pk}-lead": "R"}
        client, address = at(team.lead), reverse("project-raci-edit", args=[team.project.key])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            assert client.post(address, data).status_code == 302
        assert DeliverableAssignment.objects.filter(post="sponsor", letter="A").count() == count
        return len(captured)

    price(1)
    assert price(2) == price(12) <= 20


# --- facts ----------------------------------------------------------------------------------------------------------


def test_facts_tell_of_deliverables(team: Cast) -> None:
    assert facts_of(team.project)["deliverables_total"] == 0
    past = TODAY() - dt.timedelta(days=3)
    make.make_deliverable(team.project, due_on=past, letters={"lead": "R"})
    make.make_deliverable(team.project, due_on=TODAY(), letters={"lead": "AR"})
    one = delivered(team)
    Deliverable.objects.filter(pk=one.pk).update(due_on=past)
    found = facts_of(team.project)
    assert found["deliverables_total"] == 3
    assert found["deliverables_accepted"] == 0
    assert found["deliverables_overdue"] == 1
    assert found["deliverables_without_accountable"] == 1
    services.accept(actor=team.sponsor, project=team.project, deliverable_id=one.pk, version=one.version)
    assert facts_of(team.project)["deliverables_accepted"] == 1
    assert facts_of(team.project, TODAY() - dt.timedelta(days=1))["deliverables_accepted"] == 0


# --- pages ----------------------------------------------------------------------------------------------------------


def test_the_page_shows_the_matrix_its_findings_and_the_steps(team: Cast) -> None:
    make.make_deliverable(team.project, "Manual", acceptance="Read by two users.", letters={"lead": "R"})
    page = words(get(team.lead, "project-deliverables", team.project.key))
    for text in (
        "Manual",
        "Read by two users.",
        "Lena Lead · Project lead",
        "1 open item has nobody who is accountable.",
    ):
        assert text in page
    assert "deliver/" in page
    assert "deliver/" not in words(get(team.executive, "project-deliverables", team.project.key))


def test_an_empty_page_says_how_to_begin(team: Cast) -> None:
    assert "No deliverables yet" in words(get(team.lead, "project-deliverables", team.project.key))


@pytest.mark.parametrize("name", ["project-deliverables", "project-plan", "project-team", "project-raci-edit"])
def test_pages_cost_the_same_with_many(team: Cast, name: str) -> None:
    def add(count: int) -> None:
        for _one in range(count):
            member = make.make_user()
            make.join_team(team.project, member)
            make.make_deliverable(
                team.project, due_on=TODAY(), letters={"sponsor": "A", f"person-{member.pk}": "R", "pmo": "I"}
            )

    add(2)
    few = queries(team.lead, name, team.project.key)
    add(10)
    assert queries(team.lead, name, team.project.key) == few <= 12


def test_steps_in_the_browser(team: Cast) -> None:
    make.join_team(team.project, team.stranger)
    one = make.make_deliverable(team.project, "Manual", letters={"lead": "R", "sponsor": "A"})
    key = team.project.key
    assert post(team.stranger, "deliverable-deliver", key, one.pk).status_code == 403
    assert post(team.lead, "deliverable-deliver", key, one.pk).status_code == 302
    assert post(team.lead, "deliverable-accept", key, one.pk, version=2).status_code == 403
    assert post(team.sponsor, "deliverable-accept", key, one.pk, version=1).status_code == 302
    one.refresh_from_db()
    assert one.state == "delivered"
    assert post(team.sponsor, "deliverable-accept", key, one.pk, version=2).status_code == 302
    one.refresh_from_db()
    assert one.state == "accepted"
    assert get(team.sponsor, "deliverable-accept", key, one.pk).status_code == 405


def test_a_deliverable_is_added_once_edited_and_deleted_with_a_trace(team: Cast) -> None:
    key, token = team.project.key, "11111111-1111-4111-8111-111111111111"
    for _again in range(2):
        assert post(team.lead, "deliverable-create", key, name="Manual", token=token).status_code == 302
    one = team.project.deliverables.get()
    assert post(team.lead, "deliverable-edit", key, one.pk, name="Handbook", version=1).status_code == 302
    assert post(team.lead, "deliverable-edit", key, one.pk, name="Guide", version=1).status_code == 409
    services.set_raci(actor=team.lead, project=team.project, wanted={one.pk: Wanted(2, {"lead": "AR"})})
    for _again in range(2):
        status = post(team.lead, "deliverable-delete", key, one.pk).status_code
        assert status in {302, 404}
    page = words(get(team.lead, "project-history", key))
    assert "Handbook" in page
    assert "Accountable and responsible" in page

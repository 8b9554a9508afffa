"""The checks of a RACI matrix as pure functions, and the processes of an office."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import User
from common.errors import NotAllowed
from strategy import selectors, services
from strategy.models import Office, Process, ProcessAssignment
from strategy.raci import checks
from strategy.raci.cells import Wanted
from strategy.raci.work import Load, Part, Work
from strategy.services.raci import MatrixConflict, MatrixError
from tests import factories as make
from tests.projects.record import at

# --- pure checks ----------------------------------------------------------------------------------------------------


def part(letter: str, person: int | None = 1, *, post: str = "", vacancy: str = "") -> Part:
    return Part(letter, post or f"person-{person}", person, f"Person {person}" if person else "", post, vacancy)


def work(*parts: Part, name: str = "Plan", **more: object) -> Work:
    return Work(name, f"/{name}", parts, **more)  # type: ignore[arg-type]  # keywords of a test


def codes(*works: Work, loads: tuple[Load, ...] = ()) -> list[str]:
    return [one.code for one in checks.check(works, loads)]


def test_a_sound_matrix_has_no_finding() -> None:
    assert codes(work(part("A", 1), part("R", 2), part("C", 3), part("I", 4))) == []
    assert codes(work(part("AR", 1))) == []


def test_nobody_accountable_names_how_many_and_which() -> None:
    found = checks.no_accountable([work(part("R")), work(part("R"), name="Test"), work(part("A"))])
    assert [one.text for one in found] == ["2 open items have nobody who is accountable."]
    assert found[0].links == (("Plan", "/Plan"), ("Test", "/Test"))
    assert checks.no_accountable([work(part("R"), is_open=False)]) == []


def test_nobody_responsible_is_not_mended_by_a_mere_accountable() -> None:
    found = checks.nobody_responsible([work(part("A")), work(part("AR", 2), name="Test")])
    assert [(one.code, one.links) for one in found] == [("nobody_responsible", (("Plan", "/Plan"),))]


@pytest.mark.parametrize(
    ("vacancy", "words"),
    [
        ("no_holder", "nobody holds this role"),
        ("left", "no longer has access"),
        ("place_ended", "no longer in the team"),
    ],
)
def test_a_vacancy_says_why_and_counts_its_work(vacancy: str, words: str) -> None:
    vacant = part("A", None if vacancy == "no_holder" else 1, post="sponsor", vacancy=vacancy)
    found = checks.vacancies([work(vacant, part("R", 2)), work(vacant, part("R", 2), name="Test")])
    assert len(found) == 1
    assert words in found[0].text
    assert "2 open items (accountable for 2)" in found[0].text
    assert len(found[0].links) == 2


def test_a_vacant_reader_is_no_finding() -> None:
    assert codes(work(part("AR", 1), part("I", None, post="sponsor", vacancy="no_holder"))) == []


def test_vacancies_of_two_projects_are_two_findings() -> None:
    vacant = part("R", None, post="lead", vacancy="no_holder")
    works = [work(vacant, part("A", 2), where="P-1"), work(vacant, part("A", 2), where="P-2")]
    assert [one.code for one in checks.vacancies(works)] == ["vacancy", "vacancy"]


@pytest.mark.parametrize(("count", "over"), [(8, False), (9, True)])
def test_overload_begins_above_the_limit(count: int, over: bool) -> None:
    found = checks.overload([Load(1, "Tim", count, 8, "/tim")])
    assert bool(found) is over
    if over:
        assert found[0].text == "Tim is accountable for 9 open deliverables of the next 30 days; the limit is 8."
        assert found[0].links == (("Tim", "/tim"),)


def test_the_most_loaded_comes_first() -> None:
    found = checks.overload([Load(1, "Tim", 9, 8), Load(2, "Noor", 12, 8)])
    assert [one.text.split()[0] for one in found] == ["Noor", "Tim"]


@pytest.mark.parametrize(
    ("accepted_by", "delivered_by", "flawed"), [(1, 1, True), (2, 1, True), (3, 1, False), (None, 1, False)]
)
def test_whoever_made_it_does_not_accept_it(accepted_by: int | None, delivered_by: int, flawed: bool) -> None:
    done = work(part("A", 3), part("R", 2), is_open=False, accepted_by=accepted_by, delivered_by=delivered_by)
    assert [one.code for one in checks.own_acceptance([done])] == (["own_acceptance"] if flawed else [])


# --- processes of an office -----------------------------------------------------------------------------------------


@pytest.fixture
def pmo(db: None) -> User:
    return make.make_person(RoleName.PMO_MANAGER, name="Mila")


@pytest.fixture
def office(pmo: User) -> Office:
    return make.make_office("Digital PMO", head=pmo)


def give(office: Office, pmo: User, process: Process, /, **letters: str) -> None:
    process.refresh_from_db()
    wanted = {process.pk: Wanted(process.version, {seat.replace("_", "-", 1): code for seat, code in letters.items()})}
    services.set_process_raci(actor=pmo, office=office, wanted=wanted)


def letters_of(process: Process) -> dict[str, str]:
    return {row.seat: row.letter for row in process.assignments.all()}


def test_a_part_given_to_the_head_moves_with_the_head(office: Office, pmo: User) -> None:
    process = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    give(office, pmo, process, pmo="AR")
    assert [one.name for one in selectors.processes_answered_for(pmo)] == ["Triage"]
    other = make.make_user("Noor")
    Office.objects.filter(pk=office.pk).update(head=other)
    assert selectors.processes_answered_for(pmo) == []
    assert [one.name for one in selectors.processes_answered_for(other)] == ["Triage"]


def test_a_matrix_is_written_with_promotions_and_demotions_at_once(office: Office, pmo: User) -> None:
    ina = make.make_user("Ina")
    process = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    give(office, pmo, process, pmo="A", **{f"person_{ina.pk}": "R", "sponsor": "I"})
    give(office, pmo, process, pmo="R", **{f"person_{ina.pk}": "A"})
    assert letters_of(process) == {"pmo": "R", f"person-{ina.pk}": "A"}


def test_the_same_matrix_again_changes_nothing(office: Office, pmo: User) -> None:
    process = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    wanted = {process.pk: Wanted(process.version, {"pmo": "A"})}
    for _again in range(2):
        services.set_process_raci(actor=pmo, office=office, wanted=wanted)
    process.refresh_from_db()
    assert process.version == 2
    assert ProcessAssignment.pgh_event_model.objects.count() == 1  # type: ignore[attr-defined]  # made by @history.track


def test_a_stale_row_is_refused_and_nothing_is_written(office: Office, pmo: User) -> None:
    first = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    second = services.add_process(actor=pmo, office=office, values={"name": "Weekly report"})
    give(office, pmo, first, pmo="A")
    wanted = {first.pk: Wanted(1, {"sponsor": "A"}), second.pk: Wanted(1, {"pmo": "A"})}
    with pytest.raises(MatrixConflict) as caught:
        services.set_process_raci(actor=pmo, office=office, wanted=wanted)
    assert caught.value.rows == (first.pk,)
    assert (letters_of(first), letters_of(second)) == ({"pmo": "A"}, {})


def test_a_second_accountable_is_refused_by_service_and_database(office: Office, pmo: User) -> None:
    process = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    with pytest.raises(MatrixError, match="more than one who is accountable"):
        give(office, pmo, process, pmo="A", sponsor="AR")
    give(office, pmo, process, pmo="A")
    with pytest.raises(IntegrityError, match="one_accountable"), transaction.atomic():
        ProcessAssignment.objects.create(process=process, post="sponsor", letter="AR")
    with pytest.raises(IntegrityError, match="person_or_post"), transaction.atomic():
        ProcessAssignment.objects.create(process=process, post="sponsor", person=pmo, letter="I")
    with pytest.raises(IntegrityError, match="person_or_post"), transaction.atomic():
        ProcessAssignment.objects.create(process=process, letter="I")


def test_somebody_who_left_is_given_no_part_and_shows_as_vacant(office: Office, pmo: User) -> None:
    gone = make.make_user("Gone", is_active=False)
    process = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    with pytest.raises(MatrixError, match="no longer has access"):
        give(office, pmo, process, **{f"person_{gone.pk}": "R"})
    ProcessAssignment.objects.create(process=process, person=gone, letter="AR")
    works = selectors.work_of_processes(selectors.processes_of(office))
    assert [one.code for one in checks.check(works)] == ["vacancy"]


def test_only_who_sets_up_offices_writes_processes(office: Office) -> None:
    stranger = make.make_user()
    with pytest.raises(NotAllowed):
        services.add_process(actor=stranger, office=office, values={"name": "Triage"})
    with pytest.raises(NotAllowed):
        services.set_process_raci(actor=stranger, office=office, wanted={})


def test_the_page_of_an_office_shows_matrix_and_findings_at_a_fixed_price(office: Office, pmo: User) -> None:
    client = at(pmo)

    def price() -> int:
        address = reverse("office", args=[office.slug])
        client.get(address)
        with CaptureQueriesContext(connection) as captured:
            page = client.get(address).content.decode()
        assert "Triage 0" in page
        assert "nobody who is responsible" in page
        return len(captured)

    def add(count: int) -> None:
        for number in range(count):
            process = services.add_process(
                actor=pmo, office=office, values={"name": f"Triage {office.processes.count()}"}
            )
            give(office, pmo, process, pmo="A", **{f"person_{make.make_user(f'P {number}').pk}": "C"})

    add(2)
    few = price()
    add(10)
    assert price() == few <= 12


def test_an_office_edits_its_matrix_in_the_browser(office: Office, pmo: User) -> None:
    process = services.add_process(actor=pmo, office=office, values={"name": "Triage"})
    extra = make.make_user("Ina Extra")
    address, client = reverse("office-raci-edit", args=[office.slug]), at(pmo)
    page = client.get(address, {"person": extra.pk}).content.decode()
    assert f"cell-{process.pk}-person-{extra.pk}" in page
    data = {f"version-{process.pk}": 1, f"cell-{process.pk}-pmo": "A", "person": extra.pk}
    data[f"cell-{process.pk}-person-{extra.pk}"] = "R"
    assert client.post(address, data).status_code == 302
    assert letters_of(process) == {"pmo": "A", f"person-{extra.pk}": "R"}

    stale = client.post(address, {**data, f"cell-{process.pk}-pmo": "C"})
    assert stale.status_code == 409
    assert "Save on top of theirs" in stale.content.decode()
    assert letters_of(process)["pmo"] == "A"

    two = client.post(address, {**data, f"version-{process.pk}": 2, f"cell-{process.pk}-sponsor": "A"})
    assert two.status_code == 422
    assert "more than one who is accountable" in two.content.decode()


def test_a_process_is_renamed_and_deleted_and_its_name_is_its_own(office: Office, pmo: User) -> None:
    client = at(pmo)
    create = reverse("process-create", args=[office.slug])
    assert client.post(create, {"name": "Triage", "rhythm": "daily"}).status_code == 302
    assert client.post(create, {"name": "Triage"}).status_code == 422
    process = office.processes.get()
    edit = reverse("process-edit", args=[office.slug, process.pk])
    assert client.post(edit, {"name": "Triage of requests", "version": 1}).status_code == 302
    assert client.post(edit, {"name": "Other", "version": 1}).status_code == 409
    for _again in range(2):
        assert client.post(reverse("process-delete", args=[office.slug, process.pk])).status_code == 302
    assert not office.processes.exists()

"""The access matrix in docs/access-matrix.csv is what the portal does, and holds no cell that it must not."""

from __future__ import annotations

import pytest

from tests.guards import matrix
from tests.security.world import KNOW_THE_SECRET, PEOPLE, World

pytestmark = pytest.mark.django_db

SHARES = 8
"""The walk in parts, so that two workers can share it."""


@pytest.fixture(scope="module")
def cells() -> dict[matrix.Line, list[str]]:
    return matrix.read()


@pytest.mark.parametrize("share", range(SHARES))
def test_the_portal_answers_as_the_matrix_says(world: World, share: int, request: pytest.FixtureRequest) -> None:
    renewing = bool(request.config.getoption("--write-matrix", default=False))
    found, faults = matrix.walk(world, matrix.addresses()[share::SHARES], whole=renewing)
    if renewing:
        matrix.renew(found)
    expected = matrix.read()
    different = [
        f"{' '.join(line)} as {name}: the file says {before}, the portal {after}"
        for line, row in found.items()
        for name, before, after in zip(PEOPLE, expected.get(line, ["nothing"] * len(PEOPLE)), row, strict=True)
        if after not in {before, ""}
    ]
    assert not different, "\n".join(different)
    assert not faults, "\n".join(faults)
    assert len(found) > 100


def test_no_view_answers_a_method_in_a_way_of_its_own() -> None:
    assert len(matrix.addresses()) > 100
    assert not matrix.odd_views()


def test_every_address_has_its_lines(cells: dict[matrix.Line, list[str]]) -> None:
    wanted = {
        (address.name, of, method)
        for address in matrix.addresses()
        for of in address.objects
        for method in matrix.METHODS
    }
    assert set(cells) == wanted


def column(cells: dict[matrix.Line, list[str]], name: str) -> dict[matrix.Line, str]:
    return {line: row[PEOPLE.index(name)] for line, row in cells.items()}


def writes(cells: dict[matrix.Line, list[str]], name: str) -> set[str]:
    return {line[0] for line, cell in column(cells, name).items() if cell.endswith("+")}


OF_ONESELF = {
    "profile", "report-subscribe", "report-unsubscribe", "report-unsubscribe-link", "request-create",
    "saved-view-create", "audit-verify", "delegation-list",
}  # fmt: skip
"""What everybody may write: their own settings, subscriptions, views, pitches, and who stands in for them. A stand-in
votes from a seat that the role of the absent one gives; who has no seat lends nothing.
"""


ADVICE = {"assessment-create", "assessment-edit", "assessment-rate", "assessment-submit", "recommendation-create"}
"""What people of an external office write: they assess and recommend."""


@pytest.mark.parametrize("name", ["adviser", "adviser_with_role"])
def test_an_external_office_reads_and_recommends_and_no_more(cells: dict[matrix.Line, list[str]], name: str) -> None:
    found = writes(cells, name)
    assert found <= (OF_ONESELF - {"request-create", "delegation-list"}) | ADVICE
    assert {"assessment-create", "recommendation-create"} <= found
    own = {"assessment-edit", "assessment-rate", "assessment-submit"}
    refused = {
        line[0] for line, cell in column(cells, name).items()
        if line[2] == "POST" and cell in {"403", "404", "405"} and not line[0].startswith(("account", "mfa"))
    }  # fmt: skip
    managed = writes(cells, "pmo") | writes(cells, "lead") | writes(cells, "sponsor") | writes(cells, "administrator")
    assert managed - OF_ONESELF - ADVICE <= refused
    assert len(refused - own) > 60


def test_a_role_given_to_an_external_person_by_mistake_opens_nothing(cells: dict[matrix.Line, list[str]]) -> None:
    drafts = {"assessment", "assessment-edit", "assessment-rate", "assessment-submit"}
    right, wrong = column(cells, "adviser"), column(cells, "adviser_with_role")
    other = {line for line in right if line[0] not in drafts and right[line] != wrong[line]}
    subscribed = {line for line in other if line[0].startswith("report-")}
    assert not other - subscribed


FEEDBACK = {"change-create"}
"""What a stakeholder tells a project they belong to: a wish to change its baseline. It changes nothing by itself, and
others decide on it.
"""


@pytest.mark.parametrize("name", ["auditor", "stakeholder"])
def test_who_only_reads_writes_nothing_but_their_own(cells: dict[matrix.Line, list[str]], name: str) -> None:
    found = writes(cells, name)
    assert found <= OF_ONESELF | (FEEDBACK if name == "stakeholder" else set())
    assert len(found) > 3


def test_strangers_write_nothing(cells: dict[matrix.Line, list[str]]) -> None:
    assert writes(cells, "anonymous") == {"report-unsubscribe-link"}
    own = {"request-edit", "request-submit", "request-withdraw"}
    assert writes(cells, "requester") <= OF_ONESELF | own
    assert writes(cells, "far_lead") <= OF_ONESELF | {"project-bulk"}


def test_the_administrator_writes_nothing_of_projects(cells: dict[matrix.Line, list[str]]) -> None:
    found = writes(cells, "administrator") - OF_ONESELF
    rooms = (
        "person",
        "grant",
        "org-unit",
        "office",
        "process",
        "adviser",
        "opening",
        "goal",
        "job-run-retry",
        "mail-retry",
        "report-slot-retry",
    )
    assert len(found) > 6
    assert {name for name in found if not name.startswith(rooms)} == set()
    assert not [name for name in found if name.startswith(("procedure", "rule", "governance")) or "control" in name], (
        "the PMO's"
    )


def test_a_deactivated_person_is_a_stranger(cells: dict[matrix.Line, list[str]]) -> None:
    assert column(cells, "deactivated") == column(cells, "anonymous")


KNOWN_LATE = ("ask-answer", "finding", "waiver", "proposal", "promise", "ballot")
"""Their views know the object only when they answer: a method that nobody may use says the same of what never was."""


def test_a_confidential_project_is_unknown_to_all_but_two(cells: dict[matrix.Line, list[str]]) -> None:
    seen, shown = 0, set()
    for (name, of, method), row in cells.items():
        nobody_may = method == "OPTIONS" or set(row) <= {"login", "405"}
        if of != "confidential" or (name.startswith(KNOWN_LATE) and nobody_may):
            continue
        shown.add(name)
        for person, cell in zip(PEOPLE, row, strict=True):
            if person not in KNOW_THE_SECRET:
                assert cell in {"404", "login"}, f"{name} {method} as {person}"
                seen += 1
    assert seen > 1000
    assert shown == {name for name, of, _method in cells if of == "confidential"}, "each by a method that it knows"


def test_reading_writes_nothing(cells: dict[matrix.Line, list[str]]) -> None:
    for (name, _of, method), row in cells.items():
        if method in {"GET", "HEAD", "OPTIONS"}:
            assert not any(cell.endswith("+") for cell in row), f"{method} {name}"


def test_no_cell_is_an_error(cells: dict[matrix.Line, list[str]]) -> None:
    known = {"login", "200", "204", "302", "403", "404", "405", "422"}
    assert {cell.removesuffix("+") for row in cells.values() for cell in row} <= known

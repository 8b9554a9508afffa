"""How an office decides: which procedure is taken, who writes it, and which could decide nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from common.errors import NotAllowed
from governance.models import Procedure
from governance.services import ballots as services
from governance.services.ballots import NewProcedure, NewStep
from governance.services.ballots.opening import procedure_for
from strategy.models import Goal
from tests.factories import make_office, make_person, make_user
from tests.governance.matter import KIND, Boards, ask, vote

pytestmark = pytest.mark.django_db


def test_the_procedure_of_the_office_and_the_amount_is_taken(boards: Boards, goal: Goal) -> None:
    office = make_office()
    small = NewStep("Sponsor alone", "sponsor")
    large = NewStep("Board", "sponsor", quorum=1)

    def procedure(name: str, step: NewStep, **more: Any) -> Procedure:
        return services.save_procedure(actor=make_person(), data=NewProcedure(KIND, name, [step], **more))

    procedure("all", large)
    procedure("all, small", small, up_to=Decimal(1000), currency="EUR")
    procedure("ours", large, office=office)
    find = procedure_for
    assert find(KIND, None, Decimal(500), "EUR").name == "all, small"
    assert find(KIND, None, Decimal(-500), "EUR").name == "all, small"
    assert find(KIND, None, Decimal(500), "USD").name == "all"
    assert find(KIND, None, Decimal(5000), "EUR").name == "all"
    assert find(KIND, None, None, "EUR").name == "all"
    assert find(KIND, office.pk, Decimal(500), "EUR").name == "ours"
    with pytest.raises(services.ProcedureError, match="already"):
        procedure("again", small)


def test_a_procedure_by_which_nothing_could_be_decided_is_refused(boards: Boards) -> None:
    make_person("executive")
    for step, sentence in (
        (NewStep("Board", "executive", quorum=2), "needs 2 votes, and only 1 people"),
        (NewStep("Board", "executive", escalates_to="sponsor"), "after how many days"),
    ):
        with pytest.raises(services.ProcedureError, match=sentence):
            services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "x", [step]))
    with pytest.raises(services.ProcedureError, match="at least one step"):
        services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "x", []))


@pytest.mark.parametrize("role", ["administrator", "executive"])
def test_only_the_pmo_says_how_things_are_decided(boards: Boards, role: str) -> None:
    """Whoever hands out access, or decides, does not choose who decides."""
    kept = services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "x", [NewStep("A", "sponsor")]))
    with pytest.raises(NotAllowed):
        services.save_procedure(actor=make_person(role), data=NewProcedure(KIND, "y", [NewStep("A", "sponsor")]))
    with pytest.raises(NotAllowed):
        services.retire_procedure(actor=make_person(role), pk=kept.pk)
    assert not Procedure.objects.get().is_retired


def test_open_ballots_keep_the_steps_that_they_opened_with(boards: Boards, goal: Goal) -> None:
    member = make_user()
    boards.seat("sponsor", member)
    kept = services.save_procedure(actor=make_person(), data=NewProcedure(KIND, "one", [NewStep("Sponsor", "sponsor")]))
    ballot = ask(goal)
    services.save_procedure(
        actor=make_person(), pk=kept.pk, version=kept.version,
        data=NewProcedure(KIND, "two", [NewStep("First", "sponsor"), NewStep("Second", "sponsor", position=2)]),
    )  # fmt: skip
    assert vote(ballot, member).outcome == "approve"

"""Hundreds of random steps by everybody, against rules written down once more in plain Python."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.enums import RoleName
from common.errors import PortalError
from intake import services
from intake.models import Request
from projects.models import Project
from tests.factories import grant
from tests.intake.world import World, make_world

PMO = {"pmo", "boss"}
DECIDERS = {"executive", "boss"}
PEOPLE = ("requester", "pmo", "boss", "executive", "sponsor", "lead", "outsider", "auditor", "far_pmo", "far_executive")
person = st.sampled_from(PEOPLE)


@dataclass
class Model:
    """What the oracle knows of one request."""

    requester: str
    state: str = "draft"
    sponsor: str = ""
    triaged_by: str = ""
    decided: tuple[str, str] = ("", "")


def may(model: Model, step: str, who: str) -> bool:  # noqa: PLR0911  one rule a line
    """The rules of a request, from the written policy and not from the code."""
    if step in {"submit", "edit"}:
        return who == model.requester and (
            model.state in {"draft", "returned"} or (step == "submit" and model.state == "submitted")
        )
    if step == "withdraw":
        return who == model.requester and model.state in {"draft", "submitted", "returned", "triaged"}
    if who == model.requester:
        return False
    if step == "triage":
        return who in PMO and model.state == "submitted"
    if step == "return":
        return who in PMO and model.state in {"submitted", "triaged"}
    if model.decided == (who, step):
        return True
    return model.state == "triaged" and (who in DECIDERS or (who == model.sponsor and who != model.triaged_by))


class Walk(RuleBasedStateMachine):
    requests = Bundle("requests")
    steps = 0

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.world: World = make_world()
        self.people = self.world.people | {
            "boss": self.world.far_pmo.__class__.objects.create_user("boss@example.org", name="Bo Boss")
        }
        for role in (RoleName.PMO_MANAGER, RoleName.EXECUTIVE):
            grant(self.people["boss"], role)
        self.models: dict[int, Model] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @rule(target=requests, who=person)
    def start(self, who: str) -> int:
        pitch = services.start_request(actor=self.people[who], token=uuid.uuid4(), answers=self.world.answers())
        self.models[pitch.pk] = Model(who)
        return pitch.pk

    @rule(pk=requests, who=person)
    def edit(self, pk: int, who: str) -> None:
        self.expect(
            pk, "edit", who, lambda actor: services.save_answers(actor=actor, pk=pk, answers={"title": "Other"})
        )

    @rule(pk=requests, who=person)
    def submit(self, pk: int, who: str) -> None:
        self.expect(pk, "submit", who, lambda actor: services.submit_request(actor=actor, pk=pk), state="submitted")

    @rule(pk=requests, who=person)
    def withdraw(self, pk: int, who: str) -> None:
        self.expect(pk, "withdraw", who, lambda actor: services.withdraw_request(actor=actor, pk=pk), state="withdrawn")

    @rule(pk=requests, who=st.sampled_from(("pmo", "boss", "requester", "executive", "far_pmo")), sponsor=person)
    def triage(self, pk: int, who: str, sponsor: str) -> None:
        data = self.world.triage(proposed_sponsor=self.people[sponsor])
        self.expect(
            pk, "triage", who, lambda actor: services.triage_request(actor=actor, pk=pk, data=data),
            state="triaged", sponsor=sponsor, triaged_by=who,
        )  # fmt: skip

    @rule(pk=requests, who=person)
    def send_back(self, pk: int, who: str) -> None:
        self.expect(
            pk, "return", who, lambda actor: services.return_request(actor=actor, pk=pk, note="?"),
            state="returned", triaged_by="",
        )  # fmt: skip

    @rule(pk=requests, who=person, step=st.sampled_from(("approved", "rejected")))
    def decide(self, pk: int, who: str, step: str) -> None:
        decision = services.Decision(is_approved=step == "approved", reason="Because.")
        self.expect(
            pk, step, who, lambda actor: services.decide_request(actor=actor, pk=pk, decision=decision),
            state=step, decided=(who, step),
        )  # fmt: skip

    def expect(self, pk: int, step: str, who: str, do: Any, **after: Any) -> None:
        type(self).steps += 1
        model = self.models[pk]
        is_done = True
        try:
            do(self.people[who])
        except PortalError:
            is_done = False
        assert is_done == may(model, step, who), (
            f"{who}: {step} of a request of {model.requester} that is {model.state}"
        )
        for name, value in after.items() if is_done else ():
            setattr(model, name, value)

    @invariant()
    def the_tables_agree_with_the_rules(self) -> None:
        rows = {row.pk: row for row in Request.objects.all()}
        assert {pk: row.state for pk, row in rows.items()} == {pk: model.state for pk, model in self.models.items()}
        approved = [row for row in rows.values() if row.state == "approved"]
        assert Project.objects.count() == len(approved) == len({row.project_id for row in approved} - {None})
        assert not Request.objects.filter(decided_by=F("requester")).exists()


@pytest.mark.django_db
def test_no_walk_of_random_steps_breaks_the_rules() -> None:
    Walk.steps = 0
    checks = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)
    run_state_machine_as_test(
        Walk,
        settings=settings(
            max_examples=10,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=checks,
            database=None,
            derandomize=True,
        ),
    )
    assert Walk.steps >= 200

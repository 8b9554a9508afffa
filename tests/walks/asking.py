"""Steps that put something to a ballot: requests, gates, changes, waivers, rules."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import initialize, multiple, rule

from governance.services import activation, waivers
from governance.services.waivers import NewWaiver
from intake import services as intake
from intake.services import Triage
from projects.services import changes, gates
from tests.governance.rulebook import STOPS, ready
from tests.walks.portal import GATES, TEAM
from tests.walks.questions import Subject
from tests.walks.walker import BALLOTS, BEYOND, WITHIN, Walker, insider, person


class Asking(Walker):
    """Whoever wants something asks those who decide."""

    @initialize(target=BALLOTS)
    def one_of_each(self) -> Any:
        return multiple(
            self.pitch("rita", "paul", "sam"), self.ask_for_the_gate("lena"), self.ask_for_a_change("stan", BEYOND),
            self.ask_for_a_waiver("lena", "boss"), self.write_a_rule("pia"),
        )  # fmt: skip

    @rule(target=BALLOTS, who=person, pmo=insider, sponsor=person)
    def pitch(self, who: str, pmo: str, sponsor: str) -> Any:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return multiple()
        pitch = self.attempt(
            "pitch",
            lambda: intake.start_request(actor=portal.user(who), token=uuid.uuid4(), answers=self._answers()),
            allowed=who not in oracle.external,
        )
        if pitch is None:
            return multiple()
        intake.submit_request(actor=portal.user(who), pk=pitch.pk)
        subject = Subject("request", pitch.pk, {who}, sponsor="" if sponsor == pmo else sponsor)
        question = oracle.opened(subject, who)
        may = oracle.is_pmo(pmo) and pmo != who and sponsor not in oracle.external
        data = Triage(
            portal.portfolio, portal.playbook, portal.people["lena"], portal.people[sponsor], timezone.localdate(), "Ok"
        )
        done = self.attempt(
            "triage",
            lambda: intake.triage_request(actor=portal.user(pmo), pk=pitch.pk, data=data),
            allowed=may and question is not None,
        )
        return self.asked(subject, question if done else None, who)

    def _answers(self) -> dict[str, Any]:
        return {
            "title": "Solar power", "problem": "Bills rise.", "wanted_result": "Half is ours.", "budget": 1000,
            "benefit_is_unknown": True, "org_unit": self.portal.unit,
        }  # fmt: skip

    @rule(target=BALLOTS, who=insider)
    def ask_for_the_gate(self, who: str) -> Any:
        """Pages offer it to those who edit the project."""
        portal, oracle = self.portal, self.oracle
        if not oracle.edits(who):
            return multiple()
        gate = portal.gates[min(oracle.passed, GATES - 1)]
        there = oracle.open_about("gate_review", gate.pk)
        subject = Subject("gate_review", gate.pk, set())
        may = oracle.is_live and oracle.passed < GATES
        question = oracle.opened(subject, who) if may and not there else None
        done = self.attempt(
            "ask for a gate",
            lambda: gates.open_review(
                actor=portal.user(who), project=portal.project, gate_id=gate.pk, anyway="We try."
            ),
            allowed=bool(there or question),
        )
        return multiple() if there or done is None else self.asked(subject, question, who)

    @rule(target=BALLOTS, who=insider, delta=st.sampled_from((WITHIN, BEYOND)))
    def ask_for_a_change(self, who: str, delta: int) -> Any:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return multiple()
        values = {"title": "More pumps", "reason": "It is wet", "cost_delta": delta}
        draft = self.attempt(
            "ask for a change",
            lambda: changes.draft_change(actor=portal.user(who), project=portal.project, values=values),
            allowed=oracle.edits(who) or who in TEAM,
        )
        if draft is None:
            return multiple()
        changes.submit_change(actor=portal.user(who), project=portal.project, change_id=draft.pk, version=None)
        subject = Subject("change_request", draft.pk, {who}, start=oracle.cost, delta=delta)
        return self.asked(subject, oracle.opened(subject, who), who)

    @rule(target=BALLOTS, who=insider, owner=st.sampled_from(("ada", "boss", "stan")))
    def ask_for_a_waiver(self, who: str, owner: str) -> Any:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return multiple()
        there = oracle.open_about("waiver")
        subject = Subject("waiver", 0, {who}, owner=owner)
        question = None if there else oracle.opened(subject, who)
        data = NewWaiver(
            "project", portal.project.pk, "goal", "In spring.", "We report.", portal.people[owner],
            timezone.localdate() + timedelta(days=30),
        )  # fmt: skip
        done = self.attempt(
            "ask for a waiver",
            lambda: waivers.ask_waiver(actor=portal.user(who), data=data),
            allowed=oracle.edits(who) and bool(there or question),
        )
        if there or done is None:
            return multiple()
        subject.key = done.pk
        return self.asked(subject, question, who)

    @rule(target=BALLOTS, who=insider)
    def write_a_rule(self, who: str) -> Any:
        portal, oracle = self.portal, self.oracle
        code = f"rule-{uuid.uuid4().hex[:8]}"
        draft = self.attempt(
            "write a rule", lambda: ready(portal.user(who), code=code, enforcement=STOPS), allowed=oracle.is_pmo(who)
        )
        if draft is None:
            return multiple()
        subject = Subject("rule_version", draft.pk, {who})
        self.attempt(
            "activate a rule that stops, alone",
            lambda: activation.activate_rule(actor=portal.user(who), pk=draft.pk, version=None),
            allowed=False,
        )
        question = oracle.opened(subject, who)
        self.attempt(
            "ask for a rule",
            lambda: activation.ask_for_activation(actor=portal.user(who), pk=draft.pk, version=None),
            allowed=question is not None,
        )
        return self.asked(subject, question, who)

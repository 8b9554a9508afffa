"""Steps that edit what is decided on, while its ballot is open and after it."""

from __future__ import annotations

from typing import Any

from hypothesis.stateful import multiple, rule

from governance.models import RuleVersion
from governance.services import drafts
from intake import services as intake
from projects.models import ChangeRequest, Gate
from projects.services import changes, gates
from tests.governance.rulebook import STOPS, content, rehearse
from tests.walks.questions import Subject
from tests.walks.walker import BALLOTS, BEYOND, WITHIN, Walker, insider


class Editing(Walker):
    """Whoever may edit does so, also those who vote."""

    @rule(target=BALLOTS, ballot=BALLOTS, who=insider)
    def edit(self, ballot: int, who: str) -> Any:
        """While the ballot is open and after it."""
        if who in self.oracle.shut:
            return multiple()
        subject = self.oracle.questions[ballot].subject
        edit = {
            "request": self._edit_request, "gate_review": self._edit_gate, "rule_version": self._edit_rule,
            "change_request": self._edit_change,
        }.get(subject.kind)  # fmt: skip
        return edit(subject, who) if edit else multiple()

    def _edit_request(self, subject: Subject, who: str) -> Any:
        """Once it is handed in, nobody edits it; the PMO sends it back for that, and then its ballot ends."""
        self.attempt(
            "edit a request",
            lambda: intake.save_answers(actor=self.portal.user(who), pk=subject.key, answers={"title": "Other"}),
            allowed=False,
        )
        return multiple()

    def _edit_gate(self, subject: Subject, who: str) -> Any:
        gate = Gate.objects.get(pk=subject.key)
        open_one = self.oracle.open_about(subject.kind, subject.key)
        may = self.oracle.is_pmo(who) and not subject.is_over and gate.outcome not in {"approve", "conditional"}
        may = may and (open_one is None or self.oracle.edited(open_one))
        self.attempt(
            "edit a gate",
            lambda: gates.set_stage_money(
                actor=self.portal.user(who), project=self.portal.project, gate_id=gate.pk, version=None,
                amount=(gate.stage_money or 0) + 1,
            ),
            allowed=may,
        )  # fmt: skip
        return multiple()

    def _edit_rule(self, subject: Subject, who: str) -> Any:
        draft, actor = RuleVersion.objects.get(pk=subject.key), self.portal.user(who)
        open_one = self.oracle.open_about(subject.kind, subject.key)
        may, writers = self.oracle.is_pmo(who) and not subject.is_over, set(subject.writers)
        if may:
            subject.writers.add(who)
        if may and open_one is not None and not self.oracle.edited(open_one):
            subject.writers, may = writers, False
        weight = "low" if draft.weight != "low" else "high"
        done = self.attempt(
            "edit a rule",
            lambda: drafts.save_draft(
                actor=actor, pk=draft.pk, version=None, content=content(enforcement=STOPS, weight=weight)
            ),
            allowed=may,
        )
        if done:
            rehearse(actor, draft)
        return multiple()

    def _edit_change(self, subject: Subject, who: str) -> Any:
        """Another amount is another question: its ballot ends, and a new one opens without whoever wrote on it."""
        change, oracle = ChangeRequest.objects.get(pk=subject.key), self.oracle
        may = not subject.is_over and (oracle.edits(who) or change.requested_by_id == self.portal.people[who].pk)
        may = may and who not in oracle.external
        there = oracle.open_about(subject.kind, subject.key)
        wanted = Subject(
            subject.kind, subject.key, subject.writers | {who}, start=oracle.cost,
            delta=WITHIN if subject.delta == BEYOND else BEYOND,
        )  # fmt: skip
        question = oracle.opened(wanted, who)
        self.attempt(
            "edit a change",
            lambda: changes.edit_change(
                actor=self.portal.user(who), project=self.portal.project, change_id=subject.key, version=None,
                changes={"cost_delta": wanted.delta},
            ),
            allowed=may and question is not None,
        )  # fmt: skip
        if not may or question is None or there is None:
            return multiple()
        oracle.questions[there].state = "withdrawn"
        for one in oracle.questions.values():
            if one.subject.kind == subject.kind and one.subject.key == subject.key:
                one.subject = wanted
        return self.asked(wanted, question, who)

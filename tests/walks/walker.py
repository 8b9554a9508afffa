"""What every step of a walk stands on: who walks, in which organisation, and what came of each step."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, ClassVar, Final

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple

from common.errors import PortalError
from governance.models import Ballot
from tests.walks.oracle import Oracle
from tests.walks.portal import PEOPLE, make_oracle, make_portal
from tests.walks.questions import Question, Subject

person = st.sampled_from(PEOPLE)
insider = st.sampled_from(("lena", "paul", "pia", "boss", "paul", "pia", *PEOPLE))
"""Oftener those who may do much, or hardly anything would come of all the steps."""
WITHIN, BEYOND = 10, 100_000
"""Effects of a change on a cost of thousands: inside the tolerance of the portfolio, and far beyond it."""
BALLOTS: Final[Any] = Bundle("ballots")


class Walker(RuleBasedStateMachine):
    """Fourteen people of all roles in an organisation of their own, undone when the walk ends."""

    steps: ClassVar[Counter[str]] = Counter()
    refusals: ClassVar[Counter[str]] = Counter()
    decisions: ClassVar[Counter[str]] = Counter()
    self_approvals: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.portal = make_portal()
        self.oracle: Oracle = make_oracle(self.portal)
        self.closed: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    @classmethod
    def forget(cls) -> None:
        for counter in (cls.steps, cls.refusals, cls.decisions):
            counter.clear()
        cls.self_approvals = 0

    def attempt(self, what: str, do: Callable[[], Any], *, allowed: bool) -> Any:
        """Do it; what came of it, or None when it was refused. It must be refused just where the oracle says so."""
        self.steps[what] += 1
        found, refusal = None, None
        try:
            found = do()
        except PortalError as error:
            refusal = error
            self.refusals[f"{what}: {type(error).__name__}"] += 1
        assert (refusal is None) == allowed, f"{what}: {refusal or 'done'}"
        return found

    def asked(self, subject: Subject, question: Question | None, asker: str) -> Any:
        """Note the ballot about a subject that has just been opened."""
        found = Ballot.objects.open().about(subject.kind, subject.key).first()
        assert (found is None) == (question is None), subject
        if found is None or question is None:
            return multiple()
        assert found.asked_by_id == self.portal.people[asker].pk
        self.oracle.questions[found.pk] = question
        return found.pk

"""The words of the oracle: what is decided on, a question with its steps and votes, absences, and what was agreed."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Subject:
    """What is decided on. `writers` wrote at it; `start` is the cost that a change starts from, `delta` its effect."""

    kind: str
    key: int
    writers: set[str]
    owner: str = ""
    sponsor: str = ""
    start: int = 0
    delta: int = 0
    is_over: bool = False
    is_taken_back: bool = False


@dataclass
class Step:
    """One step: whose seats with the role that gave each, and how it stands (waiting, open, yes, no)."""

    position: int
    quorum: int
    escalates: str
    days: int
    seats: dict[str, str]
    state: str = "waiting"
    is_escalated: bool = False


@dataclass
class Vote:
    step: int
    seat: str
    by: str
    choice: str


@dataclass
class Question:
    """A ballot: `barred` must not vote; `rules` are those in force when it opened."""

    subject: Subject
    asker: str
    barred: set[str]
    steps: list[Step]
    rules: frozenset[int]
    votes: list[Vote] = field(default_factory=list)
    state: str = "open"
    outcome: str = ""

    def begin(self) -> None:
        """Open the steps of the first position that still waits."""
        first = min(step.position for step in self.steps if step.state == "waiting")
        for step in self.steps:
            if step.state == "waiting" and step.position == first:
                step.state, step.is_escalated = "open", False

    def void(self) -> None:
        self.votes.clear()
        for step in self.steps:
            step.state = "waiting"
        self.begin()

    def heard(self, who: str, choice: str) -> bool:
        return any((vote.by, vote.choice) == (who, choice) for vote in self.votes)


@dataclass
class Absence:
    who: str
    by: str
    first: int
    last: int
    """Days from today."""


@dataclass(frozen=True)
class Agreed:
    """A version of the baseline: where it comes from, who brought it, its cost, and its finish in days from today."""

    source: str
    by: str
    cost: int
    finish: int

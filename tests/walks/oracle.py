"""Who decides on what, written down once more in plain Python: no Django, no database, names instead of people.

Read from `docs/` and the words of the policy, not from the code, so that a mistake there is not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Final

from tests.walks.questions import Absence, Agreed, Question, Step, Subject, Vote

YES: Final = frozenset({"approve", "conditional"})
CHOICES: Final = {"gate_review": frozenset({"approve", "conditional", "hold", "reject"})}
YES_OR_NO: Final = frozenset({"approve", "reject"})
LIVE: Final = frozenset({"active", "on_hold"})
NEXT: Final = {"active": {"on_hold", "stopped"}, "on_hold": {"active", "stopped"}, "stopped": {"active"}}
"""From one status of the project to others; nobody completes it or takes it out of its portfolio here."""
POSTS: Final = ("project_lead", "sponsor", "budget_owner")


@dataclass
class Oracle:
    """All that the rules of deciding need to know of an organisation with one project."""

    grants: dict[str, set[str]]
    posts: dict[str, str]
    external: frozenset[str]
    team: frozenset[str]
    agreed: list[Agreed]
    gates: int
    rules: set[int]
    shut: set[str] = field(default_factory=set)
    absences: list[Absence] = field(default_factory=list)
    procedures: dict[str, int] = field(default_factory=dict)
    """The quorum of executives by what is decided, where an office has set up a procedure."""
    passed: int = 0
    status: str = "active"
    verdict: str = ""
    """What the last review of a gate decided."""
    questions: dict[int, Question] = field(default_factory=dict)

    @property
    def cost(self) -> int:
        return self.agreed[-1].cost

    # --- who is who

    def may_act(self, who: str) -> bool:
        return who not in self.shut and who not in self.external

    def granted(self, role: str) -> set[str]:
        return {who for who in self.grants.get(role, ()) if self.may_act(who)}

    def edits(self, who: str) -> bool:
        """Whether somebody works on the project: its lead and the PMO."""
        return self.may_act(who) and (who == self.posts["project_lead"] or who in self.granted("pmo_manager"))

    def is_pmo(self, who: str) -> bool:
        return who in self.granted("pmo_manager")

    def holders(self, subject: Subject, role: str) -> set[str]:
        """Who holds a role towards a subject now."""
        if subject.kind == "rule_version":
            return self.granted(role) if role in {"pmo_manager", "executive"} else set()
        if subject.kind == "request":
            return self.granted(role) | ({subject.sponsor} if role == "sponsor" and subject.sponsor else set())
        if role in POSTS:
            return {self.posts[role]} if self.may_act(self.posts[role]) else set()
        return self.granted(role)

    def barred(self, subject: Subject) -> set[str]:
        """Who must never decide on it: who wrote it, who leads the project of a gate, who owns a waiver."""
        if subject.kind == "gate_review":
            return {self.posts["project_lead"]}
        return subject.writers | ({subject.owner} if subject.owner else set())

    @property
    def is_live(self) -> bool:
        return self.status in LIVE

    def turns(self, who: str, to: str) -> bool:
        """Whether somebody may give the project another status. What a gate stopped is taken up again by the PMO, and
        never by whoever leads it: the lead does not decide on its gates.
        """
        if not self.edits(who) or to not in NEXT[self.status]:
            return False
        is_undone = to == "active" and not self.is_live and self.verdict == "reject"
        return not is_undone or (self.is_pmo(who) and who != self.posts["project_lead"])

    def away(self, who: str) -> set[str]:
        """For whom somebody stands in today."""
        return {one.who for one in self.absences if one.by == who and one.first <= 0 <= one.last} - self.shut

    # --- opening

    def opened(self, subject: Subject, asker: str) -> Question | None:
        """The question as it opens; None where too few may decide on it."""
        barred = self.barred(subject) | {asker}
        steps = []
        for position, roles, quorum, escalates, days in self._plan(subject):
            seats: dict[str, str] = {}
            for role in roles:
                for who in self.holders(subject, role) - barred:
                    seats.setdefault(who, role)
            if len(seats) < quorum:
                return None
            steps.append(Step(position, quorum, escalates, days, seats))
        question = Question(subject, asker, barred, steps, frozenset(self.rules))
        question.begin()
        return question

    def _plan(self, subject: Subject) -> list[tuple[int, tuple[str, ...], int, str, int]]:
        kind = subject.kind
        if kind in self.procedures:
            return [(1, ("executive",), self.procedures[kind], "", 0)]
        if kind == "request":
            return [(1, ("sponsor", "executive", "budget_owner"), 1, "", 0)]
        if kind == "waiver":
            return [(1, ("pmo_manager",), 1, "", 5)]
        if kind == "rule_version":
            return [(1, ("pmo_manager", "executive"), 1, "executive", 5)]
        if kind == "change_request":
            beyond = abs(subject.delta) * 10 > subject.start
            return [
                (1, (role,), 1, "executive", 10) for role in (("sponsor", "budget_owner") if beyond else ("sponsor",))
            ]
        return self._plan_of_gate(subject)

    def _plan_of_gate(self, subject: Subject) -> list[tuple[int, tuple[str, ...], int, str, int]]:
        barred = self.barred(subject)
        sponsor, owner = (self.holders(subject, role) - barred for role in ("sponsor", "budget_owner"))
        plan = [(1, ("sponsor",), 1, "pmo_manager", 10)] if sponsor else []
        if owner and owner != sponsor:
            plan.append((1, ("budget_owner",), 1, "pmo_manager", 10))
        return [*plan, *([] if sponsor and owner else [(1, ("pmo_manager",), 1, "", 0)])]

    # --- voting

    def vote(self, key: int, who: str, choice: str, at: tuple[int, str] | None = None) -> str:
        """What comes of a vote: "heard" before, "counted", "void" (all vote anew) or "refused". `at` is the step and
        the seat that it was counted at: of several that somebody may vote from, any will do.
        """
        question = self.questions[key]
        if question.heard(who, choice) or question.state != "open":
            return "heard" if question.heard(who, choice) else "refused"
        trial = deepcopy(question)
        trial.subject = question.subject
        new = self.barred(trial.subject) - trial.barred
        if not self.bar(trial, new):
            return "refused"
        if any(vote.by in new or vote.seat in new for vote in trial.votes):
            trial.void()
            self.questions[key] = trial
            return "void"
        places = self._places(trial, who)
        if not self.is_offered(trial.subject.kind, choice) or not places:
            return "refused"
        place = at or places[0]
        assert place in places, (place, places)
        trial.votes.append(Vote(*place, who, choice))
        self._conclude(trial, trial.steps[place[0]])
        if trial.state == "decided" and not self._follow(trial):
            return "refused"
        self.questions[key] = trial
        return "counted"

    def is_offered(self, kind: str, choice: str) -> bool:
        return choice in CHOICES.get(kind, YES_OR_NO)

    def has_a_vote(self, key: int, who: str) -> bool:
        """Whether somebody could vote on a question now: then its page is open to them."""
        question = self.questions[key]
        return (
            question.state == "open" and bool(self._places(question, who)) and who not in self.barred(question.subject)
        )

    def bar(self, question: Question, people: Iterable[str]) -> bool:
        """Take people's votes away; those who take over get seats. False where too few are left."""
        new = set(people)
        question.barred |= new
        for step in question.steps:
            left = set(step.seats) - question.barred
            if not new & set(step.seats) or len(left) >= step.quorum:
                continue
            added = self._seat_more(question, step)
            if len(left) + added < step.quorum:
                return False
        return True

    def _seat_more(self, question: Question, step: Step) -> int:
        more = self.holders(question.subject, step.escalates) if step.escalates else set()
        more -= set(step.seats) | question.barred
        step.seats |= dict.fromkeys(more, step.escalates)
        return len(more)

    def _places(self, question: Question, who: str) -> list[tuple[int, str]]:
        """Steps and seats that somebody may vote from: their own before those of whoever is away."""
        if who in question.barred or not self.may_act(who):
            return []
        away = self.away(who)
        free = [
            (number, seat)
            for number, step in enumerate(question.steps)
            if step.state == "open" and not any(vote.step == number and vote.by == who for vote in question.votes)
            for seat, role in step.seats.items()
            if seat not in question.barred
            and (seat == who or seat in away)
            and seat in self.holders(question.subject, role)
            and not any((vote.step, vote.seat) == (number, seat) for vote in question.votes)
        ]
        return [place for place in free if place[1] == who] or free

    def _conclude(self, question: Question, step: Step) -> None:
        number = question.steps.index(step)
        said = [vote.choice for vote in question.votes if vote.step == number]
        yes, no = sum(one in YES for one in said), sum(one not in YES for one in said)
        seats = len(set(step.seats) - question.barred)
        if yes >= step.quorum:
            step.state = "yes"
        elif no >= step.quorum or seats - no < step.quorum:
            step.state = "no"
            question.state, question.outcome = "decided", "hold" if "hold" in said else "reject"
            return
        else:
            return
        if any(other.state == "open" for other in question.steps):
            return
        if any(other.state == "waiting" for other in question.steps):
            question.begin()
            return
        conditional = any(vote.choice == "conditional" for vote in question.votes)
        question.state, question.outcome = "decided", "conditional" if conditional else "approve"

    def _follow(self, question: Question) -> bool:
        """What a decision brings; False where it cannot be, and then nothing was decided."""
        subject, is_yes = question.subject, question.outcome in YES
        if subject.kind == "change_request" and is_yes:
            if subject.start != self.cost:
                return False
            last = self.agreed[-1]
            self.agreed.append(Agreed("change", question.votes[-1].by, last.cost + subject.delta, last.finish))
        if subject.kind == "gate_review":
            self.passed += is_yes
            self.verdict = question.outcome
            if self.verdict == "reject" and self.is_live:
                self.status = "stopped"
        if subject.kind == "rule_version" and is_yes:
            self.rules.add(subject.key)
        subject.is_over = is_yes or subject.kind not in {"gate_review", "rule_version"}
        return True

    # --- everything else that moves a ballot

    def open_about(self, kind: str, key: int | None = None) -> int | None:
        """The open question about a subject, or about any of a kind."""
        found = (
            number for number, one in self.questions.items()
            if one.state == "open" and one.subject.kind == kind and key in {None, one.subject.key}
        )  # fmt: skip
        return next(found, None)

    def imports(self, who: str, cost: int, finish: int) -> bool:
        """Whether somebody may bring a file. What it says of the baseline is taken, without a ballot, as a version
        that names it; a change that starts from what was agreed before is not accepted any more.
        """
        last = self.agreed[-1]
        if self.is_pmo(who) and (last.cost, last.finish) != (cost, finish):
            self.agreed.append(Agreed("import", who, cost, finish))
        return self.is_pmo(who)

    def edited(self, key: int) -> bool:
        """The subject of a question was edited: it begins anew, without whoever must not decide by now."""
        question = self.questions[key]
        if question.state != "open":
            return True
        trial = deepcopy(question)
        trial.subject = question.subject
        if not self.bar(trial, self.barred(trial.subject) - trial.barred):
            return False
        trial.void()
        self.questions[key] = trial
        return True

    def declares(self, key: int, who: str) -> bool:
        """Somebody has an interest of their own; whether that is taken down."""
        question = self.questions[key]
        if who in question.barred and who != question.asker:
            return True
        seated = any(who in step.seats for step in question.steps)
        spoke = any(vote.by == who for vote in question.votes)
        if question.state != "open" or who in question.barred or who in self.shut or not seated or spoke:
            return False
        trial = deepcopy(question)
        trial.subject = question.subject
        if not self.bar(trial, {who}):
            return False
        if any(vote.seat == who for vote in trial.votes):
            trial.void()
        self.questions[key] = trial
        return True

    def overdue(self, key: int) -> None:
        """The time of the open steps is up: those above get a seat, once."""
        question = self.questions[key]
        for step in question.steps:
            if question.state == "open" and step.state == "open" and step.days and not step.is_escalated:
                step.is_escalated = True
                self._seat_more(question, step)

    def delegates(self, who: str, to: str, first: int, last: int) -> bool:
        if who == to or not self.may_act(who) or not self.may_act(to) or last < first or last < 0:
            return False
        wanted = Absence(who, to, first, last)
        if wanted in self.absences:
            return True
        then = [one for one in self.absences if one.first <= last and first <= one.last]
        if any(one.who in {who, to} or one.by == who for one in then):
            return False
        self.absences.append(wanted)
        return True

    def returns(self, who: str) -> None:
        self.absences = [one for one in self.absences if one.who != who]

"""Random steps of everybody around everything that is decided, each compared with what the oracle says."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, Final

from django.db import connection, transaction
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from accounts import services as administration
from accounts.models import RoleGrant
from common.errors import PortalError
from governance.models import Ballot, BallotStep, Delegation, Procedure, RuleVersion, Vote, Waiver
from governance.services import activation, ballots, drafts, waivers
from governance.services.ballots import NewCondition, NewDelegation, NewProcedure, NewStep
from governance.services.waivers import NewWaiver
from intake import services as intake
from intake.services import Triage
from projects.models import Baseline, ChangeRequest, Gate
from projects.services import changes, gates, imports
from projects.services import projects as project_services
from reporting.services import bulk
from reporting.services.bulk import BulkAction
from tests.governance.rulebook import STOPS, content, ready, rehearse
from tests.projects.imports.conftest import gmpp_csv
from tests.walks.oracle import Oracle, Question, Subject
from tests.walks.portal import GATES, PEOPLE, TEAM, make_oracle, make_portal

person = st.sampled_from(PEOPLE)
insider = st.sampled_from(("lena", "paul", "pia", "boss", "paul", "pia", *PEOPLE))
"""Oftener those who may do much, or hardly anything would come of all the steps."""
WITHIN, BEYOND = 10, 100_000
"""Effects of a change on a cost of thousands: inside the tolerance of the portfolio, and far beyond it."""
DAYS: Final = {"now": (0, 3), "later": (10, 12), "over": (-9, -5)}

SELF_APPROVALS: Final = """
    SELECT count(*) FROM governance_vote v JOIN governance_ballot b ON b.id = v.ballot_id
        JOIN governance_ballotseat s ON s.id = v.seat_id
        WHERE v.voided_at IS NULL AND (v.cast_by_id = b.asked_by_id OR v.cast_by_id = ANY(b.barred_ids)
            OR s.person_id = ANY(b.barred_ids))
    UNION ALL SELECT count(*) FROM governance_ballot WHERE decided_by_id = ANY(barred_ids)
    UNION ALL SELECT count(*) FROM governance_waiver WHERE granted_by_id IN (asked_by_id, owner_id)
    UNION ALL SELECT count(*) FROM intake_request WHERE decided_by_id = requester_id
    UNION ALL SELECT count(*) FROM projects_changerequest
        WHERE decided_by_id = requested_by_id OR decided_by_id = ANY(author_ids)
    UNION ALL SELECT count(*) FROM governance_ruleversion r JOIN governance_ruleversionevent e ON e.pgh_obj_id = r.id
        WHERE e.author_id = r.activated_by_id
"""
CLOSED: Final = """
    SELECT b.id, md5(row_to_json(b)::text || (SELECT json_agg(v ORDER BY v.id) FROM governance_vote v
        WHERE v.ballot_id = b.id)::text || (SELECT json_agg(s ORDER BY s.id) FROM governance_ballotseat s
        WHERE s.ballot_id = b.id)::text || (SELECT json_agg(t ORDER BY t.id) FROM governance_ballotstep t
        WHERE t.ballot_id = b.id)::text)
    FROM governance_ballot b WHERE b.state <> 'open'
"""


class Walk(RuleBasedStateMachine):
    """Fourteen people of all roles around requests, gates, changes, waivers and rules."""

    ballots = Bundle("ballots")
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

    # --- asking

    @initialize(target=ballots)
    def one_of_each(self) -> Any:
        return multiple(
            self.pitch("rita", "paul", "sam"), self.ask_for_the_gate("lena"), self.ask_for_a_change("stan", BEYOND),
            self.ask_for_a_waiver("lena", "boss"), self.write_a_rule("pia"),
        )  # fmt: skip

    def asked(self, subject: Subject, question: Question | None, asker: str) -> Any:
        """Note the ballot about a subject that has just been opened."""
        found = Ballot.objects.open().about(subject.kind, subject.key).first()
        assert (found is None) == (question is None), subject
        if found is None or question is None:
            return multiple()
        assert found.asked_by_id == self.portal.people[asker].pk
        self.oracle.questions[found.pk] = question
        return found.pk

    @rule(target=ballots, who=person, pmo=insider, sponsor=person)
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

    @rule(target=ballots, who=insider)
    def ask_for_the_gate(self, who: str) -> Any:
        """Pages offer it to those who edit the project."""
        portal, oracle = self.portal, self.oracle
        if not oracle.edits(who):
            return multiple()
        gate = portal.gates[min(oracle.passed, GATES - 1)]
        there = oracle.open_about("gate_review", gate.pk)
        subject = Subject("gate_review", gate.pk, set())
        question = None if there or oracle.passed == GATES else oracle.opened(subject, who)
        done = self.attempt(
            "ask for a gate",
            lambda: gates.open_review(
                actor=portal.user(who), project=portal.project, gate_id=gate.pk, anyway="We try."
            ),
            allowed=bool(there or question),
        )
        return multiple() if there or done is None else self.asked(subject, question, who)

    @rule(target=ballots, who=insider, delta=st.sampled_from((WITHIN, BEYOND)))
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

    @rule(target=ballots, who=insider, owner=st.sampled_from(("ada", "boss", "stan")))
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

    @rule(target=ballots, who=insider)
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

    # --- voting

    @rule(ballot=ballots, who=person, choice=st.sampled_from(("approve", "approve", "reject", "conditional", "hold")))
    def vote(self, ballot: int, who: str, choice: str) -> None:
        question = self.oracle.questions[ballot]
        self._vote(ballot, who, "hold" if (question.subject.kind, choice) == ("gate_review", "reject") else choice)

    @rule(ballot=ballots, choice=st.sampled_from(("approve", "conditional", "reject")))
    def those_who_must_not_vote_try(self, ballot: int, choice: str) -> None:
        """Who asked, wrote, leads or owns; and whoever stands in for one of them."""
        question = self.oracle.questions[ballot]
        barred = self.oracle.barred(question.subject) | question.barred | {question.asker}
        choice = "hold" if (question.subject.kind, choice) == ("gate_review", "reject") else choice
        for who in sorted(barred):
            self._vote(ballot, who, choice)

    @rule(ballot=ballots)
    def those_who_may_vote_agree(self, ballot: int) -> None:
        """Otherwise hardly anything would ever be decided."""
        question = self.oracle.questions[ballot]
        for who in sorted({seat for step in question.steps for seat in step.seats}):
            if self.oracle.questions[ballot].state == "open":
                self._vote(ballot, who, "approve")

    @rule()
    def the_board_meets(self) -> None:
        """All who may vote agree on all that is open."""
        for ballot in [key for key, question in self.oracle.questions.items() if question.state == "open"]:
            self.those_who_may_vote_agree(ballot)

    def _vote(self, ballot: int, who: str, choice: str) -> None:
        portal, oracle = self.portal, self.oracle
        due = timezone.localdate() + timedelta(days=3)
        wanted = [NewCondition("Name a deputy", portal.people["stan"], due)] if choice == "conditional" else []
        kind = oracle.questions[ballot].subject.kind
        before = Vote.objects.count()
        self.steps[f"vote on a {kind}"] += 1
        try:
            ballots.cast_vote(
                actor=portal.user(who), ballot_id=ballot, choice=choice, reason=f"{who} says {choice}",
                conditions=wanted,
            )  # fmt: skip
            done = "counted" if Vote.objects.count() > before else "heard"
        except ballots.SubjectChanged:
            done = "void"
        except PortalError as error:
            done, why = "refused", type(error).__name__
        if done in {"void", "refused"}:
            self.refusals[f"vote on a {kind}: {'SubjectChanged' if done == 'void' else why}"] += 1
        at = self._place(ballot) if done == "counted" else None
        said = oracle.vote(ballot, who, choice, at)
        assert done == said, f"{who} votes {choice} on {oracle.questions[ballot]}: {done}, and should be {said}"
        question = oracle.questions[ballot]
        if done == "counted" and question.state == "decided":
            self.decisions[f"{kind}: {question.outcome}"] += 1

    def _place(self, ballot: int) -> tuple[int, str]:
        """Where the newest vote was counted."""
        vote = Vote.objects.filter(ballot=ballot).select_related("seat").latest("pk")
        steps = list(BallotStep.objects.filter(ballot=ballot).order_by("pk").values_list("pk", flat=True))
        return steps.index(vote.step_id), self.portal.name(vote.seat.person_id)

    @rule(ballot=ballots, who=person)
    def declare_an_interest(self, ballot: int, who: str) -> None:
        self.attempt(
            "declare an interest",
            lambda: ballots.declare_conflict(actor=self.portal.user(who), ballot_id=ballot, reason="My brother sells"),
            allowed=self.oracle.declares(ballot, who),
        )

    @rule(ballot=ballots)
    def time_is_up(self, ballot: int) -> None:
        self.steps["escalate"] += 1
        overdue = BallotStep.objects.filter(ballot=ballot, ballot__state="open", due_at__isnull=False)
        overdue.update(due_at=timezone.now() - timedelta(minutes=1))
        self.oracle.overdue(ballot)
        ballots.escalate_overdue()

    # --- standing in

    @rule(who=person, to=person, when=st.sampled_from(("now", "now", "later", "over")))
    def delegate(self, who: str, to: str, when: str) -> None:
        if who in self.oracle.shut:
            return
        first, last = DAYS[when]
        today = timezone.localdate()
        data = NewDelegation(self.portal.people[to], today + timedelta(days=first), today + timedelta(days=last))
        data.to_user.refresh_from_db()
        self.attempt(
            f"delegate {when}", lambda: ballots.delegate(actor=self.portal.user(who), data=data),
            allowed=self.oracle.delegates(who, to, first, last),
        )  # fmt: skip

    @rule(ballot=ballots)
    def whoever_has_a_seat_sends_the_asker(self, ballot: int) -> None:
        """The way round: the one who asked stands in for one who may vote."""
        question = self.oracle.questions[ballot]
        for who in sorted({seat for step in question.steps for seat in step.seats})[:1]:
            self.delegate(who, question.asker, "now")
            self._vote(ballot, question.asker, "approve")

    @rule(who=person)
    def come_back(self, who: str) -> None:
        self.steps["come back"] += 1
        for one in Delegation.objects.filter(from_user=self.portal.people[who], revoked_at=None):
            ballots.end_delegation(actor=self.portal.user(who), delegation_id=one.pk)
        self.oracle.returns(who)

    # --- taking back

    @rule(ballot=ballots, who=person)
    def withdraw(self, ballot: int, who: str) -> None:
        oracle, question = self.oracle, self.oracle.questions[ballot]
        if who in oracle.shut:
            return
        alone = question.subject.kind in {"gate_review", "rule_version"}
        again = question.state == "withdrawn"
        may = who == question.asker and who not in oracle.external and (again or (alone and question.state == "open"))
        self.attempt(
            "take a ballot back",
            lambda: ballots.withdraw_ballot(actor=self.portal.user(who), ballot_id=ballot), allowed=may,
        )  # fmt: skip
        if may:
            question.state = "withdrawn"

    @rule(ballot=ballots, who=person)
    def withdraw_the_subject(self, ballot: int, who: str) -> None:
        portal, oracle, subject = self.portal, self.oracle, self.oracle.questions[ballot].subject
        actor = portal.user(who)
        if who in oracle.shut or subject.kind in {"gate_review", "rule_version"}:
            return
        first = (
            subject.kind != "change_request" or ChangeRequest.objects.get(pk=subject.key).requested_by_id == actor.pk
        )
        own = who in subject.writers and first
        gone = subject.is_taken_back
        do: dict[str, Callable[[], Any]] = {
            "request": lambda: intake.withdraw_request(actor=actor, pk=subject.key),
            "waiver": lambda: waivers.withdraw_waiver(actor=actor, waiver_id=subject.key),
            "change_request": lambda: changes.withdraw_change(
                actor=actor, project=portal.project, change_id=subject.key
            ),
        }
        may = own and (not subject.is_over or gone)
        if subject.kind == "change_request":
            may = gone or (not subject.is_over and (own or oracle.edits(who)))
        if subject.kind == "request" and gone:
            may = own
        self.attempt(f"take a {subject.kind} back", do[subject.kind], allowed=may)
        open_one = oracle.open_about(subject.kind, subject.key)
        if may and open_one is not None:
            oracle.questions[open_one].state = "withdrawn"
        if may:
            subject.is_over = subject.is_taken_back = True

    # --- editing what is decided on

    @rule(target=ballots, ballot=ballots, who=insider)
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

    # --- many at once, files, administration

    @rule(who=insider, lead=person)
    def set_the_lead_in_the_table(self, who: str, lead: str) -> None:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return
        may = oracle.is_pmo(who) and lead not in oracle.external and lead != oracle.posts["project_lead"]
        self.steps["bulk edit"] += 1
        done = bulk.apply(
            actor=portal.user(who), ids=[portal.project.pk], action=BulkAction.LEAD, value=portal.user(lead)
        )
        assert bool(done.changes) == may, done
        if may:
            oracle.posts["project_lead"] = lead
        else:
            self.refusals["bulk edit: skipped with the reason"] += 1

    @rule(ballot=ballots, pmo=st.sampled_from(("paul", "pia", "boss")))
    def make_a_voter_the_lead_in_the_table(self, ballot: int, pmo: str) -> None:
        votes = self.oracle.questions[ballot].votes
        seats = {seat for step in self.oracle.questions[ballot].steps for seat in step.seats}
        for who in sorted({vote.by for vote in votes} or seats)[:1]:
            self.set_the_lead_in_the_table(pmo, who)

    @rule(who=insider, post=st.sampled_from(("sponsor", "budget_owner")), to=person)
    def appoint(self, who: str, post: str, to: str) -> None:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return
        is_same = oracle.posts[post] == to
        may = is_same or (oracle.is_pmo(who) and to not in oracle.external)
        self.attempt(
            f"appoint a {post}",
            lambda: project_services.edit_project(
                actor=portal.user(who), project_id=portal.project.pk, version=None, changes={post: portal.user(to)}
            ),
            allowed=may,
        )
        if may:
            oracle.posts[post] = to

    @rule(who=insider, cost=st.integers(1, 9))
    def bring_the_project_in_a_file(self, who: str, cost: int) -> None:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return
        content = gmpp_csv(["A1", f"Bridge {cost}", "Works", "Amber", f"£{cost}", "2030-03-31"])
        before = Baseline.objects.count()
        run = self.attempt(
            "import",
            lambda: imports.upload_import(
                actor=portal.user(who), portfolio=portal.portfolio, file_name="file.csv", content=content,
                as_of=timezone.localdate(), is_complete=False,
            ),
            allowed=oracle.is_pmo(who),
        )  # fmt: skip
        if run is not None:
            assert imports.run_import(run_id=run.pk, actor=portal.user(who))["refused"] == 0
            assert Baseline.objects.count() == before, "what was agreed stays"

    @rule(who=person, role=st.sampled_from(("executive", "pmo_manager")), give=st.booleans())
    def change_a_role(self, who: str, role: str, give: bool) -> None:
        """On the pages of the administrator, who cannot touch their own roles."""
        portal, oracle = self.portal, self.oracle
        held = RoleGrant.objects.filter(user=portal.people[who], role=role).first()
        if not give and held is None:
            return
        do: Callable[[], Any] = lambda: administration.grant_role(  # noqa: E731
            actor=portal.user("adam"), user_pk=portal.people[who].pk, role=role, scope="organisation", scope_id=None
        )
        if not give and held is not None:
            do = lambda pk=held.pk: administration.end_grant(actor=portal.user("adam"), grant_pk=pk)  # noqa: E731
        self.attempt("change a role", do, allowed=who not in {"adam", *oracle.external})
        if who not in {"adam", *oracle.external}:
            (oracle.grants[role].add if give else oracle.grants[role].discard)(who)

    @rule(who=st.sampled_from(("adam", "sam", "bo", "eve", "paul")), may=st.booleans())
    def let_in_or_shut_out(self, who: str, may: bool) -> None:
        portal, oracle = self.portal, self.oracle
        self.attempt(
            "shut out",
            lambda: administration.set_may_sign_in(actor=portal.user("adam"), user_pk=portal.people[who].pk, may=may),
            allowed=who != "adam",
        )
        if who != "adam":
            (oracle.shut.discard if may else oracle.shut.add)(who)

    # --- rules and procedures while ballots are open

    @rule(
        kind=st.sampled_from(("request", "gate_review", "change_request", "waiver", "rule_version")),
        quorum=st.integers(1, 3),
    )
    def change_the_procedure(self, kind: str, quorum: int) -> None:
        """Open ballots keep the steps that they opened with."""
        oracle, actor = self.oracle, self.portal.user("pia")
        there = Procedure.objects.filter(matter=kind, is_retired=False).first()
        if there is not None:
            self.steps["retire a procedure"] += 1
            ballots.retire_procedure(actor=actor, pk=there.pk)
            oracle.procedures.pop(kind)
            return
        data = NewProcedure(kind, "Board", [NewStep("Board", "executive", quorum=quorum)])
        may = quorum <= len(oracle.granted("executive"))
        self.attempt("save a procedure", lambda: ballots.save_procedure(actor=actor, data=data), allowed=may)
        if may:
            oracle.procedures[kind] = quorum

    @rule(who=person)
    def retire_a_rule(self, who: str) -> None:
        held = RuleVersion.objects.active().exclude(rule__code="goal").order_by("pk").first()
        if held is None:
            return
        self.attempt(
            "retire a rule",
            lambda: activation.retire_rule(actor=self.portal.user(who), pk=held.pk, version=None),
            allowed=self.oracle.is_pmo(who),
        )
        if self.oracle.is_pmo(who):
            self.oracle.rules.discard(held.pk)

    # --- what must hold after each step

    @invariant()
    def the_portal_and_the_oracle_agree(self) -> None:
        questions = self.oracle.questions
        assert Ballot.objects.count() == len(questions)
        rows = Ballot.objects.values_list("pk", "state", "outcome", "asked_by", "barred_ids", "rule_versions")
        for pk, state, outcome, asker, barred, rules in rows:
            question = questions[pk]
            assert (state, outcome, self.portal.name(asker)) == (question.state, question.outcome, question.asker)
            assert self.portal.names(barred) == question.barred
            assert frozenset(rules) == question.rules, "the rules are those of the opening"
        votes = Vote.objects.counting().values_list("ballot", "cast_by", "seat__person", "choice")
        found = sorted((pk, self.portal.name(by), self.portal.name(seat), choice) for pk, by, seat, choice in votes)
        assert found == sorted(
            (pk, vote.by, vote.seat, vote.choice) for pk, question in questions.items() for vote in question.votes
        )

    @invariant()
    def nobody_approves_their_own(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(SELF_APPROVALS)
            found = sum(count for (count,) in cursor.fetchall())
        type(self).self_approvals += found
        assert found == 0

    @invariant()
    def what_is_over_never_changes(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(CLOSED)
            now = dict(cursor.fetchall())
        assert self.closed.items() <= now.items()
        self.closed = now

    @invariant()
    def what_was_granted_was_decided_by_a_ballot(self) -> None:
        yes = set(Ballot.objects.filter(subject_kind="waiver", outcome="approve").values_list("subject_id", flat=True))
        assert set(Waiver.objects.exclude(granted_by=None).values_list("pk", flat=True)) == yes

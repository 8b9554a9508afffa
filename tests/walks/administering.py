"""Steps that move the world around the ballots: posts, roles, files, procedures, rules."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import strategies as st
from hypothesis.stateful import rule

from accounts import services as administration
from accounts.models import RoleGrant
from governance.models import Procedure, RuleVersion
from governance.services import activation, ballots
from governance.services.ballots import NewProcedure, NewStep
from projects.models import Project
from projects.services import imports
from projects.services import projects as project_services
from reporting.services import bulk
from reporting.services.bulk import BulkAction
from tests.projects.imports.conftest import csv_bytes, gmpp_csv
from tests.walks.walker import BALLOTS, Walker, insider, person


class Administering(Walker):
    """What administrators and the PMO do meanwhile."""

    @rule(who=insider, lead=person)
    def set_the_lead_in_the_table(self, who: str, lead: str) -> None:
        portal, oracle = self.portal, self.oracle
        if who in oracle.shut:
            return
        may = oracle.is_pmo(who) and lead not in oracle.external and lead != oracle.posts["project_lead"]
        may = may and oracle.is_live
        self.steps["bulk edit"] += 1
        done = bulk.apply(
            actor=portal.user(who), ids=[portal.project.pk], action=BulkAction.LEAD, value=portal.user(lead)
        )
        assert bool(done.changes) == may, done
        if may:
            oracle.posts["project_lead"] = lead
        else:
            self.refusals["bulk edit: skipped with the reason"] += 1

    @rule(ballot=BALLOTS, pmo=st.sampled_from(("paul", "pia", "boss")))
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

    @rule(who=insider, to=st.sampled_from(("active", "active", "on_hold", "stopped")), in_the_table=st.booleans())
    def turn(self, who: str, to: str, *, in_the_table: bool) -> None:
        """Pause, stop or take up the project, on its page or along with others in the table, which stops nothing."""
        if to == self.oracle.status or (in_the_table and to == "stopped"):
            return
        may, what = self.oracle.turns(who, to), f"turn the project {to}"
        self.steps[what] += 1
        (self._turn_in_the_table if in_the_table else self._turn_on_its_page)(who, to)
        is_turned = Project.objects.get(pk=self.portal.project.pk).status == to
        assert is_turned == may, f"{who} turns the project {to} that is {self.oracle.status}: {is_turned}"
        if may:
            self.oracle.status = to
        else:
            self.refusals[what] += 1

    def _turn_in_the_table(self, who: str, to: str) -> None:
        action = BulkAction.RESUME if to == "active" else BulkAction.HOLD
        bulk.apply(actor=self.portal.user(who), ids=[self.portal.project.pk], action=action)

    def _turn_on_its_page(self, who: str, to: str) -> None:
        project, client = Project.objects.get(pk=self.portal.project.pk), Client()
        client.force_login(self.portal.user(who))
        client.post(reverse("project-status", args=[project.key]), {"version": project.version, "status": to})

    @rule(who=insider, cost=st.integers(1, 9))
    def bring_the_project_in_a_file(self, who: str, cost: int) -> None:
        """A file that says nothing of what was agreed."""
        if who not in self.oracle.shut:
            row = ["A1", f"Bridge {cost}", "Works", "Amber", f"£{cost}", "2030-03-31"]
            self._import("import", who, gmpp_csv(row), allowed=self.oracle.is_pmo(who))

    @rule(who=insider, cost=st.sampled_from((800, 1000, 20_000)), finish=st.sampled_from((100, 130)))
    def move_the_baseline_in_a_file(self, who: str, cost: int, finish: int) -> None:
        if who in self.oracle.shut:
            return
        header = ["Project ID", "Project name", "Baseline cost", "Baseline finish"]
        day = timezone.localdate() + timedelta(days=finish)
        content = csv_bytes([header, ["A1", "Bridge", str(cost), day.isoformat()]])
        self._import("import a baseline", who, content, allowed=self.oracle.imports(who, cost, finish))

    def _import(self, what: str, who: str, content: bytes, *, allowed: bool) -> None:
        actor = self.portal.user(who)
        run = self.attempt(
            what,
            lambda: imports.upload_import(
                actor=actor, portfolio=self.portal.portfolio, file_name="file.csv", content=content,
                as_of=timezone.localdate(), is_complete=False,
            ),
            allowed=allowed,
        )  # fmt: skip
        if run is not None:
            assert imports.run_import(run_id=run.pk, actor=actor)["refused"] == 0

    @rule(who=person, role=st.sampled_from(("executive", "pmo_manager")), give=st.booleans())
    def change_a_role(self, who: str, role: str, give: bool) -> None:
        """On the pages of the administrator, who cannot touch their own roles."""
        portal, oracle = self.portal, self.oracle
        held = RoleGrant.objects.filter(user=portal.people[who], role=role).first()
        if not give and held is None:
            return
        do: Callable[[], Any] = lambda: administration.grant_role(  # noqa: E731  one of two things to do
            actor=portal.user("adam"), user_pk=portal.people[who].pk, role=role, scope="organisation", scope_id=None
        )
        if not give and held is not None:
            do = lambda pk=held.pk: administration.end_grant(actor=portal.user("adam"), grant_pk=pk)  # noqa: E731  one of two things to do
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

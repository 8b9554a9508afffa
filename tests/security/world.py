"""One small organisation with a person for every role and an object for every address.

`own` is the project that the lead, sponsor, budget owner and stakeholder belong to; `secret` is a
confidential one of the same portfolio, of which only the PMO and the auditor may know. All texts of
`secret` hold CANARY, so that a leak shows wherever it comes out.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Model
from django.utils import timezone

from accounts.enums import RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from common import jobs
from common.enums import JobState
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail
from governance import contents, documents, subjects
from governance import services as rulebook
from governance.builder import Builder
from governance.enums import Checkpoint, Choice, Enforcement, WaiverState, Weight
from governance.facts import catalogue
from governance.forms.rules import RuleForm
from governance.models import (
    Ballot,
    BallotSeat,
    DecisionCondition,
    Delegation,
    Finding,
    Procedure,
    Rule,
    RuleCase,
    RuleVersion,
    Vote,
    Waiver,
)
from governance.services import ballots, drafts, rehearsals, waivers
from intake.models import Request
from playbooks import services as playbook_services
from playbooks.enums import CriterionKind
from playbooks.models import Playbook, PlaybookMilestone, PlaybookVersion
from playbooks.selectors import draft_of, gates_of
from projects.enums import UpdateState
from projects.models import (
    ChangeRequest,
    DocumentLink,
    EvidencePack,
    Gate,
    GateCriterion,
    ImportRun,
    Portfolio,
    Project,
)
from projects.services import baselines, gates, imports, proposals, rules, state
from projects.start_rules import start_set
from reporting.enums import SlotState
from reporting.models import Report, ReportSlot, SavedView
from reporting.services import slots, subscriptions
from strategy.enums import ControlLevel
from strategy.models import Goal, Office, Process, ProcessAssignment
from tests import factories as make
from tests.intake import world as intake_world
from tests.reporting import weeks
from tests.strategy import world as advice_world

CANARY = "Zanzibar7Q"
PEOPLE = (
    "anonymous", "deactivated", "requester", "stakeholder", "lead", "sponsor", "budget_owner", "executive", "pmo",
    "far_pmo", "far_lead", "adviser", "adviser_with_role", "auditor", "administrator",
)  # fmt: skip
"""The columns of the matrix. `adviser_with_role` is of an external office too, and wrongly holds what it can."""

STRICT_RULE = "goal-at-gates"
KNOW_THE_SECRET = frozenset({"pmo", "auditor"})


@dataclass
class Items:
    """A project with one of everything that a project can hold."""

    project: Project
    phase: Model
    milestone: Model
    deliverable: Model
    delivered: Model
    risk: Model
    closed_risk: Model
    issue: Model
    solved_issue: Model
    decision: Model
    member: Model
    document: Model
    update: Model
    ask: Model
    draft_change: Model
    open_change: Model
    gate: Model
    """Not passed yet; asks for a judgement by the sponsor."""
    criterion: Model
    review: Model
    """The ballot by which an earlier gate was passed."""
    pack: Model
    paper: Model
    """A document of the lead that nobody accepted yet."""
    finding: Model | None = None
    waiver: Model | None = None
    granted: Model | None = None
    proposal: Model | None = None


def fill(project: Project, member: User, word: str, holder: User | None = None) -> Items:
    """Give the project one of everything, with the word in every text."""
    today = timezone.localdate()
    phase = make.make_phase(project, f"Phase {word}")
    second = make.make_phase(project, f"Later {word}")
    Project.objects.filter(pk=project.pk).update(phase=phase)
    note = make.make_update(
        project, as_of=today, accomplished=f"Done {word}", next_steps=f"Next {word}",
        asks_text=f"Asked {word}", rationale=f"Why {word}", author=project.lead,
    )  # fmt: skip
    review, pack, gate = _gates(project, word)
    return Items(
        project=project,
        gate=gate,
        criterion=gate.criteria.get(),
        review=review,
        pack=pack,
        paper=DocumentLink.objects.create(
            project=project,
            title=f"Case {word}",
            url=f"https://example.org/case-{word}",
            kind="Business case",
            owner=project.lead,
        ),
        phase=second,
        milestone=make.make_milestone(project, f"Milestone {word}", phase=phase, baseline_on=today, forecast_on=today),
        deliverable=make.make_deliverable(
            project,
            f"Thing {word}",
            acceptance=f"When {word}",
            due_on=today,
            phase=phase,
            letters={"sponsor": "A", f"person-{member.pk}": "R"},
        ),
        delivered=make.make_deliverable(
            project,
            f"Made {word}",
            state="delivered",
            delivered_at=timezone.now(),
            delivered_by=member,
        ),
        risk=make.make_risk(project, f"Risk {word}", description=f"Cause {word}", probability=5, impact=5),
        closed_risk=make.make_risk(project, f"Closed {word}", closed_on=today),
        issue=make.make_issue(project, f"Issue {word}", description=f"Because {word}", is_blocker=True),
        solved_issue=make.make_issue(project, f"Solved {word}", resolved_on=today, resolution=f"So {word}"),
        decision=make.make_decision(project, f"Question {word}?", options=f"Either {word}", holder=holder),
        member=make.join_team(project, member, task=f"Task {word}"),
        document=DocumentLink.objects.create(project=project, title=f"Paper {word}", url=f"https://example.org/{word}"),
        update=note,
        ask=make.make_ask(project, f"Ask {word}", update_asked_in=note, asked_of=project.lead),
        **_changes(project, word),
    )


def _gates(project: Project, word: str) -> tuple[Ballot, EvidencePack, Gate]:
    """A gate that was passed with a condition, and the next one. They close no phase, so the phases stay free."""
    passed, following = (
        make.make_milestone(
            project, f"Gate {name} {word}", is_gate=True, baseline_on=timezone.localdate() + timedelta(days=days),
            forecast_on=timezone.localdate() + timedelta(days=days),
        )
        for name, days in (("one", -5), ("two", 30))
    )  # fmt: skip
    lead = project.lead
    assert lead is not None
    ballot = gates.open_review(actor=lead, project=project, gate_id=Gate.objects.get(milestone=passed).pk)
    due = timezone.localdate() + timedelta(days=9)
    for seat in ballot.seats.select_related("person").order_by("pk"):
        wanted = (ballots.NewCondition(f"Condition {word}", lead, due),)
        ballot.refresh_from_db()
        if ballot.is_open:
            ballots.cast_vote(
                actor=seat.person, ballot_id=ballot.pk, choice="conditional", reason=f"Vote {word}", conditions=wanted
            )
    gate = Gate.objects.get(milestone=following)
    GateCriterion.objects.create(
        gate=gate, kind=CriterionKind.JUDGEMENT, texts={"en": f"Content {word}"}, role=RoleName.SPONSOR
    )
    ballot.refresh_from_db()
    assert ballot.outcome == "conditional"
    return ballot, EvidencePack.objects.get(ballot=ballot), gate


def _changes(project: Project, word: str) -> dict[str, ChangeRequest]:
    """A draft, and a request that nobody can decide yet; both by the lead."""
    assert project.lead is not None
    more = {"reason": f"Because {word}", "risks": f"Risky {word}", "scope_to": f"Scope {word}", "author_ids": [1]}
    today = timezone.localdate()
    rows = {
        "draft_change": {"state": "draft", "title": f"Draft {word}", "kinds": ["scope"], **more},
        "open_change": {
            "state": "submitted", "title": f"Change {word}", "submitted_on": today, "kinds": ["scope"], **more,
        },
    }  # fmt: skip
    return {
        name: ChangeRequest.objects.create(project=project, number=number, requested_by=project.lead, **values)
        for number, (name, values) in enumerate(rows.items(), 1)
    }


@dataclass
class World:
    """Everything that an address can name. `who` has the people by column; anonymous is None."""

    who: dict[str, User | None]
    own: Items
    secret: Items
    far: Items
    home: Portfolio
    far_portfolio: Portfolio
    unit: OrgUnit
    other: User
    grant: RoleGrant
    office: Office
    process: Process
    goal: Goal
    playbook: Playbook
    idle_playbook: Playbook
    draft_version: PlaybookVersion
    draft_gate: PlaybookMilestone
    report: Report
    slot: ReportSlot
    job: JobRun
    mail: OutgoingMail
    view: SavedView
    upload: ImportRun
    rule_draft: RuleVersion
    rule_case: RuleCase
    draft: Request
    submitted: Request
    triaged: Request
    ballot: Ballot
    condition: DecisionCondition
    delegation: Delegation
    procedure: Procedure
    outside: advice_world.Advice
    names: dict[str, str] = field(default_factory=dict)

    def person(self, name: str) -> User:
        found = self.who[name]
        assert found is not None
        return found


def _people(home: Portfolio, far: Portfolio) -> dict[str, User | None]:
    roles: dict[str, tuple[str, Portfolio | None]] = {
        "executive": (RoleName.EXECUTIVE, None),
        "pmo": (RoleName.PMO_MANAGER, None),
        "far_pmo": (RoleName.PMO_MANAGER, far),
        "auditor": (RoleName.AUDITOR, None),
        "administrator": (RoleName.ADMINISTRATOR, None),
    }
    found: dict[str, User | None] = {}
    for name in PEOPLE:
        person = None if name == "anonymous" else make.make_user(f"{name} person", email=f"{name}@example.org")
        if person is not None and name in roles:
            make.grant(person, *roles[name])
        found[name] = person
    return found


def _mistakes(person: User | None, own: Project, secret: Project) -> None:
    """Whatever a person of an external office can be given past the services: every role there is, and posts."""
    assert person is not None
    for role in RoleName.values:
        if role != RoleName.EXTERNAL_ADVISER:
            RoleGrant.objects.create(user=person, role=role, scope=ScopeKind.ORGANISATION)
    for role in (RoleName.PROJECT_LEAD, RoleName.SPONSOR):
        make.join_team(own, person, role=role)
    Project.objects.filter(pk=secret.pk).update(sponsor=person)


def _shut_out(who: dict[str, User | None]) -> None:
    """The deactivated one had every right there is, so that only the deactivation keeps them out."""
    person = who["deactivated"]
    assert person is not None
    make.grant(person, RoleName.PMO_MANAGER)
    make.grant(person, RoleName.ADMINISTRATOR)
    User.objects.filter(pk=person.pk).update(is_active=False)


def _requests(who: dict[str, User | None], unit: OrgUnit, home: Portfolio, playbook: Playbook) -> intake_world.World:
    people: dict[str, Any] = {
        name: who[name] for name in ("requester", "pmo", "executive", "sponsor", "lead", "auditor")
    }
    return intake_world.World(
        **people, outsider=people["requester"], far_pmo=people["pmo"], far_executive=people["executive"],
        unit=unit, portfolio=home, playbook=playbook,
    )  # fmt: skip


def _strict_rule() -> RuleVersion:
    """A rule that wants a waiver under every office, asked at gates only."""
    texts = {"title": "A goal at each gate", "message": "There is no goal.", "remedy": "Choose it"}
    content = {
        "weight": Weight.HIGH.value, "condition": {"fact": "project.has_goal", "op": "eq", "value": True},
        "texts": {"en": texts, "nl": texts}, "checkpoints": [Checkpoint.PASS_GATE.value],
        "enforcement": dict.fromkeys(ControlLevel.values, Enforcement.REQUIRE_WAIVER.value),
    }  # fmt: skip
    rulebook.add_rules([rulebook.NewRule(STRICT_RULE, "project", content)])
    return RuleVersion.objects.get(rule__code=STRICT_RULE)


def _waive(items: Items, version: RuleVersion, pmo: User, word: str) -> None:
    """A finding, a waiver that is asked for and one that is granted."""
    today, project = timezone.localdate(), items.project
    lead = project.lead
    assert lead is not None
    items.finding = Finding.objects.filter(subject_kind="project", subject_id=project.pk, closed_at=None).first()
    waiver = waivers.NewWaiver(
        "project", project.pk, STRICT_RULE, f"Why {word}", f"Instead {word}", lead, today + timedelta(days=90)
    )
    items.granted = Waiver.objects.create(
        rule=version.rule, rule_version=version, subject_kind="project", subject_id=project.pk,
        lifts=Enforcement.REQUIRE_WAIVER, reason=f"Before {word}", compensating_control=f"Talk {word}", owner=lead,
        asked_on=today, expires_on=today + timedelta(days=60), asked_by=lead, state=WaiverState.GRANTED,
        granted_at=timezone.now(), granted_by=pmo,
    )  # fmt: skip
    items.waiver = waivers.ask_waiver(actor=lead, data=waiver)
    items.proposal = proposals.propose(
        actor=lead, project=project, target="risk", record=items.risk,  # type: ignore[arg-type]
        changes={"title": f"Later {word}"}, why=f"Since {word}",
    )  # fmt: skip


def _rule_draft(pmo: User) -> RuleVersion:
    """A draft of the rule that the addresses name, with its cases, rehearsed: it lacks nothing to be activated."""
    draft = drafts.open_draft(actor=pmo, rule_id=Rule.objects.get(code="benefits").pk)
    jobs.run_now(rehearsals.ask_for_rehearsal(actor=pmo, pk=draft.pk))
    return draft


def _process(office: Office, pmo: User) -> Process:
    process: Process = office.processes.create(name="Triage")
    ProcessAssignment.objects.create(process=process, person=pmo, letter="A")
    return process


def _upload(pmo: User, home: Portfolio) -> ImportRun:
    today = timezone.localdate()
    content = b"Project ID,Project name\nX-1,Imported one\nX-2,\n"
    run = imports.upload_import(
        actor=pmo, portfolio=home, file_name="small.csv", content=content, as_of=today, is_complete=False
    )
    return imports.match_columns(actor=pmo, run_id=run.pk, columns=run.mapping, as_of=today, is_complete=False)


def make_world() -> World:
    """Build it; about a second. Call inside a transaction that is rolled back."""
    unit = make.make_org_unit("Works")
    office = make.make_office("Home office", slug="home-office")
    home = make.make_portfolio("Home", slug="home", office=office)
    far_portfolio = make.make_portfolio("Far", slug="far")
    who = _people(home, far_portfolio)
    pmo = who["pmo"]
    assert pmo is not None
    insider = make.make_user("Ina Insider")
    other = make.make_user("Otto Other", email="other@example.org")
    posts = {name: who[name] for name in ("lead", "sponsor", "budget_owner")}
    own = make.make_healthy_project("Own", portfolio=home, org_unit=unit, **posts)
    stakeholder = who["stakeholder"]
    assert stakeholder is not None
    make.join_team(own, stakeholder)
    secret = make.make_healthy_project(
        f"Secret {CANARY}", portfolio=home, org_unit=unit, is_confidential=True, lead=insider, sponsor=insider,
        budget_owner=insider, description=f"About {CANARY}", category=f"Kind {CANARY}", external_id=f"X-{CANARY}",
    )  # fmt: skip
    far = make.make_healthy_project("Far one", portfolio=far_portfolio, lead=who["far_lead"])
    outside = advice_world.make_office(who["adviser"], who["adviser_with_role"], home)
    _mistakes(who["adviser_with_role"], own, secret)
    items = [fill(own, other, "Own", who["sponsor"]), fill(secret, insider, CANARY, insider), fill(far, other, "Far")]
    make.make_update(own, author=posts["lead"], state=UpdateState.DRAFT, declared="", accomplished="Half written")
    for one in (own, secret, far):
        baselines.freeze_first(project=one, actor=pmo)
    state.refresh([own.pk, secret.pk, far.pk])
    rules.scan_all()
    strict = _strict_rule()
    for one, word in zip(items, ("Own", CANARY, "Far"), strict=True):
        _waive(one, strict, pmo, word)

    playbooks = playbook_services.load_start_set(actor=pmo)
    playbook, idle = playbooks[0], playbooks[1]
    playbook_services.open_draft(actor=pmo, pk=playbook.pk)
    draft_version = draft_of(playbook)
    assert draft_version is not None
    pitches = _requests(who, unit, home, idle)
    rule_draft = _rule_draft(pmo)
    rule_case = rule_draft.cases.first()
    assert rule_case is not None
    report = weeks.make_week(home)
    slot = slots.ensure_slot(home.pk, weeks.LAST, ZoneInfo("UTC"))
    ReportSlot.objects.filter(pk=slot.pk).update(state=SlotState.FAILED, attempts=MAX_ATTEMPTS, last_error="It broke")
    for name in ("pmo", "adviser"):
        person = who[name]
        assert person is not None
        subscriptions.subscribe(portfolio=home, actor=person)
    found = World(
        who=who, own=items[0], secret=items[1], far=items[2], home=home, far_portfolio=far_portfolio, unit=unit,
        other=other, grant=make.grant(other, RoleName.STAKEHOLDER, home), office=office, process=_process(office, pmo),
        goal=make.make_goal("A goal", office=office),
        playbook=playbook, idle_playbook=idle, draft_version=draft_version, draft_gate=gates_of(draft_version)[0],
        report=report, slot=slot,
        job=JobRun.objects.create(
            kind="reporting.make", label="Make a report", created_by=pmo, state=JobState.FAILED, attempts=MAX_ATTEMPTS
        ),
        mail=OutgoingMail.objects.create(
            message_id="<one@example.org>", to_address="other@example.org", subject="Late", text="Late",
            attempts=MAX_ATTEMPTS,
        ),
        view=SavedView.objects.create(page="projects", name="Mine", query="", owner=pmo),
        upload=_upload(pmo, home), draft=pitches.draft(), submitted=pitches.submitted(), triaged=pitches.triaged(),
        ballot=Ballot(), condition=DecisionCondition(), delegation=Delegation(), procedure=Procedure(),
        outside=advice_world.fill(outside, pmo, home, playbook),
        rule_draft=rule_draft, rule_case=rule_case,
    )  # fmt: skip
    _decisions(found, pitches)
    _shut_out(who)
    return found


def _decisions(found: World, pitches: intake_world.World) -> None:
    """A ballot that the sponsor can vote in, a condition that another set, a stand-in and a procedure."""
    today = timezone.localdate()
    sponsor, executive = found.person("sponsor"), found.person("executive")
    found.ballot = Ballot.objects.open().about("request", found.triaged.pk).get()
    other = Ballot.objects.open().about("request", pitches.triaged(title="Bicycle sheds").pk).get()
    seat = BallotSeat.objects.get(ballot=other, person=executive)
    vote = Vote.objects.create(
        ballot=other, step=seat.step, seat=seat, cast_by=executive, choice=Choice.CONDITIONAL, reason="If it rains",
        subject_version=other.subject_version,
    )  # fmt: skip
    found.condition = DecisionCondition.objects.create(
        ballot=other, vote=vote, text="Count the bicycles", owner=found.other, due_on=today
    )
    found.delegation = ballots.delegate(actor=sponsor, data=ballots.NewDelegation(found.other, today, today))
    found.procedure = ballots.save_procedure(
        actor=found.person("pmo"),
        data=ballots.NewProcedure(
            "request", "Small requests", [ballots.NewStep("Sponsor", "sponsor")], up_to=Decimal(1), currency="XXX"
        ),
    )


# --- what an address names -----------------------------------------------------------------------------------------

OBJECTS = ("own", "confidential")

_ITEM_OF = {
    "criterion-create": "gate", "document-accept": "paper", "gate-minutes": "review", "gate": "gate",
    "evidence-pack": "pack", "criterion": "criterion",
    "deliverable-accept": "delivered", "deliverable-return": "delivered", "deliverable": "deliverable",
    "milestone": "milestone", "phase": "phase", "risk-reopen": "closed_risk", "risk": "risk",
    "issue-reopen": "solved_issue", "issue": "issue", "decision": "decision", "team-member": "member",
    "document": "document", "update-correct": "update", "ask-answer": "ask",
    "proposal": "proposal", "finding": "finding", "waiver-end": "granted", "waiver": "waiver",
    "change-submit": "draft_change", "change": "open_change",
}  # fmt: skip
"""Prefix of a URL name → what its pk is within a project. The first that fits counts."""

_PK_OF = {
    "rule-case": "rule_case",
    "playbook-gate": "draft_gate", "ballot": "ballot", "condition": "condition", "delegation": "delegation",
    "procedure": "procedure", "process": "process", "accountability-of": "other", "person": "other",
    "grant": "other", "org-unit": "unit", "goal": "goal", "import": "upload", "saved-view": "view",
    "adviser": "outside.other", "opening-add": "outside.other",
    "assessment-edit": "outside.draft", "assessment-rate": "outside.draft", "assessment-submit": "outside.draft",
    "assessment": "outside.submitted", "recommendation-note": "outside.planned",
    "recommendation-done": "outside.planned", "recommendation-effect": "outside.finished",
    "recommendation": "outside.filed",
    "report-slot": "slot", "report": "report", "job-run": "job", "mail": "mail",
}  # fmt: skip

_PITCH_OF = {
    "request-submit": "draft", "request-edit": "draft", "request-check": "draft", "request-triage": "submitted",
    "request-return": "submitted", "request-withdraw": "submitted", "request": "triaged",
}  # fmt: skip

_SLUG_OF = {
    "playbook-draft-open": "idle_playbook",
    "playbook": "playbook",
    "office": "office",
    "process": "office",
    "adviser": "outside.office",
    "opening": "outside.office",
    "portfolio": "home",
    "report": "home",
}

_FIXED = {
    "step": ("idea",), "way": ("up",), "kind": ("csv", "xlsx"), "form": ("csv", "jsonl", "xlsx"), "uidb36": ("1",),
    "code": ("benefits",),
}  # fmt: skip


class Unknown(Exception):
    """An address names something that the world does not hold. Add it to the world and to these tables."""


def _first(table: dict[str, str], name: str) -> str:
    for prefix, found in table.items():
        if name == prefix or name.startswith(f"{prefix}-"):
            return found
    raise Unknown(name)


def is_of_project(name: str, kwargs: frozenset[str]) -> bool:
    """Whether the address leads to something within one project."""
    about = name == "ask-answer" or name.startswith(("waiver-", "proposal-")) or name in {"finding", "waiver"}
    return ("key" in kwargs and not name.startswith(("request", "account_"))) or (about and not name.endswith("-list"))


def arguments(world: World, name: str, wanted: frozenset[str], of: str = "own") -> dict[str, Any]:
    """The URL arguments of an address in this world. Raises: Unknown."""
    items = world.secret if of == "confidential" else world.own
    found: dict[str, Any] = _of_waiver(items) if name == "waiver-ask" else {}
    for one in wanted - found.keys():
        if one == "key":
            found[one] = _key(world, name, items)
        elif one == "pk":
            found[one] = _pk(world, name, items, in_project=is_of_project(name, wanted))
        elif one == "grant_pk":
            found[one] = world.grant.pk
        elif one == "slug":
            found[one] = attrgetter(_first(_SLUG_OF, name))(world).slug
        elif one == "token":
            found[one] = subscriptions.unsubscribe_token(world.person("pmo").pk, world.home.pk)
        else:
            found[one] = _by_itself(world, name, one)
    return found


def _of_waiver(items: Items) -> dict[str, Any]:
    return {"kind": "project", "subject_id": items.project.pk, "code": STRICT_RULE}


def _by_itself(world: World, name: str, one: str) -> str:
    if one == "opening":
        return f"grant-{world.outside.grant.pk}"
    if one not in _FIXED:
        raise Unknown(f"{name}: {one}")
    return _FIXED[one][0]


def _key(world: World, name: str, items: Items) -> str:
    if name.startswith("account_"):
        return "no-such-key"
    return str(getattr(world, _first(_PITCH_OF, name)).key) if name.startswith("request") else items.project.key


def _pk(world: World, name: str, items: Items, *, in_project: bool) -> int:
    found = getattr(items, _first(_ITEM_OF, name)) if in_project else attrgetter(_first(_PK_OF, name))(world)
    return int(found.pk)


# --- what a form sends ---------------------------------------------------------------------------------------------


def payload(world: World, name: str, of: str = "own") -> dict[str, Any]:
    """Data with which the POST of this address succeeds for whoever may; empty for a bare button."""
    items = world.secret if of == "confidential" else world.own
    return {
        key: value for key, value in _PAYLOADS.get(name, lambda _w, _i: {})(world, items).items() if value is not None
    }


def _versioned(record: Any, **values: Any) -> dict[str, Any]:
    record.refresh_from_db()
    return {"version": record.version, **values}


def _project(world: World, items: Items) -> dict[str, Any]:
    project = items.project
    days = {
        name: getattr(project, name) for name in (
            "forecast_start_on", "forecast_finish_on", "actual_start_on",
        )
    }  # fmt: skip
    people = {"lead": project.lead_id, "sponsor": project.sponsor_id, "budget_owner": project.budget_owner_id}
    data = {**people, **days, "name": "New name", "org_unit": world.unit.pk, "external_id": project.external_id}
    return _versioned(project, **data, **({"is_confidential": "on"} if project.is_confidential else {}))


_PORTFOLIO = {
    "currency": "EUR", "colour_scale": 3, "update_cadence_days": 7, "cost_tolerance_percent": 10,
    "schedule_tolerance_days": 14,
}  # fmt: skip
_OFFICE = {"kind": "internal", "control": "supportive", "time_zone": "Europe/Amsterdam", "fiscal_year_starts_in": 1}
_RISK = {"title": "Rain", "probability": 2, "impact": 2}
_UPDATE = {"declared": "green", "accomplished": "Much", "next_steps": "More", "rationale": "In hand"}
_CRITERION = {"title": "A mandate", "kind": "document", "document_kind": "Mandate"}
_IDEA = {"title": "Idea", "problem": "Cold", "wanted_result": "Warm"}


def _issue(**more: Any) -> dict[str, Any]:
    return {"title": "Leak", "severity": 2, "opened_on": timezone.localdate(), **more}


def _draft_rows(world: World) -> dict[str, Any]:
    management = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 30}
    rows = {f"phases-{name}": value for name, value in management.items()}
    for below in ("milestones", "deliverables"):
        rows |= {f"phases-0-{below}-{name}": value for name, value in (management | {"TOTAL_FORMS": 0}).items()}
    rows |= {"phases-0-name": "Build", "phases-0-days": 10, "phases-0-ORDER": 1}
    return {**_versioned(world.draft_version, note="Shorter"), **rows}


def _criteria_rows(world: World) -> dict[str, Any]:
    management = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 40}
    rows = {f"criteria-{name}": value for name, value in management.items()}
    rows |= {f"criteria-0-{name}": value for name, value in (_CRITERION | {"ORDER": 1}).items()}
    return {**_versioned(world.draft_version), **rows}


def _triage(world: World) -> dict[str, Any]:
    return _versioned(
        world.submitted, portfolio=world.home.pk, playbook=world.idle_playbook.pk, proposed_lead="lead@example.org",
        proposed_sponsor="sponsor@example.org", start_on="2027-01-04", note="Clear.",
    )  # fmt: skip


def _rule(world: World) -> dict[str, Any]:
    """The form of a rule as it is, with another weight."""
    content = contents.content_of(world.rule_draft)
    kind = world.rule_draft.rule.subject_kind
    builder = Builder(catalogue(kind), subjects.registered()[kind].labels)
    trees = {root: builder.fields(getattr(content, root), root) for root in ("applies", "condition")}
    said = {name: value for name, value in RuleForm.initial_of(content).items() if value is not None}
    return {**said, **trees["applies"], **trees["condition"], "weight": "high"}


def _rule_file() -> str:
    one = next(one for one in start_set() if one.code == "drift")
    return documents.write([documents.Document("imported", one.kind, contents.read_content(one.content, one.kind))])


_RULE_CASE = {
    "name": "Another", "on_day": "2026-11-02", "expected": "fail", "state-is_started": "known",
    "fact-is_started": "yes", "state-benefits": "empty", "state-withheld": "known", "fact-withheld": "",
}  # fmt: skip


def _procedure() -> dict[str, Any]:
    management = {"TOTAL_FORMS": 1, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 8}
    rows = {f"steps-{name}": value for name, value in management.items()}
    rows |= {"steps-0-title": "Sponsor", "steps-0-role": "sponsor", "steps-0-position": 1, "steps-0-quorum": 1}
    return {"name": "Tiny requests", "matter": "request", "up_to": "2", "currency": "XXX", **rows}


def _matrix(record: Any, seat: str) -> dict[str, Any]:
    """One row of a matrix, with one who is consulted."""
    record.refresh_from_db()
    return {f"version-{record.pk}": record.version, f"cell-{record.pk}-{seat}": "C"}


def _token() -> str:
    return str(uuid.uuid4())


def _later() -> date:
    return timezone.localdate() + timedelta(days=20)


def _frame(world: World) -> dict[str, Any]:
    subject = f"playbook:{world.playbook.pk}"
    return {"title": "A look", "subject": subject, "workflows": "Intake", "goals": [world.outside.goal.pk]}


_PAYLOADS: dict[str, Any] = {
    "profile": lambda _w, _i: {"name": "New Name", "job_title": "Engineer"},
    "person-create": lambda _w, _i: {"name": "Nina New", "email": "nina@example.org"},
    "grant-create": lambda _w, _i: {"role": "executive", "holds_for": "organisation:"},
    "org-unit-create": lambda w, _i: {"name": "Team", "parent": w.unit.pk},
    "org-unit-edit": lambda _w, _i: {"name": "Works and roads"},
    "office-create": lambda _w, _i: {"name": "New office", **_OFFICE},
    "office-edit": lambda w, _i: _versioned(
        w.office, name="Renamed office", **{name: value for name, value in _OFFICE.items() if name != "control"}
    ),
    "office-control": lambda w, _i: _versioned(w.office, control="controlling", reason="Too many slips"),
    "goal-create": lambda _w, _i: {"name": "New goal"},
    "goal-edit": lambda w, _i: _versioned(w.goal, name="Renamed goal"),
    "playbook-create": lambda _w, _i: {"name": "New playbook"},
    "playbook-edit": lambda w, _i: _versioned(w.playbook, name="Renamed playbook"),
    "playbook-retire": lambda _w, _i: {"retire": "yes"},
    "playbook-draft": lambda w, _i: _draft_rows(w),
    "playbook-gate": lambda w, _i: _criteria_rows(w),
    "playbook-publish": lambda w, _i: _versioned(w.draft_version),
    "project-create": lambda w, _i: {"portfolio": w.home.pk, "name": "New project", "token": _token()},
    "project-edit": _project,
    "project-status": lambda _w, i: _versioned(i.project, status="on_hold"),
    "project-money-edit": lambda _w, i: _versioned(
        i.project, forecast_cost_state="known",
        forecast_cost="1100", actual_cost_state="unknown", whole_life_cost_state="unknown", benefits_state="unknown",
    ),
    "change-create": lambda _w, _i: {
        "title": "More pumps", "reason": "Rain", "kinds": ["cost"], "cost_delta": "100", "token": _token(),
    },
    "change-edit": lambda _w, i: _versioned(
        i.open_change, title="More pumps", reason="Rain", kinds=["cost"], cost_delta="100"
    ),
    "milestone-create": lambda _w, _i: {"name": "Opening", "forecast_on": "2027-03-01"},
    "milestone-edit": lambda _w, i: _versioned(
        i.milestone, name="Opening", forecast_on="2027-03-01"
    ),
    "change-submit": lambda _w, i: _versioned(i.draft_change),
    "change-resubmit": lambda _w, i: _versioned(i.open_change),
    "deliverable-create": lambda _w, _i: {"name": "Manual", "token": _token()},
    "deliverable-edit": lambda _w, i: _versioned(i.deliverable, name="Manual"),
    "deliverable-accept": lambda _w, i: _versioned(i.delivered),
    "deliverable-return": lambda _w, i: _versioned(i.delivered),
    "project-raci-edit": lambda _w, i: _matrix(i.deliverable, "lead"),
    "office-raci-edit": lambda w, _i: _matrix(w.process, "sponsor"),
    "process-create": lambda _w, _i: {"name": "Gate review"},
    "process-edit": lambda w, _i: _versioned(w.process, name="Triage of requests"),
    "phase-create": lambda _w, _i: {"name": "Build"},
    "phase-edit": lambda _w, i: _versioned(i.phase, name="Build"),
    "risk-create": lambda _w, _i: _RISK,
    "risk-edit": lambda _w, i: _versioned(i.risk, **_RISK),
    "issue-create": lambda _w, _i: _issue(),
    "issue-edit": lambda _w, i: _versioned(i.issue, **_issue()),
    "issue-resolve": lambda _w, _i: {"resolution": "Mended"},
    "decision-create": lambda _w, _i: {"question": "Which one?"},
    "decision-edit": lambda _w, i: _versioned(i.decision, question="Which of both?"),
    "decision-take": lambda _w, i: _versioned(i.decision, outcome="The first", rationale="Cheaper"),
    "team-member-add": lambda w, _i: {"user": w.person("requester").pk, "role": "stakeholder"},
    "document-add": lambda _w, _i: {"title": "Plan", "url": "https://example.org/plan"},
    "document-edit": lambda _w, i: _versioned(i.document, title="Plan", url="https://example.org/plan"),
    "document-accept": lambda _w, i: _versioned(i.paper),
    "gate-money": lambda _w, i: _versioned(i.gate, amount="500"),
    "gate-open": lambda _w, i: _versioned(i.gate, anyway="The supplier is here"),
    "criterion-create": lambda _w, _i: {**_CRITERION, "token": _token()},
    "criterion-edit": lambda _w, i: _versioned(i.criterion, **_CRITERION),
    "criterion-judge": lambda _w, i: _versioned(i.criterion, judged="met", sentence="Seen"),
    "portfolio-create": lambda w, _i: {"name": "New portfolio", "office": w.office.pk, "token": _token(), **_PORTFOLIO},
    "portfolio-edit": lambda w, _i: _versioned(w.home, name="Renamed", office=w.office.pk, **_PORTFOLIO),
    "update-write": lambda _w, _i: {**_UPDATE, "token": _token()},
    "update-autosave": lambda _w, _i: {**_UPDATE, "accomplished": "Typing"},
    "update-unchanged": lambda _w, _i: {"token": _token()},
    "update-correct": lambda _w, _i: {**_UPDATE, "token": _token()},
    "ask-answer": lambda _w, _i: {"answer": "Yes"},
    "proposal-refuse": lambda _w, _i: {"answer": "Not now"},
    "waiver-ask": lambda _w, i: {
        "reason": "No goal yet", "compensating_control": "A talk", "owner": i.project.lead.email,
        "expires_on": timezone.localdate() + timedelta(days=30),
    },
    "import-create": lambda w, _i: {
        "portfolio": w.home.pk, "as_of": "2026-11-01",
        "file": SimpleUploadedFile("a.csv", b"Project ID,Project name\nX-9,One\n"),
    },
    "import-match": lambda _w, _i: {"as_of": "2026-11-01", "column_external_id": "0", "column_name": "1"},
    "import-preset-save": lambda _w, _i: {"name": "Ours"},
    "project-bulk": lambda w, i: {
        "action": "category", "category": "Moved", "apply": "1", "selected": [i.project.pk, w.far.project.pk],
    },
    "saved-view-create": lambda _w, _i: {"name": "A view", "query": ""},
    "saved-view-save": lambda _w, _i: {"query": "sort=-name"},
    "saved-view-share": lambda _w, _i: {"share": "yes"},
    "governance-estimates": lambda _w, _i: {"vote": 10, "waiver": 40, "update": 25, "request": 60, "version": 1},
    "report-correct": lambda _w, _i: {"note": "A better sentence"},
    "request-create": lambda _w, _i: {**_IDEA, "token": _token()},
    "request-edit": lambda _w, _i: _IDEA,
    "request-triage": lambda w, _i: _triage(w),
    "request-return": lambda w, _i: {f"return-{k}": v for k, v in _versioned(w.submitted, note="Which?").items()},
    "request-decide": lambda w, _i: _versioned(w.triaged, outcome="approve", reason="Pays back"),
    "rule-create": lambda w, _i: {**_rule(w), "code": "another-rule"},
    "rule-draft": lambda w, _i: _versioned(w.rule_draft, **_rule(w)),
    "rule-care": lambda w, _i: _versioned(w.rule_draft.rule, review_on="2027-03-01"),
    "rule-case-create": lambda _w, _i: _RULE_CASE,
    "rule-case-edit": lambda _w, _i: _RULE_CASE,
    "rule-activate": lambda w, _i: _versioned(w.rule_draft),
    "rule-import": lambda _w, _i: {"text": _rule_file()},
    "ballot-vote": lambda w, _i: {
        "version": Ballot.objects.get(pk=w.ballot.pk).subject_version, "choice": "approve", "reason": "Pays back",
    },
    "ballot-conflict": lambda _w, _i: {"conflict-reason": "My brother sells it"},
    "condition-meet": lambda _w, _i: {"evidence": "Forty-two bicycles"},
    "delegation-list": lambda _w, _i: {
        "to_user": "other@example.org", "starts_on": "2027-03-01", "ends_on": "2027-03-05",
    },
    "procedure-create": lambda _w, _i: _procedure(),
    "procedure-edit": lambda w, _i: _versioned(w.procedure, **_procedure()),
    "adviser-add": lambda w, _i: {"user": w.person("requester").pk, "ends_on": _later()},
    "adviser-edit": lambda w, _i: _versioned(w.outside.other, ends_on=_later()),
    "opening-add": lambda w, _i: {"holds_for": f"org_unit:{w.unit.pk}", "ends_on": _later()},
    "opening-edit": lambda _w, _i: {"ends_on": _later()},
    "assessment-create": lambda w, _i: {"token": _token(), **_frame(w)},
    "assessment-edit": lambda w, _i: _versioned(w.outside.draft, **_frame(w)),
    "assessment-rate": lambda w, _i: _versioned(w.outside.draft, conclusion="Fine"),
    "recommendation-create": lambda _w, _i: {"token": _token(), **advice_world.TEXTS, "priority": 1},
    "recommendation-answer": lambda w, _i: _versioned(
        w.outside.filed, state="planned", owner=w.other.pk, due_on=_later(), text="Yes"
    ),
    "recommendation-note": lambda _w, _i: {"text": "Half way"},
    "recommendation-effect": lambda _w, _i: {"text": "It helped"},
    "set_language": lambda _w, _i: {"language": "nl"},
}  # fmt: skip

"""One small organisation with a person for every role and an object for every address.

`own` is the project that the lead, sponsor, budget owner and stakeholder belong to; `secret` is a
confidential one of the same portfolio, of which only the PMO and the auditor may know. All texts of
`secret` hold CANARY, so that a leak shows wherever it comes out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.enums import RoleName, ScopeKind
from accounts.models import OrgUnit, RoleGrant, User
from common import jobs
from common.enums import JobState
from common.models import MAX_ATTEMPTS, JobRun, OutgoingMail
from governance.enums import Choice
from governance.models import (
    Ballot,
    BallotSeat,
    DecisionCondition,
    Delegation,
    Procedure,
    Rule,
    RuleCase,
    RuleVersion,
    Vote,
)
from governance.services import ballots, drafts, rehearsals
from intake.models import Request
from playbooks import services as playbook_services
from playbooks.models import Playbook, PlaybookMilestone, PlaybookVersion
from playbooks.selectors import draft_of, gates_of
from projects.enums import UpdateState
from projects.models import (
    ImportRun,
    Portfolio,
    Project,
)
from projects.services import baselines, imports, rules, state
from reporting.enums import SlotState
from reporting.models import Report, ReportSlot, SavedView
from reporting.services import slots, subscriptions
from strategy.models import Goal, Office, Process, ProcessAssignment
from tests import factories as make
from tests.intake import world as intake_world
from tests.reporting import weeks
from tests.security.items import Items, fill, strict_rule, waive
from tests.strategy import world as advice_world

CANARY = "Zanzibar7Q"
PEOPLE = (
    "anonymous", "deactivated", "requester", "stakeholder", "lead", "sponsor", "budget_owner", "executive", "pmo",
    "far_pmo", "far_lead", "adviser", "adviser_with_role", "auditor", "administrator",
)  # fmt: skip
"""The columns of the matrix. `adviser_with_role` is of an external office too, and wrongly holds what it can."""

KNOW_THE_SECRET = frozenset({"pmo", "auditor"})


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


def _rule_draft(pmo: User) -> dict[str, Any]:
    """A draft of the rule that the addresses name, with its cases, rehearsed: it lacks nothing to be activated."""
    draft = drafts.open_draft(actor=pmo, rule_id=Rule.objects.get(code="benefits").pk)
    jobs.run_now(rehearsals.ask_for_rehearsal(actor=pmo, pk=draft.pk))
    case = draft.cases.first()
    assert case is not None
    return {"rule_draft": draft, "rule_case": case}


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
    far = make.make_portfolio("Far", slug="far")
    who = _people(home, far)
    pmo = who["pmo"]
    assert pmo is not None
    other = make.make_user("Otto Other", email="other@example.org")
    outside = advice_world.make_office(who["adviser"], who["adviser_with_role"], home)
    own, secret, far_one = _projects(who, home, far, unit, other)
    books = _playbooks(pmo)
    pitches = _requests(who, unit, home, books["idle_playbook"])
    found = World(
        who=who, own=own, secret=secret, far=far_one, home=home, far_portfolio=far, unit=unit, other=other,
        grant=make.grant(other, RoleName.STAKEHOLDER, home), office=office, process=_process(office, pmo),
        goal=make.make_goal("A goal", office=office), **books, **_rule_draft(pmo), **_reports(who, home),
        **_failures(pmo), view=SavedView.objects.create(page="projects", name="Mine", query="", owner=pmo),
        upload=_upload(pmo, home), draft=pitches.draft(), submitted=pitches.submitted(), triaged=pitches.triaged(),
        ballot=Ballot(), condition=DecisionCondition(), delegation=Delegation(), procedure=Procedure(),
        outside=advice_world.fill(outside, pmo, home, books["playbook"]),
    )  # fmt: skip
    _decisions(found, pitches)
    _shut_out(who)
    return found


def _projects(
    who: dict[str, User | None], home: Portfolio, far: Portfolio, unit: OrgUnit, other: User
) -> tuple[Items, Items, Items]:
    """The own, the secret and the far project with all that is in them, judged by all rules and a strict one."""
    pmo, stakeholder, insider = who["pmo"], who["stakeholder"], make.make_user("Ina Insider")
    assert pmo is not None
    assert stakeholder is not None
    posts = {name: who[name] for name in ("lead", "sponsor", "budget_owner")}
    own = make.make_healthy_project("Own", portfolio=home, org_unit=unit, **posts)
    make.join_team(own, stakeholder)
    secret = make.make_healthy_project(
        f"Secret {CANARY}", portfolio=home, org_unit=unit, is_confidential=True, lead=insider, sponsor=insider,
        budget_owner=insider, description=f"About {CANARY}", category=f"Kind {CANARY}", external_id=f"X-{CANARY}",
    )  # fmt: skip
    away = make.make_healthy_project("Far one", portfolio=far, lead=who["far_lead"])
    _mistakes(who["adviser_with_role"], own, secret)
    filled = fill(own, other, "Own", who["sponsor"]), fill(secret, insider, CANARY, insider), fill(away, other, "Far")
    make.make_update(own, author=posts["lead"], state=UpdateState.DRAFT, declared="", accomplished="Half written")
    for one in (own, secret, away):
        baselines.freeze_first(project=one, actor=pmo)
    state.refresh([own.pk, secret.pk, away.pk])
    rules.scan_all()
    strict = strict_rule()
    for items, word in zip(filled, ("Own", CANARY, "Far"), strict=True):
        waive(items, strict, pmo, word)
    _promises(home, insider, *filled)
    return filled


def _promises(home: Portfolio, insider: User, own: Items, secret: Items, far: Items) -> None:
    """What each project asked of another; the secret one also asks the own one, whose people must not read by whom."""
    deep = make.make_project(f"Deep {CANARY}", portfolio=home, is_confidential=True, lead=insider)
    own.promise = make.make_promise(own.project, far.project, "Need Own", asked_by=own.project.lead)
    far.promise = make.make_promise(far.project, own.project, "Need Far", asked_by=far.project.lead)
    secret.promise = make.make_promise(secret.project, deep, f"Need {CANARY}", asked_by=insider)
    make.make_promise(secret.project, own.project, "Need of somebody", asked_by=insider)
    state.refresh([own.project.pk, secret.project.pk, far.project.pk, deep.pk])


def _playbooks(pmo: User) -> dict[str, Any]:
    """One with a draft and a gate in it, and one that lies idle."""
    playbook, idle, *_rest = playbook_services.load_start_set(actor=pmo)
    playbook_services.open_draft(actor=pmo, pk=playbook.pk)
    draft = draft_of(playbook)
    assert draft is not None
    return {
        "playbook": playbook, "idle_playbook": idle, "draft_version": draft, "draft_gate": gates_of(draft)[0],
    }  # fmt: skip


def _reports(who: dict[str, User | None], home: Portfolio) -> dict[str, Any]:
    """One that was made, one that could not be, and two people who read them."""
    report = weeks.make_week(home)
    slot = slots.ensure_slot(home.pk, weeks.LAST, ZoneInfo("UTC"))
    ReportSlot.objects.filter(pk=slot.pk).update(state=SlotState.FAILED, attempts=MAX_ATTEMPTS, last_error="It broke")
    for name in ("pmo", "adviser"):
        person = who[name]
        assert person is not None
        subscriptions.subscribe(portfolio=home, actor=person)
    return {"report": report, "slot": slot}


def _failures(pmo: User) -> dict[str, Any]:
    """A run and a mail that wait for a person."""
    given_up: dict[str, Any] = {"attempts": MAX_ATTEMPTS}
    return {
        "job": JobRun.objects.create(
            kind="reporting.make", label="Make a report", created_by=pmo, state=JobState.FAILED, **given_up
        ),
        "mail": OutgoingMail.objects.create(
            message_id="<one@example.org>", to_address="other@example.org", subject="Late", text="Late", **given_up
        ),
    }


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

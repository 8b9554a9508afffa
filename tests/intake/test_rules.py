"""Rules about requests: written, rehearsed and put in force in the browser, asked at both steps, lifted by a waiver."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from common import jobs
from governance import services as rulebook
from governance.cases import Case
from governance.contents import content_of, read_content
from governance.enums import Checkpoint, SubjectKind
from governance.models import Ballot, RuleVersion, Waiver
from governance.selectors import rehearsals
from governance.services import NewRule, RulesNotKept, activation, ballots, drafts, waivers
from governance.services import rehearsals as rehearsing
from governance.services.waivers import NewWaiver, ask_waiver
from intake import services
from intake.enums import RequestState
from intake.models import Request
from intake.services.rules import install_start_set
from intake.start_rules import start_set
from projects.models import Project
from strategy.enums import ControlLevel
from strategy.models import Office
from tests import factories as make
from tests.intake.world import World, make_world
from tests.projects.record import at, get, post, words

pytestmark = pytest.mark.django_db

SUBMIT, APPROVE, START = Checkpoint.SUBMIT_REQUEST, Checkpoint.APPROVE_REQUEST, Checkpoint.START_PROJECT
GOAL = {"fact": "request.has_goal", "op": "eq", "value": True}
TEXTS = {
    code: {"title": f"Serves a goal ({code})", "message": "Nobody knows why.", "remedy": "Choose the goal"}
    for code in ("en", "nl")
}


@pytest.fixture
def world() -> World:
    found = make_world()
    make.make_office(control=ControlLevel.CONTROLLING).serves.add(found.unit)
    return found


def said(kind: str = "request", **changes: Any) -> dict[str, Any]:
    return {
        "condition": {"fact": f"{kind}.has_goal", "op": "eq", "value": True}, "texts": TEXTS,
        "checkpoints": [SUBMIT.value], "enforcement": dict.fromkeys(ControlLevel.values, "require_waiver"),
        "remedy_page": f"{kind}-edit#id_goal", **changes,
    }  # fmt: skip


def content(**changes: Any) -> Any:
    return read_content(said(**changes), "request")


def hold(*moments: Checkpoint, kind: str = "request", does: str = "require_waiver", **changes: Any) -> RuleVersion:
    """A rule in force that is asked at these moments."""
    changes = {"checkpoints": [one.value for one in moments], **changes}
    changes["enforcement"] = dict.fromkeys(ControlLevel.values, does)
    rulebook.add_rules([NewRule("goal", kind, said(kind, **changes))])
    return RuleVersion.objects.active().get(rule__code="goal")


def ask(world: World, pitch: Request, by: User | None = None) -> Waiver:
    owner = world.requester if pitch.state == RequestState.DRAFT else world.lead
    data = NewWaiver(
        "request", pitch.pk, "goal", "Goals are being written.", "The owner watches it.", owner,
        timezone.localdate() + dt.timedelta(days=60),
    )  # fmt: skip
    return ask_waiver(actor=by or world.requester, data=data)


def grant(waiver: Waiver, by: User) -> None:
    ballot = Ballot.objects.get(subject_kind="waiver", subject_id=waiver.pk)
    ballots.cast_vote(actor=by, ballot_id=ballot.pk, choice="approve", reason="For two months.")


# --- writing, in the browser -----------------------------------------------------------------------------------------


def form(**changes: Any) -> dict[str, Any]:
    does = {f"does-{level}": "advise" for level in ControlLevel.values}
    texts = {f"texts-{code}-{part}": text for code, parts in TEXTS.items() for part, text in parts.items()}
    return {
        "code": "serves", "weight": "medium", "checkpoints": ["submit_request"], "remedy_page": "request-edit#id_goal",
        "applies-join": "all", "condition-join": "all", "condition.0-what": "request.has_goal",
        "condition.0-op": "eq", "condition.0-value": "yes", **does, **texts, **changes,
    }  # fmt: skip


def test_a_rule_about_requests_is_written_tested_rehearsed_and_put_in_force_in_the_browser(world: World) -> None:
    path = f"{reverse('rule-create')}?about=request"
    client = at(world.pmo)
    page = words(client.get(path))
    assert "a request is submitted" in page
    assert "a project starts" not in page
    assert "every request" in page
    drawn = words(client.post(path, {**form(), "do": "add:condition"}))
    assert "request.problem_length" in drawn
    assert "project.has_goal" not in drawn
    assert client.post(path, form()).status_code == 302
    draft = RuleVersion.objects.select_related("rule").get(rule__code="serves")
    assert (draft.rule.subject_kind, draft.checkpoints) == ("request", ["submit_request"])
    edit = reverse("rule-draft", args=["serves"])
    assert "Request › goal" in words(client.get(edit))
    assert "has_goal" in words(client.get(reverse("rule-case-create", args=["serves"])))
    for name, value, expected in (("Chosen", "yes", "pass"), ("Missing", "no", "fail")):
        case = Case(name, expected, {"has_goal": value == "yes"})
        drafts.save_case(actor=world.pmo, draft_id=draft.pk, case=case)
    without, withgoal = world.submitted(), world.submitted(goal=make.make_goal())
    world.draft()
    post(world.pmo, "rule-rehearse", "serves")
    job = rehearsals.newest_run(draft)
    assert job is not None
    jobs.run_now(job)
    page = words(get(world.pmo, "rule-rehearsal", "serves"))
    assert without.title in page
    assert "of 2 requests" in page, "a draft is its requester's own affair"
    assert withgoal.pk not in [hit["id"] for hit in rehearsals.rehearsal_of(draft).result["hits"]]  # type: ignore[union-attr]
    draft.refresh_from_db()
    assert post(world.pmo, "rule-activate", "serves", version=draft.version).status_code == 302
    draft.refresh_from_db()
    assert draft.state == "active"
    page = words(get(world.pmo, "rule", "serves"))
    assert "Every request" in page
    assert "Nobody breaks this rule." not in page, "nothing scans requests, so nobody can tell"


def test_another_moment_makes_a_rehearsal_stale(world: World) -> None:
    assert content().digest != content(checkpoints=[APPROVE.value]).digest
    assert content().digest == content(weight="high").digest


def test_a_rule_about_requests_knows_no_moments_of_projects(world: World) -> None:
    with pytest.raises(Exception, match="is not known here"):
        content(checkpoints=["weekly_scan"])
    assert read_content({"condition": GOAL, "texts": TEXTS}, "request").checkpoints == ["submit_request"]


# --- the replay ----------------------------------------------------------------------------------------------------


def back(pitch: Request, **days: int) -> None:
    """Let a turn of a request have happened so many days ago, as far as the replay can see."""
    moments = {name: timezone.now() - dt.timedelta(days=ago) for name, ago in days.items()}
    Request.objects.filter(pk=pitch.pk).update(**moments)


def test_the_replay_judges_requests_as_they_were_handed_in_and_decided(world: World) -> None:
    late = world.submitted(title="Told late")
    back(late, submitted_at=40)
    services.return_request(actor=world.pmo, pk=late.pk, note="Which goal?")
    services.save_answers(actor=world.requester, pk=late.pk, answers={"goal": make.make_goal()})
    services.submit_request(actor=world.requester, pk=late.pk)
    back(late, submitted_at=20)
    gone = world.submitted(title="Never told")
    back(gone, submitted_at=40)
    services.triage_request(actor=world.pmo, pk=gone.pk, data=world.triage())
    services.reject_request(actor=world.sponsor, pk=gone.pk, reason="Not now.")
    back(gone, decided_at=20)
    draft = drafts.create_rule(
        actor=world.pmo, code="goal", kind="request", content=content(checkpoints=[SUBMIT.value, APPROVE.value])
    )
    past = jobs.run_now(rehearsing.ask_for_rehearsal(actor=world.pmo, pk=draft.pk)).result["past"]
    day = (timezone.localdate() - dt.timedelta(days=40)).isoformat()
    assert {(hit["id"], hit["first"], hit["days"], hit["stopped"]) for hit in past["hits"]} == {
        (late.pk, day, 1, False), (gone.pk, day, 2, True),
    }, "it looked at what was written then, not at what is written now"  # fmt: skip
    assert (past["days"], past["asked"], past["told"]) == (2, 4, 4)
    page = words(get(world.pmo, "rule-rehearsal", "goal"))
    assert "Replayed out of the history" in page
    assert "Came to nothing" in page
    at_approval = replace_moment(draft, world)
    assert {hit["id"] for hit in at_approval["hits"]} == {gone.pk}


def replace_moment(draft: RuleVersion, world: World) -> dict[str, Any]:
    saved = drafts.save_draft(actor=world.pmo, pk=draft.pk, version=None, content=content(checkpoints=[APPROVE.value]))
    found: dict[str, Any] = jobs.run_now(rehearsing.ask_for_rehearsal(actor=world.pmo, pk=saved.pk)).result["past"]
    return found


def test_what_the_history_does_not_keep_is_said_to_be_unknown(world: World) -> None:
    back(world.submitted(), submitted_at=2)
    named = {"fact": "request.org_unit_name", "op": "eq", "value": "Operations"}
    draft = drafts.create_rule(actor=world.pmo, code="unit", kind="request", content=content(condition=named))
    past = jobs.run_now(rehearsing.ask_for_rehearsal(actor=world.pmo, pk=draft.pk)).result["past"]
    assert (past["asked"], past["told"], past["facts_lost"]) == (1, 0, ["org_unit_name"])


# --- scope ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("facet", ["office", "org_unit", "portfolio", "playbook"])
def test_a_rule_holds_for_the_part_that_it_names_and_below(world: World, facet: str) -> None:
    office = Office.objects.get(serves=world.unit)
    team = world.unit.add_child(name="Team")
    named = {"office": office.slug, "org_unit": str(world.unit.pk), "portfolio": world.portfolio.slug,
             "playbook": world.playbook.slug}  # fmt: skip
    hold(SUBMIT, APPROVE, scope={facet: [named[facet]]})
    elsewhere = make.make_org_unit("Elsewhere")
    assert world.submitted(org_unit=elsewhere).state == RequestState.SUBMITTED
    if facet in {"portfolio", "playbook"}:  # the PMO chooses them at triage
        pitch = world.triaged()
        with pytest.raises(RulesNotKept):
            services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Yes.")
        return
    with pytest.raises(RulesNotKept):
        world.submitted(org_unit=team)


# --- at the steps, on screen -----------------------------------------------------------------------------------------


def test_handing_in_shows_advice_before_and_after(world: World) -> None:
    hold(SUBMIT, does="advise")
    pitch = world.draft()
    page = words(get(world.requester, "request-check", pitch.key))
    assert "The rulebook advises:" in page
    assert reverse("request-edit", args=[pitch.key, "value"]) in page
    done = at(world.requester).post(reverse("request-submit", args=[pitch.key]), follow=True)
    assert "Nobody knows why." in words(done)
    pitch.refresh_from_db()
    assert pitch.state == RequestState.SUBMITTED


@pytest.mark.parametrize("does", ["require_waiver", "block"])
def test_handing_in_is_stopped_on_screen_with_the_way_to_a_waiver(world: World, does: str) -> None:
    hold(SUBMIT, does=does)
    pitch = world.draft()
    answer = post(world.requester, "request-submit", pitch.key)
    assert answer.status_code == 422
    assert "Rules stop this step" in words(answer)
    assert reverse("waiver-ask", args=["request", pitch.pk, "goal"]) in words(answer)


def test_a_vote_that_would_approve_is_stopped_on_screen_and_others_stay(world: World) -> None:
    hold(APPROVE)
    pitch = world.triaged()
    page = words(get(world.sponsor, "request-decide", pitch.key))
    assert "Rules stop this step" in page
    sent = {"outcome": "approve", "reason": "It pays.", "version": pitch.version}
    answer = post(world.sponsor, "request-decide", pitch.key, **sent)
    assert answer.status_code == 422
    assert "It was not cast, and those before it stay." in words(answer)
    assert "It pays." in words(answer)
    pitch.refresh_from_db()
    assert (pitch.state, pitch.project) == (RequestState.TRIAGED, None)
    assert services.reject_request(actor=world.sponsor, pk=pitch.pk, reason="No.").state == RequestState.REJECTED


# --- waivers ---------------------------------------------------------------------------------------------------------


def test_asking_for_a_waiver_opens_a_draft_to_those_who_grant_it_and_it_lifts(world: World) -> None:
    hold(SUBMIT)
    pitch = world.draft()
    assert get(world.pmo, "request", pitch.key).status_code == 404
    ask_page = words(get(world.requester, "waiver-ask", "request", pitch.pk, "goal"))
    assert "also while it is a draft" in ask_page
    waiver = ask(world, pitch)
    assert get(world.pmo, "request", pitch.key).status_code == 200
    assert get(world.far_pmo, "request", pitch.key).status_code == 404
    assert get(world.outsider, "request", pitch.key).status_code == 404
    with pytest.raises(RulesNotKept):
        services.submit_request(actor=world.requester, pk=pitch.pk)
    grant(waiver, world.pmo)
    assert services.submit_request(actor=world.requester, pk=pitch.pk).state == RequestState.SUBMITTED


def test_an_approval_goes_through_under_a_waiver(world: World) -> None:
    hold(APPROVE)
    pitch = world.triaged()
    grant(ask(world, pitch), world.pmo)
    approved = services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="It pays.")
    assert approved.project is not None


def test_what_stops_the_start_of_a_project_is_waived_at_its_request_and_holds_on(world: World) -> None:
    version = hold(START, Checkpoint.CLOSE_PROJECT, kind="project")
    pitch = world.triaged()
    answer = post(world.sponsor, "request-decide", pitch.key, outcome="approve", reason="Yes.", version=pitch.version)
    assert answer.status_code == 422
    assert "Choose the goal" in words(answer)
    assert "/edit/#id_goal" not in words(answer)
    assert not Project.objects.filter(name=pitch.title).exists()
    assert get(world.requester, "waiver-ask", "request", pitch.pk, "goal").status_code == 200
    waiver = ask(world, pitch)
    grant(waiver, world.pmo)
    project = services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Yes.").project
    assert project is not None
    waiver.refresh_from_db()
    assert waiver.state == "ended"
    held = Waiver.objects.get(state="granted")
    assert (held.subject_kind, held.subject_id, held.rule_version, held.granted_by) == (
        "project", project.pk, version, world.pmo
    )  # fmt: skip
    assert (held.expires_on, held.owner, held.compensating_control) == (
        waiver.expires_on, waiver.owner, waiver.compensating_control
    )  # fmt: skip
    assert get(world.pmo, "waiver", held.pk).status_code == 200
    assert waivers.carry_over(actor=world.pmo, of=("request", pitch.pk), to=("project", project.pk)) == 0


def test_a_rule_about_projects_that_is_not_asked_at_the_start_cannot_be_waived_at_a_request(world: World) -> None:
    hold(Checkpoint.CLOSE_PROJECT, kind="project")
    pitch = world.triaged()
    assert get(world.requester, "waiver-ask", "request", pitch.pk, "goal").status_code == 404
    with pytest.raises(waivers.WaiverError, match="not in force"):
        ask(world, pitch)


def test_a_project_that_is_made_without_a_request_has_nothing_to_waive_and_no_dead_links(world: World) -> None:
    hold(START, kind="project")
    project = make.make_project(portfolio=make.make_portfolio(office=Office.objects.get(serves=world.unit)))
    told = rulebook.check(kind=SubjectKind.PROJECT, subject_id=project.pk, checkpoint=START)
    assert told.stopping
    assert (told.waived_for, told.stopping[0].remedy_href) == (None, "")


# --- the start set ---------------------------------------------------------------------------------------------------


def test_the_start_set_is_put_in_force_once_with_green_cases_in_both_languages() -> None:
    assert install_start_set() == len(start_set())
    assert install_start_set() == 0
    for version in RuleVersion.objects.active().filter(rule__subject_kind="request").select_related("rule"):
        assert all(need.is_met for need in activation.needs(version)[:2]), version.rule.code
        assert content_of(version).texts["en"]["title"] != content_of(version).texts["nl"]["title"]


def test_a_large_request_without_a_goal_is_advised_or_stopped_as_its_office_says(world: World) -> None:
    install_start_set()
    with pytest.raises(RulesNotKept, match="serves a goal"):
        world.submitted()
    Office.objects.update(control=ControlLevel.SUPPORTIVE)
    assert world.submitted().state == RequestState.SUBMITTED
    Office.objects.update(control=ControlLevel.CONTROLLING)
    assert world.submitted(budget=5_000).state == RequestState.SUBMITTED
    assert world.submitted(goal=make.make_goal()).state == RequestState.SUBMITTED, "the benefit is only advised"

"""Every step of a request against every state and every role, through its service."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from common.errors import Conflict, NotAllowed, PortalError
from intake import services
from intake.enums import REQUEST_TRANSITIONS, RequestState
from intake.models import Request
from projects.models import Project
from tests.intake.world import World

S = RequestState
Step = Callable[[World, str, Request], object]

STEPS: dict[str, tuple[Step, S]] = {
    "submit": (lambda w, who, p: services.submit_request(actor=w.people[who], pk=p.pk), S.SUBMITTED),
    "withdraw": (lambda w, who, p: services.withdraw_request(actor=w.people[who], pk=p.pk), S.WITHDRAWN),
    "triage": (lambda w, who, p: services.triage_request(actor=w.people[who], pk=p.pk, data=w.triage()), S.TRIAGED),
    "return": (lambda w, who, p: services.return_request(actor=w.people[who], pk=p.pk, note="Which?"), S.RETURNED),
    "approve": (lambda w, who, p: services.approve_request(actor=w.people[who], pk=p.pk, reason="Good."), S.APPROVED),
    "reject": (lambda w, who, p: services.reject_request(actor=w.people[who], pk=p.pk, reason="Bad."), S.REJECTED),
}
ALLOWED = {
    "submit": {"requester"},
    "withdraw": {"requester"},
    "triage": {"pmo"},
    "return": {"pmo"},
    "approve": {"executive", "sponsor"},
    "reject": {"executive", "sponsor"},
}
ROLES = ("requester", "pmo", "executive", "sponsor", "lead", "outsider", "auditor", "far_pmo", "far_executive")
FROM = {
    name: next(state for state in REQUEST_TRANSITIONS if to in REQUEST_TRANSITIONS[state])
    for name, (_do, to) in STEPS.items()
}


def test_the_matrix_knows_every_transition_of_the_table() -> None:
    reachable = {to for targets in REQUEST_TRANSITIONS.values() for to in targets}
    assert reachable == {to for _do, to in STEPS.values()}


@pytest.mark.parametrize("who", ROLES)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_is_open_to_the_right_roles_only(world: World, step: str, who: str) -> None:
    do, to = STEPS[step]
    pitch = world.in_state(FROM[step])
    if who in ALLOWED[step]:
        do(world, who, pitch)
        pitch.refresh_from_db()
        assert pitch.state == to
    else:
        with pytest.raises(NotAllowed):
            do(world, who, pitch)
        assert Request.objects.filter(pk=pitch.pk, version=pitch.version, state=FROM[step]).exists()


@pytest.mark.parametrize("state", S.values)
@pytest.mark.parametrize("step", STEPS)
def test_a_step_from_a_wrong_state_is_refused_and_leaves_nothing(world: World, step: str, state: str) -> None:
    do, to = STEPS[step]
    pitch = world.in_state(state)
    who = min(ALLOWED[step])
    is_repeat_of_own = step == "submit" and state == S.SUBMITTED
    if to in REQUEST_TRANSITIONS[state] or is_repeat_of_own:
        do(world, who, pitch)
        return
    projects = Project.objects.count()
    with pytest.raises(services.WrongState):
        do(world, who, pitch)
    fresh = Request.objects.get(pk=pitch.pk)
    assert (fresh.state, fresh.version, Project.objects.count()) == (state, pitch.version, projects)


@pytest.mark.parametrize("step", ["approve", "reject"])
def test_the_same_decision_sent_again_changes_nothing(world: World, step: str) -> None:
    do, _to = STEPS[step]
    pitch = world.triaged()
    do(world, "sponsor", pitch)
    first = Request.objects.get(pk=pitch.pk)
    do(world, "sponsor", pitch)
    assert Request.objects.get(pk=pitch.pk).version == first.version
    assert Project.objects.count() == (1 if step == "approve" else 0)


def test_a_second_person_cannot_decide_what_is_decided(world: World) -> None:
    pitch = world.approved()
    with pytest.raises(services.WrongState):
        services.reject_request(actor=world.executive, pk=pitch.pk, reason="No!")
    assert Request.objects.get(pk=pitch.pk).state == S.APPROVED


def test_a_decision_on_what_changed_since_is_a_conflict(world: World) -> None:
    pitch = world.triaged()
    services.return_request(actor=world.pmo, pk=pitch.pk, note="One more thing.")
    services.submit_request(actor=world.requester, pk=pitch.pk)
    services.triage_request(actor=world.pmo, pk=pitch.pk, data=world.triage())
    with pytest.raises(Conflict):
        services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Fine.", version=pitch.version)


@pytest.mark.parametrize("reason", ["", "   "])
def test_a_decision_needs_a_reason(world: World, reason: str) -> None:
    with pytest.raises(PortalError):
        services.reject_request(actor=world.sponsor, pk=world.triaged().pk, reason=reason)


def test_nobody_makes_themselves_the_one_who_decides(world: World) -> None:
    pitch = services.triage_request(
        actor=world.pmo, pk=world.submitted().pk, data=world.triage(proposed_sponsor=world.pmo)
    )
    with pytest.raises(NotAllowed):
        services.approve_request(actor=world.pmo, pk=pitch.pk, reason="I like it.")


def test_a_pmo_manager_cannot_triage_their_own_request(world: World) -> None:
    pitch = world.submitted()
    world.requester, world.pmo = world.pmo, world.requester
    own = world.submitted()
    with pytest.raises(NotAllowed):
        services.triage_request(actor=world.requester, pk=own.pk, data=world.triage())
    assert pitch.pk != own.pk


def test_an_incomplete_request_is_not_handed_in(world: World) -> None:
    pitch = world.draft(budget=None, org_unit=None, is_mandatory=True)
    with pytest.raises(services.IncompleteRequest) as caught:
        services.submit_request(actor=world.requester, pk=pitch.pk)
    assert set(caught.value.missing) == {"budget", "org_unit", "wanted_by"}


def test_a_requester_cannot_set_what_is_the_work_of_others(world: World) -> None:
    with pytest.raises(TypeError):
        services.save_answers(actor=world.requester, pk=world.draft().pk, answers={"state": "approved"})


def test_somebody_elses_form_token_opens_nothing(world: World) -> None:
    pitch = world.draft()
    with pytest.raises(NotAllowed):
        services.start_request(actor=world.outsider, token=pitch.form_token, answers={"title": "Mine"})


def test_a_deactivated_person_can_do_nothing(world: World) -> None:
    pitch = world.triaged()
    world.sponsor.is_active = False
    with pytest.raises(NotAllowed):
        services.approve_request(actor=world.sponsor, pk=pitch.pk, reason="Bye.")
